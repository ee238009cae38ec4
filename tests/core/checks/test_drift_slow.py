from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from core.checks.drift_slow import (
    AVERAGE,
    NOT_DAILY,
    ROLLING,
    SEASONAL,
    SlowDrift,
    average_state,
    moving_average,
    rolling_weeks,
    slow_drift,
    slow_verdicts,
)
from core.checks.limits import load_limits
from core.checks.series import DailyCells, drift_reference
from core.drift.slow import auc_reference, shift_auc
from core.states import State
from core.windows import Window

LIMITS = load_limits()
MONDAY = date(2024, 1, 1)
EDGES = stats.norm.ppf(np.arange(1, 64) / 64)
F = 30


def days(n, first=MONDAY):
    return tuple(first + timedelta(days=place) for place in range(n))


def fine(rng, mean, n):
    """Return rows by 64 bins of N(0, 1) under N(mean, 1): (n_days, n_series, 64)."""
    below = stats.norm.cdf(EDGES - mean[..., None])
    ends = np.zeros((*mean.shape, 1))
    return rng.multinomial(n, np.diff(np.concatenate([ends, below, ends + 1], -1), axis=-1))


def both(mean, n, seed=0):
    """Return both slow checks of a log that follows a reference of 90 days: breaches (n_days, n_series) each."""
    counted = fine(np.random.default_rng(seed), mean, n)
    cells = counted.reshape(*mean.shape, 8, 8).sum(-1)
    cells = np.concatenate([cells, np.zeros_like(cells[..., :1])], -1)
    every = days(len(mean))
    reference = drift_reference(DailyCells(days=every[:90], cells=cells[:90]), LIMITS.rules)
    nobody = np.zeros(mean.shape[1], bool)
    rolled = rolling_weeks(
        reference,
        DailyCells(days=every[90:], cells=cells[90:]),
        LIMITS,
        seasonal=nobody,
        scores=nobody,
        first_day=every[90],
    )
    rows = np.full(mean.shape, n)
    weekdays = np.array([day.weekday() for day in every])
    theta = shift_auc(counted[:90].sum(0), counted)
    level = auc_reference(theta[:90], rows[:90], weekdays[:90], by_weekday=True)
    average = moving_average(level, theta[90:], rows[90:], every[90:], LIMITS, seasonal=nobody, dated=True)
    averaged = (np.abs(average.value) > 4 * average.deviation) & (np.abs(average.value) >= 0.07)
    return rolled.judgement.level >= 2, averaged


def calm(kind, seed):
    rng = np.random.default_rng(seed)
    mean = np.zeros((180, F))
    if "wandering" in kind:
        for day in range(1, 180):
            mean[day] = 0.7 * mean[day - 1] + np.sqrt(0.51) * 0.05 * rng.normal(size=F)
    if "weekdays" in kind:
        mean[np.arange(180) % 7 >= 5, ::2] += 0.3
    return mean


@pytest.mark.parametrize("kind", ["independent", "wandering", "weekdays", "wandering weekdays"])
@pytest.mark.parametrize("n", [200, 1_000])
def test_a_quarter_without_drift_raises_next_to_no_slow_alarm(kind, n):
    opened = 0
    for seed in range(3):
        for breach in both(calm(kind, seed), n, seed):
            before = np.concatenate([np.zeros((1, F), bool), breach[:-1]])
            opened += int((breach & ~before).sum())
    assert opened / 3 <= 0.34  # at most one alarm in three quarters of thirty features


@pytest.mark.parametrize("n", [200, 1_000, 10_000])
def test_a_third_of_a_standard_deviation_is_found_within_two_weeks(n):
    mean = np.zeros((130, 6))
    mean[100:] = 0.33
    for breach in both(mean, n):
        assert not breach[:10].any()
        assert breach[10:25].any(0).all()


def test_a_ramp_is_found_before_it_is_large():
    mean = np.zeros((150, 4))
    mean[100:] = 0.5 * np.minimum(np.arange(50) / 30, 1)[:, None]
    rolled, averaged = both(mean, 1_000)
    assert (rolled | averaged)[10:32].any(0).all()  # at .37 standard deviations at most


def one_week(log, *, seasonal=False, first_day=MONDAY, reference=None):
    before = days(56, MONDAY - timedelta(days=56))
    known = reference or DailyCells(days=before, cells=np.tile([[[60, 60, 0]]], (56, 1, 1)))
    return rolling_weeks(
        drift_reference(known, LIMITS.rules),
        log,
        LIMITS,
        seasonal=np.array([seasonal]),
        scores=np.array([False]),
        first_day=first_day,
    ).reason[:, 0]


def test_a_week_that_cannot_be_judged_says_why():
    whole = DailyCells(days=days(10), cells=np.tile([[[60, 60, 0]]], (10, 1, 1)))
    reasons = one_week(whole)
    assert reasons[5] == "the version's first 7 days"
    assert reasons[6] == ""
    assert one_week(whole, seasonal=True)[9] == SEASONAL
    gap = DailyCells(days=(*days(4), *days(6, MONDAY + timedelta(days=5))), cells=whole.cells)
    assert one_week(gap)[-1] == "a day of the week has no rows"
    thin = DailyCells(days=days(10), cells=np.tile([[[2, 1, 0]]], (10, 1, 1)))
    assert one_week(thin)[-1] == "fewer than 50 rows in 7 days"
    absent = DailyCells(days=days(10), cells=np.tile([[[0, 0, 90]]], (10, 1, 1)))
    assert one_week(absent)[-1] == "every value of the week is missing"
    short = DailyCells(days=days(3, date(2023, 1, 2)), cells=np.tile([[[60, 60, 0]]], (3, 1, 1)))
    assert one_week(whole, reference=short)[-1] == "fewer than 500 reference rows"


def test_the_average_needs_both_its_deviations_and_its_floor():
    limit = LIMITS[AVERAGE]
    assert average_state(0.08, 0.01, limit) is State.WARNING
    assert average_state(-0.08, 0.01, limit) is State.WARNING
    assert average_state(0.08, 0.03, limit) is State.HEALTHY
    assert average_state(0.06, 0.001, limit) is State.HEALTHY


def test_every_feature_of_a_model_is_followed_by_both_checks(evidence):
    slow = slow_drift(evidence, seasonal=())
    last = evidence.log.days[-1]
    found = slow_verdicts(slow, len(evidence.log.days) - 1, Window(last, last + timedelta(days=1)), LIMITS)
    by_key = {(one.check, one.feature): one for one in found}
    assert {feature for check, feature in by_key if check == ROLLING} == {"income", "age", "plan", "score"}
    assert {feature for check, feature in by_key if check == AVERAGE} == {"income", "age", "score"}
    assert by_key[ROLLING, "income"].raw_state is State.WARNING
    assert by_key[AVERAGE, "income"].raw_state is State.WARNING
    assert by_key[AVERAGE, "income"].value > 0.07
    assert by_key[AVERAGE, "age"].raw_state is State.HEALTHY
    assert by_key[ROLLING, "income"].window_start == last - timedelta(days=6)


def test_a_log_without_days_says_so_once_for_each_check():
    slow = SlowDrift(features=("x", "score"), numeric=("x", "score"), rolling=None, average=None)
    found = slow_verdicts(slow, 0, Window(MONDAY, date(2024, 2, 1)), LIMITS)
    assert [(one.check, one.value) for one in found] == [(ROLLING, None), (AVERAGE, None)]
    assert {one.reason for one in found} == {NOT_DAILY}
