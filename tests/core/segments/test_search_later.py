import pytest

from core.segments.filters import Condition, Filter
from core.segments.search_later import held, point
from core.segments.search_losses import LossKind
from core.segments.search_result import Later
from core.segments.search_worst import known_losses
from tests.core.segments.made_rows import broken, rows

CELL = Filter(conditions=(Condition(column="plan", levels=("plus",)), Condition(column="channel", levels=("phone",))))
RARE = Filter(conditions=(Condition(column="income", high=15.0),))
BAD = known_losses(rows(4_000, seed=1, weak=broken), LossKind.ERROR)
FINE = known_losses(rows(4_000, seed=2), LossKind.ERROR)


def outcome(following, *, news=False, reference=None, wanted=CELL):
    return held([wanted], following, news=[news], reference=reference, why_not="the next window has no actuals yet")[0]


def test_what_is_worse_than_the_rest_again_held():
    found = outcome(BAD)
    assert found.outcome is Later.HELD
    assert found.mean == pytest.approx(float(BAD.of(CELL).mean), abs=1e-12)


def test_what_is_like_the_rest_did_not_hold():
    assert outcome(FINE).outcome is Later.DID_NOT_HOLD


def test_news_that_is_again_as_weak_as_in_the_reference_did_not_hold():
    assert outcome(BAD, news=True, reference=BAD).outcome is Later.DID_NOT_HOLD
    assert outcome(BAD, news=False, reference=BAD).outcome is Later.HELD
    assert outcome(BAD, news=True, reference=FINE).outcome is Later.HELD


@pytest.mark.parametrize(("following", "wanted", "reason"), [(None, CELL, "no actuals yet"), (BAD, RARE, "50 needed")])
def test_what_cannot_be_tested_again_says_why(following, wanted, reason):
    found = outcome(following, wanted=wanted)
    assert found.outcome is Later.TOO_FEW
    assert reason in found.reason
    assert found.mean is None


def test_a_point_is_the_segment_beside_the_rest():
    found = point(CELL, BAD, start="a", end="b")
    assert found.low < found.mean < found.high
    assert found.rest < found.mean
    assert found.n == int(BAD.of(CELL).n)


@pytest.mark.parametrize(("losses", "wanted"), [(None, CELL), (BAD, RARE)])
def test_a_window_with_too_few_rows_has_no_point(losses, wanted):
    assert point(wanted, losses, start="a", end="b").mean is None
