from dataclasses import replace

import pytest

from core.errors import BadInputError
from core.releases.release import Decision, ReleaseDecision
from core.releases.states import ReleaseState
from core.releases.written import already_decided, needed, not_up_for_decision, sayable, state_of
from tests.core.releases.made_up import NOON, RELEASE


def decision(kind: Decision, by: str = "Omar") -> ReleaseDecision:
    return ReleaseDecision(
        id=1,
        release_id=7,
        round=1,
        decision=kind,
        by=by,
        rule="",
        reason="",
        notes={},
        digest=None,
        validity={},
        at=NOON,
    )


def test_the_loser_of_a_race_is_told_who_decided_what_and_when():
    refused = already_decided(RELEASE, [decision(Decision.SUBMIT, "Dana"), decision(Decision.REJECT)])
    assert refused.code == "already_decided"
    assert refused.why == "Release 7 was already decided by Omar at 2026-03-04 12:00 UTC: rejected."
    assert "PENDING_APPROVAL already" in already_decided(RELEASE, []).why


@pytest.mark.parametrize(
    ("state", "last", "code"),
    [
        (ReleaseState.PENDING_APPROVAL, Decision.SUBMIT, None),
        (ReleaseState.DRAFT, Decision.SUBMIT, "illegal_move"),
        (ReleaseState.DRAFT, Decision.CHANGES, "already_decided"),
        (ReleaseState.PENDING_EVIDENCE, Decision.SUBMIT, "illegal_move"),
        (ReleaseState.NEEDS_HUMAN, Decision.SUBMIT, "illegal_move"),
        (ReleaseState.BLOCKED, Decision.SUBMIT, "gate_failed"),
        (ReleaseState.STALE, Decision.APPROVE, "stale_evidence"),
        (ReleaseState.EXPIRED, Decision.APPROVE, "expired"),
        (ReleaseState.APPROVED, Decision.APPROVE, "already_decided"),
        (ReleaseState.REJECTED, Decision.REJECT, "already_decided"),
        (ReleaseState.CANCELLED, Decision.CANCEL, "already_decided"),
        (ReleaseState.LIVE, Decision.EXECUTE, "already_decided"),
    ],
)
def test_what_cannot_be_decided_now_says_why(state, last, code):
    refused = not_up_for_decision(replace(RELEASE, state=state), [decision(last)])
    assert (refused.code if refused else None) == code


@pytest.mark.parametrize(("text", "words"), [("  ", "is needed"), ("a\x00b", "invisible"), ("x" * 4_001, "4,000")])
def test_a_reason_that_says_nothing_or_cannot_be_kept_is_refused(text, words):
    with pytest.raises(BadInputError, match=words):
        needed(text, "The reason")


def test_a_reason_is_kept_as_it_was_written():
    assert needed(" two\r\nlines ", "The reason") == "two\nlines"
    assert sayable("  ", "The comment") == ""
    assert state_of(RELEASE)["state"] == "PENDING_APPROVAL"
