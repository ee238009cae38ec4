from datetime import date, timedelta

import numpy as np

from core.checks.drift_seasonal import with_seasonal
from core.checks.limits import load_limits
from core.checks.series import DailyCells, compare, drift_reference

RULES = load_limits().rules
MONDAY = date(2024, 1, 1)


def daily(counts, first=MONDAY):
    counts = np.asarray(counts, np.int64)
    return DailyCells(days=tuple(first + timedelta(days=place) for place in range(len(counts))), cells=counts)


REFERENCE = daily(np.random.default_rng(1).multinomial(1_000, [0.5, 0.49, 0.01], size=(56, 2)))


def compared(log, day, reference=REFERENCE):
    return compare(drift_reference(reference, RULES), log, day, day + timedelta(days=1), RULES)


def test_a_seasonal_feature_is_compared_with_the_same_weekdays_of_the_28_days_before():
    log = daily(np.random.default_rng(2).multinomial(1_000, [0.2, 0.7, 0.1], size=(60, 2)))
    day = MONDAY + timedelta(days=50)  # a Tuesday
    found = with_seasonal(compared(log, day), log, np.array([False, True]), first_day=MONDAY, rules=RULES)
    weekday = drift_reference(REFERENCE, RULES).weekdays[1]
    assert np.array_equal(found.reference[0], weekday[0])
    assert np.array_equal(found.reference[1], log.cells[[22, 29, 36, 43], 1].sum(0))
    assert found.variation.known.all()


def test_a_seasonal_feature_takes_all_28_days_when_its_weekday_is_thin():
    log = daily(np.random.default_rng(2).multinomial(100, [0.2, 0.7, 0.1], size=(60, 1)))
    day = MONDAY + timedelta(days=50)
    known = daily(REFERENCE.cells[:, :1])
    found = with_seasonal(compared(log, day, known), log, np.array([True]), first_day=MONDAY, rules=RULES)
    assert np.array_equal(found.reference[0], log.cells[22:50, 0].sum(0))


def test_a_seasonal_feature_is_not_judged_in_the_first_28_days():
    log = daily(np.random.default_rng(2).multinomial(1_000, [0.2, 0.7, 0.1], size=(60, 2)))
    for place, judged in ((27, False), (28, True)):
        day = MONDAY + timedelta(days=place)
        found = with_seasonal(compared(log, day), log, np.array([False, True]), first_day=MONDAY, rules=RULES)
        assert bool(found.reason[1] == "") is judged
        assert found.reason[0] == ""
    assert (
        "first 28 days"
        in with_seasonal(compared(log, MONDAY), log, np.array([False, True]), first_day=MONDAY, rules=RULES).reason[1]
    )
