"""The parts of a change over the counts of a profile; its intervals hold the truth of simulations."""

import numpy as np
import pytest

from core.attribution.attribution import attribute_change
from core.attribution.service import attribution
from core.errors import NotEnoughDataError
from core.profile.summing import Summed, summed
from core.selection import MetricQuery
from core.store.series import load_series


@pytest.fixture
def series(fleet):
    with fleet.read() as session:
        return load_series(session, MetricQuery(model="churn"), fleet.clock.now())


def halves(series):
    """Return the reference, and all days of the log that are loaded."""
    return summed(series.reference), summed(series.current)


def nothing(series) -> Summed:
    empty = summed(series.current)
    return Summed(
        ints=np.zeros_like(empty.ints), floats=np.zeros_like(empty.floats), n_days=0, provenance_id="",
    )  # fmt: skip


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "precision", "brier_score", "selection_rate"])
def test_parts_add_up_and_stand_inside_their_intervals_most_often(series, metric):
    before, now = halves(series)
    found = attribute_change(series.layout, before, now, column="plan", metric=metric)
    assert sum(one.total for one in found.parts) == pytest.approx(found.change.value, abs=1e-12)
    assert found.change.value == pytest.approx(found.now - found.before, abs=1e-12)
    assert found.change.low < found.change.value < found.change.high
    whole = found.mix.value + found.within.value + (found.between.value if found.between else 0.0)
    assert whole == pytest.approx(found.change.value, abs=1e-12)
    assert sum(one.weight_current for one in found.parts) == pytest.approx(1.0)
    assert [abs(one.total) for one in found.parts] == sorted((abs(one.total) for one in found.parts), reverse=True)


def test_the_same_window_twice_has_no_change(series):
    before, _ = halves(series)
    found = attribute_change(series.layout, before, before, column="plan", metric="accuracy")
    assert found.change.value == 0.0
    assert all(one.total == 0.0 for one in found.parts)


def test_draws_are_seeded(series):
    before, now = halves(series)
    one, two = (attribute_change(series.layout, before, now, column="plan", metric="f1", seed=3) for _ in range(2))
    assert one == two


def test_a_window_without_actuals_is_refused_with_its_reason(series):
    before, _ = halves(series)
    with pytest.raises(NotEnoughDataError, match="the window: no actuals yet"):
        attribute_change(series.layout, before, nothing(series), column="plan", metric="accuracy")


def test_a_window_without_rows_has_no_selection_rate(series):
    before, _ = halves(series)
    with pytest.raises(NotEnoughDataError, match="the window has no rows"):
        attribute_change(series.layout, before, nothing(series), column="plan", metric="selection_rate")


def test_a_segment_can_be_named_by_a_filter(fleet):
    found = attribution(fleet, MetricQuery(model="churn"), "plan", "selection_rate").change
    assert {one.segment.level for one in found.parts if one.segment is not None} <= {"basic", "plus", "max"}
