"""Reading the log: the rows of one unit with the actual that counts for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.log.delta import LogFile, LogSnapshot, Table, open_log, plain_errors

CODED = pa.dictionary(pa.int32(), pa.string())
_PLAIN_TEXT = ("id", "role")
ACTUAL_AT = "actual_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRows:
    """How many rows the log holds of one unit, and for which versions and roles."""

    day: date
    rows: int
    files: int
    keys: tuple[tuple[int, str], ...]


def log_version(log_dir: Path) -> int:
    """Return a number that grows with every commit to a model's log; 0 when there is none."""
    return open_log(log_dir).version


def days_in_log(log_dir: Path, *, snapshot: LogSnapshot | None = None) -> tuple[UnitRows, ...]:
    """Return the units with predictions, oldest first, with their (version id, role) pairs."""
    table = (snapshot or open_log(log_dir)).predictions
    return tuple(
        UnitRows(
            day=day,
            rows=sum(file.rows for file in files),
            files=len(files),
            keys=keys_of(table.root, files),
        )
        for day in table.days
        for files in (table.of_day(day),)
    )


def keys_of(root: Path, files: Iterable[LogFile]) -> tuple[tuple[int, str], ...]:
    """Return the (version id, role) pairs of prediction files; mixed files are looked into."""
    keys: set[tuple[int, str]] = set()
    for file in files:
        if file.versions[0] == file.versions[1] and file.roles[0] == file.roles[1]:
            keys.add((file.versions[0], file.roles[0]))
            continue
        rows = pl.DataFrame(read_columns(root, file, ("version", "role"))).unique()
        keys.update((int(version), str(role)) for version, role in rows.iter_rows())
    return tuple(sorted(keys))


def batches_of_day(
    log_dir: Path, day: date, *, version_id: int, role: str, snapshot: LogSnapshot | None = None
) -> tuple[int, ...]:
    """Return the batches whose rows a unit of a version and role is made of: predictions and actuals."""
    log = snapshot or open_log(log_dir)
    found: set[int] = set()
    for file in _possible(log.predictions.of_day(day), version_id, role):
        if file.batches[0] == file.batches[1] and _pure(file):
            found.add(file.batches[0])
            continue
        rows = _of_version(
            read_columns(log.predictions.root, file, ("batch", "version", "role")), file, version_id, role
        )
        found.update(pc.unique(rows["batch"]).to_pylist())
    for file in log.actuals.of_day(day):
        if file.batches[0] == file.batches[1]:
            found.add(file.batches[0])
        else:
            found.update(pc.unique(read_columns(log.actuals.root, file, ("batch",))["batch"]).to_pylist())
    return tuple(sorted(found))


def read_day(
    log_dir: Path,
    day: date,
    *,
    version_id: int,
    role: str,
    columns: Sequence[str],
    snapshot: LogSnapshot | None = None,
) -> pa.Table:
    """Return the rows of one unit, version and role.

    Parameters
    ----------
    columns : sequence of str
        Internal ids (and ``id``, ``at``, ``intake_at``, ``batch``, …) wanted beside score, decision and actual.
        ``actual_at`` is when the actual that counts became known, null where there is none.
    snapshot : LogSnapshot, optional
        The instant to read; default now. Give one when reading many units.

    Returns
    -------
    pa.Table
        `columns`, then ``score`` (float64: the score, the largest score of the classes, or the
        prediction), ``decision`` (null: not logged) and ``actual`` (null unknown: the winner by
        (actual_at, batch) over inline values and the files of actuals). These two are int8 (1
        positive, 0 not), for a multiclass model int16 (the place among the declared classes); the
        actual of a regression is float64. Text columns are dictionary-coded. A column that is
        younger than a row is null there, one that the log has never held is float64. The content
        is the same for any order of intake; the order of rows is not.
    """
    log = snapshot or open_log(log_dir)
    table = log.predictions
    files = _possible(table.of_day(day), version_id, role)
    joined = _needs_join(log, day, files)
    asked = [name for name in columns if not (joined and name in ("actual", ACTUAL_AT))]
    inner = list(dict.fromkeys([*asked, "score", "decision", *(["id"] if joined else ["actual"])]))
    parts = [
        _of_version(read_columns(table.root, file, _with_keys(inner, file)), file, version_id, role) for file in files
    ]
    kinds = dict.fromkeys(inner, pa.float64()) | {field.name: _read_type(field) for field in table.schema}
    rows = pa.concat_tables([_aligned(part, inner, kinds) for part in parts] or [_empty(inner, kinds)])
    if joined:
        rows = _with_winners(rows, log, day, moments=ACTUAL_AT in columns)
    wanted = list(dict.fromkeys([*columns, "score", "decision", "actual"]))
    return rows.select(wanted)


def _possible(files: Iterable[LogFile], version_id: int, role: str) -> tuple[LogFile, ...]:
    return tuple(
        file
        for file in files
        if file.versions[0] <= version_id <= file.versions[1] and file.roles[0] <= role <= file.roles[1]
    )


def _pure(file: LogFile) -> bool:
    return file.versions[0] == file.versions[1] and file.roles[0] == file.roles[1]


def _with_keys(names: Sequence[str], file: LogFile) -> tuple[str, ...]:
    return tuple(names) if _pure(file) else tuple(dict.fromkeys([*names, "version", "role"]))


