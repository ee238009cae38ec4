"""The second pass over a prediction file: its rows as the log stores them, a chunk at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import BadInputError
from core.log.chunks import Chunk
from core.log.contract import Removal
from core.log.delta import INSTANT
from core.log.files import Format, Source, read_chunks
from core.log.names import shown
from core.log.outcomes import QuarantinedRow
from core.log.quarantine import Tally, add_broken, add_rows, add_unreadable, shown_value
from core.log.rows import REPEATED, Judged, RowPlan, judge, optional_columns, type_faults, wanted_columns
from core.log.scan import Repeats
from core.log.schema import ModelSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every row of a batch carries."""

    version_id: int
    role: str
    batch_id: int
    intake_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Filled while the rows of a file stream by: accepted rows per unit, rejected rows, rows removed by contract."""

    units: dict[date, int]
    tally: Tally
    removed: dict[date, int]
    inline: dict[date, int]


def new_counts() -> Counts:
    """Return counts of nothing."""
    return Counts(units={}, tally={}, removed={}, inline={})


def check_columns(source: Source, schema: ModelSchema) -> frozenset[str]:
    """Return the columns of a prediction file that are read.

    Raises
    ------
    BadInputError
        When one that `model.yaml` names is missing.
    """
    wanted, optional = wanted_columns(schema), optional_columns(schema)
    if source.format is Format.JSON_LINES:
        there = set(source.columns)
        missing = [name for name in (schema.prediction_id, *schema.score_columns) if name not in there]
        present = frozenset([*wanted, *optional])
    else:
        missing = [name for name in wanted if name not in source.columns]
        present = frozenset(name for name in [*wanted, *optional] if name in source.columns)
    refuse_missing(source, missing)
    return present


def refuse_missing(source: Source, missing: Sequence[str]) -> None:
    """Refuse a file that lacks columns, naming them and what it has instead."""
    if not missing:
        return
    names = ", ".join(shown(name) for name in missing[:5]) + (
        f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    )
    has = ", ".join(shown(name) for name in source.columns[:8]) + (", …" if len(source.columns) > 8 else "")
    word = "column" if len(missing) == 1 else "columns"
    raise BadInputError(f"{source.name} lacks the {word} {names} (it has {has}); add it or change model.yaml.")


def accepted_rows(
    source: Source, plan: RowPlan, *, repeats: Repeats, removals: Sequence[Removal], stamp: Stamp, counts: Counts
) -> Iterator[pa.Table]:
    """Yield the accepted rows of a file with the log's columns, filling `counts` on the way.

    Raises
    ------
    BadInputError
        When a column cannot hold what the schema says, or the file is damaged.
    """
    start = 0
    possible = (*wanted_columns(plan.schema), *optional_columns(plan.schema), *plan.shap)
    names = [name for name in possible if name in plan.present]
    for chunk in read_chunks(source, names):
        refuse_types(source, chunk, plan.schema)
        stop = start + len(chunk.numbers)
        first, last = np.searchsorted(repeats.positions, [start, stop])
        judged = judge(chunk, plan, repeats.positions[first:last] - start)
        add_unreadable(counts.tally, chunk.broken)
        _count_broken(counts, chunk, judged, repeats, start)
        rows = _removed_by_contract(judged, chunk, removals, counts)
        _count_units(rows, counts)
        if rows.num_rows:
            yield _stamped(rows, stamp)
        start = stop


def refuse_types(source: Source, chunk: Chunk, schema: ModelSchema) -> None:
    """Refuse a file whose columns are of types that cannot hold what the schema says."""
    clauses = type_faults({name: column.type for name, column in chunk.columns.items()}, schema)
    if clauses:
        raise BadInputError(f"{source.name}: {clauses[0]}.")


def _count_broken(counts: Counts, chunk: Chunk, judged: Judged, repeats: Repeats, start: int) -> None:
    for broken in judged.broken:
        if broken.rule != REPEATED:
            add_broken(counts.tally, chunk, broken)
            continue
        raw = chunk.columns[broken.column]
        indices = np.searchsorted(repeats.positions, broken.positions + start)
        rows = (
            QuarantinedRow(
                row=int(chunk.numbers[position]),
                column=broken.column,
                rule=REPEATED,
                value=shown_value(raw[int(position)].as_py()),
                fix=repeats.fix(int(index)),
            )
            for position, index in zip(broken.positions, indices, strict=True)
        )
        add_rows(counts.tally, rows, len(broken.positions))


def _removed_by_contract(judged: Judged, chunk: Chunk, removals: Sequence[Removal], counts: Counts) -> pa.Table:
    """Take out the rows that an explicit ``on_violation: quarantine`` removes."""
    if not removals or not judged.rows.num_rows:
        return judged.rows
    frame = pl.DataFrame(judged.rows)
    numbers = chunk.numbers[judged.kept]
    out = np.zeros(frame.height, dtype=np.bool_)
    for removal in removals:
        breaks = frame.select(removal.breaks.fill_null(False).alias("breaks"))["breaks"].to_numpy() & ~out
        out |= breaks
        raw = chunk.columns[removal.column]
        places = np.flatnonzero(judged.kept)[breaks]
        rows = (
            QuarantinedRow(
                row=int(number),
                column=removal.column,
                rule=removal.rule,
                value=shown_value(raw[int(place)].as_py()),
                fix=removal.fix,
            )
            for number, place in zip(numbers[breaks], places, strict=True)
        )
        add_rows(counts.tally, rows, int(breaks.sum()))
    for day, count in _per_unit(judged.rows.filter(pa.array(out))["day"]):
        counts.removed[day] = counts.removed.get(day, 0) + count
    return judged.rows.filter(pa.array(~out))


def _count_units(rows: pa.Table, counts: Counts) -> None:
    for day, count in _per_unit(rows["day"]):
        counts.units[day] = counts.units.get(day, 0) + count
    if rows["actual"].null_count < rows.num_rows:
        for day, count in _per_unit(rows.filter(rows["actual"].is_valid())["day"]):
            counts.inline[day] = counts.inline.get(day, 0) + count


def _per_unit(days: pa.ChunkedArray) -> list[tuple[date, int]]:
    return [(item["values"], item["counts"]) for item in pc.value_counts(days).to_pylist()]


def _stamped(rows: pa.Table, stamp: Stamp) -> pa.Table:
    n = rows.num_rows
    constants = {
        "version": pa.scalar(stamp.version_id, pa.int32()),
        "role": pa.scalar(stamp.role, pa.string()),
        "batch": pa.scalar(stamp.batch_id, pa.int64()),
        "intake_at": pa.scalar(stamp.intake_at, INSTANT),
    }
    for name, value in constants.items():
        rows = rows.append_column(name, pa.repeat(value, n))
    return rows
