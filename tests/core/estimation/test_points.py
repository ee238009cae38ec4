from datetime import date

import numpy as np
import pytest

from core.estimation.points import coverage_point, estimated_metrics, metric_point
from core.performance.estimates import estimate
from core.profile.binning import Segment
from core.states import State
from core.stats.intervals import Interval, wilson
from core.windows import Grain, Window

WEEK = Window(date(2024, 1, 1), date(2024, 1, 8))


def test_coverage_has_wilsons_interval():
    point = coverage_point((40, 30), WEEK, Grain.DAY, segment=Segment("plan", "plus"), provenance_id="p")
    interval = wilson(30, 40)
    assert (point.metric, point.value, point.n) == ("label_coverage", 0.75, 40)
    assert (point.ci_low, point.ci_high) == (pytest.approx(float(interval.low)), pytest.approx(float(interval.high)))
    assert dict(point.segment) == {"plan": "plus"}


def test_an_empty_window_has_no_coverage():
    point = coverage_point((0, 0), WEEK, Grain.DAY, segment=None, provenance_id="")
    assert (point.value, point.status) == (None, State.NOT_APPLICABLE)
    assert point.reason == "not applicable: no predictions in this window"


def test_a_point_tells_value_band_rows_and_what_to_know():
    one = estimate(
        "roc_auc",
        np.array(0.8),
        Interval(low=np.array(0.7), high=np.array(0.9)),
        n=np.array(50.0),
        reason=np.array(""),
        remark=np.array("assumes much"),
    )
    point = metric_point(one, WEEK, Grain.DAY, segment=None, provenance_id="p")
    assert (point.value, point.ci_low, point.ci_high, point.n) == (0.8, 0.7, 0.9, 50)
    assert (point.window_start, point.window_end, point.reason) == ("2024-01-01", "2024-01-08", "assumes much")


def test_every_performance_metric_and_the_coverage_are_of_the_family():
    assert estimated_metrics("multiclass")[-1] == "label_coverage"
    assert "f1_macro" in estimated_metrics("multiclass")
