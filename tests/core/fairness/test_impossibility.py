import numpy as np
import pytest

from core.errors import NotEnoughDataError
from core.fairness.impossibility import impossibility, required_false_positive_rate, required_precision


def cells(*parts):
    found = np.zeros((len(parts), 3, 3), int)
    for place, part in enumerate(parts):
        found[place, :2, :2] = part
    return found


UNEQUAL = cells([[700, 100], [100, 100]], [[300, 100], [150, 450]])


def test_the_identity_holds_in_every_group_as_observed():
    found = impossibility(UNEQUAL, ("a", "b"))
    implied = required_false_positive_rate(found.base_rate, found.precision, found.recall)
    assert np.allclose(implied, found.false_positive_rate, rtol=0, atol=1e-12)
    again = required_precision(found.base_rate, found.recall, found.false_positive_rate)
    assert np.allclose(again, found.precision, rtol=0, atol=1e-12)


def test_what_equal_precision_and_recall_would_need_by_hand():
    found = impossibility(UNEQUAL, ("a", "b"))
    assert (found.common_precision, found.common_recall) == (550 / 800, 550 / 750)
    p = 0.2
    expected = p / (1 - p) * (250 / 800) / (550 / 800) * 550 / 750
    assert float(found.required_false_positive_rate[0]) == pytest.approx(expected)
    assert found.binds
    words = found.words()
    assert "b (base rate 55.0 %) needs a false positive rate of" in words
    assert "cannot both hold" in words


def test_with_equal_base_rates_nothing_stands_in_the_way():
    found = impossibility(cells([[600, 100], [100, 200]], [[550, 100], [150, 200]]), ("a", "b"))
    assert not found.binds
    assert "could be equal here" in found.words()
    assert float(np.ptp(found.required_false_positive_rate)) == pytest.approx(0, abs=1e-12)


def test_only_groups_large_enough_and_not_hidden_are_compared():
    three = cells([[700, 100], [100, 100]], [[300, 100], [150, 450]], [[20, 5], [5, 5]])
    assert impossibility(three, ("a", "b", "c")).places == (0, 1)
    with pytest.raises(NotEnoughDataError, match="fewer than two groups"):
        impossibility(three, ("a", "b", "c"), hidden=np.array([False, True, False]))


def test_a_model_that_never_selects_rightly_is_not_applicable():
    with pytest.raises(NotEnoughDataError, match="selected rightly"):
        impossibility(cells([[700, 100], [0, 0]], [[300, 200], [0, 0]]), ("a", "b"))


def test_no_rate_goes_with_a_precision_of_nothing():
    assert np.isnan(required_false_positive_rate(np.asarray(0.3), np.asarray(0.0), np.asarray(0.5)))
    assert np.isnan(required_false_positive_rate(np.asarray(1.0), np.asarray(0.5), np.asarray(0.5)))
    assert np.isnan(required_precision(np.asarray(0.3), np.asarray(0.0), np.asarray(0.0)))
