from datetime import date, timedelta

import numpy as np
import pytest

from core.checks.limits import load_limits
from core.checks.quality_days import flow, freshness_verdict, silence_verdict, volume_verdicts
from core.profile.latency_grid import ARRIVAL_HOURS
from core.states import State
from core.windows import Grain, Window

LIMITS = load_limits()
START = date(2024, 1, 1)
N = 40
DAYS = tuple(START + timedelta(days=place) for place in range(N))
LAST = Window(DAYS[-1], DAYS[-1] + timedelta(days=1))


def arrived(hours, n=100):
    counts = np.zeros(len(ARRIVAL_HOURS) + 1, int)
    counts[np.searchsorted(ARRIVAL_HOURS, hours)] = n
    return counts


def made(*, last=200, hours=5, grain=Grain.DAY, usual=200):
    rows = np.full((N, 1), usual)
    rows[-1] = last
    arrival = np.stack([arrived(5)] * (N - 1) + [arrived(hours)])
    return flow(DAYS, rows, arrival, ({},), grain)


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (200, State.HEALTHY),
        (105, State.HEALTHY),
        (95, State.WARNING),
        (39, State.CRITICAL),
        (410, State.WARNING),
        (1_000, State.CRITICAL),
    ],
)
def test_half_or_twice_the_rows_is_a_warning_and_a_fifth_is_critical(last, state):
    (found,) = volume_verdicts(made(last=last), N - 1, LAST, LIMITS)
    assert found.raw_state is state
    assert found.value == pytest.approx(max(last / 200, 200 / last))
    assert found.ci_low <= found.value <= found.ci_high
    assert found.false_alarms_month < 0.01


def test_days_that_wander_by_themselves_widen_the_test():
    rng = np.random.default_rng(3)
    rows = np.round(200 * np.exp(0.8 * rng.normal(size=(N, 1)))).astype(int)
    rows[-1] = 60
    wild = flow(DAYS, rows, np.stack([arrived(5)] * N), ({},), Grain.DAY)
    (found,) = volume_verdicts(wild, N - 1, LAST, LIMITS)
    assert found.raw_state is State.HEALTHY
    assert found.significant is False
    assert found.false_alarms_month <= 0.3


def of_segment(rows):
    whole = np.full((N, 2), 400)
    whole[:, 1] = rows
    return flow(DAYS, whole, np.stack([arrived(5)] * N), ({}, {"source": "partner"}), Grain.DAY)


def test_a_segment_that_vanished_is_the_worst_volume_not_a_healthy_one():
    rows = np.full(N, 200)
    rows[-1] = 0
    whole, found = volume_verdicts(of_segment(rows), N - 1, LAST, LIMITS)
    assert whole.raw_state is State.HEALTHY
    assert (found.raw_state, found.segment, found.n) == (State.CRITICAL, {"source": "partner"}, 0)
    assert found.reason == "no row, 200 on the same weekday of the last 28 days"


def test_a_segment_that_was_away_on_such_a_day_before_is_no_finding():
    rows = np.full(N, 200)
    rows[[-1, -15]] = 0
    _, found = volume_verdicts(of_segment(rows), N - 1, LAST, LIMITS)
    assert found.raw_state is State.HEALTHY
    assert "none on another of these days" in found.reason


def test_volume_says_why_it_does_not_judge():
    assert "fewer than 3" in volume_verdicts(made(), 10, LAST, LIMITS)[0].reason
    assert "fewer than 50 rows" in volume_verdicts(made(usual=20, last=1), N - 1, LAST, LIMITS)[0].reason
    assert "no days" in volume_verdicts(made(grain=Grain.MONTH), N - 1, LAST, LIMITS)[0].reason


@pytest.mark.parametrize(
    ("hours", "state"),
    [(5, State.HEALTHY), (24, State.HEALTHY), (30, State.WARNING), (72, State.WARNING), (90, State.CRITICAL)],
)
def test_a_day_that_certainly_came_late_is_a_finding_at_once(hours, state):
    found = freshness_verdict(made(hours=hours), N - 1, LAST, LIMITS)
    assert found.raw_state is state
    assert found.ci_low <= hours <= found.value


@pytest.mark.parametrize(("hours", "told"), [(0.5, "within 1 hour of"), (5, "hours of")])
def test_one_hour_is_not_told_as_several(hours, told):
    assert told in freshness_verdict(made(hours=hours), N - 1, LAST, LIMITS).reason


def test_freshness_says_why_it_does_not_judge():
    assert freshness_verdict(made(hours=900), N - 1, LAST, LIMITS).reason == "loaded as history"
    assert "days" in freshness_verdict(made(grain=Grain.BATCH), N - 1, LAST, LIMITS).reason
    thin = flow(DAYS, np.full((N, 1), 9), np.stack([arrived(5, 9)] * N), ({},), Grain.DAY)
    assert "fewer than 50" in freshness_verdict(thin, N - 1, LAST, LIMITS).reason


@pytest.mark.parametrize(
    ("silent", "usual", "state"),
    [
        (0, 0, State.HEALTHY),
        (1, 0, State.HEALTHY),
        (2, 0, State.WARNING),
        (2, 2, State.HEALTHY),
        (3, 2, State.WARNING),
        (9, 2, State.CRITICAL),
    ],
)
def test_silence_counts_beyond_what_is_usual(silent, usual, state):
    found = silence_verdict(silent, usual, LIMITS, last_unit=START, until=DAYS[9])
    assert found.state is state
    assert found.value == silent


def test_without_a_clock_silence_does_not_apply():
    found = silence_verdict(None, 0, LIMITS, last_unit=START, until=DAYS[9])
    assert (found.state, found.reason) == (State.NOT_APPLICABLE, "numbered batches have no clock")
    assert silence_verdict(None, 0, LIMITS, last_unit=None, until=START).reason == "no predictions yet"
