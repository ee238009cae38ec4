from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from core.checks.limits import Persistence, load_limits
from core.checks.quality_shares import (
    changed_shares,
    missing_verdicts,
    share_false_alarms,
    share_state,
    share_verdicts,
)
from core.checks.series import DailyCells, Series, drift_reference
from core.checks.verdicts import percent
from core.states import State
from core.windows import Window

LIMITS = load_limits()
DAY = date(2024, 3, 1)
WINDOW = Window(DAY, DAY + timedelta(days=1))

ONE = (Series(feature="x"),)


def missing(share, n=1_000, *, before=0.02, m=50_000, series=ONE):
    rows = lambda p, total: [total - round(p * total), round(p * total)]  # noqa: E731
    reference = DailyCells(days=(date(1970, 1, 1),), cells=np.array([[rows(before, m)] * len(series)]))
    log = DailyCells(days=(DAY,), cells=np.array([[rows(share, n)] * len(series)]))
    known = drift_reference(reference, LIMITS.rules, dated=False)
    return missing_verdicts(known, log, series, WINDOW, LIMITS)


@pytest.mark.parametrize(
    ("share", "n", "state"),
    [
        (0.025, 100_000, State.HEALTHY),  # significant, but half a percentage point
        (0.04, 10_000, State.WARNING),
        (0.04, 100, State.HEALTHY),  # two percentage points, but within chance
        (0.08, 1_000, State.CRITICAL),  # six percentage points
        (0.0, 5_000, State.WARNING),  # less is a change too
    ],
)
def test_missing_values_need_significance_and_a_percentage_point(share, n, state):
    (found,) = missing(share, n)
    assert found.raw_state is state
    assert found.value == pytest.approx(share - 0.02)
    assert f"missing 2.0 % in the reference, {percent(share)} % now" in found.reason


def test_days_of_the_reference_that_wander_widen_the_test():
    rng = np.random.default_rng(1)
    p = np.clip(0.05 + 0.02 * rng.normal(size=60), 0, 1)
    gone = rng.binomial(5_000, p)
    days = tuple(DAY - timedelta(days=90 - place) for place in range(60))
    known = drift_reference(DailyCells(days=days, cells=np.stack([5_000 - gone, gone], -1)[:, None]), LIMITS.rules)
    log = DailyCells(days=(DAY,), cells=np.array([[[4_600, 400]]]))
    (found,) = missing_verdicts(known, log, [Series(feature="x")], WINDOW, LIMITS)
    assert found.raw_state is State.HEALTHY


def test_the_score_is_no_member_and_a_seasonal_feature_is():
    series = (Series(feature="temp", seasonal=True), Series(feature="score"))
    found = missing(0.3, series=series)
    assert [one.feature for one in found] == ["temp"]
    assert found[0].raw_state is State.CRITICAL


def test_few_rows_and_no_reference_are_not_applicable():
    assert missing(0.5, 20)[0].raw_state is State.NOT_APPLICABLE
    log = DailyCells(days=(DAY,), cells=np.array([[[90, 10]]]))
    assert missing_verdicts(None, log, [Series(feature="x")], WINDOW, LIMITS)[0].reason == "no reference"


def shares(concerned, n, code="unseen_share", **options):
    log = DailyCells(days=(DAY,), cells=np.array([[[concerned, n - concerned]]]))
    return share_verdicts(code, ["x"], log, WINDOW, LIMITS, **options)[0]


@pytest.mark.parametrize(
    ("concerned", "n", "state"),
    [
        (2, 100, State.HEALTHY),
        (3, 100, State.WARNING),
        (3, 1_000, State.HEALTHY),
        (5, 1_000, State.WARNING),
        (50, 1_000, State.CRITICAL),
    ],
)
def test_unseen_levels_warn_from_half_a_percent_and_three_rows(concerned, n, state):
    found = shares(concerned, n)
    assert found.raw_state is state
    assert found.value == concerned / n
    assert found.ci_low < found.value < found.ci_high


def test_a_seasonal_feature_out_of_range_is_told_without_a_verdict():
    found = shares(900, 1_000, "out_of_range_share", without_verdict=["x"])
    assert found.raw_state is State.NOT_APPLICABLE
    assert "90.0 % of rows lie outside the reference's range" in found.reason


def test_a_thin_day_is_not_applicable():
    assert shares(5, 40).reason == "fewer than 50 rows"


def test_more_missing_is_never_a_better_state():
    order = [State.HEALTHY, State.WARNING, State.CRITICAL]
    states = [order.index(share_state(share, LIMITS["missing_share"])) for share in np.linspace(0, 0.2, 50)]
    assert states == sorted(states)


def test_only_a_fall_of_complete_rows_counts():
    rows = lambda p, total: [total - round(p * total), round(p * total)]  # noqa: E731
    reference = DailyCells(days=(date(1970, 1, 1),), cells=np.array([[rows(0.8, 50_000)]]))
    known = drift_reference(reference, LIMITS.rules, dated=False)
    states = []
    for share in (0.95, 0.8, 0.74, 0.5):
        log = DailyCells(days=(DAY,), cells=np.array([[rows(share, 5_000)]]))
        (found,) = changed_shares("completeness", known, log, [Series(feature="")], WINDOW, limits=LIMITS)
        assert found.feature is None
        assert found.value == pytest.approx(share - 0.8)
        states.append(found.raw_state)
    assert states == [State.HEALTHY, State.HEALTHY, State.WARNING, State.CRITICAL]


def test_false_alarms_count_two_windows_of_three_or_one():
    limit = LIMITS["missing_share"]
    once = replace(limit, persistence=Persistence(needed=1, of=1))
    assert share_false_alarms(limit, LIMITS.rules, 0.004) == pytest.approx(30 * 2 * 0.01**2, rel=0.25)
    assert share_false_alarms(once, LIMITS.rules, 0.004) == pytest.approx(30 * 0.01, rel=0.25)
    assert share_false_alarms(limit, LIMITS.rules, 0.0) == 0
    assert share_false_alarms(replace(limit, warning=None), LIMITS.rules, 0.1) is None
