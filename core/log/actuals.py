"""Files of actuals: read, judged, and laid beside the predictions they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl
import pyarrow as pa

from core.errors import BadInputError
from core.log.by_task import as_actual
from core.log.chunks import Chunk
from core.log.coercion.faults import Coerced, Fault, fault
from core.log.coercion.moments import as_instant, as_unit, instant_fault, units_of
from core.log.coercion.texts import as_id
from core.log.delta import ACTUAL_FIELDS, LogFile, LogSnapshot
from core.log.files import Format, Source, read_chunks
from core.log.intake import refuse_missing
from core.log.matching import find_units, in_window, units_with
from core.log.names import shown
from core.log.outcomes import QuarantinedRow
from core.log.quarantine import Tally, add_broken, add_row, add_unreadable, shown_value
from core.log.rows import ACTUAL_AT, REPEATED, Broken, known_instant
from core.log.scan import unit_at
from core.log.schema import ModelSchema
from core.log.table import all_actuals, keys_of, winners_of

TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualRows:
    """The accepted rows of a file of actuals.

    Attributes
    ----------
    frame : pl.DataFrame
        number, id, actual (null withdraws), actual_at, day (null: no timestamp was given).
    tally : Tally
        The rows that stay out.
    """

    frame: pl.DataFrame
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the actuals of a file go and what that changes.

    Attributes
    ----------
    rows : pl.DataFrame
        id, actual, actual_at, day (null: no prediction yet), dated, all_days.
    matched, unmatched, too_late : int
        Rows of the file; they add up to the accepted ones.
    corrected : int
        Ids that had a known value and have another now.
    changed : tuple of (version id, role, day)
        Units in which the winning value of an id changed.
    """

    rows: pl.DataFrame
    matched: int
    unmatched: int
    too_late: int
    corrected: int
    changed: tuple[tuple[int, str, date], ...]


def read_actuals(source: Source, schema: ModelSchema, intake_at: datetime) -> ActualRows:
    """Return the actuals of a file, one row per (id, actual_at), the first of each kept.

    Raises
    ------
    BadInputError
        When the model has no actuals, the file lacks a column, has no rows, or its times are in
        another unit than they say.
    """
    names = _columns(source, schema)
    tally: Tally = {}
    parts = []
    rows = 0
    for chunk in read_chunks(source, list(names.values())):
        _refuse_types(source, chunk, names)
        add_unreadable(tally, chunk.broken)
        rows += len(chunk.numbers) + len(chunk.broken)
        parts.append(_judged(source, chunk, schema, names=names, intake_at=intake_at, tally=tally))
    if not rows:
        raise BadInputError(f"{source.name} has no rows; leave it out.")
    return ActualRows(frame=_once(pl.concat(parts), schema.prediction_id, tally), tally=tally)


def _columns(source: Source, schema: ModelSchema) -> dict[str, str]:
    """Return the part (id, actual, at, unit, actual_at) → column of the file."""
    if schema.actual is None:
        raise BadInputError(
            f"{source.name} cannot be taken: model.yaml names no column of actuals; add columns.actual."
        )
    there = source.columns
    refuse_missing(source, [name for name in (schema.prediction_id, schema.actual) if name not in there])
    names = {"id": schema.prediction_id, "actual": schema.actual}
    if schema.time_column is not None and schema.time_column in there:
        names["unit"] = schema.time_column
    elif schema.time_column is None:
        at = next(
            (name for name in (schema.timestamp, TIMESTAMP) if name in there and name not in names.values()), None
        )
        names |= {"at": at} if at is not None else {}
    if ACTUAL_AT in there or source.format is Format.JSON_LINES:
        names["actual_at"] = ACTUAL_AT
    return names


def _refuse_types(source: Source, chunk: Chunk, names: dict[str, str]) -> None:
    for part in ("at", "actual_at"):
        why = instant_fault(chunk.columns[names[part]].type) if part in names else None
        if why is not None:
            raise BadInputError(f"{source.name}: the column {shown(names[part])} {why}.")


