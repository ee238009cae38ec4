from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.quality.volume import volume_ratio

START = date(2024, 1, 1)


def days(n):
    return [START + timedelta(days=place) for place in range(n)]


def weekly(n, rng, sd=0.1):
    season = np.tile([1, 1, 1, 1, 1, 0.4, 0.3], n // 7 + 1)[:n]
    return np.maximum(np.round(1_000 * season * np.exp(sd * rng.normal(size=n))), 1).astype(int)


def test_half_the_rows_of_this_weekday_by_hand():
    n = np.full(29, 100)
    n[-1] = 50
    found = volume_ratio(days(29), n)
    assert found.expected[-1] == pytest.approx(100)
    assert found.ratio[-1] == pytest.approx(0.5)
    error = np.sqrt(1 / 100 * (1 + 0.2982))  # days do not differ: the Poisson error is the floor
    assert found.error[-1] == pytest.approx(error)
    assert found.interval.high[-1] == pytest.approx(0.5 * np.exp(stats.t(8).ppf(0.975) * error))
    assert found.p_value[-1] == pytest.approx(2 * stats.t(8).sf(np.log(2) / error), rel=1e-9)


def test_the_spread_is_that_of_days_a_week_apart():
    n = weekly(57, np.random.default_rng(1), sd=0.3)
    found = volume_ratio(days(57), n)
    logs = np.log(n[28:56])
    expected = np.median(np.abs(logs[7:] - logs[:-7])) / (stats.norm.ppf(0.75) * np.sqrt(2))
    assert found.error[-1] == pytest.approx(expected * np.sqrt(1 + 0.2982), rel=1e-9)


def test_a_weekly_season_is_no_finding_and_the_level_is_held():
    rng = np.random.default_rng(2)
    beyond = [volume_ratio(days(29), weekly(29, rng)).p_value[-1] <= 0.01 for _ in range(2_000)]
    assert np.mean(beyond) < 0.02


def test_one_bad_day_in_the_past_changes_little():
    n = weekly(57, np.random.default_rng(3))
    before = volume_ratio(days(57), n)
    n[49] = 1
    after = volume_ratio(days(57), n)
    assert abs(np.log(after.ratio[-1] / before.ratio[-1])) < 0.2
    assert after.error[-1] < 2 * before.error[-1]


@given(st.integers(2, 50))
def test_twice_as_many_rows_on_every_day_change_no_ratio(factor):
    n = weekly(40, np.random.default_rng(4))
    assert np.allclose(volume_ratio(days(40), n).ratio, volume_ratio(days(40), factor * n).ratio, equal_nan=True)


def test_without_three_of_the_weekday_nothing_is_said():
    found = volume_ratio(days(29), np.full(29, 100))
    assert np.isnan(found.ratio[:21]).all()
    assert np.isnan(volume_ratio(days(29)[-3:], np.full(3, 100)).ratio).all()
    assert volume_ratio([], np.zeros(0, int)).ratio.shape == (0,)


def test_segments_are_compared_each_by_itself():
    n = weekly(40, np.random.default_rng(5))
    both = volume_ratio(days(40), np.stack([n, n[::-1]], axis=1))
    assert np.allclose(both.ratio[:, 1], volume_ratio(days(40), n[::-1]).ratio, equal_nan=True)


def test_days_without_rows_are_left_out_of_what_is_usual():
    kept = [place for place in range(36) if place != 21]
    found = volume_ratio([days(36)[place] for place in kept], np.full(35, 100))
    assert found.ratio[-1] == pytest.approx(1.0)
