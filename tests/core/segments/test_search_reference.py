import numpy as np
import pytest

from core.segments.filters import Condition, Filter
from core.segments.search_losses import LossKind
from core.segments.search_reference import Standing, standings, weak_p, worse_p
from core.segments.search_significance import sums_of
from core.segments.search_worst import known_losses
from tests.core.segments.made_rows import broken, rows

CELL = Filter(conditions=(Condition(column="plan", levels=("plus",)), Condition(column="channel", levels=("phone",))))
RARE = Filter(conditions=(Condition(column="income", high=15.0),))


def losses(**made):
    return known_losses(rows(4_000, **made), LossKind.ERROR)


def sides(found, wanted=CELL):
    one = found.of(wanted)
    return one, sums_of(found.loss).less(one)


BAD, FINE = losses(seed=1, weak=broken), losses(seed=2)


def standing(now, reference, wanted=CELL):
    return standings([wanted], [sides(now, wanted)], reference)[0]


def test_what_was_no_worse_there_is_new():
    found = standing(BAD, FINE)
    assert found.standing is Standing.NEW
    assert found.n == int(FINE.of(CELL).n)
    assert found.deficit == pytest.approx(float(sides(FINE)[0].mean - sides(FINE)[1].mean), abs=1e-12)


def test_what_was_as_weak_there_is_known():
    assert standing(BAD, losses(seed=3, weak=broken)).standing is Standing.KNOWN


def test_what_was_weak_there_but_less_is_worse():
    assert standing(BAD, losses(seed=4, weak=broken, wrong=0.45)).standing is Standing.WORSE


def test_what_is_neither_weak_there_nor_surely_worse_now_is_unclear():
    found = standing(FINE, losses(seed=6))
    assert found.standing is Standing.UNCLEAR
    assert "not surely worse" in found.reason


@pytest.mark.parametrize(("reference", "wanted", "reason"), [(None, CELL, "no actuals"), (FINE, RARE, "50 needed")])
def test_what_cannot_be_compared_says_why(reference, wanted, reason):
    found = standing(BAD, reference, wanted)
    assert found.standing is Standing.UNCLEAR
    assert reason in found.reason
    assert found.deficit is None


def test_the_p_of_a_larger_deficit_is_small_and_that_of_an_equal_one_is_not():
    assert worse_p(sides(BAD), sides(FINE)) < 1e-6
    assert worse_p(sides(BAD), sides(BAD)) == pytest.approx(0.5, abs=1e-12)
    assert np.isnan(worse_p(sides(BAD, RARE), sides(FINE, RARE)))
    assert np.isnan(weak_p(sides(FINE, RARE), LossKind.ERROR))
