import numpy as np
import pytest

from core.calibration.windows import histogram, labelled_rows, window_bins, window_calibration, window_counts
from core.profile.summing import summed
from core.selection import MetricQuery
from core.store.series import load_series
from tests.small_fleet import ROWS_A_DAY


@pytest.fixture
def series(fleet):
    with fleet.read() as session:
        return load_series(session, MetricQuery(model="churn"), fleet.clock.now())


def test_days_and_their_sum_hold_the_same_rows(series):
    days = window_bins(series.layout, series.reference.ints, series.reference.floats, by_segment=False)
    total = summed(series.reference)
    whole = window_bins(series.layout, total.ints, total.floats, by_segment=False)
    assert days.n.shape[0] == len(series.reference.days)
    assert days.n.sum(0).tolist() == whole.n.tolist()


def test_segments_add_up_to_the_whole(series):
    total = summed(series.reference)
    parts = window_calibration(series.layout, total.ints, total.floats, by_segment=True)
    whole = window_calibration(series.layout, total.ints, total.floats, by_segment=False)
    columns = [place for place, one in enumerate(series.layout.binning.segments) if one.column == "plan"]
    assert parts.n[columns].sum() == whole.n
    assert parts.events[columns].sum() == whole.events


def test_rows_and_scores_are_counted_for_the_whole_and_for_a_segment(series):
    total = summed(series.reference)
    whole = window_counts(series.layout, total.ints, total.floats, by_segment=False)
    parts = window_counts(series.layout, total.ints, total.floats, by_segment=True)
    rows, known = labelled_rows(whole)
    assert rows == known == 40 * ROWS_A_DAY
    assert sum(histogram(whole)) == rows
    assert np.isclose(sum(histogram(parts, 0)), labelled_rows(parts, 0)[0])
