"""A model with versions, people and releases for tests: nothing is taken in, evidence is made up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.clock import Clock
from core.inventory.service import add_model, add_version
from core.log.schema import load_schema
from core.releases.acknowledging import service as acknowledging
from core.releases.deciding import service as deciding
from core.releases.executing import service as executing
from core.releases.gates.gate import GATES, GateOutcome, GateResult
from core.releases.plan import AT_ONCE, Plan
from core.releases.release import Release
from core.releases.requesting import service as requesting
from core.store.database import Store
from core.store.release_facts import validity_now
from core.store.releases import release_by_id
from tests.small_fleet import MODEL_YAML

ROLES = {
    "Dana": Role.ENGINEER,
    "Omar": Role.OWNER,
    "Vera": Role.VALIDATOR,
    "Ana": Role.APPROVER,
    "Bea": Role.BUSINESS,
    "Vic": Role.VIEWER,
    "Adam": Role.ADMINISTRATOR,
}
PEOPLE = {name: Principal(name, frozenset({role})) for name, role in ROLES.items()}
DANA, OMAR, VERA, ANA, BEA, VIC, ADAM = PEOPLE.values()


def governed(store: Store, *, tier: int = 3, model: str = "churn") -> Store:
    """Put a model of a tier with v1 (the champion), v2 and v3 and all people into a store."""
    text = MODEL_YAML.replace("risk_tier: 2", f"risk_tier: {tier}").replace("model: churn", f"model: {model}")
    add_model(store, LOCAL, load_schema(text))
    for number, version in enumerate(("v1", "v2", "v3"), start=1):
        add_version(store, DANA, model=model, version=version, artifact_sha256=f"{number:064x}", has_reference=False)
    for name, role in ROLES.items():
        add_person(store, LOCAL, name, [role.value])
    return store


def at(store: Store, moment: datetime) -> Store:
    """Return the same store at another moment."""
    return replace(store, clock=Clock(moment))


def later(store: Store, **time: float) -> Store:
    """Return the same store so much later."""
    return at(store, store.clock.now() + timedelta(**time))


def gates(*, failed: tuple[str, ...] = (), unclear: tuple[str, ...] = (), value: float = 0.8) -> list[GateResult]:
    """Return every gate, passed but for those named."""

    def outcome(gate: str) -> GateOutcome:
        if gate in failed:
            return GateOutcome.FAILED
        return GateOutcome.INCONCLUSIVE if gate in unclear else GateOutcome.PASSED

    return [
        GateResult(gate=gate, outcome=outcome(gate), measure="roc_auc", reason="as measured", value=value, details={})
        for gate in GATES
    ]


def requested(store: Store, by: Principal = DANA, *, version: str = "v2", plan: Plan = AT_ONCE) -> Release:
    """Request and submit a release."""
    draft = requesting.request(store, by, model="churn", version=version, plan=plan, reason="better")
    return requesting.submit(store, by, draft.id)


def settled(
    store: Store,
    release: Release,
    found: list[GateResult] | None = None,
    *,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Release:
    """Freeze made-up evidence of a submitted release; `more` joins its document."""
    with store.read() as session:
        key = validity_now(session, release, {}, at=store.clock.now())
    return requesting.settle_evidence(
        store,
        DANA,
        release.id,
        round_=release.round,
        document={"champion": "v1", "rows": 4_000, **more},
        profiles=b"packed counts",
        validity=key,
        gates=gates() if found is None else found,
    )


def pending(
    store: Store, found: list[GateResult] | None = None, *, version: str = "v2", plan: Plan = AT_ONCE
) -> Release:
    """Return a release with evidence: PENDING_APPROVAL where every gate passes."""
    return settled(store, requested(store, version=version, plan=plan), found)


def approve(store: Store, by: Principal, release: Release, **more: Mapping[str, str]) -> Release:
    """Approve what the release shows."""
    return deciding.approve(store, by, release.id, digest=release.digest or "", reason="the evidence holds", **more)


def approved(store: Store, *, version: str = "v2", plan: Plan = AT_ONCE) -> Release:
    """Return an approved release of a model of tier 3 or 4."""
    return approve(store, OMAR, pending(store, version=version, plan=plan))


def live(store: Store, *, version: str = "v2", plan: Plan = AT_ONCE) -> Release:
    """Return a release whose first step is live, on a model of tier 3 or 4."""
    release = executing.execute(store, OMAR, approved(store, version=version, plan=plan).id)
    return acknowledging.acknowledge(store, OMAR, release.id)


def now(store: Store, release: Release) -> Release:
    """Return a release as it is stored now."""
    with store.read() as session:
        return release_by_id(session, release.id)
