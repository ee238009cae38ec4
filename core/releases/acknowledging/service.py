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
from core.errors import BadInputError, NotFoundError, RefusedError
from core.log.names import shown
from core.releases.advancing import has_next_step
from core.releases.awaited import TAKING_BACK, Awaited, DeliveryKind, awaited, is_silent
from core.releases.plan import plan_of
from core.releases.policy import ACKNOWLEDGE_WITHIN
from core.releases.release import Release
from core.releases.states import ReleaseState
from core.releases.written import change, needed, sayable
from core.reviews.review import done_review
from core.store import champions, outbox
from core.store import models as stored_models
from core.store import releases as stored
from core.store import reviews as stored_reviews
from core.store.database import Session, Store
from core.store.repeats import done_before

WAITING = frozenset({ReleaseState.EXECUTING, *TAKING_BACK})
IN_FLIGHT = frozenset({ReleaseState.EXECUTING, ReleaseState.UNKNOWN})


@refusals_recorded
def sent(store: Store, principal: Principal, release_id: int, *, event: str | None = None) -> Release:
    """Note that an executor took the request for a rollback: it is under way, not done."""
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if release.state is not ReleaseState.ROLLBACK_REQUESTED or _expected(session, release, event) is None:
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
    event: str | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> Release:
    """Take the executor's word, or a person's with evidence, that what was asked for is done.

    In time or late: a release that is UNKNOWN becomes what it was to be, and a later step of a plan is live. A second
    acknowledgement, or one of an event after which another was sent, changes nothing.

    Parameters
    ----------
    event : str, optional
        The event that was acted on, as the executor was told; None: what is awaited.

    Raises
    ------
    RefusedError
        ``illegal_move`` when nothing was ever sent out.
    NotFoundError
        When the release has no such event.
    """
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    told = sayable(reason, "The reason")
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_ACKNOWLEDGED, about=str(release_id)):
            return release
        wanted = _expected(session, release, event)
        if wanted is None:
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
    event: str | None = None,
    idempotency_key: str | None = None,
) -> Release:
    """Take the executor's word, or a person's with evidence, that what was asked for did not happen.

    A first step that fails makes the release FAILED; a later one leaves the step before live. A rollback that fails
    leaves the release UNKNOWN; once a person says of an UNKNOWN one that it was not taken back, it is where it was.

    Parameters
    ----------
    event : str, optional
        The event that failed, as the executor was told; of one that nobody waits for any more it changes nothing.

    Raises
    ------
    RefusedError
        ``illegal_move`` when nothing was ever sent out.
    NotFoundError
        When the release has no such event.
    BadInputError
        When no event is named and nothing is awaited.
    """
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    said = needed(reason, "The reason")
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_FAILED, about=str(release_id)):
            return release
        wanted = _expected(session, release, event)
        if wanted is None:
            if event is None:
                raise BadInputError(
                    f"Release {release.id} is {release.state}: no answer of an executor is awaited that could say it "
                    "failed."
                )
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

    A later step of a plan that stays unanswered leaves the step before live, and says so, until a late word or a
    person settles it.
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


def _expected(session: Session, release: Release, event: str | None) -> Awaited | None:
    """Return what a word is about while it is awaited; None when it is over, or another event was sent since."""
    told = [one.event_id for one in outbox.by_release(session, release.id)]
    if not told:
        raise RefusedError("illegal_move", f"Release {release.id} is {release.state}: nothing was sent to an executor.")
    if event is not None and event not in told:
        raise NotFoundError(f"Release {release.id} has no event {shown(event)}.")
    return awaited(release) if event in (None, told[-1]) else None


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
    waiting = [one for one in sent_out if not is_silent(one)]
    return [one for one in waiting if one.executing_since is not None and one.executing_since + within <= at]


def _unknown(session: Session, release: Release, at: datetime, within: timedelta) -> Release:
    said = f"no acknowledgement within {within.total_seconds() / 60:g} minutes"
    if release.state is ReleaseState.LIVE:
        return stored.change(session, release, {"why": f"step {release.step + 1}: {said}"})
    now = release
    if now.state is ReleaseState.ROLLBACK_REQUESTED:
        now = stored.move(session, now, ReleaseState.ROLLING_BACK, {}, at=at)
    return stored.move(session, now, ReleaseState.UNKNOWN, {"executing_since": None, "why": said}, at=at)


def _follow(session: Session, principal: Principal, release: Release, wanted: Awaited, at: datetime) -> None:
    """Do what follows from an acknowledgement: the champion, the releases it overtook, the drill's date."""
    if wanted.kind is DeliveryKind.DRILL:
        _date_drill(session, principal, release, at)
    elif wanted.kind is DeliveryKind.ROLLBACK:
        assert release.rollback_to_id is not None
        if not _came_later(session, release):
            _set_champion(session, principal, release, release.rollback_to_id, at, by_rollback=True)
            _overtake(session, principal, release, at)
    elif plan_of(release.plan).is_full(release.step):
        _set_champion(session, principal, release, release.version_id, at, by_rollback=False)
        _overtake(session, principal, release, at)


def _came_later(session: Session, release: Release) -> bool:
    """Whether the champion was made by a word that was sent after this release's: executors act on the later one."""
    by = stored_models.model_by_id(session, release.model_id).champion_release_id
    return by not in (None, release.id) and _last_word(session, by) > _last_word(session, release.id)


def _last_word(session: Session, release_id: int) -> int:
    last = outbox.last_of(session, release_id)
    return last.id if last else 0


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


def _overtake(session: Session, principal: Principal, release: Release, at: datetime) -> None:
    """End what a word that moved all of the traffic overtook: what was live before, and what was sent before it."""
    others = stored.releases(
        session, model_id=release.model_id, environment=release.environment, states=IN_FLIGHT | {ReleaseState.LIVE}
    )
    word = _last_word(session, release.id)
    for other in others:
        if other.id == release.id or other.rollback_to_id is not None:
            continue
        if other.state is ReleaseState.LIVE:
            to, action = ReleaseState.SUPERSEDED, AuditAction.RELEASE_SUPERSEDED
            ends = release.state is ReleaseState.LIVE or _is_replaced(other, release)
        else:
            to, action = ReleaseState.FAILED, AuditAction.RELEASE_FAILED
            ends = _last_word(session, other.id) < word
        if ends:
            changes = {"why": f"release {release.id} {_did(release)}", "executing_since": None}
            now = stored.move(session, other, to, changes, at=at)
            record(session, principal, action, **change(now, other, at=at))


def _is_replaced(other: Release, taken_back: Release) -> bool:
    """Whether a rollback took all of the traffic from a release: a part of it is left to whoever has it."""
    return not has_next_step(other) and other.version_id != taken_back.rollback_to_id


def _did(release: Release) -> str:
    return "took its place" if release.state is ReleaseState.LIVE else "was taken back, to another version"