def _of_version(rows: pa.Table, file: LogFile, version_id: int, role: str) -> pa.Table:
    if _pure(file):
        return rows
    return rows.filter(pc.and_(pc.equal(rows["version"], version_id), pc.equal(rows["role"], role)))


def _needs_join(log: LogSnapshot, day: date, files: Sequence[LogFile]) -> bool:
    """Say whether actuals can come from elsewhere than from the rows themselves."""
    others = [file for file in log.predictions.of_day(day) if file not in files or not _pure(file)]
    return bool(log.actuals.of_day(day)) or any(file.labelled for file in others)


def read_columns(root: Path, file: LogFile, names: Sequence[str]) -> pa.Table:
    """Return the columns of a data file that are there, text but ids dictionary-coded."""
    path = root / file.path
    with plain_errors(root):
        schema = pq.read_schema(path)
        present = [name for name in dict.fromkeys(names) if name in schema.names]
        coded = [name for name in present if name not in _PLAIN_TEXT and pa.types.is_string(schema.field(name).type)]
        with pq.ParquetFile(path, read_dictionary=coded, pre_buffer=False) as opened:
            return opened.read(columns=present, use_threads=False)


def _read_type(field: pa.Field) -> pa.DataType:
    text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    if not text:
        return field.type
    return pa.string() if field.name in _PLAIN_TEXT else CODED


def _aligned(rows: pa.Table, names: Sequence[str], kinds: dict[str, pa.DataType]) -> pa.Table:
    columns = []
    for name in names:
        kind = kinds[name]
        if name not in rows.column_names:
            columns.append(pa.chunked_array([pa.nulls(rows.num_rows, kind)]))
        elif rows[name].type == kind:
            columns.append(rows[name])
        else:
            columns.append(rows[name].cast(kind))
    return pa.table(columns, names=list(names))


def _empty(names: Sequence[str], kinds: dict[str, pa.DataType]) -> pa.Table:
    return pa.table([pa.array([], kinds[name]) for name in names], names=list(names))


def _with_winners(rows: pa.Table, log: LogSnapshot, day: date, *, moments: bool) -> pa.Table:
    """Return the rows with the actual that counts for each, and with when it became known if that is wanted."""
    names = ("actual", ACTUAL_AT) if moments else ("actual",)
    winners = winning_actuals(log, day).select("id", *names)
    ids = pl.DataFrame({"id": pl.Series(values=rows["id"])})
    found = ids.join(winners, on="id", how="left", maintain_order="left")
    rows = rows.append_column("actual", pa.chunked_array([_arrow(found["actual"]).cast(log.actual_type)]))
    if not moments:
        return rows
    known = found.select(pl.when(pl.col("actual").is_not_null()).then(ACTUAL_AT).alias(ACTUAL_AT))[ACTUAL_AT]
    return rows.append_column(ACTUAL_AT, pa.chunked_array([_arrow(known)]))


def _arrow(series: pl.Series) -> pa.Array:
    array = series.to_arrow()
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


ACTUAL_COLUMNS = ("id", "actual", "actual_at", "batch")


def winning_actuals(log: LogSnapshot, day: date) -> pl.DataFrame:
    """Return one row per id with an actual on `day`: the largest (actual_at, batch); a null withdraws.

    Columns: id, actual (typed as in the log, or null), actual_at, batch.
    """
    return winners_of(all_actuals(log, day))


def winners_of(actuals: pl.DataFrame) -> pl.DataFrame:
    """Return the winner for each id among rows (id, actual, actual_at, batch)."""
    return actuals.sort("actual_at", "batch").unique("id", keep="last", maintain_order=True)


def all_actuals(log: LogSnapshot, day: date) -> pl.DataFrame:
    """Return every actual of a unit, from files of actuals and inline; earlier values included."""
    parts = [_actual_rows(log.actuals, file) for file in log.actuals.of_day(day)]
    inline = [_actual_rows(log.predictions, file) for file in log.predictions.of_day(day) if file.labelled]
    parts += [rows.filter(pl.col("actual").is_not_null()) for rows in inline]
    return pl.concat(parts) if parts else empty_actuals(log.actual_type)


def empty_actuals(kind: pa.DataType) -> pl.DataFrame:
    """Return no actuals, with their columns; `kind` is the type of an actual in the log."""
    actual = pl.Series("actual", pa.array([], kind)).dtype
    instant = pl.Datetime("us", "UTC")
    return pl.DataFrame(schema={"id": pl.String, "actual": actual, "actual_at": instant, "batch": pl.Int64})


def _actual_rows(table: Table, file: LogFile) -> pl.DataFrame:
    rows = pl.DataFrame(read_columns(table.root, file, ACTUAL_COLUMNS)).select(ACTUAL_COLUMNS)
    return rows.cast({"actual_at": pl.Datetime("us", "UTC")})


def read_ids(table: Table, file: LogFile) -> pa.Array:
    """Return the ids of a data file."""
    return read_columns(table.root, file, ("id",))["id"].combine_chunks()


def hits(ids: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (positions in `ids`, positions in sorted `wanted`) of the hashes that are in both."""
    if not len(wanted) or not len(ids):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    places = np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)
    found = np.flatnonzero(wanted[places] == ids)
    return found, places[found]
