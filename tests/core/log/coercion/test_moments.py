from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInputError
from core.log.coercion.moments import INSTANT, as_instant, as_unit, instant_fault, units_of
from core.windows import Grain

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [ZoneInfo(name) for name in ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Tokyo")]
NAIVE = datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2100-01-01")


def rows(coerced):
    return {fault.rule: np.flatnonzero(fault.mask).tolist() for fault in coerced.faults}


def read(texts, zone=NEW_YORK):
    coerced = as_instant(pa.array(texts), zone)
    return [value if value is None else value.isoformat() for value in coerced.values.to_pylist()], rows(coerced)


def test_text_with_an_offset_is_what_it_says_and_without_one_is_in_the_zone():
    assert read(["2013-07-19T08:00Z", "2013-07-19 08:00", "2013-07-19T08:00:00+05:30", "2013-07-19 08:00 -0400"]) == (
        [
            "2013-07-19T08:00:00+00:00",
            "2013-07-19T12:00:00+00:00",
            "2013-07-19T02:30:00+00:00",
            "2013-07-19T12:00:00+00:00",
        ],
        {},
    )


def test_the_hour_that_happens_twice_is_the_earlier_one_unless_the_offset_says_otherwise():
    # New York, 3 November 2013: 01:30 is first -04:00 and an hour later -05:00
    assert read(["2013-11-03 01:30", "2013-11-03T01:30-05:00"])[0] == [
        "2013-11-03T05:30:00+00:00",
        "2013-11-03T06:30:00+00:00",
    ]


def test_the_hour_that_does_not_happen_is_a_fault_unless_it_has_an_offset():
    instants, faults = read(["2013-03-10 02:30", "2013-03-10T02:30-05:00", "2013-03-10 03:00"])
    assert instants == [None, "2013-03-10T07:30:00+00:00", "2013-03-10T07:00:00+00:00"]
    assert faults == {"timestamp_not_there": [0]}


def test_a_date_alone_is_the_begin_of_its_day():
    assert read(["2013-07-19"])[0] == ["2013-07-19T04:00:00+00:00"]
    stored = as_instant(pa.array([date(2013, 7, 19)]), NEW_YORK)
    assert stored.values.to_pylist() == [datetime(2013, 7, 19, 4, tzinfo=UTC)]


def test_finer_than_a_microsecond_is_cut():
    assert read(["2013-07-19T08:00:00.123456789Z"])[0] == ["2013-07-19T08:00:00.123456+00:00"]
    nanoseconds = pa.array([1_374_220_800_123_456_789], pa.timestamp("ns", "UTC"))
    assert as_instant(nanoseconds, NEW_YORK).values[0].as_py().microsecond == 123_456


@pytest.mark.parametrize(
    "text", ["soon", "2013-02-30", "19.07.2013", "2013-07-19 25:00", "20130719", "1374220800", "2013-07-19T08:00+15:00"]
)
def test_text_that_is_no_time_is_unreadable(text):
    instants, faults = read([text, "2013-07-19"])
    assert instants == [None, "2013-07-19T04:00:00+00:00"]
    assert faults == {"timestamp_unreadable": [0]}


def test_null_empty_and_blank_are_missing():
    assert read([None, "", "  "]) == ([None] * 3, {"timestamp_missing": [0, 1, 2]})
    assert rows(as_instant(pa.nulls(2), NEW_YORK)) == {"timestamp_missing": [0, 1]}
    stored = pa.array([None, 0], pa.timestamp("s", "UTC"))
    assert rows(as_instant(stored, NEW_YORK)) == {"timestamp_missing": [0]}


def test_parquet_times_with_a_zone_are_instants_and_without_one_are_local():
    eight = datetime.fromisoformat("2013-07-19T08:00")
    aware = pa.array([eight], pa.timestamp("ms")).cast(pa.timestamp("ms", "Europe/Berlin"))
    assert as_instant(aware, NEW_YORK).values.to_pylist() == [datetime(2013, 7, 19, 8, tzinfo=UTC)]
    naive = pa.array([eight], pa.timestamp("ms"))
    assert as_instant(naive, NEW_YORK).values.to_pylist() == [datetime(2013, 7, 19, 12, tzinfo=UTC)]
    assert as_instant(naive, NEW_YORK).values.type == INSTANT


def test_coded_text_reads_like_text():
    coded = pa.array(["2013-07-19", "soon", "2013-07-19"]).dictionary_encode()
    assert rows(as_instant(coded, NEW_YORK)) == {"timestamp_unreadable": [1]}


@given(
    st.datetimes(NAIVE[0], NAIVE[1], timezones=st.sampled_from(ZONES)),
    st.sampled_from(ZONES),
)
def test_a_time_with_its_offset_is_the_same_instant_in_every_zone(moment, zone):
    moment = moment.astimezone(UTC).astimezone(moment.tzinfo)  # leave the hours that do not happen
    text = moment.isoformat()
    coerced = as_instant(pa.array([text]), zone)
    assert coerced.faults == ()
    assert coerced.values.to_pylist() == [moment.astimezone(UTC)]


@pytest.mark.parametrize(
    "kind", [pa.int64(), pa.float64(), pa.decimal128(10, 2), pa.dictionary(pa.int32(), pa.int64())]
)
def test_plain_numbers_cannot_hold_times(kind):
    assert "plain numbers" in instant_fault(kind)


def test_other_types_are_named_and_times_dates_and_text_are_fine():
    assert instant_fault(pa.bool_()).startswith("is of type bool")
    fine = (pa.string(), pa.large_string(), pa.timestamp("ns"), pa.date32(), pa.null())
    assert [instant_fault(kind) for kind in fine] == [None] * 5


def test_units_lie_in_the_calendar_of_the_zone():
    # half past three at night in UTC on New Year's day is the evening before in New York
    instants = pa.array([datetime(2014, 1, 1, 3, 30, tzinfo=UTC), None], INSTANT)
    assert units_of(instants, NEW_YORK, Grain.DAY).to_pylist() == [date(2013, 12, 31), None]
    assert units_of(instants, NEW_YORK, Grain.MONTH).to_pylist() == [date(2013, 12, 1), None]
    assert units_of(instants, NEW_YORK, Grain.YEAR).to_pylist() == [date(2013, 1, 1), None]
    assert units_of(instants, ZoneInfo("UTC"), Grain.DAY).to_pylist() == [date(2014, 1, 1), None]


def test_a_day_with_a_change_of_clocks_has_25_or_23_hours():
    def hours(day):
        every = [datetime(2013, *day, tzinfo=UTC).timestamp() + 3_600 * hour for hour in range(-24, 48)]
        instants = pa.array([datetime.fromtimestamp(second, UTC) for second in every], INSTANT)
        return units_of(instants, NEW_YORK, Grain.DAY).to_pylist().count(date(2013, *day))

    assert [hours((11, 3)), hours((3, 10)), hours((7, 19))] == [25, 23, 24]


@pytest.mark.parametrize(
    ("grain", "column", "expected"),
    [
        (Grain.MONTH, pa.array(["2016-03", " 2016-04 ", "2016-05-17"]), [(2016, 3, 1), (2016, 4, 1), (2016, 5, 1)]),
        (Grain.MONTH, pa.array([date(2016, 3, 9)]), [(2016, 3, 1)]),
        (Grain.YEAR, pa.array([2016, 1900, 2199]), [(2016, 1, 1), (1900, 1, 1), (2199, 1, 1)]),
        (Grain.YEAR, pa.array(["2016", "2016.0"]), [(2016, 1, 1), (2016, 1, 1)]),
        (Grain.YEAR, pa.array([NAIVE[0]]), [(1970, 1, 1)]),
        (Grain.BATCH, pa.array([0, 7]), [(1970, 1, 1), (1970, 1, 8)]),
        (Grain.BATCH, pa.array(["7"]).dictionary_encode(), [(1970, 1, 8)]),
    ],
)
def test_unit_labels_read_as_dates(grain, column, expected):
    coerced = as_unit(column, grain, NEW_YORK)
    assert coerced.values.type == pa.date32()
    assert coerced.values.to_pylist() == [date(*parts) for parts in expected]
    assert coerced.faults == ()


@pytest.mark.parametrize(
    ("grain", "column"),
    [
        (Grain.MONTH, pa.array(["2016-13"])),
        (Grain.MONTH, pa.array(["2016-03garbage"])),
        (Grain.MONTH, pa.array(["2016-03-17 garbage"])),
        (Grain.MONTH, pa.array(["1899-12"])),
        (Grain.YEAR, pa.array([date(9999, 1, 1)])),
        (Grain.MONTH, pa.array([201_603])),
        (Grain.YEAR, pa.array([1899])),
        (Grain.YEAR, pa.array([2200])),
        (Grain.YEAR, pa.array(["2016.5"])),
        (Grain.YEAR, pa.array([Decimal("2016.5")])),
        (Grain.BATCH, pa.array([-1])),
        (Grain.BATCH, pa.array([1_000_000])),
        (Grain.BATCH, pa.array([1.5])),
        (Grain.BATCH, pa.array([date(2016, 1, 1)])),
    ],
)
def test_labels_that_are_no_unit_are_faults(grain, column):
    coerced = as_unit(column, grain, NEW_YORK)
    assert coerced.values.to_pylist() == [None]
    assert rows(coerced) == {"unit_unreadable": [0]}
    assert coerced.faults[0].fix.startswith(f"write the {grain.value} like")


def test_a_missing_unit_is_missing_and_not_unreadable():
    assert rows(as_unit(pa.array([None, 2016]), Grain.YEAR, NEW_YORK)) == {"timestamp_missing": [0]}
    assert rows(as_unit(pa.array(["2016-03", " "]), Grain.MONTH, NEW_YORK)) == {"timestamp_missing": [1]}


def test_the_grain_day_has_no_column_of_units():
    with pytest.raises(BadInputError, match="its days come from the timestamp"):
        as_unit(pa.array(["2016-03-01"]), Grain.DAY, NEW_YORK)


def test_a_date_whose_midnight_does_not_exist_is_the_begin_of_its_day():
    sao_paulo = ZoneInfo("America/Sao_Paulo")  # clocks went from 00:00 to 01:00 on 4 November 2018
    assert read(["2018-11-04", "2018-11-04 00:30"], sao_paulo) == (
        ["2018-11-04T03:00:00+00:00", None],
        {"timestamp_not_there": [1]},
    )
    stored = as_instant(pa.array([date(2018, 11, 4), None]), sao_paulo)
    assert stored.values.to_pylist() == [datetime(2018, 11, 4, 3, tzinfo=UTC), None]
    assert rows(stored) == {"timestamp_missing": [1]}


def test_a_day_that_a_country_left_out_does_not_exist():
    apia = ZoneInfo("Pacific/Apia")  # Samoa went from 29 to 31 December 2011
    assert rows(as_instant(pa.array([date(2011, 12, 29), date(2011, 12, 30)]), apia)) == {"timestamp_not_there": [1]}
    assert read(["2011-12-30"], apia)[1] == {"timestamp_not_there": [0]}


@pytest.mark.parametrize(
    ("grain", "expected"), [(Grain.YEAR, [date(2015, 1, 1)] * 2), (Grain.MONTH, [date(2015, 12, 1)] * 2)]
)
def test_a_unit_with_an_offset_counts_in_the_models_zone(grain, expected):
    early = "2016-01-01T02:00Z"
    stored = pa.array([datetime(2016, 1, 1, 2, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    found = as_unit(pa.array([early]), grain, NEW_YORK).values.to_pylist()
    assert [*found, *as_unit(stored, grain, NEW_YORK).values.to_pylist()] == expected


def test_a_unit_without_an_offset_is_what_it_says():
    naive = pa.array([datetime.fromisoformat("2016-01-01T00:30")], pa.timestamp("us"))
    assert as_unit(naive, Grain.YEAR, NEW_YORK).values.to_pylist() == [date(2016, 1, 1)]
    assert as_unit(pa.array(["2016-01-01 00:30", "2016-02-01"]), Grain.YEAR, NEW_YORK).values.to_pylist() == [
        date(2016, 1, 1),
        date(2016, 1, 1),
    ]
