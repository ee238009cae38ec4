"""The states of a release and every legal move between them, as one table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from core.errors import RefusedError


class ReleaseState(StrEnum):
    """Where a release stands."""

    DRAFT = "DRAFT"
    PENDING_EVIDENCE = "PENDING_EVIDENCE"
    BLOCKED = "BLOCKED"
    NEEDS_HUMAN = "NEEDS_HUMAN"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    STALE = "STALE"
    APPROVED = "APPROVED"
    EXECUTING = "EXECUTING"
    UNKNOWN = "UNKNOWN"
    FAILED = "FAILED"
    LIVE = "LIVE"
    ROLLBACK_REQUESTED = "ROLLBACK_REQUESTED"
    ROLLING_BACK = "ROLLING_BACK"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    ROLLED_BACK = "ROLLED_BACK"
    SUPERSEDED = "SUPERSEDED"


_S = ReleaseState
MOVES: Mapping[ReleaseState, frozenset[ReleaseState]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.PENDING_EVIDENCE, _S.CANCELLED}),
        _S.PENDING_EVIDENCE: frozenset({_S.PENDING_APPROVAL, _S.BLOCKED, _S.NEEDS_HUMAN, _S.CANCELLED}),
        _S.BLOCKED: frozenset({_S.PENDING_EVIDENCE, _S.PENDING_APPROVAL, _S.CANCELLED}),
        _S.NEEDS_HUMAN: frozenset({_S.PENDING_APPROVAL, _S.BLOCKED, _S.CANCELLED}),
        _S.PENDING_APPROVAL: frozenset({_S.APPROVED, _S.REJECTED, _S.DRAFT, _S.STALE, _S.EXPIRED, _S.CANCELLED}),
        _S.STALE: frozenset({_S.PENDING_EVIDENCE}),
        _S.APPROVED: frozenset({_S.EXECUTING, _S.STALE, _S.EXPIRED, _S.CANCELLED}),
        _S.EXECUTING: frozenset({_S.LIVE, _S.UNKNOWN, _S.FAILED}),
        _S.UNKNOWN: frozenset({_S.LIVE, _S.FAILED}),
        _S.FAILED: frozenset({_S.ROLLBACK_REQUESTED, _S.CANCELLED}),
        _S.LIVE: frozenset({_S.LIVE, _S.ROLLBACK_REQUESTED, _S.SUPERSEDED}),
        _S.ROLLBACK_REQUESTED: frozenset({_S.ROLLING_BACK}),
        _S.ROLLING_BACK: frozenset({_S.ROLLED_BACK, _S.UNKNOWN}),
        _S.REJECTED: frozenset(),
        _S.EXPIRED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.ROLLED_BACK: frozenset(),
        _S.SUPERSEDED: frozenset(),
    }
)
"""From each state, where a release may go next. LIVE to LIVE is the next step of its plan."""

TERMINAL = frozenset(state for state, following in MOVES.items() if not following)
"""The states that nothing leaves."""

OPEN = frozenset(MOVES) - TERMINAL - {ReleaseState.LIVE}
"""The states of a release that is still on its way: a model has at most one in an environment."""


def may_move(now: ReleaseState, to: ReleaseState) -> bool:
    """Whether a release may go from `now` to `to`.

    >>> may_move(ReleaseState.DRAFT, ReleaseState.LIVE)
    False
    """
    return to in MOVES[now]


def must_move(now: ReleaseState, to: ReleaseState) -> None:
    """Let a legal move pass.

    Raises
    ------
    RefusedError
        With ``illegal_move``, naming both states.
    """
    if may_move(now, to):
        return
    legal = ", ".join(sorted(MOVES[now])) or "nowhere: it has ended"
    raise RefusedError("illegal_move", f"A release that is {now} cannot become {to}; from there it goes to: {legal}.")
