from datetime import date, timedelta

import numpy as np

from core.checks.limits import load_limits
from core.checks.series import DailyCells
from core.drift.study import previous, study
from core.selection import Reference, ReferenceKind
from core.windows import Grain, Window

LIMITS = load_limits()
MONDAY = date(2024, 1, 1)


def cells(n_days, a_day):
    days = tuple(MONDAY + timedelta(days=n) for n in range(n_days))
    return DailyCells(days=days, cells=np.tile(np.asarray(a_day, np.int64), (n_days, 1, 1)))


def one(log, window, kind, **changes):
    reference, codes = Reference(kind=kind, **changes), np.array(["feature_drift"])
    return study(
        cells(28, [50, 50, 0]),
        log,
        [window],
        reference,
        LIMITS,
        codes=codes,
        dated=True,
        grain=Grain.DAY,
    )[0]


def test_training_is_the_whole_reference_and_a_weekday_a_seventh_of_it():
    log, day = cells(60, [50, 50, 0]), Window(MONDAY + timedelta(days=40), MONDAY + timedelta(days=41))
    whole = one(log, day, ReferenceKind.TRAINING)
    weekday = one(log, day, ReferenceKind.SAME_WEEKDAY)
    assert whole.comparison.reference.tolist() == [[1400, 1400, 0]]
    assert weekday.comparison.reference.tolist() == [[200, 200, 0]]


def test_too_few_reference_rows_are_said():
    log, day = cells(60, [50, 50, 0]), Window(MONDAY + timedelta(days=40), MONDAY + timedelta(days=41))
    assert one(log, day, ReferenceKind.SAME_WEEKDAY).comparison.reason.tolist() == ["fewer than 500 reference rows"]


def test_a_window_in_which_everything_is_missing_has_nothing_to_compare():
    log, day = cells(60, [0, 0, 100]), Window(MONDAY + timedelta(days=40), MONDAY + timedelta(days=41))
    assert "every value is missing" in one(log, day, ReferenceKind.TRAINING).comparison.reason[0]


def test_the_previous_window_is_as_long_and_ends_where_this_one_begins():
    assert previous(Window(date(2024, 3, 1), date(2024, 4, 1)), Grain.MONTH) == Window(
        date(2024, 2, 1), date(2024, 3, 1)
    )
    assert previous(Window(date(2024, 1, 1), date(2025, 1, 1)), Grain.YEAR).start == date(2023, 1, 1)
    assert previous(Window(date(2024, 3, 11), date(2024, 3, 18)), Grain.DAY).start == date(2024, 3, 4)


def test_without_rows_in_the_range_the_reason_names_it():
    log, day = cells(10, [50, 50, 0]), Window(MONDAY, MONDAY + timedelta(days=1))
    found = one(log, day, ReferenceKind.PREVIOUS)
    assert "no predictions in 2023-12-31" in found.comparison.reason[0]
