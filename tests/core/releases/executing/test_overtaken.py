"""Each field of the validity key changed by the service that changes it, after the approval: stale, and it is named.

Seven of the thirteen no service changes once a version or a release has them: model, version, artefact, schema, limits,
plan and kernel. Of these, limits and kernel change with the program; the services that come near the others refuse
or leave the version as it is. `benchmarks/prove_releases.py` changes all thirteen by hand.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.access.principal import LOCAL
from core.checks.limits import load_limits
from core.errors import BadInputError, RefusedError
from core.executors.service import set_executor
from core.findings import service as findings
from core.inventory import service as inventory
from core.inventory.recording import service as recording
from core.log import service as log
from core.log.schema import load_schema
from core.profile import service as profile
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.gates.limits import gate_limits
from core.releases.release import Release
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.releases.validity import FIELDS, TITLES
from core.store import release_facts
from core.store.database import Store
from tests.audited import newest
from tests.governed import RISK
from tests.release_kit import ADAM, ANA, DANA, OMAR, VERA, approved, gates, live, now
from tests.small_fleet import MODEL_YAML, frame

URL, HOSTS = "https://deploy.example.com/releases", ("deploy.example.com",)
Change = Callable[[Store, Release, Path], object]


def critical(store: Store):
    return findings.raise_finding(
        store, VERA, model="churn", severity="critical", category="data", title="labels leak", owner="Omar"
    )


def new_reference(store: Store, folder: Path) -> object:
    file = folder / "reference.parquet"
    frame(date(2024, 1, 1), 10, seed=1).write_parquet(file)
    reference = log.prepare_reference(store, DANA, model="churn", file=file)
    return profile.set_reference(store, DANA, model="churn", version="v3", reference=reference)


def taken_back(store: Store) -> None:
    asked = rollback.request_rollback(store, ANA, model="churn", reason="it misbehaves")
    acknowledging.acknowledge(store, OMAR, asked.id)


def next_quarter(store: Store) -> date:
    return (store.clock.now() + timedelta(days=90)).date()


def declared(**more: object) -> object:
    lines = [f"{name}: {value}" for name, value in more.items()]
    text = MODEL_YAML.replace("risk_tier: 2", "risk_tier: 3")
    return load_schema("\n".join([text.replace("risk_tier: 3", "") if "risk_tier" in more else text, *lines]))


CHANGES: dict[str, tuple[str, Change]] = {
    "a reference is given": ("datasets", lambda store, _, folder: new_reference(store, folder)),
    "a gate no longer passes": (
        "gate_outcomes",
        lambda store, one, _: requesting.recheck(store, DANA, one.id, gates=gates(failed=("latency",))),
    ),
    "another control matrix": ("gate_policy", lambda store, *_: recording.set_policy(store, ADAM, "demo")),
    "an override of the tier": (
        "tier",
        lambda store, *_: recording.override_tier(
            store, VERA, model="churn", tier=1, expires=next_quarter(store), reason="used for credit too"
        ),
    ),
    "model.yaml raises the tier": (
        "tier",
        lambda store, *_: inventory.add_model(store, DANA, declared(risk_tier=2)),
    ),
    "the record computes another tier": (
        "tier",
        lambda store, *_: recording.edit_record(
            store, OMAR, model="churn", changes={**RISK, "harm": "safety", "automation": "autonomous"}
        ),
    ),
    "another executor": ("target", lambda store, *_: set_executor(store, ADAM, executor=URL, hosts=HOSTS)),
    "another champion": ("target", lambda store, *_: taken_back(store)),
    "a critical finding": ("blocking_findings", lambda store, *_: critical(store)),
    "a critical finding is closed": (
        "blocking_findings",
        lambda store, *_: findings.close_finding(store, VERA, 1, closure="trained anew without it"),
    ),
}
"""What is done → the field that it changes, and how: each through the service that a page or a command calls."""


def ready(store: Store, what: str) -> Release:
    """Return an approved release of v3, whose champion v2 went live before; where one is closed, with a finding."""
    live(store)
    if what.endswith("is closed"):
        critical(store)
    return approved(store, version="v3")


def named(store: Store, release: Release) -> list[str]:
    """Return the fields by which the release became stale, as the audit trail has them; there is one such entry."""
    (entry,) = [one for one in newest(store, n=500) if one.action == "releases:release:stale"]
    assert entry.object_id == str(release.id)
    return [one["field"] for one in json.loads(entry.after)["differences"]]


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_service_changes_after_the_approval_is_named_when_it_is_executed(governed_store, tmp_path, what):
    field, change = CHANGES[what]
    release = ready(governed_store, what)
    change(governed_store, release, tmp_path)
    with pytest.raises(RefusedError) as refused:
        executing.execute(governed_store, OMAR, release.id)
    assert (refused.value.code, TITLES[field] in refused.value.why) == ("stale_evidence", True)
    assert now(governed_store, release).state is ReleaseState.STALE
    assert named(governed_store, release) == [field]


@pytest.mark.parametrize(
    ("field", "part", "other"),
    [
        ("limits", "load_limits", lambda: replace(load_limits(), version=99)),
        ("limits", "gate_limits", lambda: replace(gate_limits(), version=99)),
        ("kernel", "KERNEL_VERSION", 99),
    ],
)
def test_a_program_that_judges_or_counts_otherwise_makes_approvals_stale(
    governed_store, monkeypatch, field, part, other
):
    release = ready(governed_store, field)
    fixed = other() if callable(other) else None
    monkeypatch.setattr(release_facts, part, other if fixed is None else lambda: fixed)
    with pytest.raises(RefusedError, match="is stale"):
        executing.execute(governed_store, OMAR, release.id)
    assert named(governed_store, release) == [field]


UNTOUCHED: dict[str, Callable[[Store], object]] = {
    "a new schema revision": lambda store: inventory.add_model(store, DANA, declared(dedup_days=9)),
    "limits in model.yaml": lambda store: inventory.add_model(store, DANA, declared(limits="{feature_drift: 0.2}")),
    "a further version": lambda store: inventory.add_version(
        store, DANA, model="churn", version="v4", artifact_sha256="4" * 64, has_reference=False
    ),
    "the same version again": lambda store: inventory.add_version(
        store, DANA, model="churn", version="v3", artifact_sha256=f"{3:064x}", has_reference=True
    ),
}


@pytest.mark.parametrize("what", UNTOUCHED)
def test_a_version_keeps_the_schema_the_limits_and_the_artefact_it_was_added_with(governed_store, what):
    release = ready(governed_store, what)
    UNTOUCHED[what](governed_store)
    assert executing.execute(governed_store, OMAR, release.id).state is ReleaseState.EXECUTING


def test_no_version_is_given_another_artefact(governed_store):
    release = ready(governed_store, "artefact")
    with pytest.raises(BadInputError, match="a changed artefact needs a new version name"):
        inventory.add_version(
            governed_store, LOCAL, model="churn", version="v3", artifact_sha256="f" * 64, has_reference=True
        )
    assert executing.execute(governed_store, OMAR, release.id).state is ReleaseState.EXECUTING


def test_every_field_that_a_service_or_the_program_changes_is_tried():
    fixed = {"model", "version", "artifact_sha256", "schema", "plan"}
    assert {field for field, _ in CHANGES.values()} | {"limits", "kernel"} == set(FIELDS) - fixed
