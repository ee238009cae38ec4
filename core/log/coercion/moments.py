"""Event times: UTC microseconds and the unit of the model's calendar that they lie in."""

from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa

from core.errors import BadInputError
from core.log.coercion.faults import Coerced, Mask, fault, null_mask
from core.log.coercion.numbers import _plain, as_number
from core.windows import Grain

INSTANT = pa.timestamp("us", "UTC")
_ISO = (
    r"^(?<date>\d{4}-\d{2}-\d{2})(?:[T ](?<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?"
    r"\s*(?<zone>[Zz]|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$"
)
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
    elif pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
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
    local = pl.Series(values=_local(naive.set(has_offset, None), zone))
    aware = fixed.zip_with(has_offset, local)
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


def as_unit(column: pa.Array, grain: Grain) -> Coerced:
    """Return a column of unit labels as dates: ``2016`` (year), ``2016-03`` (month), ``7`` (batch).

    Months and years may also be dates or timestamps; batches are whole numbers from 0 to 999,999.

    Raises
    ------
    BadInputError
        When the grain is a day, which has no such column.
    """
    if grain is Grain.DAY:
        raise BadInputError("The grain day has no column of units; its days come from the timestamp.")
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    column = column.cast(kind)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        if grain is Grain.BATCH:
            bad = np.ones(len(column), dtype=np.bool_)
            return Coerced(
                values=pa.nulls(len(column), pa.date32()), faults=fault(bad, "unit_unreadable", _unit_fix(grain))
            )
        units = _truncated(pl.Series(values=column.cast(pa.date32(), safe=False)), grain)
    elif grain is Grain.MONTH:
        units = pl.Series(values=column.cast(pa.large_string())).str.strip_chars().str.slice(0, 7)
        units = (units + "-01").str.to_date("%Y-%m-%d", strict=False)
    else:
        units = _numbered(column, grain)
    missing = null_mask(column)
    unreadable = units.is_null().to_numpy() & ~missing
    return Coerced(
        values=_plain(units).cast(pa.date32()),
        faults=(
            *fault(missing, "timestamp_missing", f"give every row its {grain.value}"),
            *fault(unreadable, "unit_unreadable", _unit_fix(grain)),
        ),
    )


def _truncated(days: pl.Series, grain: Grain) -> pl.Series:
    return days.dt.truncate("1mo" if grain is Grain.MONTH else "1y")


def _numbered(column: pa.Array, grain: Grain) -> pl.Series:
    numbers = pl.Series(values=as_number(column).values)
    low, high = (1900, 2199) if grain is Grain.YEAR else (0, 999_999)
    whole = numbers.is_finite() & (numbers % 1 == 0) & numbers.is_between(low, high)
    kept = numbers.set(~whole.fill_null(False), None).cast(pl.Int32)
    if grain is Grain.BATCH:
        return kept.cast(pl.Date)  # batch k is stored as 1970-01-01 + k days
    return (kept.cast(pl.String) + "-01-01").str.to_date("%Y-%m-%d", strict=False)


def _unit_fix(grain: Grain) -> str:
    example = {Grain.MONTH: "2016-03", Grain.YEAR: "2016", Grain.BATCH: "7"}[grain]
    return f"write the {grain.value} like {example}"
