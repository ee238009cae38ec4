import numpy as np
import pytest

from core.performance.quantile import median_from_bins

EDGES = np.array([1.0, 2.0, 3.0, 4.0])


def test_half_of_the_rows_lie_below_the_median():
    found = median_from_bins([0, 4, 8, 4, 0], EDGES)
    assert float(found.value) == 2.5
    assert float(found.bound) == 0.5


def test_a_median_between_two_bins_lies_on_their_common_side():
    found = median_from_bins([0, 5, 5, 0, 0], EDGES)
    assert float(found.value) == 2.0
    assert float(found.bound) == 1.0


def test_the_median_of_the_rows_is_within_the_bound():
    rng = np.random.default_rng(0)
    edges = np.linspace(0.1, 3, 30)
    for n in (1, 2, 5, 30, 301):
        rows = np.abs(rng.normal(size=n))
        counts = np.bincount(np.searchsorted(edges, rows, side="left"), minlength=31)
        found = median_from_bins(counts, edges)
        assert abs(float(found.value) - np.median(rows)) <= float(found.bound) + 1e-12


def test_five_rows_have_a_median_and_no_interval():
    found = median_from_bins([1, 1, 1, 1, 1], EDGES)
    assert float(found.value) == 2.5
    assert np.isnan(found.interval.low)


def test_no_rows_and_an_open_last_bin_have_no_median():
    assert np.isnan(median_from_bins([0, 0, 0, 0, 0], EDGES).value)
    assert np.isnan(median_from_bins([0, 0, 0, 0, 9], EDGES).value)


@pytest.mark.parametrize("n", [30, 200])
def test_the_interval_holds_the_median_at_least_as_often_as_it_says(n):
    rng = np.random.default_rng(1)
    edges = np.linspace(0.005, 8, 1_600)
    rows = rng.exponential(1, (2_000, n))
    counts = np.apply_along_axis(
        lambda one: np.bincount(one, minlength=1_601), -1, np.searchsorted(edges, rows, side="left")
    )
    found = median_from_bins(counts, edges).interval
    assert 0.94 <= np.mean((found.low <= np.log(2)) & (np.log(2) <= found.high)) <= 0.985
