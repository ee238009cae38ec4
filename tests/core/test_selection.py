from datetime import date, timedelta

import pytest

from core.errors import BadInputError
from core.selection import (
    Every,
    ReferenceKind,
    Slice,
    check_grain,
    consecutive,
    parse_reference,
    parse_slice,
)
from core.windows import Grain, Window, following

JULY = [date(2013, 7, 1) + timedelta(days=n) for n in range(31)]


def test_weeks_begin_on_monday_and_hold_seven_days():
    weeks = consecutive(JULY, Every.WEEK, Grain.DAY)
    assert len(weeks) == 5
    assert all(week.start.weekday() == 0 and week.days == 7 for week in weeks)


def test_every_day_with_predictions_is_a_window_of_its_own():
    assert consecutive([JULY[0], JULY[5]], Every.DAY, Grain.DAY) == (
        Window(JULY[0], JULY[1]),
        Window(JULY[5], JULY[6]),
    )


def test_a_month_is_whole_even_when_only_some_of_its_days_have_predictions():
    assert consecutive(JULY[3:5], Every.MONTH, Grain.DAY) == (Window(date(2013, 7, 1), date(2013, 8, 1)),)


@pytest.mark.parametrize(
    ("every", "grain"),
    [
        (Every.DAY, Grain.MONTH),
        (Every.WEEK, Grain.MONTH),
        (Every.MONTH, Grain.YEAR),
        (Every.WEEK, Grain.BATCH),
        (Every.YEAR, Grain.BATCH),
    ],
)
def test_windows_finer_than_the_grain_are_refused_with_the_reason(every, grain):
    with pytest.raises(BadInputError, match=f"grain {grain.value}"):
        consecutive(JULY, every, grain)


@pytest.mark.parametrize("grain", Grain)
def test_the_models_own_grain_cuts_one_window_a_unit(grain):
    units = [date(2016, 1, 1), date(2018, 1, 1)]
    found = consecutive(units, Every(grain.value), grain)
    assert found == tuple(Window(unit, following(unit, grain)) for unit in units)


def test_a_window_that_cuts_a_month_is_refused_for_a_monthly_log():
    with pytest.raises(BadInputError, match="finer"):
        check_grain(Window(date(2013, 7, 2), date(2013, 8, 1)), Grain.MONTH)


def test_references_are_read_by_name_or_as_a_range():
    assert parse_reference("same_weekday", Grain.DAY).kind is ReferenceKind.SAME_WEEKDAY
    assert parse_reference("2013-05-01..2013-06-01", Grain.DAY).window == Window(date(2013, 5, 1), date(2013, 6, 1))
    with pytest.raises(BadInputError, match="same_weekday"):
        parse_reference("yesterday", Grain.DAY)


def test_a_segment_value_may_hold_an_equals_sign():
    assert parse_slice("plan=a=b") == Slice(column="plan", level="a=b")
    with pytest.raises(BadInputError, match="COLUMN=VALUE"):
        parse_slice("carrier")
