"""Taking a version back: one authorised person, no waiting time, reviewed afterwards. And practising it.

The target is an earlier live version whose schema still fits the rows that arrive today. Without one nothing is
promised: "no target: use the named fallback".
"""

from dataclasses import dataclass
from datetime import datetime

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import RefusedError
from core.inventory.records import ModelInfo, VersionInfo
from core.releases.awaited import TAKING_BACK, awaited, dedup_key, payload
from core.releases.plan import AT_ONCE
from core.releases.release import DRILL, PRODUCTION, Decision, Release
from core.releases.states import ReleaseState
from core.releases.written import already_decided, change, needed, sayable
from core.reviews.review import ReviewKind
from core.store import models as stored_models
from core.store import outbox
from core.store import records as stored_records
from core.store import release_facts as facts
from core.store import releases as stored
from core.store import reviews as stored_reviews
from core.store.database import Session, Store
from core.store.repeats import done_before

IN_FLIGHT = frozenset({ReleaseState.EXECUTING, ReleaseState.UNKNOWN})
NO_TARGET = "no target: use the named fallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackTarget:
    """Where a rollback of a model would lead now; `told` says it in a sentence, also when there is no way."""

    model: str
    leaving: str | None
    version: str | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """What is left, by which release (None: the champion came without one), and where it leads."""

    model: ModelInfo
    release: Release | None
    leaving: VersionInfo
    target: VersionInfo


