from datetime import date, timedelta

import numpy as np
import pytest

from core.checks.limits import load_limits
from core.checks.series import (
    DailyCells,
    compare,
    drift_reference,
    missing_variance,
    widened,
    without_absent,
)
from core.windows import Grain

RULES = load_limits().rules
MONDAY = date(2024, 1, 1)


def days(n, first=MONDAY):
    return tuple(first + timedelta(days=place) for place in range(n))


def daily(counts, first=MONDAY):
    counts = np.asarray(counts, np.int64)
    return DailyCells(days=days(len(counts), first), cells=counts)


REFERENCE = daily(np.random.default_rng(1).multinomial(1_000, [0.5, 0.49, 0.01], size=(56, 2)))


def compared(log, day, reference=REFERENCE, **options):
    known = drift_reference(reference, RULES) if reference else None
    return compare(known, log, day, day + timedelta(days=1), RULES, **options)


def test_a_day_is_compared_with_its_weekday_when_the_reference_spans_four_weeks():
    day = MONDAY + timedelta(days=100)  # a Wednesday
    found = compared(daily([[[50, 40, 10]] * 2], day), day)
    assert np.array_equal(found.reference, REFERENCE.cells[2::7].sum(0))
    assert (found.reason == "").all()


def test_a_weekday_with_too_few_rows_gives_way_to_the_whole_reference():
    thin = daily(REFERENCE.cells[:28] // 10)
    found = compared(daily([[[50, 40, 10]] * 2], MONDAY), MONDAY, thin)
    assert np.array_equal(found.reference, thin.cells.sum(0))


def test_a_short_reference_is_taken_whole():
    short = daily(REFERENCE.cells[:20])
    assert drift_reference(short, RULES).weekdays is None
    assert np.array_equal(compared(daily([[[50, 40, 10]] * 2]), MONDAY, short).reference, short.cells.sum(0))


def test_a_reference_without_dates_has_unknown_variation():
    known = drift_reference(daily([REFERENCE.cells.sum(0)], date(1970, 1, 1)), RULES, dated=False)
    assert not known.variation.known.any()
    assert known.weekdays is None


def test_a_thin_window_is_widened_day_by_day_until_it_has_fifty_rows():
    log = daily([[[10, 10, 0], [200, 0, 0]]] * 5)
    last = MONDAY + timedelta(days=4)
    cells, width = widened(log, last, last + timedelta(days=1), minimum_n=50, widest=28)
    assert width.tolist() == [3, 1]
    assert cells.tolist() == [[30, 30, 0], [200, 0, 0]]
    found = compared(log, last)
    weekdays = [REFERENCE.cells[key::7, 0].sum(0) for key in (2, 3, 4)]
    assert np.array_equal(found.reference[0], np.sum(weekdays, 0))


def test_twenty_eight_days_without_fifty_rows_are_not_applicable():
    log = daily([[[1, 0, 0], [60, 0, 0]]] * 40)
    found = compared(log, MONDAY + timedelta(days=39))
    assert found.width.tolist() == [28, 1]
    assert found.reason.tolist() == ["fewer than 50 rows in 28 days", ""]


def test_a_coarser_log_is_neither_widened_nor_matched_by_weekday():
    found = compared(daily([[[10, 5, 0], [100, 5, 0]]]), MONDAY, grain=Grain.MONTH)
    assert found.reason.tolist() == ["fewer than 50 rows", ""]
    assert found.width.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, "no reference"),
        ([[100, 100, 0]], "fewer than 500 reference rows"),
        ([[0, 0, 0]], "no reference"),
        ([[0, 0, 900]], "the feature is absent from the reference"),
    ],
)
def test_what_cannot_be_compared_says_why(reference, reason):
    known = None if reference is None else daily([reference])
    assert without_absent(compared(daily([[[80, 20, 0]]]), MONDAY, known)).reason.tolist() == [reason]


def test_missing_shares_that_wander_have_a_variance_beyond_chance():
    rng = np.random.default_rng(3)
    p = 0.1 + 0.02 * rng.normal(size=60)
    wandering = rng.binomial(5_000, p)
    steady = rng.binomial(5_000, 0.1, 60)
    cells = np.stack([np.stack([5_000 - part, part], -1) for part in (wandering, steady)], 1)
    found = missing_variance(cells)
    assert found[0] == pytest.approx(0.02**2, rel=0.5)
    assert found[1] < 0.1 * found[0]
    assert (missing_variance(cells[:10]) == 0).all()


def wandering(n_days, *, seed, per_day=400):
    """Return days whose shares wander for a week at a time: the variation of weeks is that of days."""
    rng = np.random.default_rng(seed)
    share = np.repeat(np.clip(0.5 + 0.08 * rng.normal(size=-(-n_days // 7)), 0.1, 0.9), 7)[:n_days]
    low = rng.binomial(per_day, share)
    return daily(np.stack([low, per_day - low, np.zeros(n_days, int)], -1)[:, None])


def test_windows_of_seven_days_are_judged_by_how_much_blocks_of_seven_days_differ():
    calm = drift_reference(daily(np.random.default_rng(1).multinomial(400, [0.5, 0.5, 0], size=(84, 1))), RULES)
    assert float(calm.weekly_variation.tau_squared[0]) < 2e-3
    found = drift_reference(wandering(84, seed=1), RULES)
    expected = 0.08**2 / (0.5 * 0.5)  # the variance between weeks in units of p(1 - p)
    assert 0.3 * expected < float(found.weekly_variation.tau_squared[0]) < 2.5 * expected


def test_days_that_differ_at_random_cancel_within_a_week():
    rng = np.random.default_rng(3)
    share = np.clip(0.5 + 0.08 * rng.normal(size=84), 0.1, 0.9)
    low = rng.binomial(400, share)
    found = drift_reference(daily(np.stack([low, 400 - low, 0 * low], -1)[:, None]), RULES)
    assert float(found.weekly_variation.tau_squared[0]) < 0.4 * float(found.variation.tau_squared[0])


def test_fewer_than_four_weeks_leave_the_variation_of_days():
    found = drift_reference(wandering(27, seed=2), RULES)
    assert found.weekly_variation is found.variation


def test_a_window_widened_to_a_week_takes_the_variation_of_weeks():
    reference = wandering(84, seed=4)
    log = daily([[[4, 4, 0]]] * 60)
    found = compared(log, MONDAY + timedelta(days=59), reference)
    assert found.width.tolist() == [7]
    assert (
        found.variation.tau_squared.tolist() == drift_reference(reference, RULES).weekly_variation.tau_squared.tolist()
    )
