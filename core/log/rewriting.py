"""Commits that move rows which are in the log already: match, release, revert, compact.

Each is one Delta commit that removes data files and adds what is left of them; a reader sees the
log before or after it. Repeating one that a crash cut off gives the same log.
"""

import shutil
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction, RemoveAction

from core.log.actuals import as_log_rows
from core.log.delta import (
    ACTUALS,
    PREDICTIONS,
    LogFile,
    LogSnapshot,
    Table,
    commit,
    committed,
    open_log,
    plain_errors,
    remove_action,
)
from core.log.matching import in_window, neighbours
from core.log.schema import ModelSchema
from core.log.table import read_columns, read_ids, winners_of
from core.log.writing import Target, write_file, write_units
from core.windows import Grain, last_closed

MAX_COMPACT_ROWS = 4_000_000
"""A unit with more rows stays in several files: it is sorted in memory."""
_ROW = ("id", "actual_at", "batch")


def batch_folder(batch_id: int) -> str:
    """Return the folder of a batch's data files inside a table."""
    return f"b{batch_id}"


def files_of_batch(table: Table, batch_id: int) -> tuple[LogFile, ...]:
    """Return the data files that hold rows of a batch, going by their bounds."""
    return tuple(file for file in table.files if file.batches[0] <= batch_id <= file.batches[1])


def _fresh(root: Path, folder: str) -> Target:
    """Return a target whose folder is empty: what an earlier attempt left is removed."""
    shutil.rmtree(root / folder, ignore_errors=True)
    return Target(root, folder)


def match_unmatched(log_dir: Path, schema: ModelSchema, batch_id: int) -> None:
    """Lay waiting actuals beside the predictions of a batch that has just landed.

    Candidates are the unmatched ones, and those without a timestamp that were matched to a unit
    within `dedup_days` (the same prediction by another version). Does nothing the second time.
    """
    transaction = f"match-{batch_id}"
    if committed(log_dir / ACTUALS, transaction):
        return
    log = open_log(log_dir)
    new = tuple(file for file in files_of_batch(log.predictions, batch_id) if file.day is not None)
    if not new or not log.actuals.files:
        return
    waiting = _waiting(log, new, schema)
    if not waiting.height:
        return
    pairs = _pairs(log, new, waiting, schema)
    if not pairs.height:
        return
    moved = pairs.filter(pl.col("was").is_null())
    target = _fresh(log.actuals.root, f"m{batch_id}")
    actions: list[AddAction | RemoveAction] = list(write_units(target, [as_log_rows(pairs)]))
    left = waiting.filter(pl.col("was").is_null()).join(moved, on=_ROW, how="anti")
    touched = set(moved["file"].unique())
    actions += [remove_action(file) for file in log.actuals.of_day(None) if file.path in touched]
    remaining = left.filter(pl.col("file").is_in(list(touched))).with_columns(day=pl.lit(None, pl.Date))
    if remaining.height:
        rows = as_log_rows(remaining).drop_columns(["day"])
        actions.append(write_file(target, None, rows, len(actions)))
    commit(log.actuals.root, actions, transaction=transaction)


def _waiting(log: LogSnapshot, new: tuple[LogFile, ...], schema: ModelSchema) -> pl.DataFrame:
    """Return undated actuals (with ``was``, their unit now, and ``file``) that may belong to new predictions."""
    low, high = neighbours((file.day for file in new if file.day), schema.dedup_days)
    first, last = min(file.ids[0] for file in new), max(file.ids[1] for file in new)
    possible = [
        file
        for file in log.actuals.files
        if file.undated
        and (file.day is None or low <= file.day <= high)
        and file.ids[0] <= last
        and file.ids[1] >= first
    ]
    return _undated(log.actuals, possible)