def target(store: Store, model: str) -> RollbackTarget:
    """Return where a rollback would lead, for the page that offers it.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        try:
            way = _way(session, known, None)
        except RefusedError as refusal:
            return RollbackTarget(model=model, leaving=None, version=None, told=refusal.why)
        arriving = facts.arriving_schema(session, known.id) is not None
    schema = "its features arrive in today's rows" if arriving else "no rows arrive yet that could tell of its features"
    said = f"{way.leaving.name} → {way.target.name}, live before; {schema}."
    return RollbackTarget(model=model, leaving=way.leaving.name, version=way.target.name, told=said)


@refusals_recorded
def request_rollback(
    store: Store,
    principal: Principal,
    *,
    model: str,
    to: str | None = None,
    reason: str,
    idempotency_key: str | None = None,
) -> Release:
    """Have the executor take a model back to an earlier live version: at once, on the word of one person.

    Raises
    ------
    RefusedError
        ``no_target`` when no earlier live version fits today's rows; ``already_decided`` when it is under way;
        ``illegal_move`` while it is unknown what is live.
    """
    authorize(principal, Action.ROLLBACK_REQUEST)
    said = needed(reason, "The reason")
    with store.write() as session:
        known, at = stored_models.model_by_name(session, model), store.clock.now()
        first = done_before(session, principal, idempotency_key, AuditAction.ROLLBACK_REQUESTED, model=known.name)
        if first is not None:
            return stored.release_by_id(session, int(first.object_id))
        way = _way(session, known, to)
        was, now = _requested(session, principal, way, said, at)
        stored.add_decision(session, now, Decision.ROLLBACK, by=principal.name, at=at, reason=said)
        _send(session, now, way, at)
        owed = stored_reviews.owe_review(
            session,
            ReviewKind.AFTER_ROLLBACK,
            model_id=known.id,
            version_id=way.leaving.id,
            release_id=now.id,
            by=principal.name,
            at=at,
        )
        more = {"to": way.target.name, "schema": "fits the rows that arrive", "review_due": owed.due}
        record(
            session,
            principal,
            AuditAction.ROLLBACK_REQUESTED,
            **change(now, was, at=at, more=more),
            reason=said,
            idempotency_key=idempotency_key,
        )
        return now


@refusals_recorded
def drill(
    store: Store, principal: Principal, *, model: str, reason: str = "", idempotency_key: str | None = None
) -> Release:
    """Practise a rollback: target, schema, executor and acknowledgement, without moving traffic.

    Raises
    ------
    RefusedError
        ``no_target``: a drill that finds none has done its work.
    """
    authorize(principal, Action.ROLLBACK_DRILL)
    said = sayable(reason, "The reason")
    with store.write() as session:
        known, at = stored_models.model_by_name(session, model), store.clock.now()
        first = done_before(session, principal, idempotency_key, AuditAction.DRILL_REQUESTED, model=known.name)
        if first is not None:
            return stored.release_by_id(session, int(first.object_id))
        way = _way(session, known, None)
        now = _born(session, principal, way, environment=DRILL, said=said or "drill", at=at)
        _send(session, now, way, at)
        more = {"to": way.target.name}
        record(
            session,
            principal,
            AuditAction.DRILL_REQUESTED,
            **change(now, None, at=at, more=more),
            reason=said,
            idempotency_key=idempotency_key,
        )
        return now


def _way(session: Session, model: ModelInfo, to: str | None) -> _Way:
    mine = stored.releases(session, model_id=model.id, environment=PRODUCTION)
    _must_not_be_under_way(session, mine)
    release = _leaving(mine, model, to)
    if release is None and model.champion_id is None:
        raise RefusedError("no_target", f"{model.name} has no version that is live: {NO_TARGET}.")
    if release is None and any(one.state in IN_FLIGHT for one in mine):
        raise RefusedError(
            "illegal_move", f"A release of {model.name} is being executed: acknowledge it, or say that it failed."
        )
    leaving_id = model.champion_id if release is None else release.version_id
    assert leaving_id is not None
    leaving = stored_models.version_by_id(session, leaving_id)
    return _Way(model=model, release=release, leaving=leaving, target=_target(session, model, leaving.name, to))


def _must_not_be_under_way(session: Session, mine: tuple[Release, ...]) -> None:
    for one in mine:
        if one.state in TAKING_BACK:
            raise already_decided(one, stored.decisions(session, one.id))


def _leaving(mine: tuple[Release, ...], model: ModelInfo, to: str | None) -> Release | None:
    """Return the release to take back: the last one that is live or failed.

    A failed one goes back to the champion that still stands, never further: that is for the one that is live.
    """
    for one in mine:
        if one.state is ReleaseState.LIVE:
            return one
        if one.state is ReleaseState.FAILED and one.champion_id == model.champion_id and to in (None, one.champion):
            return one
    return None


def _target(session: Session, model: ModelInfo, leaving: str, to: str | None) -> VersionInfo:
    found = facts.rollback_targets(session, model, leaving)
    wanted = [(version, gaps) for version, gaps in found if to in (None, version.name)]
    fitting = next((version for version, gaps in wanted if not gaps), None)
    if fitting is not None:
        return fitting
    if wanted:
        version, gaps = wanted[0]
        why = f"{version.name} was live before, but {', '.join(gaps)}"
    elif found:
        why = f"'{to}' was not live before {leaving}; {', '.join(version.name for version, _ in found)} was"
    else:
        why = f"nothing was live before {leaving}"
    raise RefusedError("no_target", f"{model.name}: {why}; {NO_TARGET}.")


def _requested(
    session: Session, principal: Principal, way: _Way, said: str, at: datetime
) -> tuple[Release | None, Release]:
    """Return the release before (None when it had to be written first) and after the request."""
    if way.release is None:
        return None, _born(session, principal, way, environment=PRODUCTION, said=said, at=at)
    changes = {
        "rollback_to_id": way.target.id,
        "executing_since": at,
        "why": f"rollback to {way.target.name}: {said}",
    }
    return way.release, stored.move(session, way.release, ReleaseState.ROLLBACK_REQUESTED, changes, at=at)


def _born(session: Session, principal: Principal, way: _Way, *, environment: str, said: str, at: datetime) -> Release:
    """Insert a release that is only a way back: of a drill, or of a champion that came without a release."""
    made = stored.add_release(
        session,
        model_id=way.model.id,
        version_id=way.leaving.id,
        champion_id=way.model.champion_id,
        environment=environment,
        state=ReleaseState.ROLLBACK_REQUESTED,
        plan=AT_ONCE.as_json(),
        tier=stored_records.tier_of(session, way.model, at).in_force,
        policy=stored_records.release_policy(session).as_json(),
        reason=said,
        by=principal.name,
        at=at,
        rollback_to_id=way.target.id,
    )
    return stored.change(session, made, {"executing_since": at, "why": f"rollback to {way.target.name}: {said}"})


def _send(session: Session, release: Release, way: _Way, at: datetime) -> None:
    wanted = awaited(release)
    assert wanted is not None
    outbox.put(
        session,
        release_id=release.id,
        kind=wanted.kind.value,
        dedup_key=dedup_key(release, wanted),
        payload=payload(
            release,
            wanted,
            model_key=way.model.key,
            version=way.target.name,
            artifact_sha256=way.target.artifact_sha256,
        ),
        executor=facts.executor_of(session),
        at=at,
    )
