"""Writing rows as data files of a Delta table: buffered per unit, flushed by size, so that memory stays bounded."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from core.log.delta import add_action, flush
from core.windows import BATCH_ORIGIN

BUFFER_BYTES = 160_000_000
ROWS_PER_GROUP = 131_072
_STATISTICS = ("id", "version", "role", "batch", "dated")


@dataclass(frozen=True, slots=True)
class Target:
    """Where data files go: a table's folder and the name of the folder in it."""

    root: Path
    folder: str


def write_units(target: Target, parts: Iterable[pa.Table]) -> list[AddAction]:
    """Write rows that carry their unit in a ``day`` column (date32, null allowed); returns the actions.

    Rows are held per unit until `BUFFER_BYTES` are reached; then the fullest units go to the disk,
    one file each. Nothing is visible before the actions are committed.
    """
    held: dict[int | None, list[pa.Table]] = {}
    weight: dict[int | None, int] = {}
    actions: list[AddAction] = []
    for part in parts:
        for unit, rows in _by_unit(part):
            held.setdefault(unit, []).append(rows)
            weight[unit] = weight.get(unit, 0) + _bytes(rows)
        while sum(weight.values()) > BUFFER_BYTES:
            fullest = max(weight, key=weight.__getitem__)
            actions.append(_flushed(target, fullest, held.pop(fullest), len(actions)))
            del weight[fullest]
    for unit in sorted(held, key=lambda u: (u is None, u or 0)):
        actions.append(_flushed(target, unit, held[unit], len(actions)))
        held[unit] = []
    return actions


def _by_unit(part: pa.Table) -> Iterator[tuple[int | None, pa.Table]]:
    days = part["day"].combine_chunks().cast(pa.int32())
    rows = part.drop_columns(["day"])
    if days.null_count:
        missing = days.is_null()
        yield None, rows.filter(missing)
        present = pc.invert(missing)
        rows, days = rows.filter(present), days.drop_null()
    if not rows.num_rows:
        return
    codes = days.to_numpy(zero_copy_only=False)
    units = np.unique(codes)
    if len(units) == 1:
        yield int(units[0]), rows
        return
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], units, side="left")
    for unit, start, stop in zip(units, bounds, [*bounds[1:], len(order)], strict=True):
        yield int(unit), rows.take(pa.array(order[start:stop]))


def _bytes(rows: pa.Table) -> int:
    """Return about how much memory rows hold; codes count without their shared dictionary."""
    fixed = 0
    for column in rows.columns:
        if pa.types.is_dictionary(column.type):
            fixed += 4 * rows.num_rows
        else:
            fixed += column.nbytes
    return fixed


def _flushed(target: Target, unit: int | None, parts: list[pa.Table], number: int) -> AddAction:
    day = None if unit is None else date.fromordinal(BATCH_ORIGIN.toordinal() + unit)
    return write_file(target, day, pa.concat_tables(parts), number)


def write_file(target: Target, day: date | None, rows: pa.Table, number: int) -> AddAction:
    """Write one data file of a unit's rows (without ``day``) and return its action."""
    rows = _plainer(rows.unify_dictionaries().combine_chunks())
    path = f"{target.folder}/{'unmatched' if day is None else day.isoformat()}-{number:05d}.parquet"
    full = target.root / path
    full.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = [field.name for field in rows.schema if _is_coded(field.type) or field.name == "role"]
    constant = [name for name in ("version", "batch", "intake_at", "dated", "all_days") if name in rows.column_names]
    pq.write_table(
        rows,
        full,
        compression="zstd",
        compression_level=1,
        use_dictionary=text + constant,
        store_schema=False,
        row_group_size=ROWS_PER_GROUP,
        write_statistics=["id"],
    )
    flush(full)
    return add_action(target.root, path, day=day, statistics=statistics_of(rows))


def _is_coded(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind))


def _plainer(rows: pa.Table) -> pa.Table:
    """Write out codes whose dictionary is hardly shorter than the column (a dictionary is written whole)."""
    for index, field in enumerate(rows.schema):
        if not _is_coded(field.type) or not rows.num_rows:
            continue
        column = rows.column(index)
        levels = max((len(chunk.dictionary) for chunk in column.chunks), default=0)
        if levels > max(1_000, rows.num_rows // 2):
            rows = rows.set_column(index, field.name, column.cast(field.type.value_type).dictionary_encode())
    return rows


def statistics_of(rows: pa.Table) -> dict[str, Any]:
    """Return the Delta statistics of a data file: bounds of id, version, role, batch; nulls of the actual."""
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    for name in _STATISTICS:
        if name in rows.column_names and rows.num_rows:
            limits: Mapping[str, Any] = pc.min_max(_decoded(rows[name])).as_py()
            low[name], high[name] = limits["min"], limits["max"]
    nulls = {name: rows[name].null_count for name in ("id", "actual") if name in rows.column_names}
    return {"numRecords": rows.num_rows, "minValues": low, "maxValues": high, "nullCount": nulls}


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if _is_coded(column.type) else column
