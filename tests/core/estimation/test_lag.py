from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from core.estimation.lag import came_at_once, known_share, lag_curve, maturity_by_lag
from core.profile.lag_grid import LAG_DAYS

TODAY = date(2024, 4, 1)


def staged(seed=0, *, n=4000, never=0.05, mean=3.0, days=90):
    """Return lags by unit of labels that come after an exponential time, some of them never."""
    rng = np.random.default_rng(seed)
    units, lags, waiting = [], np.zeros((days, len(LAG_DAYS) + 1), np.int64), np.zeros(days)
    for row in range(days):
        age = days - row
        units.append(TODAY - timedelta(days=age))
        lag = np.where(rng.random(n) < never, np.inf, rng.exponential(mean, n))
        known = lag <= age
        lags[row] = np.bincount(np.searchsorted(LAG_DAYS, lag[known], side="left"), minlength=len(LAG_DAYS) + 1)
        waiting[row] = (~known).sum()
    return units, lags, waiting


def test_it_agrees_with_scipy_with_censoring_and_ties():
    rng = np.random.default_rng(0)
    time, limit = rng.integers(1, 20, 500), rng.integers(1, 20, 500)
    age, came = np.minimum(time, limit), time <= limit
    expected = stats.ecdf(stats.CensoredData(uncensored=age[came], right=age[~came]))
    ages = np.unique(age)
    found = known_share(
        ages, [int((came & (age == one)).sum()) for one in ages], [int((~came & (age == one)).sum()) for one in ages]
    )
    held = np.isin(expected.cdf.quantiles, found.days)
    np.testing.assert_allclose(found.share, expected.cdf.probabilities[held], atol=1e-12)
    with pytest.warns(RuntimeWarning, match="undefined at some"):  # where S is 0 or 1
        between = expected.sf.confidence_interval(method="log-log")
    inside = (found.share < 1) & np.isfinite(between.low.probabilities[held])
    np.testing.assert_allclose(found.low[inside], 1 - between.high.probabilities[held][inside], atol=1e-9)
    np.testing.assert_allclose(found.high[inside], 1 - between.low.probabilities[held][inside], atol=1e-9)


def test_the_curve_finds_the_truth_where_the_plain_share_does_not():
    units, lags, waiting = staged()
    curve = lag_curve(units, lags, waiting, today=TODAY)
    truth = [0.95 * (1 - np.exp(-day / 3)) for day in (1, 3, 7, 14, 29)]
    assert curve.at([1, 3, 7, 14, 29]).tolist() == pytest.approx(truth, abs=0.005)
    assert curve.plateau == pytest.approx(0.95, abs=0.003)
    assert curve.flat
    assert curve.quantile() == 7  # -3 ln 0.1 = 6.9 days


def test_labels_that_still_come_are_not_called_never():
    units, lags, waiting = staged(mean=60.0)
    curve = lag_curve(units, lags, waiting, today=TODAY)
    assert not curve.flat


def test_too_short_a_time_says_nothing_of_never():
    curve = known_share([1, 3], [90, 0], [0, 10])
    assert curve.plateau == pytest.approx(0.9)
    assert not curve.flat


def test_when_all_are_known_the_curve_is_whole():
    curve = known_share([1, 2], [5, 5], [0, 0])
    assert (curve.plateau, curve.flat) == (1.0, True)
    assert (curve.low[-1], curve.high[-1]) == (1.0, 1.0)


def test_without_an_actual_there_is_no_quantile():
    curve = known_share([5], [0], [10])
    assert curve.plateau == 0.0
    assert np.isnan(curve.quantile())
    assert not maturity_by_lag(0.0, 90.0, curve).mature


def test_only_the_last_ninety_days_of_intake_count():
    units, lags, waiting = staged()
    old = [TODAY - timedelta(days=200), *units]
    more = np.concatenate([np.full((1, lags.shape[1]), 10**6), lags])
    curve = lag_curve(old, more, np.r_[0, waiting], today=TODAY)
    assert curve.n == lag_curve(units, lags, waiting, today=TODAY).n


def test_a_history_that_was_loaded_on_one_day_has_no_lags():
    units = [TODAY - timedelta(days=age) for age in range(20, 0, -1)]
    lags = np.zeros((20, len(LAG_DAYS) + 1), np.int64)
    lags[np.arange(20), np.arange(20, 0, -1)] = 50
    assert came_at_once(units, lags, today=TODAY)
    units, lags, _ = staged()
    assert not came_at_once(units, lags, today=TODAY)


def test_actuals_from_after_today_have_no_lags():
    lags = np.zeros((1, len(LAG_DAYS) + 1), np.int64)
    lags[0, -1] = 10
    assert came_at_once([TODAY - timedelta(days=1)], lags, today=TODAY)


def test_a_window_is_mature_by_its_lags_when_old_and_covered_enough():
    curve = lag_curve(*staged(), today=TODAY)
    assert maturity_by_lag(0.99, 0.0, curve).mature
    assert maturity_by_lag(0.94, 8.0, curve).mature
    young = maturity_by_lag(0.94, 7.0, curve)
    assert (young.mature, young.reason) == (False, "labels still arriving: 90 % of them take up to 7 days")
    at_once = known_share([1, 30], [95, 5], [0, 0])
    assert maturity_by_lag(0.5, 0.0, at_once).reason.endswith("take up to 1 day")
    thin = maturity_by_lag(0.80, 30.0, curve)
    assert (thin.mature, thin.reason) == (False, "80% of labels known, 86% needed")
    assert maturity_by_lag(float("nan"), 30.0, curve).reason == "no labels known, 86% needed"
