"""The first pass over a prediction file: its span of time, and every id seen once over file and log.

Only 64-bit hashes of the ids are held (80 MB for 10 million rows). Where two are equal, or one is
in the log, the few ids concerned are read again and compared as text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import BadInputError
from core.log.coercion.moments import as_instant, as_unit
from core.log.coercion.texts import as_id, hashed
from core.log.delta import LogFile, Table
from core.log.files import Source, read_chunks
from core.log.names import shown
from core.log.schema import ModelSchema
from core.log.table import hits, read_columns
from core.windows import BATCH_ORIGIN, Grain, unit_of

MAX_UNITS = 1_000
FIRST_YEAR, END_YEAR = 1900, 2200
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Rows whose id was there before; all arrays are of one length and sorted by position.

    Attributes
    ----------
    positions : (k,) int64
        Place among the readable rows of the file, from 0.
    first_rows : (k,) int64
        Number of the row that has the id first; 0 when it is in the log.
    batches : (k,) int64
        The batch that holds the id in the log; 0 when the file itself has it.
    """

    positions: NDArray[np.int64]
    first_rows: NDArray[np.int64]
    batches: NDArray[np.int64]

    def fix(self, index: int) -> str:
        """Return what to do about one of them."""
        if self.batches[index]:
            return f"the id is in the log already (batch {self.batches[index]}); leave the row out"
        return f"row {self.first_rows[index]:,} has the same id; keep one of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the first pass found.

    Attributes
    ----------
    rows : int
        Readable rows.
    units : (date, date) or None
        First and last unit; None when no row has a readable time.
    """

    rows: int
    units: tuple[date, date] | None
    repeats: Repeats


@dataclass(frozen=True, slots=True)
class _Seen:
    hashes: NDArray[np.uint64]
    present: NDArray[np.bool_]
    units: tuple[date, date] | None


def scan(source: Source, schema: ModelSchema, log: Table, version_id: int) -> Scan:
    """Read the ids and times of a prediction file.

    Raises
    ------
    BadInputError
        When the file has no rows, or spans more than 1,000 units (or leaves the years 1900–2199):
        its timestamps are then in another unit than they say.
    """
    seen = _read(source, schema)
    ordered = np.sort(seen.hashes[seen.present])
    near = _near(log, schema, seen.units, version_id)
    logged = pl.concat([_NOTHING, *_logged(log, near, version_id, ordered)])
    repeats = _repeats(source, schema, seen, ordered, logged)
    return Scan(rows=len(seen.hashes), units=seen.units, repeats=repeats)


def _read(source: Source, schema: ModelSchema) -> _Seen:
    hashes, present = [], []
    bounds: list[tuple[date, date]] = []
    rows = broken = 0
    for chunk in read_chunks(source, _names(schema)):
        ids = as_id(chunk.columns[schema.prediction_id]).values
        hashes.append(hashed(ids))
        present.append(~np.asarray(ids.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_))
        rows, broken = rows + len(ids), broken + len(chunk.broken)
        bounds += _bounds(source, chunk.columns, schema)
    if rows + broken == 0:
        raise BadInputError(f"{source.name} has no rows; leave it out.")
    units = (min(low for low, _ in bounds), max(high for _, high in bounds)) if bounds else None
    if units is not None:
        _refuse_span(source, units, schema.grain)
    return _Seen(np.concatenate(hashes), np.concatenate(present), units)


def _names(schema: ModelSchema) -> list[str]:
    time = schema.time_column or schema.timestamp
    assert time is not None
    return [schema.prediction_id, time]


def _bounds(source: Source, columns: dict[str, pa.Array], schema: ModelSchema) -> list[tuple[date, date]]:
    if schema.time_column is not None:
        limits = pc.min_max(as_unit(columns[schema.time_column], schema.grain, schema.zone).values).as_py()
        return [] if limits["min"] is None else [(limits["min"], limits["max"])]
    assert schema.timestamp is not None
    instants = as_instant(columns[schema.timestamp], schema.zone).values
    limits = pc.min_max(instants.cast(pa.int64())).as_py()
    if limits["min"] is None:
        return []
    return [(unit_at(source.name, limits["min"], schema), unit_at(source.name, limits["max"], schema))]


def unit_at(where: str, microseconds: int, schema: ModelSchema) -> date:
    """Return the unit of an instant given as microseconds since 1970.

    Raises
    ------
    BadInputError
        When it lies outside the years 1900–2199.
    """
    try:
        moment = (_EPOCH + microseconds * _MICROSECOND).astimezone(schema.zone)
        sane = FIRST_YEAR <= moment.year < END_YEAR
    except OverflowError:
        sane = False
    if not sane:
        raise BadInputError(
            f"{where} has a time outside the years {FIRST_YEAR}–{END_YEAR - 1} in {shown(schema.timestamp)}: "
            "is the timestamp in milliseconds? Write ISO 8601 or a Parquet timestamp."
        )
    return unit_of(moment.date(), schema.grain)


def _refuse_span(source: Source, units: tuple[date, date], grain: Grain) -> None:
    low, high = units
    span = {
        Grain.MONTH: 12 * (high.year - low.year) + high.month - low.month,
        Grain.YEAR: high.year - low.year,
    }.get(grain, (high - low).days) + 1
    if span <= MAX_UNITS:
        return
    if grain is Grain.BATCH:
        first, last = (low - BATCH_ORIGIN).days, (high - BATCH_ORIGIN).days
        raise BadInputError(f"{source.name} spans the batches {first} to {last}, more than {MAX_UNITS:,}; split it.")
    raise BadInputError(
        f"{source.name} spans {span:,} {grain.value}s ({low} to {high}), more than {MAX_UNITS:,}: "
        "is the timestamp in milliseconds? Otherwise split the file."
    )


def _near(log: Table, schema: ModelSchema, units: tuple[date, date] | None, version_id: int) -> tuple[LogFile, ...]:
    """Return the files of the log that may hold an id of the same version within `dedup_days` of the file's units."""
    if units is None:
        return ()
    margin = timedelta(days=schema.dedup_days)
    low, high = unit_of(units[0] - margin, schema.grain), units[1] + margin
    return tuple(
        file
        for file in log.files
        if file.day is not None and low <= file.day <= high and file.versions[0] <= version_id <= file.versions[1]
    )