def _judged(
    source: Source, chunk: Chunk, schema: ModelSchema, *, names: dict[str, str], intake_at: datetime, tally: Tally
) -> pl.DataFrame:
    parts = _coerced(chunk, names, schema, intake_at)
    bad = np.zeros(len(chunk.numbers), dtype=np.bool_)
    for part, coerced in parts.items():
        for one in coerced.faults:
            _count(tally, chunk, names[part], one, bad)
            bad |= one.mask
    days = _days(source, parts, schema, len(bad))
    moments = parts["actual_at"].values if "actual_at" in parts else pa.nulls(len(bad), pa.timestamp("us", "UTC"))
    frame = pl.DataFrame(
        {
            "number": chunk.numbers,
            "id": pl.Series(values=parts["id"].values, dtype=pl.String),
            "actual": pl.Series(values=parts["actual"].values),
            "actual_at": pl.Series(values=moments, dtype=pl.Datetime("us", "UTC")).fill_null(intake_at),
            "day": pl.Series(values=days, dtype=pl.Date),
        }
    )
    return frame.filter(~pl.Series(bad))


def _coerced(chunk: Chunk, names: dict[str, str], schema: ModelSchema, intake_at: datetime) -> dict[str, Coerced]:
    columns = {part: chunk.columns[name] for part, name in names.items()}
    parts = {"id": as_id(columns["id"]), "actual": _stated(chunk, names["actual"], schema)}
    if "at" in columns:
        parts["at"] = _without_missing(as_instant(columns["at"], schema.zone))
    if "unit" in columns:
        parts["unit"] = _without_missing(as_unit(columns["unit"], schema.grain, schema.zone))
    if "actual_at" in columns:
        parts["actual_at"] = known_instant(columns["actual_at"], schema, intake_at)
    return parts


def _stated(chunk: Chunk, name: str, schema: ModelSchema) -> Coerced:
    """Return the actuals, typed; a JSON line without the key is a fault, only an explicit null withdraws."""
    labels = as_actual(chunk.columns[name], schema)
    absent = chunk.absent.get(name)
    if absent is None:
        return labels
    fix = "name the actual in every line; write null to withdraw an earlier one"
    return Coerced(values=labels.values, faults=(*labels.faults, *fault(absent, "actual_absent", fix)))


def _without_missing(coerced: Coerced) -> Coerced:
    """A missing time of the prediction is no fault of an actual: it is searched for by its id."""
    return Coerced(values=coerced.values, faults=tuple(f for f in coerced.faults if f.rule != "timestamp_missing"))


def _count(tally: Tally, chunk: Chunk, column: str, one: Fault, bad: np.ndarray) -> None:
    positions = np.flatnonzero(one.mask & ~bad)
    if len(positions):
        add_broken(tally, chunk, Broken(positions=positions, column=column, rule=one.rule, fix=one.fix))


def _days(source: Source, parts: dict[str, Coerced], schema: ModelSchema, n: int) -> pa.Array:
    if "unit" in parts:
        return parts["unit"].values
    if "at" not in parts:
        return pa.nulls(n, pa.date32())
    instants = parts["at"].values
    known = instants.cast(pa.int64()).drop_null().to_numpy()
    for microseconds in (known.min(), known.max()) if len(known) else ():
        unit_at(source.name, int(microseconds), schema)
    return units_of(instants, schema.zone, schema.grain)


def _once(frame: pl.DataFrame, column: str, tally: Tally) -> pl.DataFrame:
    """Keep the first of rows with the same id and actual_at; the winner would be a matter of chance."""
    first = frame.select(first=pl.struct("id", "actual_at").is_first_distinct())["first"]
    for number, value in frame.filter(~first).select("number", "id").iter_rows():
        fix = "an earlier row has the same id and the same actual_at; keep one, or give each its actual_at"
        add_row(tally, QuarantinedRow(row=number, column=column, rule=REPEATED, value=shown_value(value), fix=fix))
    return frame.filter(first)


