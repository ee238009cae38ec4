import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.profile.bins import FeatureCounts
from core.profile.build_bins import categorical_bins, numeric_bins
from core.quality.shares import (
    SHARES,
    completeness,
    missing_share,
    out_of_range_share,
    quality_shares,
    segment_shares,
    unseen_share,
    violation_share,
)

NUMERIC, LEVELS = numeric_bins(np.arange(1_000.0)), categorical_bins({"a": 6, "b": 4})


def counts(fine, *, null=0, nan=0, below=0, above=0, violations=0):
    return FeatureCounts(
        fine=np.asarray(fine, np.int64),
        null=np.int64(null),
        nan=np.int64(nan),
        neg_inf=np.int64(below),
        pos_inf=np.int64(above),
        tail_sums=None,
        violations=np.int64(violations),
    )


def inside(n):
    fine = np.zeros(NUMERIC.n_bins, np.int64)
    fine[5] = n
    return fine


def test_null_and_nan_are_both_missing():
    found = missing_share(counts(inside(90), null=6, nan=4))
    assert float(found.value) == pytest.approx(0.1)
    assert int(found.n) == 100


@given(st.integers(0, 300), st.integers(1, 300))
def test_the_interval_agrees_with_scipy(missing, present):
    found = missing_share(counts(inside(present), null=missing))
    expected = stats.binomtest(missing, missing + present).proportion_ci(method="wilson")
    assert float(found.interval.low) == pytest.approx(expected.low, abs=1e-9)
    assert float(found.interval.high) == pytest.approx(expected.high, abs=1e-9)


def test_both_ends_and_infinities_are_out_of_range():
    fine = inside(90)
    fine[0], fine[-1] = 3, 5
    found = out_of_range_share(NUMERIC, counts(fine, below=1, above=1))
    assert float(found.value) == pytest.approx(0.1)
    assert int(found.count) == 10


def test_unseen_levels_are_counted_of_all_rows():
    found = unseen_share(LEVELS, counts([50, 30, 0, 15], null=5))
    assert float(found.value) == pytest.approx(0.15)


def test_violations_are_counted_of_all_rows():
    assert float(violation_share(counts(inside(50), violations=5)).value) == pytest.approx(0.1)


def test_what_does_not_fit_the_kind_is_refused_with_a_reason():
    assert "no levels" in unseen_share(NUMERIC, counts(inside(5))).reason
    assert "no range" in out_of_range_share(LEVELS, counts([5, 5, 0, 0])).reason
    assert np.isnan(unseen_share(NUMERIC, counts(inside(5))).value)


def test_adding_two_windows_adds_their_counts():
    first, second = (
        quality_shares(NUMERIC, counts(inside(10), null=1)),
        quality_shares(NUMERIC, counts(inside(20), nan=3)),
    )
    both = quality_shares(NUMERIC, counts(inside(30), null=1, nan=3))
    assert [one.metric for one in both] == list(SHARES)
    for a, b, together in zip(first, second, both, strict=True):
        assert int(a.count) + int(b.count) == int(together.count)


def test_a_window_without_rows_has_no_share():
    assert np.isnan(missing_share(counts(inside(0))).value)


def test_complete_rows_are_a_share_of_all_rows():
    found = completeness(np.array([9, 0]), np.array([10, 0]))
    assert found.value[0] == pytest.approx(0.9)
    assert np.isnan(found.value[1])


def test_by_segment_the_shares_come_from_display_cells():
    bins = numeric_bins(np.arange(1_000.0))
    cells = np.zeros(bins.n_cells + 1, np.int64)
    cells[int(bins.cell[0])], cells[int(bins.cell[-1])], cells[3], cells[-1] = 2, 3, 90, 5
    missing, unseen, outside, broken = segment_shares(bins, cells)
    assert (float(missing.value), float(outside.value)) == (0.05, 0.05)
    assert "no levels" in unseen.reason
    assert "whole population" in broken.reason
    levels = segment_shares(LEVELS, np.array([50, 30, 0, 15, 5]))
    assert (float(levels[0].value), float(levels[1].value)) == (0.05, 0.15)
    assert "no range" in levels[2].reason


def test_by_segment_new_values_among_few_are_not_out_of_range():
    bins = numeric_bins(np.array([1.0, 2.0, 2.0, 3.0]))
    found = segment_shares(bins, np.ones(bins.n_cells + 1, np.int64))[2]
    assert "few values" in found.reason
    empty = numeric_bins(np.array([np.nan]))
    assert "holds no value" in segment_shares(empty, np.ones(empty.n_cells + 1, np.int64))[2].reason
