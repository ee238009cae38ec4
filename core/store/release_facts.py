"""What a decision on a release rests on, read in the deciding transaction: the validity key, people, the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.principal import Principal
from core.checks.limits import load_limits
from core.findings.finding import FindingState
from core.inventory.controls import BLOCK, finding_effect, policy
from core.inventory.developers import developers
from core.inventory.records import ModelInfo, ModelState, VersionInfo
from core.log.outcomes import BatchState, Kind, LogRole
from core.log.schema import ModelSchema
from core.profile.binning import KERNEL_VERSION
from core.releases.advancing import has_next_step
from core.releases.gates.limits import gate_limits
from core.releases.policy import controls_of, label
from core.releases.quorum import Parties, Voter
from core.releases.release import Decision, Release, ReleaseDecision
from core.releases.target import earlier_live, schema_gaps
from core.releases.validity import Difference, differences, validity_key
from core.store import champions, models, people, records, releases, settings
from core.store.governed_tables import FindingRow
from core.store.tables import BatchRow, SchemaRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What lies on the table when somebody decides: read in the deciding transaction, under the release's lock.

    `barred` says why a plan that is not done must not go on now; empty when nothing holds it.
    """

    release: Release
    decisions: tuple[ReleaseDecision, ...]
    voters: list[Voter]
    parties: Parties
    barred: str
    at: datetime


EXECUTOR_SETTING = "executor"
EMBEDDED = "embedded"


def executor_of(session: Session) -> str:
    """Return the executor of this store: the embedded one, or the address of a webhook."""
    return settings.get(session, EXECUTOR_SETTING) or EMBEDDED


def laid_out(session: Session, release_id: int, at: datetime) -> Table:
    """Return a release, locked, with everything that bears on it: the quorum is counted on nothing else."""
    return read_table(session, releases.release_by_id(session, release_id, lock=True), at)


def read_table(session: Session, release: Release, at: datetime) -> Table:
    """Return what bears on a release, for showing it."""
    decisions = releases.decisions(session, release.id)
    return Table(
        release=release,
        decisions=decisions,
        voters=voters(session, release, decisions),
        parties=parties(session, release, decisions),
        barred=barred(session, release, at),
        at=at,
    )


def barred(session: Session, release: Release, at: datetime) -> str:
    """Return why a plan that is not done must not go on: a retired model, a new blocking finding; empty when nothing.

    The rest of the validity key was settled when the first step was sent: a plan goes on for weeks.
    """
    if not has_next_step(release):
        return ""
    if models.model_by_id(session, release.model_id).state is ModelState.RETIRED:
        return "the model is retired"
    changed = {one.field: one for one in differences_now(session, release, at=at)}
    blocking = changed.get("blocking_findings")
    raised = [] if blocking is None else [number for number in blocking.now if number not in (blocking.was or ())]
    return f"a blocking finding was raised since: {', '.join(map(str, raised))}" if raised else ""


def differences_now(session: Session, release: Release, *, at: datetime) -> tuple[Difference, ...]:
    """Return in which fields the frozen evidence of a release differs from what holds in this transaction."""
    pack = releases.find_pack(session, release.digest)
    was = {} if pack is None else pack.validity
    return differences(was, validity_now(session, release, was.get("gate_outcomes", {}), at=at))


def validity_now(
    session: Session, release: Release, gate_outcomes: Mapping[str, str], *, at: datetime
) -> dict[str, Any]:
    """Return the thirteen fields of a release's validity key as they stand in this transaction.

    The outcomes of the gates are given: they come from long work, which says when one of them changed
    (`core/releases/requesting/service.py`).
    """
    model = models.model_by_id(session, release.model_id)
    version = models.version_by_id(session, release.version_id)
    tier = records.tier_of(session, model, at).in_force
    named = records.release_policy(session).as_json()
    return validity_key(
        {
            "model": model.name,
            "version": version.name,
            "artifact_sha256": version.artifact_sha256,
            "schema": _schema_digest(session, version.schema_id),
            "datasets": {"reference": version.reference_sha256, "binning": version.binning_id},
            "gate_outcomes": dict(gate_outcomes),
            "limits": _limits(session, version),
            "gate_policy": label(named),
            "tier": tier,
            "plan": dict(release.plan),
            "target": {
                "environment": release.environment,
                "executor": executor_of(session),
                "replaces": champions.version_name(session, model.champion_id),
            },
            "blocking_findings": _blocking(session, model.id, named["name"], tier),
            "kernel": KERNEL_VERSION,
        }
    )


