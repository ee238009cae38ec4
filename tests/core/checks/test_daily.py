import numpy as np
import pytest

from core.checks.daily import daily_cells, series_of
from core.profile.binning import SCORE
from core.profile.segments import chosen_segments
from core.selection import Slice
from core.store.models import version_by_id
from core.store.series import load_history


@pytest.fixture
def history(fleet):
    with fleet.read() as session:
        return load_history(session, version_by_id(session, 1))


def test_there_is_a_series_a_feature_and_the_score_last(history):
    series = series_of(history.layout.binning, seasonal={"age"})
    assert [one.feature for one in series] == ["income", "age", "plan", SCORE]
    assert [one.seasonal for one in series] == [False, True, False, False]


def test_every_row_of_every_day_is_in_exactly_one_cell(history):
    series = series_of(history.layout.binning, seasonal=())
    cells = daily_cells(history.layout, history.log, history.reference, series)
    assert cells.cells.shape[:2] == (40, 4)
    assert np.unique(cells.cells.sum(axis=-1)).tolist() == [150]


def test_the_segments_of_a_column_add_up_to_the_whole(history):
    binning = history.layout.binning
    whole = series_of(binning, seasonal=())
    total = daily_cells(history.layout, history.log, history.reference, whole).cells
    parts = []
    for segment, place in chosen_segments(binning, Slice(column="plan")):
        series = series_of(binning, seasonal=(), segment=segment)
        assert dict(series[0].segment) == {"plan": segment.label}
        parts.append(daily_cells(history.layout, history.log, history.reference, series, place).cells)
    assert (sum(parts) == total).all()
