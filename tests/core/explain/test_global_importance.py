import numpy as np
import pytest
from scipy import stats

from core.errors import BadInputError
from core.explain.global_importance import importance, importance_of_sums, shares, sums_of


def test_the_interval_is_that_of_a_mean_by_scipy():
    values = np.random.default_rng(0).normal(size=(40, 3)) * [1.0, 2.0, 0.1]
    for one in importance(("a", "b", "c"), values):
        size = np.abs(values[:, ("a", "b", "c").index(one.feature)])
        low, high = stats.t.interval(0.95, 39, loc=size.mean(), scale=stats.sem(size))
        assert one.value == pytest.approx(size.mean(), abs=1e-12)
        assert (one.low, one.high) == pytest.approx((max(low, 0), high), abs=1e-9)


def test_sums_of_two_halves_give_the_importance_of_the_whole():
    values = np.random.default_rng(1).normal(size=(50, 2))
    together = sums_of(values[:20]) + sums_of(values[20:])
    whole = importance(("a", "b"), values)
    for one, other in zip(importance_of_sums(("a", "b"), together, np.full(2, 50)), whole, strict=True):
        assert (one.feature, one.value, one.low) == (
            other.feature,
            pytest.approx(other.value),
            pytest.approx(other.low),
        )


def test_the_order_of_rows_changes_nothing():
    values = np.random.default_rng(2).normal(size=(30, 2))
    first, second = importance(("a", "b"), values), importance(("a", "b"), values[::-1])
    assert [one.value for one in first] == pytest.approx([one.value for one in second], abs=1e-12)


def test_one_row_has_no_interval_and_none_has_no_value():
    one = importance(("a",), np.array([[2.0]]))[0]
    none = importance(("a",), np.zeros((0, 1)))[0]
    assert (one.value, one.low, one.high, none.value, none.n) == (2.0, None, None, None, 0)


def test_shares_add_up_to_one_and_are_empty_where_nothing_moves():
    assert sum(shares(importance(("a", "b"), np.array([[1.0, 3.0]]))).values()) == pytest.approx(1.0)
    assert shares(importance(("a",), np.zeros((4, 1)))) == {}


def test_sums_that_do_not_belong_to_the_features_are_refused():
    with pytest.raises(BadInputError, match="do not belong together"):
        importance_of_sums(("a",), np.zeros((2, 2)), np.ones(2, np.int64))
