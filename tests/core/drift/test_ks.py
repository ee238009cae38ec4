import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.drift.feature import with_infinities
from core.drift.ks import ks_bound, ks_p_value, ks_statistic
from core.profile.build_bins import numeric_bins

GENERATORS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(0, 1.5, n),
    "zero inflated": lambda rng, n: np.where(rng.random(n) < 0.6, 0.0, rng.gamma(2, size=n)),
    "integers": lambda rng, n: rng.poisson(40, n).astype(float),
}


def test_four_bins_give_the_distance_worked_by_hand():
    # F = .25 .5 .75 1, G = 0 .5 .5 1: the largest difference is .25
    assert float(ks_statistic([1, 1, 1, 1], [0, 2, 0, 2])) == 0.25


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_distance_of_the_rows_lies_within_the_stated_bound(count, name, shift):
    rng = np.random.default_rng(2)
    reference, current = GENERATORS[name](rng, 20_000), GENERATORS[name](rng, 2_000) + shift
    bins = numeric_bins(reference)
    r, c = with_infinities(count(bins, reference)), with_infinities(count(bins, current))
    exact = stats.ks_2samp(reference, current).statistic
    error = exact - float(ks_statistic(r, c))
    assert -1e-9 <= error <= float(ks_bound(r, c, bins.is_atom)) + 1e-9
    assert float(ks_bound(r, c, bins.is_atom)) < 0.01


def test_with_one_value_a_bin_there_is_no_error_at_all(count):
    reference, current = np.repeat(np.arange(12.0), 50), np.repeat(np.arange(12.0), np.arange(12) + 1)
    bins = numeric_bins(reference)
    r, c = with_infinities(count(bins, reference)), with_infinities(count(bins, current))
    assert float(ks_bound(r, c, bins.is_atom)) == 0.0
    assert float(ks_statistic(r, c)) == pytest.approx(stats.ks_2samp(reference, current).statistic, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=60), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60))
def test_a_monotone_transform_of_all_values_changes_nothing(count, reference, current):
    distances = []
    for transform in (np.asarray, lambda x: np.asarray(x) * 2.0):
        bins = numeric_bins(transform(reference))
        r, c = count(bins, transform(reference)), count(bins, transform(current))
        distances.append(float(ks_statistic(with_infinities(r), with_infinities(c))))
    assert distances[0] == pytest.approx(distances[1], abs=1e-12)


def test_the_p_value_is_close_to_the_exact_one_of_scipy():
    assert float(ks_p_value(0.05, 2_000, 10_000)) == pytest.approx(stats.kstwo.sf(0.05, 1_667), abs=1e-3)


def test_infinities_count_in_the_end_bins(count):
    bins = numeric_bins(np.arange(1_000.0))
    fine = with_infinities(count(bins, [np.inf, np.inf, -np.inf, 5.0]))
    assert fine[0] == 1
    assert fine[-1] == 2
    assert float(ks_statistic(with_infinities(count(bins, np.arange(1_000.0))), fine)) == pytest.approx(0.5, abs=0.01)


def test_a_window_without_rows_has_no_value():
    assert np.isnan(ks_statistic([1, 2], [0, 0]))
