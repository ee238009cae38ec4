import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.drift.psi import (
    counted_cells,
    psi,
    psi_bias,
    psi_excess,
    psi_excess_interval,
    psi_null_quantile,
    psi_standard_error,
)

counts = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=2, max_size=15).filter(
    lambda pairs: sum(r for r, _ in pairs) > 0 and sum(c for _, c in pairs) > 0
)


def test_two_cells_give_the_value_worked_by_hand():
    # (.2 - .1)·ln(200.5/100.5) + (.8 - .9)·ln(800.5/900.5)
    assert float(psi([900, 100], [800, 200])) == pytest.approx(0.1 * np.log(200.5 / 100.5 * 900.5 / 800.5), abs=1e-12)


def test_with_many_rows_it_agrees_with_the_two_relative_entropies_of_scipy():
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.25, 0.35, 0.4])
    both = stats.entropy(p, q) + stats.entropy(q, p)
    assert float(psi(p * 1e9, q * 1e9)) == pytest.approx(both, abs=1e-8)


@given(counts)
def test_the_order_of_the_cells_does_not_matter(pairs):
    r, c = np.array(pairs).T
    assert float(psi(r, c)) == pytest.approx(float(psi(r[::-1], c[::-1])), abs=1e-12)


@given(counts)
def test_a_cell_that_is_empty_on_both_sides_changes_nothing(pairs):
    r, c = np.array(pairs).T
    padded_r, padded_c = np.append(r, 0), np.append(c, 0)
    assert float(psi(padded_r, padded_c)) == pytest.approx(float(psi(r, c)), abs=1e-12)
    assert counted_cells(padded_r, padded_c) == counted_cells(r, c)
    assert float(psi_standard_error(padded_r, padded_c)) == pytest.approx(float(psi_standard_error(r, c)), abs=1e-12)


def test_an_empty_cell_is_finite():
    assert float(psi([500, 500], [1000, 0])) == pytest.approx(0.5 * np.log(1000.5 / 500.5 * 500.5 / 0.5))


def test_a_window_without_rows_has_no_value():
    assert np.isnan(psi([5, 5], [0, 0]))
    assert np.isnan(psi_excess([5, 5], [0, 0]))


def test_windows_are_computed_side_by_side():
    reference = np.array([100, 200, 300])
    windows = np.array([[10, 20, 30], [30, 20, 10], [0, 0, 60]])
    assert np.allclose(psi_excess(reference, windows), [psi_excess(reference, one) for one in windows])


@pytest.mark.parametrize("n", [100, 1_000])
def test_without_drift_the_excess_is_zero_on_average_and_rarely_above_the_null_limit(n):
    rng = np.random.default_rng(5)
    shares = np.full(10, 0.1)
    reference, current = rng.multinomial(10_000, shares, 4_000), rng.multinomial(n, shares, 4_000)
    bias = psi_bias(reference, current)
    assert abs(psi_excess(reference, current).mean()) < 0.02 * bias.mean()
    above = psi(reference, current) > psi_null_quantile(n, 10_000, 10)
    assert 0.006 <= above.mean() <= 0.018


def test_the_interval_of_the_excess_covers_a_shift_of_half_a_standard_deviation():
    rng = np.random.default_rng(6)
    edges = stats.norm.ppf(np.arange(1, 10) / 10)
    before = np.diff(np.r_[0, stats.norm.cdf(edges), 1])
    after = np.diff(np.r_[0, stats.norm.cdf(edges - 0.5), 1])
    truth = float(((after - before) * np.log(after / before)).sum())
    reference, current = rng.multinomial(10_000, before, 3_000), rng.multinomial(1_000, after, 3_000)
    interval = psi_excess_interval(reference, current)
    covered = (interval.low <= truth) & (truth <= interval.high)
    assert 0.935 <= covered.mean() <= 0.965


def test_the_null_limit_is_the_quantile_of_scipys_chi_square():
    expected = (1 / 200 + 1 / 5_000) * 1.5 * stats.chi2.ppf(0.99, 9)
    assert float(psi_null_quantile(200, 5_000, 10, phi=1.5)) == pytest.approx(expected, abs=1e-12)


def test_a_single_cell_has_no_bias_and_no_limit():
    assert float(psi_bias([10], [20])) == 0.0
    assert float(psi_null_quantile(20, 10, 1)) == 0.0
