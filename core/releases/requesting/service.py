"""Requesting a release, freezing its evidence, and what ends it before anybody decided: withdrawal, age, new facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.chain import content_hash
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, ConflictError, RefusedError
from core.inventory.records import ModelInfo, ModelState
from core.releases.evidence import frozen, outcomes, settled, why
from core.releases.gates.gate import GateResult
from core.releases.plan import AT_ONCE, Plan, shortfalls
from core.releases.policy import controls_of, label
from core.releases.release import PRODUCTION, Decision, EvidencePack, Release
from core.releases.states import ReleaseState, may_move
from core.releases.validity import differences, told
from core.releases.written import change, moment, needed, not_up_for_decision, sayable
from core.store import models as stored_models
from core.store import records as stored_records
from core.store import releases as stored
from core.store.database import Session, Store
from core.store.release_facts import EMBEDDED, executor_of, validity_now
from core.store.repeats import done_before

SUBMITTABLE = frozenset({ReleaseState.DRAFT, ReleaseState.BLOCKED, ReleaseState.STALE})
DECIDABLE = frozenset({ReleaseState.PENDING_APPROVAL, ReleaseState.APPROVED})


@refusals_recorded
def request(
    store: Store,
    principal: Principal,
    *,
    model: str,
    version: str,
    plan: Plan = AT_ONCE,
    reason: str = "",
    idempotency_key: str | None = None,
) -> Release:
    """Draft a release of `version` in the place of the champion; the same key again returns the first draft.

    Raises
    ------
    RefusedError
        With ``illegal_move`` when another release of the model is open, or the version is live already.
    BadInputError
        When the model is retired, or a plan that splits traffic is less than its tier asks for.
    """
    authorize(principal, Action.RELEASE_REQUEST)
    said = sayable(reason, "The reason")
    with store.write() as session:
        known = stored_models.model_by_name(session, model)
        repeated = done_before(session, principal, idempotency_key, AuditAction.RELEASE_REQUESTED, model=known.name)
        if repeated is not None:
            first = stored.release_by_id(session, int(repeated.object_id))
            if first.version != version:
                raise ConflictError(f"This key asked for {first.version} before: open the page anew.")
            return first
        wanted = stored_models.version_by_name(session, known.id, version)
        at = store.clock.now()
        _expired(session, principal, at, model_id=known.id)
        _must_be_free(session, known, wanted.id, version)
        tier, named = _held_to(session, known, plan, at)
        release = stored.add_release(
            session,
            model_id=known.id,
            version_id=wanted.id,
            champion_id=known.champion_id,
            environment=PRODUCTION,
            state=ReleaseState.DRAFT,
            plan=plan.as_json(),
            tier=tier,
            policy=named,
            reason=said,
            by=principal.name,
            at=at,
        )
        record(
            session,
            principal,
            AuditAction.RELEASE_REQUESTED,
            **change(release, None, at=at),
            reason=said,
            idempotency_key=idempotency_key,
        )
        return release


@refusals_recorded
def submit(
    store: Store, principal: Principal, release_id: int, *, reason: str = "", idempotency_key: str | None = None
) -> Release:
    """Submit a draft, or again what was blocked or became stale: a new round under today's tier and policy.

    What remains is to gather the evidence (`settle_evidence`).
    """
    authorize(principal, Action.RELEASE_REQUEST)
    said = sayable(reason, "The reason")
    with store.write() as session:
        release = stored.release_by_id(session, release_id, lock=True)
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_SUBMITTED, about=str(release.id)):
            return release
        if release.state not in SUBMITTABLE:
            raise RefusedError(
                "illegal_move",
                f"Release {release.id} is {release.state}: only a draft, or what is blocked or stale, is submitted.",
            )
        at, known = store.clock.now(), stored_models.model_by_id(session, release.model_id)
        tier, named = _tier_and_policy(session, known, at)
        changes = {
            "round": release.round + (release.digest is not None),
            "champion_id": known.champion_id,
            "tier": tier,
            "policy": named,
            "digest": None,
            "why": "",
            "expires_at": None,
            "approved_at": None,
            "broken_glass": False,
        }
        now = stored.move(session, release, ReleaseState.PENDING_EVIDENCE, changes, at=at)
        stored.add_decision(session, now, Decision.SUBMIT, by=principal.name, at=at, reason=said)
        record(
            session,
            principal,
            AuditAction.RELEASE_SUBMITTED,
            **change(now, release, at=at),
            reason=said,
            idempotency_key=idempotency_key,
        )
        return now


@refusals_recorded
def settle_evidence(
    store: Store,
    principal: Principal,
    release_id: int,
    *,
    round_: int,
    document: Mapping[str, Any],
    profiles: bytes,
    validity: Mapping[str, Any],
    gates: Sequence[GateResult],
) -> Release:
    """Freeze the evidence of a round and send the release where its gates say; the same round again changes nothing.

    Parameters
    ----------
    document : mapping of plain JSON values
        What reviewers read; the gates, the validity key and the sha256 of `profiles` are added.
    profiles : bytes
        The packed counts that the numbers of the document came from.
    validity : mapping
        `core.store.release_facts.validity_now`, read before the evidence was gathered: what changed meanwhile
        shows at the first approval.

    Raises
    ------
    RefusedError
        With ``illegal_move`` when the release no longer waits for this round's evidence.
    """
    authorize(principal, Action.RELEASE_GATHER)
    with store.write() as session:
        release = stored.release_by_id(session, release_id, lock=True)
        if release.round == round_ and release.digest is not None:
            return release
        if release.round != round_ or release.state is not ReleaseState.PENDING_EVIDENCE:
            raise RefusedError(
                "illegal_move",
                f"Release {release.id} is {release.state} in round {release.round}: it awaits no evidence of {round_}.",
            )
        at = store.clock.now()
        key = {**validity, **_as_submitted(release, validity), "gate_outcomes": outcomes(gates)}
        placed = {**document, "release": release.id, "round": release.round, "validity": key}
        whole = frozen(placed, gates, profiles)
        pack = EvidencePack(
            digest=content_hash(whole), release_id=release.id, document=whole, validity=key, created_at=at
        )
        stored.add_pack(session, pack, profiles)
        changes = {"digest": pack.digest, "why": why(gates), "expires_at": at + controls_of(release).ttl}
        now = stored.move(session, release, settled(gates), changes, at=at)
        more = {"gates": outcomes(gates)}
        record(session, principal, AuditAction.EVIDENCE_FROZEN, **change(now, release, at=at, more=more))
        return now


def _as_submitted(release: Release, validity: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were settled when the round was submitted: what the release is judged and counted by.

    A tier, a policy or a champion that changed before the evidence was gathered differs from them, and so shows at
    the first approval; taken from the time of gathering it would pass under the controls of before.
    """
    target = {**validity["target"], "replaces": release.champion}
    return {"tier": release.tier, "gate_policy": label(release.policy), "target": target}


