from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.profile.latency_grid import ARRIVAL_HOURS
from core.quality.freshness import freshness, loaded_at_once, silence, usual_gap
from core.windows import Grain

N = len(ARRIVAL_HOURS) + 1
START = date(2024, 3, 1)


def arrived(hours):
    return np.bincount(np.searchsorted(ARRIVAL_HOURS, hours, side="left"), minlength=N)


def days(n):
    return [START + timedelta(days=place) for place in range(n)]


@pytest.mark.parametrize("seed", range(20))
def test_the_quantile_lies_in_the_bin_that_is_told(seed):
    rng = np.random.default_rng(seed)
    hours = rng.gamma(2, 10, 500)
    exact = np.quantile(hours, 0.9, method="inverted_cdf")
    found = freshness(arrived(hours))
    assert found.at_least < exact <= found.hours
    assert found.low <= found.at_least <= found.hours <= found.high
    assert found.late_share == pytest.approx((hours > 24).mean())


def test_rows_older_than_four_weeks_do_not_count():
    found = freshness(arrived(np.array([2.0] * 10 + [1_000.0] * 90)))
    assert (found.hours, found.n, found.n_history) == (2.0, 10, 90)


def test_without_rows_that_count_nothing_is_said():
    assert np.isnan(freshness(arrived(np.array([1_000.0]))).hours)
    assert np.isnan(freshness(np.zeros(N, int)).hours)


def test_rows_within_their_unit_are_within_the_first_hour():
    assert freshness(arrived(np.array([-20.0, -3.0]))).hours == 1.0


def test_the_last_weeks_of_a_history_came_with_it():
    load = 60 * 24.0
    counts = np.stack([arrived(np.full(100, load - 24 * (place + 1))) for place in range(60)])
    assert loaded_at_once(days(60), counts).all()


def test_a_late_day_after_a_history_is_late_and_no_history():
    history = [arrived(np.full(100, 24.0 * (40 - place - 1))) for place in range(40)]
    later = [arrived(np.full(100, hours)) for hours in (5.0, 5.0, 45.0, 5.0)]
    found = loaded_at_once(days(44), np.stack([*history, *later]))
    assert found[:40].all()
    assert not found[41:].any()


def test_days_that_always_come_late_are_no_history():
    assert not loaded_at_once(days(60), np.stack([arrived(np.full(100, 200.0))] * 60)).any()


def test_a_day_without_rows_neither_ends_nor_begins_a_history():
    counts = np.stack([arrived(np.full(5, 24.0 * (40 - place - 1))) for place in range(40)])
    counts[35] = 0
    found = loaded_at_once(days(40), counts)
    assert found[36:].all()
    assert not found[35]


@pytest.mark.parametrize(
    ("last", "hour", "expected"),
    [(date(2024, 3, 4), 9, 0), (date(2024, 3, 3), 9, 1), (date(2024, 3, 5), 9, 0), (date(2024, 2, 28), 9, 5)],
)
def test_silence_counts_closed_days_since_the_last_prediction(last, hour, expected):
    assert silence(last, datetime(2024, 3, 5, hour, tzinfo=UTC), ZoneInfo("UTC"), Grain.DAY) == expected


def test_silence_counts_in_the_models_own_units_and_zone():
    at = datetime(2024, 3, 1, 3, tzinfo=UTC)  # still February in New York
    assert silence(date(2023, 12, 1), at, ZoneInfo("America/New_York"), Grain.MONTH) == 1


def test_without_a_clock_or_a_prediction_there_is_no_silence():
    at = datetime(2024, 3, 5, tzinfo=UTC)
    assert silence(None, at, ZoneInfo("UTC"), Grain.DAY) is None
    assert silence(START, at, ZoneInfo("UTC"), Grain.BATCH) is None


def test_weekends_are_the_usual_gap_of_a_weekday_model():
    work = [day for day in days(28) if day.weekday() < 5]
    assert usual_gap(work) == 2
    assert usual_gap(days(5)) == 0
    assert usual_gap([]) == 0
