"""The view of the Performance page says what the command line says."""

import pytest

from app.performance.compose import limit_lines
from core.performance.service import performance_detail, performance_points
from core.selection import MetricQuery
from core.states import State
from core.windows import Grain, parse_window

DAY = "2024-03-15..2024-03-16"


@pytest.mark.parametrize("model", ["demand", "tickets"])
def test_numbers_on_screen_are_those_of_the_command_line(three_tasks, request, model):
    view = request.getfixturevalue(model)(DAY)
    asked = MetricQuery(model=model, window=parse_window(DAY, Grain.DAY))
    for point in performance_points(three_tasks, asked).points:
        fact = view.facts[point.metric]
        assert (fact.value, fact.low, fact.high, fact.n) == (point.value, point.ci_low, point.ci_high, point.n)
        assert fact.note == point.reason


def test_states_are_those_of_the_stored_checks(demand):
    view = demand(DAY)
    assert view.stored
    assert view.facts["mae"].state is State.CRITICAL
    assert view.facts["mae"].limit.code == "mae_change"
    assert view.breaches()[0].state is State.CRITICAL
    assert view.false_alarms_month > 0
    assert not demand("7d").stored


def test_the_series_ends_with_the_window_and_marks_what_is_immature(churn):
    series = churn("1d").series["recall"]
    assert series.mature[-3:] == (True, False, False)
    assert series.value[-1] is None
    assert len(series.value) == 40
    assert series.share


def test_limits_of_a_change_are_drawn_from_the_value_of_training(three_tasks):
    detail = performance_detail(three_tasks, MetricQuery(model="demand", window=parse_window(DAY, Grain.DAY)))
    lines = {line.name: line.value for line in limit_lines(detail, "mae", 4.0)}
    assert lines == {"warning": pytest.approx(4.4), "critical": pytest.approx(5.0)}
    assert limit_lines(detail, "mae", None) == ()
    assert limit_lines(detail, "bias", 0.0) == ()


def test_each_task_shows_what_was_taken_for_what_in_its_own_way(churn, tickets, demand):
    assert churn("2024-03-10..2024-03-11").confusion.called == ("positive", "not positive")
    assert tickets(DAY).confusion.called == ("billing", "account", "network", "other")
    assert tickets(DAY).confusion.n == 120
    assert demand(DAY).confusion is None
    assert demand(DAY).errors.n_current == 120
    assert demand(DAY).over > demand(DAY).under


def test_a_segment_has_its_own_cells_and_errors(churn, tickets, demand):
    part = churn("2024-03-10..2024-03-11", segment="plan=plus")
    assert part.confusion.n == part.n_labelled
    assert tickets(DAY, segment="shop=north").confusion is None
    assert demand(DAY, segment="shop=south").errors.n_current == demand(DAY, segment="shop=south").n_labelled


def test_versions_are_listed_champion_first(demand):
    facts = demand(DAY).versions["mae"]
    assert [(one.version, one.champion) for one in facts] == [("v1", True), ("v2", False)]
    assert facts[1].difference < 0
