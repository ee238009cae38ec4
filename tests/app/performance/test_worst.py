from datetime import date, timedelta

import pytest

from app.performance.worst import worst_windows
from core.checks.day_state import DayState, Headline
from core.checks.limits import load_limits
from core.checks.verdicts import Verdict
from core.states import State
from core.windows import Grain, Window

START = date(2013, 4, 1)
LIMITS = load_limits().checks


def state(number, values):
    """Return the state of a day; `values` maps a check to (state, value)."""
    day = START + timedelta(days=number)
    verdicts = tuple(
        Verdict(
            check=check,
            family="performance",
            state=held,
            raw_state=held,
            value=value,
            limit=0.3,
            n=100,
            window_start=day,
            window_end=day + timedelta(days=1),
        )
        for check, (held, value) in values.items()
    )
    headline = Headline(n=100, n_labelled=100, metric="roc_auc", value=0.7, mature=True)
    return DayState(
        day=day,
        state=State.HEALTHY,
        why="",
        families={},
        headline=headline,
        verdicts=verdicts,
        memories={},
        basis="",
        evaluated_at=None,
    )


def days(values, check="log_loss_change", held=State.CRITICAL):
    return [
        state(number, {check: (State.HEALTHY if value is None else held, value or 0.0)})
        for number, value in enumerate(values)
    ]


def test_the_worst_seven_units_of_a_long_episode_are_told():
    found = worst_windows(days([None] * 3 + [0.1] * 5 + [0.9] * 7 + [0.1] * 5 + [None]), Grain.DAY, LIMITS)
    assert [one.window for one in found] == [Window(date(2013, 4, 9), date(2013, 4, 16))]
    assert (found[0].metric, found[0].mean) == ("log_loss", pytest.approx(0.9))
    assert (found[0].changed, found[0].relative) == (True, LIMITS["log_loss_change"].scale == "relative")


def test_a_short_episode_is_told_whole():
    found = worst_windows(days([None, 0.5, 0.4, None]), Grain.DAY, LIMITS)
    assert [one.window for one in found] == [Window(date(2013, 4, 2), date(2013, 4, 4))]


def test_of_a_metric_that_should_be_high_the_lowest_units_are_worst():
    values = [-0.02] * 4 + [-0.2] * 7 + [-0.02] * 4
    found = worst_windows(days(values, "roc_auc_change", State.WARNING), Grain.DAY, LIMITS)
    assert found[0].window == Window(date(2013, 4, 5), date(2013, 4, 12))
    assert found[0].state is State.WARNING


def test_the_newest_episode_comes_first_and_at_most_five_are_told():
    found = worst_windows(days(([0.5] * 2 + [None]) * 8), Grain.DAY, LIMITS)
    assert len(found) == 5
    starts = [one.window.start for one in found]
    assert starts == sorted(starts, reverse=True)


def test_metrics_in_breach_at_the_same_time_are_one_window_the_critical_one():
    both = [
        state(number, {"log_loss_change": (State.CRITICAL, 0.5), "roc_auc_change": (State.WARNING, -0.1)})
        for number in range(3)
    ]
    assert [one.metric for one in worst_windows(both, Grain.DAY, LIMITS)] == ["log_loss"]


def test_a_quiet_past_has_no_worst_window():
    assert worst_windows(days([None] * 9), Grain.DAY, LIMITS) == ()
    assert worst_windows([], Grain.DAY, LIMITS) == ()
