import numpy as np
import pytest
from scipy.stats import fisher_exact, hypergeom, ttest_ind

from core.segments.search_tests import difference_error, hypergeometric_p, welch_p


def sums(values):
    return values.sum(), values @ values, values.size


def test_three_of_three_hits_in_half_of_six_rows_is_one_in_twenty():
    assert float(hypergeometric_p(3, 3, 3, 6)) == pytest.approx(1 / 20, abs=1e-12)


@pytest.mark.parametrize(("all_hits", "all_n"), [(2_000, 10_000), (7, 5_000), (150, 300), (60, 60), (0, 60)])
def test_it_agrees_with_scipy_above_and_below_the_mean(all_hits, all_n):
    rng = np.random.default_rng(all_n + all_hits)
    n = rng.integers(0, all_n + 1, 200)
    k = np.clip(rng.hypergeometric(all_hits, all_n - all_hits, n) + rng.integers(-3, 4, 200), 0, n)
    assert hypergeometric_p(k, n, all_hits, all_n) == pytest.approx(hypergeom.sf(k - 1, all_n, all_hits, n), abs=1e-9)


def test_it_is_fishers_exact_test_of_the_table():
    table = [[240, 660], [1_760, 7_340]]
    expected = fisher_exact(table, alternative="greater").pvalue
    assert float(hypergeometric_p(240, 900, 2_000, 10_000)) == pytest.approx(expected, abs=1e-15)


def test_welch_agrees_with_scipy():
    rng = np.random.default_rng(3)
    one, other = rng.exponential(1.2, 80), rng.exponential(1.0, 900)
    expected = ttest_ind(one, other, equal_var=False, alternative="greater").pvalue
    assert float(welch_p(*sums(one), rest=sums(other))) == pytest.approx(expected, abs=1e-12)


def test_swapping_the_sides_of_welch_gives_the_other_tail():
    rng = np.random.default_rng(4)
    one, other = rng.normal(1, 1, 60), rng.normal(0, 2, 70)
    there, back = welch_p(*sums(one), rest=sums(other)), welch_p(*sums(other), rest=sums(one))
    assert float(there + back) == pytest.approx(1.0, abs=1e-12)


def test_without_variance_larger_is_certain_and_equal_is_nothing():
    flat = (50.0, 50.0, 50)
    assert float(welch_p(100.0, 200.0, 50, rest=flat)) == 0.0
    assert float(welch_p(50.0, 50.0, 50, rest=flat)) == 1.0


def test_fewer_than_two_rows_have_no_p():
    assert np.isnan(float(welch_p(1.0, 1.0, 1, rest=(50.0, 60.0, 50))))


def test_the_error_of_a_difference_is_that_of_both_sides():
    rng = np.random.default_rng(5)
    one, other = rng.normal(0, 1, 40), rng.normal(0, 3, 90)
    expected = np.hypot(one.std(ddof=1) / np.sqrt(40), other.std(ddof=1) / np.sqrt(90))
    assert float(difference_error(*sums(one), rest=sums(other))) == pytest.approx(expected, rel=1e-9)