@refusals_recorded
def recheck(store: Store, principal: Principal, release_id: int, *, gates: Sequence[GateResult]) -> Release:
    """Hold freshly computed gates against the frozen ones: another outcome makes the release stale, a value does not.

    For what waits for approval or execution while the log grows; the frozen pack stays what it is.
    """
    authorize(principal, Action.RELEASE_GATHER)
    with store.write() as session:
        release = stored.release_by_id(session, release_id, lock=True)
        pack = stored.find_pack(session, release.digest)
        if pack is None or release.state not in DECIDABLE:
            return release
        at = store.clock.now()
        found = differences(pack.validity, validity_now(session, release, outcomes(gates), at=at))
        if not found:
            return release
        changes = {"why": f"changed since the evidence was frozen: {told(found)}"}
        now = stored.move(session, release, ReleaseState.STALE, changes, at=at)
        more = {"differences": [one.as_json() for one in found]}
        record(session, principal, AuditAction.RELEASE_STALE, **change(now, release, at=at, more=more))
        return now


@refusals_recorded
def cancel(
    store: Store, principal: Principal, release_id: int, *, reason: str, idempotency_key: str | None = None
) -> Release:
    """Withdraw a release before it is executed, or after it failed and nothing moved."""
    authorize(principal, Action.RELEASE_CANCEL)
    with store.write() as session:
        release = stored.release_by_id(session, release_id, lock=True)
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_CANCELLED, about=str(release.id)):
            return release
        _must_be_withdrawable(session, release)
        at, said = store.clock.now(), needed(reason, "The reason")
        now = stored.move(session, release, ReleaseState.CANCELLED, {"why": said}, at=at)
        stored.add_decision(session, now, Decision.CANCEL, by=principal.name, at=at, reason=said)
        record(
            session,
            principal,
            AuditAction.RELEASE_CANCELLED,
            **change(now, release, at=at),
            reason=said,
            idempotency_key=idempotency_key,
        )
        return now


