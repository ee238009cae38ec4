from datetime import date, timedelta

import pytest

from app.calibration.rows import FIGURES, calibration_view, stored_verdicts
from app.views import Selection
from core.calibration.service import calibration_detail, calibration_history
from core.checks.service import recent_states
from core.drift.display import Event
from core.selection import MetricQuery, parse_slice
from core.states import State
from core.windows import Window
from tests.small_fleet import DAYS, SERVED_START

WEEK = Window(SERVED_START + timedelta(days=7), SERVED_START + timedelta(days=14))
LAST = Window(SERVED_START + timedelta(days=DAYS - 1), SERVED_START + timedelta(days=DAYS))


def selection(segment="all"):
    return Selection(model="churn", version="v1", window="7d", reference="training", segment=segment)


def view_of(store, window=WEEK, segment="all", events=()):
    chosen = None if segment == "all" else parse_slice(segment)
    query = MetricQuery(model="churn", window=window, slice=chosen)
    detail = calibration_detail(store, query)
    history = calibration_history(store, query, count=30)
    return calibration_view(detail, selection(segment), history, (), events)


def test_the_view_holds_what_the_core_found(fleet):
    view = view_of(fleet, events=(Event(day=date(2024, 3, 5), text="v2"), Event(day=date(2020, 1, 1), text="old")))
    assert set(view.figures) == set(FIGURES)
    assert view.state is State.HEALTHY
    assert sum(view.curve.n) == view.n == 7 * 150
    assert [event.text for event in view.series.events] == ["v2"]
    assert [line.value for line in view.series.limits] == [0.02, 0.05]
    assert view.said == pytest.approx(view.happened, abs=0.05)


def test_segments_come_worst_first_and_small_ones_are_counted(fleet):
    view = view_of(fleet)
    assert {row.name for row in view.segments} >= {"plan = basic", "plan = plus", "plan = max"}
    certain = [row.error.low for row in view.segments]
    assert certain == sorted(certain, reverse=True)


def test_a_segment_of_the_header_is_judged_by_its_own_rows(fleet):
    view = view_of(fleet, segment="plan=plus")
    assert view.segments == ()
    assert 0 < view.n < 7 * 150
    assert view.state is State.HEALTHY


def test_a_window_without_actuals_has_no_curve_and_says_why(fleet):
    view = view_of(fleet, window=LAST)
    assert view.curve is None
    assert view.reason == "not applicable: no actuals yet"
    assert view.state is State.NOT_APPLICABLE


def test_stored_verdicts_count_only_for_exactly_that_unit(fleet):
    day = SERVED_START + timedelta(days=10)
    unit = Window(day, day + timedelta(days=1))
    detail = calibration_detail(fleet, MetricQuery(model="churn", window=unit))
    states = recent_states(fleet, model="churn", version="v1", until=day, count=1)
    assert {one.check for one in stored_verdicts(detail, states)} >= {"miscalibration", "calibration_drift"}
    week = calibration_detail(fleet, MetricQuery(model="churn", window=WEEK))
    assert stored_verdicts(week, states) == ()
    assert stored_verdicts(detail, ()) == ()