def _undated(table: Table, files: Iterable[LogFile]) -> pl.DataFrame:
    names = ("id", "actual", "actual_at", "batch", "dated", "all_days", "intake_at")
    kinds = {"dated": pl.Int8, "all_days": pl.Int8}
    parts = [
        pl.DataFrame(read_columns(table.root, file, names))
        .select(names)
        .cast(kinds)  # type: ignore[arg-type]
        .filter(pl.col("dated") == 0)
        .with_columns(was=pl.lit(file.day, pl.Date), file=pl.lit(file.path))
        for file in files
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema={"id": pl.String, "was": pl.Date})


def _pairs(log: LogSnapshot, new: tuple[LogFile, ...], waiting: pl.DataFrame, schema: ModelSchema) -> pl.DataFrame:
    """Return the waiting actuals with each ``day`` of new predictions that they apply to and are not in yet."""
    found = []
    for file in new:
        assert file.day is not None
        ids = pl.DataFrame({"id": pl.Series(values=read_ids(log.predictions, file), dtype=pl.String)})
        near = waiting.filter(
            pl.col("was").is_null()
            | ((pl.col("was") - pl.lit(file.day)).dt.total_days().abs() <= schema.dedup_days)
            & (pl.col("was") != file.day)
        )
        there = waiting.filter(pl.col("was") == file.day)
        hits = near.join(ids, on="id", how="semi").join(there, on=_ROW, how="anti")
        found.append(hits.with_columns(day=pl.lit(file.day, pl.Date)))
    pairs = pl.concat(found)
    inside = pairs.filter(in_window(pairs, schema)) if pairs.height else pairs
    return inside.unique([*_ROW, "day"], maintain_order=True)


def remove_batch(log_dir: Path, batch_id: int) -> None:
    """Take a batch's rows out of predictions and actuals, one commit each; files that hold several are rewritten."""
    for name in (PREDICTIONS, ACTUALS):
        root, transaction = log_dir / name, f"revert-{batch_id}"
        if committed(root, transaction):
            continue
        log = open_log(log_dir)
        table = log.predictions if name == PREDICTIONS else log.actuals
        files = files_of_batch(table, batch_id)
        if not files:
            continue
        target = _fresh(root, f"r{batch_id}")
        commit(root, list(_without(table, files, target, batch_id)), transaction=transaction)


def _without(
    table: Table, files: Iterable[LogFile], target: Target, batch_id: int
) -> Iterable[AddAction | RemoveAction]:
    for number, file in enumerate(files):
        yield remove_action(file)
        if file.batches[0] == file.batches[1]:
            continue
        rows = _whole(table, file)
        left = rows.filter(pc.not_equal(rows["batch"], batch_id))
        if left.num_rows:
            yield write_file(target, file.day, left, number)


def _whole(table: Table, file: LogFile) -> pa.Table:
    text = [field.name for field in table.schema if pa.types.is_string(field.type) and field.name not in ("id", "role")]
    path = table.root / file.path
    with plain_errors(table.root), pq.ParquetFile(path, read_dictionary=text, pre_buffer=False) as opened:
        return opened.read(use_threads=False)


def release_actuals(log_dir: Path, schema: ModelSchema, batch_id: int, days: Iterable[date]) -> None:
    """Let actuals wait again whose prediction went away with a reverted batch.

    Those that were given the time of their prediction stay where that says.
    """
    transaction = f"release-{batch_id}"
    units = set(days)
    if not units or committed(log_dir / ACTUALS, transaction):
        return
    log = open_log(log_dir)
    low, high = neighbours(units, schema.dedup_days)
    near = [file for file in log.actuals.files if file.undated and file.day is not None and low <= file.day <= high]
    rows = _undated(log.actuals, near)
    if not rows.height:
        return
    parts = [_orphans(log, day, rows.filter(pl.col("was") == day)) for day in sorted(units)]
    orphans = pl.concat(parts)
    if not orphans.height:
        return
    elsewhere = rows.join(orphans, on=[*_ROW, "was"], how="anti")
    waiting = orphans.unique(_ROW, maintain_order=True).join(elsewhere, on=_ROW, how="anti")
    target = _fresh(log.actuals.root, f"w{batch_id}")
    actions = _rewritten(log.actuals, orphans, target)
    if waiting.height:
        free = as_log_rows(waiting.with_columns(day=pl.lit(None, pl.Date))).drop_columns(["day"])
        actions.append(write_file(target, None, free, len(actions)))
    commit(log.actuals.root, actions, transaction=transaction)


