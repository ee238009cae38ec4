"""What is said of a release whose gates did not all pass: accepted, declined, or the glass broken."""

from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, RefusedError
from core.plain_text import n_shown
from core.releases import quorum
from core.releases.policy import SHORTEST_EMERGENCY_REASON, controls_of
from core.releases.release import Decision, Release
from core.releases.states import ReleaseState, must_move
from core.releases.written import already_decided, change, needed
from core.reviews.review import ReviewKind
from core.store import release_facts as facts
from core.store import releases as stored
from core.store import reviews as stored_reviews
from core.store.database import Session, Store
from core.store.release_facts import Table
from core.store.repeats import done_before

JUDGED = frozenset({Decision.ACCEPT, Decision.DECLINE})


@refusals_recorded
def accept(
    store: Store, principal: Principal, release_id: int, *, reason: str, idempotency_key: str | None = None
) -> Release:
    """Let a release pass whose gates could not all judge: an independent validator says why that will do."""
    authorize(principal, Action.RELEASE_ACCEPT)
    to, action = (Decision.ACCEPT, ReleaseState.PENDING_APPROVAL), AuditAction.RELEASE_ACCEPTED
    return _judge(store, principal, release_id, to, action=action, reason=reason, key=idempotency_key)


@refusals_recorded
def decline(
    store: Store, principal: Principal, release_id: int, *, reason: str, idempotency_key: str | None = None
) -> Release:
    """Block a release whose gates could not all judge: an independent validator says why that will not do."""
    authorize(principal, Action.RELEASE_ACCEPT)
    to, action = (Decision.DECLINE, ReleaseState.BLOCKED), AuditAction.RELEASE_DECLINED
    return _judge(store, principal, release_id, to, action=action, reason=reason, key=idempotency_key)


@refusals_recorded
def break_glass(
    store: Store, principal: Principal, release_id: int, *, reason: str, idempotency_key: str | None = None
) -> Release:
    """Put a blocked release to the vote all the same; it is red until a review within two working days.

    Raises
    ------
    BadInputError
        When the reason has less than 20 characters.
    """
    authorize(principal, Action.RELEASE_BREAK_GLASS)
    said = needed(reason, "The reason")
    if n_shown(said) < SHORTEST_EMERGENCY_REASON:
        raise BadInputError(
            f"The reason has {n_shown(said)} characters; going past a gate needs at least {SHORTEST_EMERGENCY_REASON}."
        )
    with store.write() as session:
        table = facts.laid_out(session, release_id, store.clock.now())
        release, at = table.release, table.at
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_GLASS_BROKEN, about=str(release_id)):
            return release
        _must_stand(table, ReleaseState.BLOCKED, Decision.BREAK_GLASS, ReleaseState.PENDING_APPROVAL)
        changes = {
            "broken_glass": True,
            "why": f"glass broken by {principal.name}: {said}",
            "expires_at": at + controls_of(release).ttl,
        }
        now = stored.move(session, release, ReleaseState.PENDING_APPROVAL, changes, at=at)
        stored.add_decision(
            session, now, Decision.BREAK_GLASS, by=principal.name, at=at, reason=said, digest=release.digest
        )
        owed = stored_reviews.owe_review(
            session,
            ReviewKind.AFTER_BREAK_GLASS,
            model_id=release.model_id,
            version_id=release.version_id,
            release_id=release.id,
            by=principal.name,
            at=at,
        )
        record(
            session,
            principal,
            AuditAction.RELEASE_GLASS_BROKEN,
            **change(now, release, at=at, more={"review_due": owed.due}),
            reason=said,
            idempotency_key=idempotency_key,
        )
        return now


def _judge(
    store: Store,
    principal: Principal,
    release_id: int,
    to: tuple[Decision, ReleaseState],
    *,
    action: AuditAction,
    reason: str,
    key: str | None,
) -> Release:
    """Say of a release whose gates could not all judge whether it may be put to the vote."""
    said = needed(reason, "The reason")
    with store.write() as session:
        table = facts.laid_out(session, release_id, store.clock.now())
        if done_before(session, principal, key, action, about=str(release_id)):
            return table.release
        _must_stand(table, ReleaseState.NEEDS_HUMAN, *to)
        near = quorum.why_too_near(facts.voter_of(principal), table.parties)
        if near is not None:
            raise near
        return _moved(session, principal, table, to, action=action, said=said, key=key)


def _must_stand(table: Table, state: ReleaseState, decision: Decision, to: ReleaseState) -> None:
    """Let pass what stands in `state`; who comes second to a decision is told who came first."""
    release = table.release
    if release.state is state:
        return
    made = [one for one in table.decisions if one.round == release.round and one.decision is not Decision.SUBMIT]
    rivals = JUDGED if decision in JUDGED else {decision}
    if made:
        raise already_decided(release, [one for one in made if one.decision in rivals] or made)
    must_move(release.state, to)
    raise RefusedError(
        "illegal_move", f"Release {release.id} is {release.state}: only one that is {state} is judged so."
    )


def _moved(
    session: Session,
    principal: Principal,
    table: Table,
    to: tuple[Decision, ReleaseState],
    *,
    action: AuditAction,
    said: str,
    key: str | None,
) -> Release:
    (decision, state), release = to, table.release
    changes: dict[str, Any] = {"why": said}
    if state is ReleaseState.PENDING_APPROVAL:
        changes["expires_at"] = table.at + controls_of(release).ttl
    now = stored.move(session, release, state, changes, at=table.at)
    stored.add_decision(session, now, decision, by=principal.name, at=table.at, reason=said, digest=release.digest)
    more = {"decision": decision.value}
    record(session, principal, action, **change(now, release, at=table.at, more=more), reason=said, idempotency_key=key)
    return now
