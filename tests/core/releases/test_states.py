import pytest

from core.errors import RefusedError
from core.releases.states import MOVES, OPEN, TERMINAL, ReleaseState, may_move, must_move

# The design's table, written again by hand.
DESIGN = """
DRAFT: PENDING_EVIDENCE CANCELLED
PENDING_EVIDENCE: PENDING_APPROVAL BLOCKED NEEDS_HUMAN CANCELLED
BLOCKED: PENDING_EVIDENCE PENDING_APPROVAL CANCELLED
NEEDS_HUMAN: PENDING_APPROVAL BLOCKED CANCELLED
PENDING_APPROVAL: APPROVED REJECTED DRAFT STALE EXPIRED CANCELLED
STALE: PENDING_EVIDENCE
APPROVED: EXECUTING STALE EXPIRED CANCELLED
EXECUTING: LIVE UNKNOWN FAILED
UNKNOWN: LIVE FAILED
FAILED: ROLLBACK_REQUESTED CANCELLED
LIVE: LIVE ROLLBACK_REQUESTED SUPERSEDED
ROLLBACK_REQUESTED: ROLLING_BACK
ROLLING_BACK: ROLLED_BACK UNKNOWN
"""
LEGAL = {
    (now, to)
    for line in DESIGN.strip().splitlines()
    for now, following in [line.split(": ")]
    for to in following.split()
}


@pytest.mark.parametrize("to", list(ReleaseState))
@pytest.mark.parametrize("now", list(ReleaseState))
def test_every_move_is_legal_or_refused_by_name_as_the_design_says(now: ReleaseState, to: ReleaseState):
    assert may_move(now, to) is ((now.value, to.value) in LEGAL)
    if may_move(now, to):
        must_move(now, to)
        return
    with pytest.raises(RefusedError, match=f"is {now} cannot become {to}") as refused:
        must_move(now, to)
    assert refused.value.code == "illegal_move"


def test_what_has_ended_stays_so_and_live_is_not_open():
    assert {"REJECTED", "EXPIRED", "CANCELLED", "ROLLED_BACK", "SUPERSEDED"} == TERMINAL
    assert set(MOVES) - TERMINAL - OPEN == {ReleaseState.LIVE}
