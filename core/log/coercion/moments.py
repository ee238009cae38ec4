"""Event times: UTC microseconds and the unit of the model's calendar that they lie in."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import BadInputError
from core.log.coercion.faults import Coerced, Mask, fault, null_mask
from core.log.coercion.numbers import _plain, as_number
from core.windows import Grain, day_of, day_starts_at

INSTANT = pa.timestamp("us", "UTC")
_ISO = (
    r"^(?<date>\d{4}-\d{2}-\d{2})(?:[T ](?<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?"
    r"\s*(?<zone>[Zz]|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$"
)
_YEARS = (1900, 2199)
_FIRST_DAY, _LAST_DAY = date(1, 1, 2), date(9999, 12, 30)
_FIX_TEXT = "write the time in ISO 8601, for example 2013-07-19T14:05:00Z"
_FIX_NULL = "give every row the time of its prediction"
_FIX_GAP = "this local time does not exist (clocks were put forward); write it with its offset, for example -04:00"


def instant_fault(kind: pa.DataType) -> str | None:
    """Return why a column of this type cannot hold times, or None when it can."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "holds plain numbers (seconds or milliseconds?); write ISO 8601 text or a Parquet timestamp"
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if text or pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_null(kind):
        return None
    return f"is of type {kind}; write ISO 8601 text or a Parquet timestamp"


def as_instant(column: pa.Array, zone: ZoneInfo) -> Coerced:
    """Return a column as UTC microseconds.

    A time with an offset is what it says; one without is in the model's `zone`: the earlier of
    two when clocks are put back, a fault when clocks were put forward over it. A date alone is
    the begin of that day. Text may mix both, row by row. Finer than a microsecond is cut.

    >>> as_instant(pa.array(["2013-07-19 08:00", "2013-07-19T08:00+02:00"]), ZoneInfo("America/New_York")
    ...           ).values.cast(pa.string()).to_pylist()
    ['2013-07-19 12:00:00.000000Z', '2013-07-19 06:00:00.000000Z']
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    missing = null_mask(column)
    unreadable = np.zeros(len(column), dtype=np.bool_)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        aware = column.cast(INSTANT, safe=False)
    elif pa.types.is_date(column.type):
        aware = _begins(pl.Series(values=column.cast(pa.date32(), safe=False)), zone)
    elif pa.types.is_timestamp(column.type):
        aware = _local(pl.Series(values=column.cast(pa.timestamp("us"), safe=False)), zone)
    else:
        aware, missing, unreadable = _from_text(column, zone)
    gap = null_mask(aware) & ~missing & ~unreadable
    faults = (
        *fault(missing, "timestamp_missing", _FIX_NULL),
        *fault(unreadable, "timestamp_unreadable", _FIX_TEXT),
        *fault(gap, "timestamp_not_there", _FIX_GAP),
    )
    return Coerced(values=aware, faults=faults)


def _local(naive: pl.Series, zone: ZoneInfo) -> pa.Array:
    placed = naive.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    return _plain(placed.dt.convert_time_zone("UTC")).cast(INSTANT)


def _begins(days: pl.Series, zone: ZoneInfo) -> pa.Array:
    """Return the first instant of each day, also where midnight does not exist; null for a day that does not."""
    instants = pl.Series(values=_local(days.cast(pl.Datetime("us")), zone))
    gaps = days.filter(instants.is_null() & days.is_not_null() & days.is_between(_FIRST_DAY, _LAST_DAY)).unique()
    begins = {day: day_starts_at(day, zone) for day in gaps}
    known = {day: begin for day, begin in begins.items() if day_of(begin, zone) == day}
    if not known:
        return _plain(instants).cast(INSTANT)
    filled = days.replace_strict(known, default=None, return_dtype=pl.Datetime("us", "UTC"))
    return _plain(instants.fill_null(filled)).cast(INSTANT)


def _from_text(column: pa.Array, zone: ZoneInfo) -> tuple[pa.Array, Mask, Mask]:
    text = pl.Series("text", column.cast(pa.large_string())).str.strip_chars()
    missing = (text.is_null() | (text == "")).fill_null(True)
    parts = text.str.extract_groups(_ISO).struct.unnest()
    written = parts["date"] + " " + parts["clock"].fill_null("00:00")
    naive = written.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    naive = naive.fill_null(written.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False))
    minutes = _offset_minutes(parts["zone"])
    has_offset = parts["zone"].is_not_null()
    fixed = (naive - (minutes * 60_000_000).cast(pl.Duration("us"))).dt.replace_time_zone("UTC")
    dated = parts["clock"].is_null()
    local = pl.Series(values=_local(naive.set(has_offset | dated, None), zone))
    begins = pl.Series(values=_begins(naive.set(has_offset | ~dated, None).cast(pl.Date), zone))
    aware = fixed.zip_with(has_offset, local.fill_null(begins))
    unreadable = (naive.is_null() & ~missing).to_numpy()
    return _plain(aware).cast(INSTANT), missing.to_numpy(), unreadable


def _offset_minutes(zone: pl.Series) -> pl.Series:
    """Return the offset east of UTC in minutes; 0 for Z and for none."""
    sign = zone.str.starts_with("-").replace_strict({True: -1, False: 1}, return_dtype=pl.Int64)
    digits = zone.str.replace_all(r"[^0-9]", "").str.pad_end(4, "0")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False)
    return (sign * (hours * 60 + minutes)).fill_null(0)


def units_of(instants: pa.Array, zone: ZoneInfo, grain: Grain) -> pa.Array:
    """Return the unit (date32) that each instant lies in, in the model's calendar; null stays null."""
    days = pl.Series(values=instants).dt.convert_time_zone(zone.key).dt.date()
    if grain is Grain.MONTH:
        days = days.dt.truncate("1mo")
    if grain is Grain.YEAR:
        days = days.dt.truncate("1y")
    return _plain(days).cast(pa.date32())


