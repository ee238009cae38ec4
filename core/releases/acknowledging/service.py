"""What an acknowledgement, a failure or the silence of an executor makes of a release, and what follows from it.

The screen never says that something is done before the executor said so: this is the only place where a release
becomes LIVE or ROLLED_BACK, and where a model gets another champion.
"""

from datetime import datetime, timedelta
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import RefusedError
from core.releases.awaited import NOT_SENT, TAKING_BACK, Awaited, DeliveryKind, awaited
from core.releases.plan import plan_of
from core.releases.policy import ACKNOWLEDGE_WITHIN
from core.releases.release import Release
from core.releases.states import ReleaseState
from core.releases.written import change, needed, sayable
from core.reviews.review import done_review
from core.store import champions
from core.store import models as stored_models
from core.store import releases as stored
from core.store import reviews as stored_reviews
from core.store.database import Session, Store
from core.store.repeats import done_before

WAITING = frozenset({ReleaseState.EXECUTING, *TAKING_BACK})


@refusals_recorded
def sent(store: Store, principal: Principal, release_id: int) -> Release:
    """Note that an executor took the request for a rollback: it is under way, not done."""
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if release.state is not ReleaseState.ROLLBACK_REQUESTED:
            return release
        now = stored.move(session, release, ReleaseState.ROLLING_BACK, {}, at=at)
        record(session, principal, AuditAction.RELEASE_SENT, **change(now, release, at=at))
        return now


@refusals_recorded
def acknowledge(
    store: Store,
    principal: Principal,
    release_id: int,
    *,
    kind: str | None = None,
    step: int | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> Release:
    """Take the executor's word, or a person's with evidence, that what was asked for is done.

    In time or late: a release that is UNKNOWN becomes what it was to be. A second acknowledgement, or one of
    another step, changes nothing.

    Parameters
    ----------
    kind : ``release``, ``rollback`` or ``drill``, optional
        What was done, as the executor was asked; None: what is awaited.
    step : int, optional
        Of the plan, from 1.

    Raises
    ------
    RefusedError
        ``illegal_move`` when nothing was ever sent out.
    """
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    told = sayable(reason, "The reason")
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_ACKNOWLEDGED, about=str(release_id)):
            return release
        wanted = awaited(release)
        if wanted is None or not wanted.is_meant(kind, step):
            _must_be_late(release)
            return release
        now = (_live if wanted.kind is DeliveryKind.RELEASE else _taken_back)(session, release, at)
        more = {"kind": wanted.kind.value}
        record(
            session,
            principal,
            AuditAction.RELEASE_ACKNOWLEDGED,
            **change(now, release, at=at, more=more),
            reason=told,
            idempotency_key=idempotency_key,
        )
        _follow(session, principal, now, wanted, at)
        return now


@refusals_recorded
def fail(
    store: Store,
    principal: Principal,
    release_id: int,
    *,
    reason: str,
    kind: str | None = None,
    step: int | None = None,
    idempotency_key: str | None = None,
) -> Release:
    """Take the executor's word, or a person's with evidence, that what was asked for did not happen.

    A first step that fails makes the release FAILED; a later one leaves the step before live. A rollback that fails
    leaves the release UNKNOWN; once a person says of an UNKNOWN one that it was not taken back, it is where it was.
    """
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    said = needed(reason, "The reason")
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_FAILED, about=str(release_id)):
            return release
        wanted = awaited(release)
        if wanted is None or not wanted.is_meant(kind, step):
            _must_be_late(release)
            return release
        now = _failed(session, release, wanted, said, at)
        more = {"kind": wanted.kind.value}
        record(
            session,
            principal,
            AuditAction.RELEASE_FAILED,
            **change(now, release, at=at, more=more),
            reason=said,
            idempotency_key=idempotency_key,
        )
        return now


@refusals_recorded
def time_out(store: Store, principal: Principal, *, within: timedelta = ACKNOWLEDGE_WITHIN) -> tuple[Release, ...]:
    """Make UNKNOWN what an executor has not acknowledged in time; returns these releases.

    A later step of a plan that stays unanswered leaves the step before live, and says so.
    """
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    with store.read() as session:
        if not _silent(session, store.clock.now(), within):
            return ()
    with store.write() as session:
        at, ended = store.clock.now(), []
        for release in _silent(session, at, within):
            now = _unknown(session, release, at, within)
            record(session, principal, AuditAction.RELEASE_UNKNOWN, **change(now, release, at=at))
            ended.append(now)
        return tuple(ended)


def _must_be_late(release: Release) -> None:
    """Let pass a word about something that is over; what was never sent out cannot be acknowledged."""
    if release.state in NOT_SENT:
        raise RefusedError("illegal_move", f"Release {release.id} is {release.state}: nothing was sent to an executor.")


def _live(session: Session, release: Release, at: datetime) -> Release:
    changes = {"step": release.step + 1, "executing_since": None, "live_since": at, "why": ""}
    return stored.move(session, release, ReleaseState.LIVE, changes, at=at)


