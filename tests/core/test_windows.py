from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInputError
from core.windows import (
    Grain,
    Window,
    day_of,
    day_starts_at,
    following,
    label,
    last_closed,
    parse_unit,
    parse_window,
    unit_of,
)

NEW_YORK = ZoneInfo("America/New_York")
days = st.dates(date(1990, 1, 1), date(2080, 12, 31))


@given(day=days, grain=st.sampled_from(Grain))
def test_a_label_reads_back_to_its_unit(day, grain):
    unit = unit_of(day, grain)
    assert parse_unit(label(unit, grain), grain) == unit


@given(day=days, grain=st.sampled_from(Grain))
def test_the_following_unit_begins_where_this_one_ends(day, grain):
    unit = unit_of(day, grain)
    after = following(unit, grain)
    assert after > unit
    assert unit_of(after, grain) == after
    assert unit_of(after - timedelta(days=1), grain) == unit


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"])
def test_every_day_of_a_year_with_clock_changes_starts_inside_itself(zone):
    zone = ZoneInfo(zone)
    for ordinal in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        start = day_starts_at(day, zone)
        assert day_of(start, zone) == day
        assert day_of(start - timedelta(microseconds=1), zone) == day - timedelta(days=1)


def test_days_last_23_and_25_hours_when_clocks_change():
    def hours(day):
        return (day_starts_at(day + timedelta(days=1), NEW_YORK) - day_starts_at(day, NEW_YORK)) / timedelta(hours=1)

    assert hours(date(2013, 3, 10)) == 23
    assert hours(date(2013, 11, 3)) == 25
    assert hours(date(2013, 7, 1)) == 24


def test_a_day_is_closed_at_its_midnight_in_the_models_zone():
    midnight = datetime(2014, 1, 1, 5, tzinfo=UTC)
    assert last_closed(midnight, NEW_YORK, Grain.DAY) == date(2013, 12, 31)
    assert last_closed(midnight - timedelta(microseconds=1), NEW_YORK, Grain.DAY) == date(2013, 12, 30)
    assert last_closed(midnight, NEW_YORK, Grain.MONTH) == date(2013, 12, 1)
    assert last_closed(midnight, NEW_YORK, Grain.YEAR) == date(2013, 1, 1)


def test_the_end_of_a_window_is_exclusive():
    window = parse_window("2013-07-01..2013-07-08", Grain.DAY)
    assert window.days == 7
    assert date(2013, 7, 7) in window
    assert date(2013, 7, 8) not in window


def test_windows_of_coarser_grains_are_written_in_unit_labels():
    assert list(parse_window("2016..2018", Grain.YEAR).units(Grain.YEAR)) == [date(2016, 1, 1), date(2017, 1, 1)]
    assert [label(u, Grain.BATCH) for u in parse_window("7..9", Grain.BATCH).units(Grain.BATCH)] == ["7", "8"]


@pytest.mark.parametrize("text", ["2013-07-01", "..", "2013-07-01..", "a..b", "2013-07-02..2013-07-02", "2013..2014"])
def test_a_window_that_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(BadInputError):
        parse_window(text, Grain.DAY)


@pytest.mark.parametrize(
    ("text", "grain"),
    [
        ("2020-01-01..9999-12-31", Grain.DAY),
        ("0001-01-01..0002-01-01", Grain.DAY),
        ("1900-01-01..2024-01-01", Grain.DAY),
        ("0001..9999", Grain.YEAR),
        ("0..999999", Grain.BATCH),
    ],
)
def test_a_window_that_no_log_can_fill_is_refused(text, grain):
    with pytest.raises(BadInputError, match=r"is longer than .*, or nowhere near the data"):
        parse_window(text, grain)


def test_an_empty_window_is_refused():
    with pytest.raises(BadInputError, match="end is exclusive"):
        Window(date(2013, 7, 2), date(2013, 7, 1))
