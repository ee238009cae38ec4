"""What an audit entry and a person are told of a release: its state, and the sentence of whoever came first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from core.errors import BadInputError, RefusedError
from core.plain_text import text_fault
from core.releases.release import Decision, Release, ReleaseDecision
from core.releases.states import ReleaseState

LONGEST = 4_000
_TOO_EARLY = {
    ReleaseState.DRAFT: "it is a draft: submit it first",
    ReleaseState.PENDING_EVIDENCE: "its evidence is still being gathered",
    ReleaseState.NEEDS_HUMAN: "a validator must first accept what the gates could not judge",
}
_WORDS = {
    Decision.APPROVE: "approved",
    Decision.CHANGES: "changes asked for",
    Decision.REJECT: "rejected",
    Decision.ACCEPT: "accepted",
    Decision.DECLINE: "not accepted",
    Decision.BREAK_GLASS: "glass broken",
    Decision.CANCEL: "cancelled",
    Decision.EXECUTE: "executed",
    Decision.ROLLBACK: "rollback requested",
}


def state_of(release: Release) -> dict[str, Any]:
    """Return what an audit entry holds of a release before or after a change."""
    return {
        "model": release.model,
        "version": release.version,
        "environment": release.environment,
        "state": release.state.value,
        "step": release.step,
        "round": release.round,
        "digest": release.digest or "",
    }


class Told(TypedDict):
    """What an audit entry about a release says beside who did what and why."""

    object_type: str
    object_id: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def change(now: Release, was: Release | None, *, at: datetime, more: Mapping[str, Any] | None = None) -> Told:
    """Return how a release stood and stands (`was` None: it is new), since when, and what `more` says."""
    return Told(
        object_type="release",
        object_id=str(now.id),
        before=None if was is None else state_of(was),
        after={**state_of(now), "at": at, **(more or {})},
    )


def moment(at: datetime) -> str:
    """Return a moment as it stands in a sentence.

    >>> from datetime import UTC
    >>> moment(datetime(2014, 1, 1, 5, 4, tzinfo=UTC))
    '2014-01-01 05:04 UTC'
    """
    return at.strftime("%Y-%m-%d %H:%M UTC")


def needed(text: str, what: str) -> str:
    """Return `text` without spaces around.

    Raises
    ------
    BadInputError
        When nothing is left (who decides says why), or it holds what cannot be shown.
    """
    said = sayable(text, what)
    if not said:
        raise BadInputError(f"{what} is needed: a sentence that a reader understands in a year.")
    return said


def sayable(text: str, what: str) -> str:
    """Return `text` without spaces around; empty is allowed.

    Raises
    ------
    BadInputError
        When it holds characters that do not show, or is longer than 4,000.
    """
    said = text.replace("\r\n", "\n").strip()
    fault = text_fault(said, longest=LONGEST)
    if fault:
        raise BadInputError(f"{what} {fault}.")
    return said


def already_decided(release: Release, decisions: Sequence[ReleaseDecision]) -> RefusedError:
    """Return what the loser of a race is told: who decided what, and when."""
    last = decisions[-1] if decisions else None
    if last is None or last.decision is Decision.SUBMIT:
        return RefusedError("already_decided", f"Release {release.id} is {release.state} already.")
    return RefusedError(
        "already_decided",
        f"Release {release.id} was already decided by {last.by} at {moment(last.at)}: {_WORDS[last.decision]}.",
    )


def not_up_for_decision(release: Release, decisions: Sequence[ReleaseDecision]) -> RefusedError | None:
    """Return why nobody can approve, refuse or send back this release now; None when it waits for that."""
    match release.state:
        case ReleaseState.PENDING_APPROVAL:
            return None
        case ReleaseState.DRAFT if decisions and decisions[-1].decision is Decision.CHANGES:
            return already_decided(release, decisions)
        case ReleaseState.DRAFT | ReleaseState.PENDING_EVIDENCE | ReleaseState.NEEDS_HUMAN as early:
            return RefusedError("illegal_move", f"Release {release.id} cannot be decided yet: {_TOO_EARLY[early]}.")
        case ReleaseState.BLOCKED:
            return RefusedError("gate_failed", f"Release {release.id} is blocked: {release.why or 'a gate fails'}.")
        case ReleaseState.STALE:
            return RefusedError("stale_evidence", f"The evidence of release {release.id} is stale: {release.why}.")
        case ReleaseState.EXPIRED:
            return RefusedError("expired", f"Release {release.id} expired: nobody decided in time.")
    return already_decided(release, decisions)