def _taken_back(session: Session, release: Release, at: datetime) -> Release:
    """Move a release to ROLLED_BACK over every state between: a late word finds it UNKNOWN."""
    way = {
        ReleaseState.UNKNOWN: (
            ReleaseState.FAILED,
            ReleaseState.ROLLBACK_REQUESTED,
            ReleaseState.ROLLING_BACK,
            ReleaseState.ROLLED_BACK,
        ),
        ReleaseState.ROLLBACK_REQUESTED: (ReleaseState.ROLLING_BACK, ReleaseState.ROLLED_BACK),
        ReleaseState.ROLLING_BACK: (ReleaseState.ROLLED_BACK,),
    }[release.state]
    now = release
    for state in way:
        now = stored.move(session, now, state, {"executing_since": None}, at=at)
    return now


def _failed(session: Session, release: Release, wanted: Awaited, said: str, at: datetime) -> Release:
    changes: dict[str, Any] = {"executing_since": None, "why": said}
    if release.state is ReleaseState.LIVE:
        changes["why"] = f"step {release.step + 1} failed: {said}"
        return stored.change(session, release, changes)
    if wanted.kind is DeliveryKind.RELEASE:
        return stored.move(session, release, ReleaseState.FAILED, changes, at=at)
    if release.state is ReleaseState.UNKNOWN:
        if release.step:
            return stored.move(session, release, ReleaseState.LIVE, {**changes, "rollback_to_id": None}, at=at)
        return stored.move(session, release, ReleaseState.FAILED, changes, at=at)
    now = release
    if now.state is ReleaseState.ROLLBACK_REQUESTED:
        now = stored.move(session, now, ReleaseState.ROLLING_BACK, {}, at=at)
    return stored.move(session, now, ReleaseState.UNKNOWN, {**changes, "why": f"rollback failed: {said}"}, at=at)


def _silent(session: Session, at: datetime, within: timedelta) -> list[Release]:
    sent_out = stored.releases(session, states=WAITING | {ReleaseState.LIVE})
    return [one for one in sent_out if one.executing_since is not None and one.executing_since + within <= at]


def _unknown(session: Session, release: Release, at: datetime, within: timedelta) -> Release:
    said = f"no acknowledgement within {within.total_seconds() / 60:g} minutes"
    changes = {"executing_since": None, "why": said}
    if release.state is ReleaseState.LIVE:
        changes["why"] = f"step {release.step + 1}: {said}"
        return stored.change(session, release, changes)
    now = release
    if now.state is ReleaseState.ROLLBACK_REQUESTED:
        now = stored.move(session, now, ReleaseState.ROLLING_BACK, {}, at=at)
    return stored.move(session, now, ReleaseState.UNKNOWN, changes, at=at)


def _follow(session: Session, principal: Principal, release: Release, wanted: Awaited, at: datetime) -> None:
    """Do what follows from an acknowledgement: the champion, the release before, the drill's date."""
    if wanted.kind is DeliveryKind.DRILL:
        _date_drill(session, principal, release, at)
    elif wanted.kind is DeliveryKind.ROLLBACK:
        assert release.rollback_to_id is not None
        _set_champion(session, principal, release, release.rollback_to_id, at, by_rollback=True)
    elif plan_of(release.plan).is_full(release.step):
        _set_champion(session, principal, release, release.version_id, at, by_rollback=False)
        _supersede(session, principal, release, at)


def _date_drill(session: Session, principal: Principal, release: Release, at: datetime) -> None:
    """Write down that the way back was practised: target, schema, executor and acknowledgement held."""
    to = champions.version_name(session, release.rollback_to_id)
    words = f"{release.version} → {to}, acknowledged by the executor; no traffic moved"
    made = stored_reviews.add_review(
        session,
        done_review(kind="drill", scope="rollback", outcome="passed", notes=words),
        model_id=release.model_id,
        version_id=release.version_id,
        release_id=release.id,
        by=release.requested_by,
        at=at,
    )
    record(
        session,
        principal,
        AuditAction.REVIEW_RECORDED,
        object_type="review",
        object_id=f"{release.model}/{made.id}",
        after={"at": at, "kind": made.kind.value, "outcome": "passed", "release": release.id, "notes": words},
    )


def _set_champion(
    session: Session, principal: Principal, release: Release, version_id: int, at: datetime, *, by_rollback: bool
) -> None:
    model = stored_models.model_by_id(session, release.model_id)
    if model.champion_id == version_id:
        return
    before = champions.version_name(session, model.champion_id)
    after = champions.version_name(session, version_id)
    champions.put_champion(session, model, version_id, release.id, at=at)
    record(
        session,
        principal,
        AuditAction.CHAMPION_SET,
        object_type="model",
        object_id=model.name,
        before={"champion": before},
        after={"champion": after, "release": release.id, "rollback": by_rollback, "at": at},
        reason=f"release {release.id} {'was taken back' if by_rollback else 'is live'}",
    )


def _supersede(session: Session, principal: Principal, release: Release, at: datetime) -> None:
    """Let the release that is fully live end those that were live before in the same place."""
    live = stored.releases(
        session, model_id=release.model_id, environment=release.environment, states={ReleaseState.LIVE}
    )
    for earlier in live:
        if earlier.id == release.id:
            continue
        changes = {"why": f"release {release.id} took its place", "executing_since": None}
        now = stored.move(session, earlier, ReleaseState.SUPERSEDED, changes, at=at)
        record(session, principal, AuditAction.RELEASE_SUPERSEDED, **change(now, earlier, at=at))
