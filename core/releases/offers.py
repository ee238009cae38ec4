"""What a person may do with a release now, and why not what they may not: the same rules as the core's refusals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import RefusedError
from core.releases import quorum
from core.releases.advancing import has_next_step, why_held
from core.releases.awaited import awaited, is_silent
from core.releases.policy import controls_of
from core.releases.quorum import Parties, Voter
from core.releases.release import Release
from core.releases.states import ReleaseState, may_move
from core.releases.written import moment


class Move(StrEnum):
    """What can be done with a release; the value is the command's name."""

    SUBMIT = "resubmit"
    APPROVE = "approve"
    CHANGES = "changes"
    REJECT = "reject"
    ACCEPT = "accept"
    DECLINE = "decline"
    BREAK_GLASS = "break-glass"
    EXECUTE = "execute"
    ACKNOWLEDGE = "ack"
    ADVANCE = "advance"
    ROLLBACK = "rollback"
    CANCEL = "cancel"


NEEDS = {
    Move.SUBMIT: "release_request",
    Move.APPROVE: "release_decide",
    Move.CHANGES: "release_decide",
    Move.REJECT: "release_decide",
    Move.ACCEPT: "release_accept",
    Move.DECLINE: "release_accept",
    Move.BREAK_GLASS: "release_break_glass",
    Move.EXECUTE: "release_execute",
    Move.ACKNOWLEDGE: "release_acknowledge",
    Move.ADVANCE: "release_execute",
    Move.ROLLBACK: "rollback_request",
    Move.CANCEL: "release_cancel",
}
"""The permission (`core/access/matrix.py`) that each move takes."""

AWAITED = frozenset({Move.APPROVE, Move.ACCEPT, Move.EXECUTE})
"""Moves that a release waits for, of whoever may make them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A move that the release's state allows; `why` is empty when this person can make it now, else says why not."""

    move: Move
    code: str = ""
    why: str = ""

    @property
    def is_open(self) -> bool:
        """Whether this person can make the move now."""
        return not self.why


def offers(
    release: Release,
    person: Voter,
    allowed: Collection[str],
    *,
    voters: Sequence[Voter],
    parties: Parties,
    barred: str,
    at: datetime,
) -> tuple[Offer, ...]:
    """Return the moves that the state of a release allows, each with the reason when `person` cannot make it.

    Parameters
    ----------
    allowed : names of the actions that the person's roles allow
    barred : why a plan that is not done must not go on now; empty when nothing holds it
    """
    return tuple(
        _offer(move, _why_not(move, release, person, allowed, (voters, parties, barred, at)))
        for move in Move
        if _is_possible(move, release)
    )


def waits_for_me(release: Release, found: Collection[Offer], person: str) -> bool:
    """Whether a release waits for this person: to decide, to execute, to look, or to mend what they asked for."""
    open_moves = {offer.move for offer in found if offer.is_open}
    mine = person == release.requested_by and Move.SUBMIT in open_moves
    unsettled = release.state is ReleaseState.UNKNOWN or is_silent(release)
    unknown = unsettled and Move.ACKNOWLEDGE in open_moves
    return mine or unknown or not open_moves.isdisjoint(AWAITED)


def _is_possible(move: Move, release: Release) -> bool:
    state = release.state
    match move:
        case Move.SUBMIT:
            return state in (ReleaseState.DRAFT, ReleaseState.BLOCKED, ReleaseState.STALE)
        case Move.APPROVE | Move.CHANGES | Move.REJECT:
            return state is ReleaseState.PENDING_APPROVAL
        case Move.ACCEPT | Move.DECLINE:
            return state is ReleaseState.NEEDS_HUMAN
        case Move.BREAK_GLASS:
            return state is ReleaseState.BLOCKED
        case Move.EXECUTE:
            return state is ReleaseState.APPROVED
        case Move.ACKNOWLEDGE:
            return awaited(release) is not None
        case Move.ADVANCE:
            return has_next_step(release)
        case Move.ROLLBACK:
            return may_move(state, ReleaseState.ROLLBACK_REQUESTED)
        case Move.CANCEL:
            return may_move(state, ReleaseState.CANCELLED)


def _why_not(
    move: Move,
    release: Release,
    person: Voter,
    allowed: Collection[str],
    table: tuple[Sequence[Voter], Parties, str, datetime],
) -> RefusedError | None:
    voters, parties, barred, at = table
    if NEEDS[move] not in allowed:
        held = ", ".join(sorted(person.roles)) or "none"
        return RefusedError("not_allowed", f"Your roles ({held}) do not allow this.")
    if move is Move.APPROVE:
        return quorum.why_not(person, voters, controls_of(release).quorum, parties)
    if move in (Move.ACCEPT, Move.DECLINE):
        return quorum.why_too_near(person, parties)
    if move is Move.EXECUTE and release.approved_at is not None:
        begins = release.approved_at + controls_of(release).wait
        return RefusedError("illegal_move", f"It can be executed from {moment(begins)} on.") if at < begins else None
    if move is Move.ADVANCE:
        held = why_held(release, at, barred=barred)
        return RefusedError("illegal_move", f"{held[0].upper()}{held[1:]}.") if held else None
    return None


def _offer(move: Move, refused: RefusedError | None) -> Offer:
    return Offer(move=move) if refused is None else Offer(move=move, code=refused.code, why=refused.why)