def _schema_digest(session: Session, schema_id: int) -> str | None:
    return session.scalar(select(SchemaRow.digest).where(SchemaRow.id == schema_id))


def _limits(session: Session, version: VersionInfo) -> dict[str, Any]:
    overrides = models.schema(session, version.schema_id).limits
    versions = {"version": load_limits().version, "gates": gate_limits().version}
    return {**versions, "overrides": {code: repr(value) for code, value in overrides.items()}}


def _blocking(session: Session, model_id: int, named: str, tier: int) -> list[int]:
    controls = policy(named)[tier]
    found = session.execute(
        select(FindingRow.id, FindingRow.severity)
        .where(FindingRow.model_id == model_id, FindingRow.state != FindingState.CLOSED.value)
        .order_by(FindingRow.id)
    )
    return [finding_id for finding_id, severity in found if finding_effect(controls, severity) == BLOCK]


def parties(session: Session, release: Release, decisions: Sequence[ReleaseDecision]) -> Parties:
    """Return who stands too near: who asked (in this round), who added the version, the developer of the record.

    Where one approval is enough, who broke the glass has asked as well: nobody carries a failed gate through alone.
    """
    version = models.version_by_id(session, release.version_id)
    document = records.record_of(session, release.model_id).document
    alone = len(controls_of(release).quorum) == 1
    asking = {Decision.SUBMIT, Decision.BREAK_GLASS} if alone else {Decision.SUBMIT}
    asked = {one.by for one in decisions if one.decision in asking and one.round == release.round}
    return Parties(
        requesters=frozenset({release.requested_by, *asked}),
        developers=developers(document, version.added_by),
    )


def approvals(release: Release, decisions: Sequence[ReleaseDecision]) -> tuple[ReleaseDecision, ...]:
    """Return the approvals of the present round, first to last."""
    return tuple(one for one in decisions if one.decision is Decision.APPROVE and one.round == release.round)


def voters(session: Session, release: Release, decisions: Sequence[ReleaseDecision]) -> list[Voter]:
    """Return who approved in this round, first to last, with the roles they hold now; who left holds none."""
    found = []
    for one in approvals(release, decisions):
        person = people.find_person(session, one.by)
        found.append(Voter(name=one.by, roles=frozenset()) if person is None else voter_of(person))
    return found


def voter_of(person: Principal) -> Voter:
    """Return a person as the quorum counts them."""
    return Voter(name=person.name, roles=frozenset(role.value for role in person.roles))


def arriving_schema(session: Session, model_id: int) -> ModelSchema | None:
    """Return the schema of the rows that were taken in last for a version that was live; None before any."""
    served = (LogRole.SERVED.value, LogRole.CANARY.value)
    version_id = session.scalar(
        select(BatchRow.version_id)
        .where(
            BatchRow.model_id == model_id,
            BatchRow.kind == Kind.PREDICTIONS.value,
            BatchRow.state == BatchState.LANDED.value,
            BatchRow.role.in_(served),
        )
        .order_by(BatchRow.id.desc())
        .limit(1)
    )
    return None if version_id is None else models.schema(session, models.version_by_id(session, version_id).schema_id)


def rollback_targets(
    session: Session, model: ModelInfo, leaving: str
) -> tuple[tuple[VersionInfo, tuple[str, ...]], ...]:
    """Return (earlier live version, what it would miss in today's rows), the last champion first."""
    arriving = arriving_schema(session, model.id)
    found = []
    for name in earlier_live(champions.reigns(session, model.name), leaving):
        version = models.version_by_name(session, model.id, name)
        gaps = () if arriving is None else schema_gaps(models.schema(session, version.schema_id), arriving)
        found.append((version, gaps))
    return tuple(found)