def _must_be_withdrawable(session: Session, release: Release) -> None:
    """Let pass what may be withdrawn; whoever comes too late is told who decided what, and when."""
    if may_move(release.state, ReleaseState.CANCELLED):
        return
    closed = not_up_for_decision(release, stored.decisions(session, release.id))
    assert closed is not None
    raise closed


@refusals_recorded
def expire_due(store: Store, principal: Principal) -> tuple[Release, ...]:
    """End the releases that nobody decided or executed in time; returns them."""
    authorize(principal, Action.RELEASE_GATHER)
    with store.read() as session:
        if not _due(session, store.clock.now()):
            return ()
    with store.write() as session:
        return _expired(session, principal, store.clock.now())


def _expired(
    session: Session, principal: Principal, at: datetime, *, model_id: int | None = None
) -> tuple[Release, ...]:
    """End what is due, of one model or of all: a request that nobody decided holds no place either."""
    ended = []
    for release in _due(session, at, model_id=model_id):
        changes = {"why": "nobody decided in time" if release.approved_at is None else "not executed in time"}
        now = stored.move(session, release, ReleaseState.EXPIRED, changes, at=at)
        record(session, principal, AuditAction.RELEASE_EXPIRED, **change(now, release, at=at))
        ended.append(now)
    return tuple(ended)


def _due(session: Session, at: datetime, *, model_id: int | None = None) -> list[Release]:
    waiting = stored.releases(session, model_id=model_id, states=DECIDABLE)
    return [release for release in waiting if release.expires_at is not None and release.expires_at <= at]


def _must_be_free(session: Session, model: ModelInfo, version_id: int, version: str) -> None:
    if model.state is ModelState.RETIRED:
        raise BadInputError(f"The model '{model.name}' is retired: nothing of it goes live.")
    other = stored.open_release(session, model.id, PRODUCTION)
    if other is not None:
        raise RefusedError(
            "illegal_move",
            f"Release {other.id} of {model.name} {other.version} is open ({other.state}, asked for by "
            f"{other.requested_by} at {moment(other.requested_at)}): a model has one open release at a time.",
        )
    if model.champion_id == version_id:
        raise RefusedError("illegal_move", f"{model.name} {version} is live already: there is nothing to release.")


def _held_to(session: Session, model: ModelInfo, plan: Plan, at: datetime) -> tuple[int, dict[str, Any]]:
    """Return tier and policy of a new release, once its plan is enough for them."""
    tier, named = _tier_and_policy(session, model, at)
    asked = stored_records.release_policy(session)[tier].rollout
    faults = shortfalls(plan, asked.shadow_days, asked.shares, splits=executor_of(session) != EMBEDDED)
    if faults and plan != AT_ONCE:
        raise BadInputError(f"The plan is less than tier {tier} asks for: {'; '.join(faults)}.")
    return tier, named


def _tier_and_policy(session: Session, model: ModelInfo, at: datetime) -> tuple[int, dict[str, Any]]:
    tier = stored_records.tier_of(session, model, at).in_force
    return tier, stored_records.release_policy(session).as_json()