def _orphans(log: LogSnapshot, day: date, rows: pl.DataFrame) -> pl.DataFrame:
    ids = [
        pl.DataFrame({"id": pl.Series(values=read_ids(log.predictions, f), dtype=pl.String)})
        for f in log.predictions.of_day(day)
    ]
    return rows.join(pl.concat(ids), on="id", how="anti") if ids else rows


def _rewritten(table: Table, gone: pl.DataFrame, target: Target) -> list[AddAction | RemoveAction]:
    """Return the actions that take the rows `gone` (undated, by ``file``) out of a table of actuals."""
    actions: list[AddAction | RemoveAction] = []
    for file in table.files:
        out = gone.filter(pl.col("file") == file.path).select(*_ROW, dated=pl.lit(0, pl.Int8), out=pl.lit(value=True))
        if not out.height:
            continue
        actions.append(remove_action(file))
        rows = _whole(table, file)
        keys = pl.DataFrame(rows.select([*_ROW, "dated"])).cast({"dated": pl.Int8})
        keep = keys.join(out, on=[*_ROW, "dated"], how="left", maintain_order="left")["out"].is_null()
        left = rows.filter(pa.array(keep.to_numpy()))
        if left.num_rows:
            actions.append(write_file(target, file.day, left, len(actions)))
    return actions


def units_changed_without(
    log: LogSnapshot, batch_id: int, all_rows: Callable[[LogSnapshot, date], pl.DataFrame]
) -> set[date]:
    """Return the units in which the winning actual of an id changes when a batch's actuals go."""
    changed: set[date] = set()
    for day in {file.day for file in files_of_batch(log.actuals, batch_id) if file.day is not None}:
        rows = all_rows(log, day)
        mine = rows.filter(pl.col("batch") == batch_id)
        before = rows.join(mine, on="id", how="semi")
        after = winners_of(before.filter(pl.col("batch") != batch_id)).select("id", now="actual")
        moved = winners_of(before).join(after, on="id", how="left")
        if moved.filter(~pl.col("actual").eq_missing(pl.col("now"))).height:
            changed.add(day)
    return changed


def compact_days(log_dir: Path, schema: ModelSchema, at: datetime) -> list[date]:
    """Rewrite every closed unit that lies in several files, and the waiting actuals; returns the units.

    Numbered batches are closed when they are there.
    """
    log = open_log(log_dir)
    closed = None if schema.grain is Grain.BATCH else last_closed(at, schema.zone, schema.grain)
    rewritten = []
    for day in sorted({*log.predictions.days, *log.actuals.days}):
        if closed is not None and day > closed:
            continue
        now = open_log(log_dir)
        if compact_unit(now.predictions, day) + compact_unit(now.actuals, day):
            rewritten.append(day)
    compact_unit(open_log(log_dir).actuals, None)
    return rewritten


def compact_unit(table: Table, day: date | None) -> int:
    """Rewrite the files of a unit as one sorted by id, in one commit; returns how many files it replaced.

    The content stays the same. A unit with one file, or too many rows to sort in memory, is left alone.
    """
    files = table.of_day(day)
    if len(files) < 2 or sum(file.rows for file in files) > MAX_COMPACT_ROWS:
        return 0
    rows = pa.concat_tables([_whole(table, file) for file in files], promote_options="default")
    order = pc.sort_indices(rows, sort_keys=[("id", "ascending"), ("batch", "ascending")])
    target = Target(table.root, f"k{table.version + 1}")
    added = write_file(target, day, rows.unify_dictionaries().take(order), 0)
    commit(table.root, [*(remove_action(file) for file in files), added])
    return len(files)