def _repeats(
    source: Source, schema: ModelSchema, seen: _Seen, ordered: NDArray[np.uint64], logged: pl.DataFrame
) -> Repeats:
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    suspects = np.union1d(twice, logged["hash"].to_numpy())
    if not len(suspects):
        return Repeats(positions=_ints(), first_rows=_ints(), batches=_ints())
    places = np.flatnonzero(np.isin(seen.hashes, suspects) & seen.present)
    rows = pl.concat(list(_reread(source, schema, places)))
    in_log = logged.group_by("id").agg(pl.col("batch").min())
    judged = (
        rows.join(in_log, on="id", how="left", maintain_order="left")
        .with_columns(first=pl.col("position").min().over("id"), first_row=pl.col("row").min().over("id"))
        .filter(pl.col("batch").is_not_null() | (pl.col("position") != pl.col("first")))
        .sort("position")
    )
    batches = judged["batch"].fill_null(0).to_numpy()
    return Repeats(
        positions=judged["position"].to_numpy(),
        first_rows=np.where(batches > 0, 0, judged["first_row"].to_numpy()),
        batches=batches,
    )


_NOTHING = pl.DataFrame(schema={"hash": pl.UInt64, "id": pl.String, "batch": pl.Int64})


def _ints() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


def _logged(
    log: Table, near: tuple[LogFile, ...], version_id: int, ordered: NDArray[np.uint64]
) -> Iterator[pl.DataFrame]:
    """Yield ids of the log, of the same version, whose hash is in the file too."""
    for file in near:
        rows = read_columns(log.root, file, ("id", "batch", "version"))
        if file.versions[0] != file.versions[1]:
            rows = rows.filter(pc.equal(rows["version"], version_id))
        ids = rows["id"].combine_chunks()
        found, _ = hits(hashed(ids), ordered)
        if len(found):
            taken = pa.array(found)
            yield pl.DataFrame(
                {
                    "hash": hashed(ids)[found],
                    "id": pl.Series(values=ids.take(taken), dtype=pl.String),
                    "batch": rows["batch"].combine_chunks().take(taken).to_numpy(zero_copy_only=False),
                }
            )


def _reread(source: Source, schema: ModelSchema, places: NDArray[np.int64]) -> Iterator[pl.DataFrame]:
    """Yield position, row number and id of the rows at `places`."""
    start = 0
    for chunk in read_chunks(source, [schema.prediction_id]):
        ids = as_id(chunk.columns[schema.prediction_id]).values
        inside = places[np.searchsorted(places, start) : np.searchsorted(places, start + len(ids))]
        taken = pa.array(inside - start)
        yield pl.DataFrame(
            {
                "position": inside,
                "row": chunk.numbers[inside - start],
                "id": pl.Series(values=ids.take(taken), dtype=pl.String),
            }
        )
        start += len(ids)