def place(actuals: pl.DataFrame, log: LogSnapshot, schema: ModelSchema, *, all_days: bool, batch_id: int) -> Placement:
    """Lay the actuals of a file beside their predictions.

    A row with a day goes there, whether its prediction is in the log already or not. A row
    without one goes to every unit that `find_units` gives and `actual_window` allows; when there
    is none it stays unmatched until predictions with its id arrive.
    """
    frame = actuals.with_columns(all_days=pl.lit(int(all_days), pl.Int8)).with_row_index("row")
    dated = frame.filter(pl.col("day").is_not_null())
    undated = frame.filter(pl.col("day").is_null()).drop("day")
    known = units_with(log.predictions, dated.select("id", "day"))
    dated_matched = dated.join(known, on=["id", "day"], how="semi")
    found = find_units(log.predictions, undated["id"], dedup_days=schema.dedup_days)
    pairs = undated.join(found, on="id", how="inner", maintain_order="left")
    inside = pairs.filter(in_window(pairs, schema)) if pairs.height else pairs
    missed = undated.join(inside, on="row", how="anti")
    too_late = missed.join(pairs, on="row", how="semi").height
    rows = pl.concat(
        [
            _stored(dated, 1),
            _stored(inside, 0),
            _stored(missed.with_columns(day=pl.lit(None, pl.Date)), 0),
        ]
    )
    new = pl.concat([_stored(dated_matched, 1), _stored(inside, 0)])
    corrected, changed = changes(log, new.with_columns(batch=pl.lit(batch_id, pl.Int64)))
    matched = dated_matched.height + inside["row"].n_unique()
    return Placement(
        rows=rows,
        matched=matched,
        unmatched=frame.height - matched - too_late,
        too_late=too_late,
        corrected=corrected,
        changed=changed,
    )


def _stored(frame: pl.DataFrame, dated: int) -> pl.DataFrame:
    return frame.select("id", "actual", "actual_at", "day", dated=pl.lit(dated, pl.Int8), all_days="all_days")


def changes(log: LogSnapshot, new: pl.DataFrame) -> tuple[int, tuple[tuple[int, str, date], ...]]:
    """Return (ids corrected, units changed) when the actuals `new` are added to a log.

    Parameters
    ----------
    new : pl.DataFrame
        id, actual, actual_at, batch, day of rows whose prediction is there.
    """
    corrected: set[str] = set()
    keys: set[tuple[int, str, date]] = set()
    for (day,), rows in new.group_by("day", maintain_order=True):
        added = rows.select("id", "actual", "actual_at", "batch")
        there = all_actuals(log, day).join(added, on="id", how="semi")
        before = winners_of(there).select("id", was="actual")
        after = winners_of(pl.concat([there, added])).select("id", "actual")
        moved = after.join(before, on="id", how="left").filter(~pl.col("actual").eq_missing(pl.col("was")))
        corrected.update(moved.filter(pl.col("was").is_not_null())["id"])
        if moved.height:
            keys |= _keys(log, log.predictions.of_day(day))
    return len(corrected), tuple(sorted(keys))


def _keys(log: LogSnapshot, files: Sequence[LogFile]) -> set[tuple[int, str, date]]:
    pairs = keys_of(log.predictions.root, files)
    return {(version, role, file.day) for version, role in pairs for file in files[:1] if file.day is not None}


def as_table(rows: pl.DataFrame, *, batch_id: int, intake_at: datetime) -> pa.Table:
    """Return placed actuals as the log stores them, with ``day``."""
    stamped = rows.with_columns(batch=pl.lit(batch_id, pl.Int64), intake_at=pl.lit(intake_at, pl.Datetime("us", "UTC")))
    return as_log_rows(stamped)


def as_log_rows(rows: pl.DataFrame) -> pa.Table:
    """Return rows of actuals in the types of the log."""
    wanted = ("day", "id", "batch", "dated", "all_days", "actual", "actual_at", "intake_at")
    table = rows.select(wanted).to_arrow()
    kinds = {**dict(ACTUAL_FIELDS), "actual": table["actual"].type}
    return pa.table([table[name].cast(kinds[name]) for name in wanted], names=list(wanted))
