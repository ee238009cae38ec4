import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from core.stats.intervals import logit_interval, mean_interval, mean_standard_error, two_sided_p, wilson


def test_wilson_of_one_in_ten_is_as_worked_by_hand():
    # p = .1, n = 10, z² = 3.841459: centre (.1 + .192073)/1.384146, half 1.959964·√(.009 + .009604)/1.384146
    interval = wilson(1, 10)
    assert float(interval.low) == pytest.approx(0.0178762, abs=1e-6)
    assert float(interval.high) == pytest.approx(0.4041500, abs=1e-6)


@pytest.mark.parametrize(("k", "n"), [(0, 5), (3, 7), (50, 100), (100, 100), (1, 10_000)])
def test_wilson_agrees_with_scipy(k, n):
    expected = stats.binomtest(k, n).proportion_ci(method="wilson")
    interval = wilson(k, n)
    assert float(interval.low) == pytest.approx(expected.low, abs=1e-9)
    assert float(interval.high) == pytest.approx(expected.high, abs=1e-9)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_of_the_complement_is_the_mirror(pair):
    k, n = pair
    one, other = wilson(k, n), wilson(n - k, n)
    assert float(one.low) == pytest.approx(1 - float(other.high), abs=1e-12)
    assert 0 <= float(one.low) <= k / n <= float(one.high) <= 1


def test_wilson_has_no_ends_without_rows():
    assert np.isnan(wilson(0, 0).low)
    assert np.isnan(wilson(0, 0).high)


@pytest.mark.parametrize(
    ("p", "n", "low", "high"), [(0.5, 30, 0.935, 0.965), (0.05, 100, 0.955, 0.975), (0.5, 1_000, 0.935, 0.965)]
)
def test_wilson_covers_the_truth_as_often_as_the_table_says(p, n, low, high):
    k = np.arange(n + 1)
    interval = wilson(k, n)
    inside = (interval.low <= p) & (p <= interval.high)
    assert low <= stats.binom.pmf(k, n, p)[inside].sum() <= high


def test_a_mean_has_students_interval():
    values = np.array([0.2, 0.5, 0.1, 0.7])
    interval = mean_interval(values.sum(), (values**2).sum(), len(values))
    expected = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    assert float(interval.high) == pytest.approx(expected[1], abs=1e-9)
    assert float(interval.low) == max(expected[0], 0.0)


def test_a_mean_of_one_row_has_no_interval():
    assert np.isnan(mean_standard_error(3.0, 9.0, 1))
    assert np.isnan(mean_interval(3.0, 9.0, 1).high)


def test_a_logit_interval_stays_inside_and_does_not_exist_at_the_ends():
    interval = logit_interval([0.99, 1.0, 0.0], [0.05, 0.05, 0.05])
    assert 0 < interval.low[0] < 0.99 < interval.high[0] < 1
    assert np.isnan(interval.low[1:]).all()
    assert special.logit(interval.high[0]) - special.logit(0.99) == pytest.approx(1.959964 * 0.05 / 0.0099, rel=1e-6)


def test_a_two_sided_p_agrees_with_scipy():
    assert float(two_sided_p(-2.5)) == pytest.approx(2 * stats.norm.sf(2.5), abs=1e-15)
