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


def state(number, values, segments=()):
    """Return the state of a day; `values` maps a check to (state, value).

    `segments` holds (segment, state, own state, value) of the change of log loss.
    """
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
    ) + tuple(
        Verdict(
            check="log_loss_change",
            family="performance",
            segment=segment,
            state=held,
            raw_state=own,
            value=value,
            limit=0.3,
            n=100,
            window_start=day,
            window_end=day + timedelta(days=1),
            since=START + timedelta(days=1) if held is State.CRITICAL else None,
        )
        for segment, held, own, value in segments
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


def in_segments(several, whole=State.HEALTHY):
    """Return 20 days in which segments are over their limit on days 2 to 13 by themselves, and by persistence to 15."""
    made = []
    for number in range(20):
        held = State.CRITICAL if 2 <= number <= 15 else State.HEALTHY
        own = State.CRITICAL if 1 <= number <= 13 else State.HEALTHY
        value = 0.5 if own is State.CRITICAL else 0.0
        rows = [(segment, held, own, value * size) for segment, size in several]
        all_rows = whole if held is State.CRITICAL else State.HEALTHY
        made.append(state(number, {"log_loss_change": (all_rows, 0.2)}, rows))
    return made


def test_an_episode_of_a_segment_is_told_whole_from_its_first_to_its_last_unit_over_the_limit():
    found = worst_windows(in_segments([({"plan": "max"}, 1.0)], State.WARNING), Grain.DAY, LIMITS)
    assert [one.window for one in found] == [Window(date(2013, 4, 2), date(2013, 4, 15))]
    assert (found[0].segment, found[0].state) == ("plan = max", State.CRITICAL)


def test_of_segments_in_breach_at_the_same_time_the_worst_is_told_and_all_rows_before_any():
    several = [({"plan": "max"}, 1.0), ({"channel": "web"}, 1.5)]
    assert [one.segment for one in worst_windows(in_segments(several), Grain.DAY, LIMITS)] == ["channel = web"]
    assert [one.segment for one in worst_windows(in_segments(several, State.CRITICAL), Grain.DAY, LIMITS)] == [""]
