import numpy as np
import pytest

from core.estimation.estimated import Vectors, estimated
from core.performance.of_task import performance_of
from core.selection import MetricQuery
from core.store.series import load_series


@pytest.fixture
def churn(fleet):
    """Return layout, reference and days of the small fleet's model."""
    with fleet.read() as session:
        series = load_series(session, MetricQuery(model="churn"), fleet.clock.now())
    before = series.reference
    reference = Vectors(ints=before.ints.sum(0), floats=before.floats.sum(0))
    return series.layout, reference, Vectors(ints=series.current.ints, floats=series.current.floats)


def told(churn, *, place=None, mature=True):
    layout, reference, days = churn
    realised = performance_of(layout, days.ints, days.floats, by_segment=place is not None)
    if place is not None:
        realised = realised.at((slice(None), place))
    marks = np.full(len(days.ints), mature)
    return estimated(layout, reference, days, realised=realised, mature=marks, place=place)


def test_estimates_are_held_against_what_was_realised(churn):
    found = told(churn)
    one = found.relations["roc_auc"]
    assert np.isfinite(one.z).sum() >= 30
    assert abs(float(np.nanmean(one.z))) < 1.0
    assert not one.suspended.any()


def test_windows_that_are_not_mature_are_held_against_nothing(churn):
    found = told(churn, mature=False)
    assert np.isnan(found.relations["roc_auc"].z).all()
    assert np.isfinite(found.estimates["roc_auc"].value).all()


def test_a_suspended_window_keeps_its_estimate_and_tells_it_to_nobody(churn):
    layout, reference, days = churn
    far = Vectors(ints=reference.ints.copy(), floats=reference.floats)
    block = layout.ints["score_counts"].of(far.ints)
    block[:] = block[[1, 0, 2]].copy()  # a reference in which every outcome was the other one
    fives = Vectors(ints=days.ints.reshape(8, 5, -1).sum(1), floats=np.asarray(days.floats).reshape(8, 5, -1).sum(1))
    realised = performance_of(layout, fives.ints, fives.floats)
    found = estimated(layout, far, fives, realised=realised, mature=np.ones(8, np.bool_))
    gone = found.relations["accuracy"].suspended
    assert gone.any()
    assert np.isfinite(found.estimates["accuracy"].value[gone]).all()
    assert np.isnan(found.told()["accuracy"].value[gone]).all()
    assert "the relation changed" in str(found.told()["accuracy"].reason[gone][0])


def test_a_segment_rests_on_its_own_reference_and_has_no_log_loss(churn):
    layout = churn[0]
    place = [segment.level for segment in layout.binning.segments].index("basic")
    found = told(churn, place=place)
    assert np.isfinite(found.estimates["roc_auc"].value).sum() >= 38  # days whose scores the reference knows
    assert "too coarsely for a log loss" in str(found.estimates["log_loss"].reason[0])
    rare = told(churn, place=[segment.label for segment in layout.binning.segments].index("other"))
    assert "1,000 are needed" in str(rare.estimates["roc_auc"].reason[0])
