"""Segments alone, where the whole cannot be split."""

import numpy as np
import pytest

from core.attribution.changes import segment_changes, why_not_split
from core.profile.summing import summed
from core.selection import MetricQuery
from core.store.series import load_series


@pytest.mark.parametrize("metric", ["average_precision", "mcc", "ece", "ks"])
def test_each_segment_has_its_own_change_or_the_reason_why_not(fleet, metric):
    with fleet.read() as session:
        series = load_series(session, MetricQuery(model="churn"), fleet.clock.now())
    before, now = summed(series.reference), summed(series.current)
    found = segment_changes(series.layout, before, now, column="plan", metric=metric)
    assert {one.name for one in found} == {"basic", "plus", "max"}
    for one in found:
        assert (one.change is None) == bool(one.note)
        if one.change is not None:
            assert one.change == pytest.approx(one.now - one.before)
        if one.low is not None:
            assert one.low < one.change < one.high
    sizes = [abs(one.change) for one in found if one.change is not None]
    assert sizes == sorted(sizes, reverse=True)


def test_small_segments_are_left_out(fleet):
    with fleet.read() as session:
        series = load_series(session, MetricQuery(model="churn"), fleet.clock.now())
    before, now = summed(series.reference), summed(series.current)
    rows = series.layout.ints["segment_totals"].of(now.ints)
    rows[...] = np.minimum(rows, 9)
    assert segment_changes(series.layout, before, now, column="plan", metric="mcc") == ()


def test_only_what_is_no_mean_has_a_reason():
    assert why_not_split("accuracy") == ""
    assert "mean squared error" in why_not_split("r2")