def as_unit(column: pa.Array, grain: Grain, zone: ZoneInfo) -> Coerced:
    """Return a column of unit labels as dates: ``2016`` (year), ``2016-03`` (month), ``7`` (batch).

    Months and years may also be dates or times: one with an offset counts in the model's `zone`,
    one without is what it says. They lie in 1900 to 2199; batches are whole numbers from 0 to 999,999.

    Raises
    ------
    BadInputError
        When the grain is a day, which has no such column.

    >>> as_unit(pa.array(["2016-03", "2016-03-31T23:00-10:00"]), Grain.MONTH, ZoneInfo("UTC")).values.to_pylist()
    [datetime.date(2016, 3, 1), datetime.date(2016, 4, 1)]
    """
    if grain is Grain.DAY:
        raise BadInputError("The grain day has no column of units; its days come from the timestamp.")
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    column = column.cast(kind)
    missing = null_mask(column)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if text:
        missing |= np.asarray(pc.equal(pc.utf8_trim_whitespace(column), "").fill_null(False))
    if grain is Grain.BATCH:
        units = _batches(column)
    else:
        units = _first_days(_labelled(column, grain, zone) if text else _stored_days(column, grain, zone), grain)
    unreadable = units.is_null().to_numpy() & ~missing
    return Coerced(
        values=_plain(units).cast(pa.date32()),
        faults=(
            *fault(missing, "timestamp_missing", f"give every row its {grain.value}"),
            *fault(unreadable, "unit_unreadable", _unit_fix(grain)),
        ),
    )


def _stored_days(column: pa.Array, grain: Grain, zone: ZoneInfo) -> pl.Series:
    """Return the days of a column that is not text."""
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return pl.Series(values=units_of(column.cast(INSTANT, safe=False), zone, Grain.DAY))
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return pl.Series(values=column.cast(pa.timestamp("us"), safe=False).cast(pa.date32(), safe=False))
    if grain is Grain.MONTH:
        return pl.Series([None] * len(column), dtype=pl.Date)
    return (_whole(column, *_YEARS).cast(pl.String) + "-01-01").str.to_date("%Y-%m-%d", strict=False)


def _labelled(column: pa.Array, grain: Grain, zone: ZoneInfo) -> pl.Series:
    """Return the days of text: the unit's own label, or a date or time."""
    text = pl.Series(values=column.cast(pa.large_string())).str.strip_chars()
    if grain is Grain.MONTH:
        short = text.set(~text.str.contains(r"^\d{4}-\d{2}$").fill_null(False), None) + "-01"
        days = short.str.to_date("%Y-%m-%d", strict=False)
    else:
        days = _stored_days(_plain(text), grain, zone)
    parts = text.str.extract_groups(_ISO).struct.unnest()
    instants, _, unreadable = _from_text(_plain(text), zone)
    naive = parts["date"].set(pl.Series(unreadable) | parts["zone"].is_not_null(), None)
    days = days.fill_null(naive.str.to_date("%Y-%m-%d", strict=False))
    aware = pl.Series(values=units_of(instants, zone, Grain.DAY)).set(parts["zone"].is_null(), None)
    return days.fill_null(aware)


def _first_days(days: pl.Series, grain: Grain) -> pl.Series:
    sane = days.is_between(date(_YEARS[0], 1, 1), date(_YEARS[1], 12, 31))
    return days.set(~sane.fill_null(False), None).dt.truncate("1mo" if grain is Grain.MONTH else "1y")


def _batches(column: pa.Array) -> pl.Series:
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return pl.Series([None] * len(column), dtype=pl.Date)
    return _whole(column, 0, 999_999).cast(pl.Date)  # batch k is stored as 1970-01-01 + k days


def _whole(column: pa.Array, low: int, high: int) -> pl.Series:
    """Return whole numbers between two bounds, null for everything else."""
    numbers = pl.Series(values=as_number(column).values)
    whole = numbers.is_finite() & (numbers % 1 == 0) & numbers.is_between(low, high)
    return numbers.set(~whole.fill_null(False), None).cast(pl.Int32)


def _unit_fix(grain: Grain) -> str:
    example = {Grain.MONTH: "2016-03", Grain.YEAR: "2016", Grain.BATCH: "7"}[grain]
    return f"write the {grain.value} like {example}"
