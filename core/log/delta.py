"""The Delta tables of a model's log: creating, committing, and one instant of them. No SQL here.

Data files lie in a folder named after the batch (``b12/``), so that what a crash leaves behind is
found by its name. The partition value ``day`` is in the commit, as the protocol has it.
"""

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake.exceptions import DeltaError
from deltalake.schema import Field, PrimitiveType
from deltalake.transaction import AddAction, RemoveAction

from core.errors import ConflictError
from core.log.names import printable

PREDICTIONS = "predictions"
ACTUALS = "actuals"
KEEP_HOURS = 168
_DENIED = ("Permission denied", "Read-only file system", "Operation not permitted")
INSTANT = pa.timestamp("us", "UTC")

PREDICTION_FIELDS = (
    ("day", pa.date32()),
    ("id", pa.string()),
    ("version", pa.int32()),
    ("role", pa.string()),
    ("batch", pa.int64()),
    ("actual", pa.int8()),
    ("actual_at", INSTANT),
    ("at", INSTANT),
    ("intake_at", INSTANT),
    ("score", pa.float64()),
    ("decision", pa.int8()),
)
ACTUAL_FIELDS = (
    ("day", pa.date32()),
    ("id", pa.string()),
    ("batch", pa.int64()),
    ("dated", pa.int8()),
    ("all_days", pa.int8()),
    ("actual", pa.int8()),
    ("actual_at", INSTANT),
    ("intake_at", INSTANT),
)
_STATISTICS = {PREDICTIONS: "id,version,role,batch,actual", ACTUALS: "id,batch,dated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """One data file of a table's snapshot with its statistics.

    Attributes
    ----------
    day : date or None
        Unit of its rows; None holds actuals that are not matched yet.
    labelled : bool
        Some rows carry an actual of their own (prediction files).
    """

    path: str
    day: date | None
    rows: int
    size: int
    ids: tuple[str, str]
    batches: tuple[int, int]
    versions: tuple[int, int]
    roles: tuple[str, str]
    labelled: bool
    undated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One instant of a Delta table; `version` is -1 when it does not exist yet."""

    root: Path
    version: int
    schema: pa.Schema
    files: tuple[LogFile, ...]

    def of_day(self, day: date | None) -> tuple[LogFile, ...]:
        """Return the files of one unit."""
        return tuple(file for file in self.files if file.day == day)

    @property
    def days(self) -> tuple[date, ...]:
        """Units with rows, oldest first."""
        return tuple(sorted({file.day for file in self.files if file.day is not None}))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSnapshot:
    """One instant of a model's log: predictions and actuals."""

    predictions: Table
    actuals: Table

    @property
    def actual_type(self) -> pa.DataType:
        """The type of an actual in this log."""
        table = self.predictions if self.predictions.version >= 0 else self.actuals
        return table.schema.field("actual").type

    @property
    def version(self) -> int:
        """A number that grows with every commit to either table."""
        return (self.predictions.version + 1) * 1_000_000_000 + self.actuals.version + 1


def open_log(log_dir: Path) -> LogSnapshot:
    """Return the present instant of a model's log; both tables may be missing still."""
    return LogSnapshot(predictions=_table(log_dir / PREDICTIONS), actuals=_table(log_dir / ACTUALS))


def _table(root: Path) -> Table:
    version = _latest(root)
    return _table_at(root, version, _born(root, version))


def _born(root: Path, version: int) -> int:
    """Return when a commit was written: a folder that was made anew has the same numbers again."""
    return (root / "_delta_log" / f"{version:020d}.json").stat().st_mtime_ns if version >= 0 else 0


def _latest(root: Path) -> int:
    """Return the number of the newest commit, or -1."""
    try:
        names = [entry.name for entry in (root / "_delta_log").iterdir()]
    except FileNotFoundError:
        return -1
    return max((int(name[:20]) for name in names if name.endswith(".json") and name[:20].isdigit()), default=-1)


@lru_cache(maxsize=32)
def _table_at(root: Path, version: int, _written_at: int) -> Table:
    """Return one instant of a table; the time of its commit is part of the key only."""
    if version < 0:
        fields = PREDICTION_FIELDS if root.name == PREDICTIONS else ACTUAL_FIELDS
        return Table(root=root, version=-1, schema=pa.schema(fields), files=())
    with plain_errors(root):
        table = DeltaTable(root, version=version)
        schema = pa.schema(table.schema().to_arrow())
        files = _files(pa.table(table.get_add_actions(flatten=True)))
    return Table(root=root, version=version, schema=schema, files=files)


def _files(actions: pa.Table) -> tuple[LogFile, ...]:
    found = map(_file, actions.to_pylist())
    return tuple(sorted(found, key=lambda file: (file.day is None, file.day or date.min, file.path)))


def _file(row: dict[str, Any]) -> LogFile:
    return LogFile(
        path=row["path"],
        day=row.get("partition.day"),
        rows=row["num_records"],
        size=row["size_bytes"],
        ids=(row.get("min.id") or "", row.get("max.id") or ""),
        batches=(row.get("min.batch") or 0, row.get("max.batch") or 0),
        versions=(row.get("min.version") or 0, row.get("max.version") or 0),
        roles=(row.get("min.role") or "", row.get("max.role") or ""),
        labelled=row.get("null_count.actual", row["num_records"]) not in (None, row["num_records"]),
        undated=row.get("min.dated") == 0,
    )


def ensure_table(
    root: Path, columns: Sequence[tuple[str, pa.DataType]], *, labels: Mapping[str, pa.DataType] | None = None
) -> None:
    """Create the table, or add the columns that it lacks; does nothing when all are there.

    Parameters
    ----------
    labels : mapping of ``actual`` and ``decision`` to the type a new table gives them; default int8
    """
    given = PREDICTION_FIELDS if root.name == PREDICTIONS else ACTUAL_FIELDS
    fixed = [(name, (labels or {}).get(name, kind)) for name, kind in given]
    if _latest(root) < 0:
        root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        DeltaTable.create(
            root,
            schema=pa.schema([*fixed, *columns]),
            partition_by=["day"],
            mode="ignore",
            configuration={"delta.dataSkippingStatsColumns": _STATISTICS[root.name]},
        )
        return
    there = set(_table(root).schema.names)
    lacking = [(name, kind) for name, kind in columns if name not in there]
    if lacking:
        with plain_errors(root):
            DeltaTable(root).alter.add_columns([_delta_field(name, kind) for name, kind in lacking])


def _delta_field(name: str, kind: pa.DataType) -> Field:
    return Field(name, PrimitiveType("double" if pa.types.is_floating(kind) else "string"), nullable=True)


def add_action(root: Path, path: str, *, day: date | None, statistics: Mapping[str, Any]) -> AddAction:
    """Return the action that adds a written and flushed data file."""
    file = root / path
    return AddAction(
        path=path,
        size=file.stat().st_size,
        partition_values={"day": None if day is None else day.isoformat()},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps(dict(statistics)),
    )


def remove_action(file: LogFile) -> RemoveAction:
    """Return the action that takes a data file out of the table."""
    day = None if file.day is None else file.day.isoformat()
    return RemoveAction(file.path, True, int(time.time() * 1000), file.size, {"day": day})


def commit(root: Path, actions: Sequence[AddAction | RemoveAction], *, transaction: str | None = None) -> None:
    """Make the actions true at once, under an application transaction that tells later that they are.

    The commit file is flushed to the disk before this returns, so that a state database that says
    LANDED never knows more than the log after a power cut.
    """
    with plain_errors(root):
        table = DeltaTable(root)
        table.create_write_transaction(
            list(actions),
            "append",
            table.schema(),
            ["day"],
            commit_properties=CommitProperties(
                app_transactions=None if transaction is None else [Transaction(transaction, 1)]
            ),
            post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
        )
    flush(root / "_delta_log" / f"{_latest(root):020d}.json")
    flush(root / "_delta_log")


def committed(root: Path, transaction: str) -> bool:
    """Say whether an application transaction is in the table."""
    with plain_errors(root):
        return _latest(root) >= 0 and DeltaTable(root).transaction_version(transaction) is not None


def unwritable(error: OSError) -> str:
    """Return what the system said when the log could not be written, and what to do."""
    text = str(error)
    denied = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) or any(word in text for word in _DENIED)
    advice = "look at the permissions of its folder" if denied else "free space, then repeat"
    why = os.strerror(error.errno) if error.errno else ("permission denied" if denied else "the disk does not take it")
    return f"cannot be written ({why}); {advice}."


@contextmanager
def plain_errors(root: Path) -> Iterator[None]:
    """Turn what is said of a table whose commits or data files were damaged or lost into a sentence."""
    try:
        yield
    except (DeltaError, FileNotFoundError, pa.ArrowInvalid) as error:
        why = printable(" ".join(str(error).split())[:160].rstrip("."))
        raise ConflictError(f"The log in {root} is damaged ({why}); restore the store from a copy.") from error


def flush(path: Path) -> None:
    """Force a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(log_dir: Path, folder: str) -> None:
    """Remove the data files of a folder that no commit mentions (a crash or a refusal left them)."""
    for name in (PREDICTIONS, ACTUALS):
        shutil.rmtree(log_dir / name / folder, ignore_errors=True)


def vacuum(root: Path) -> int:
    """Remove data files that no snapshot of the last week needs; returns how many."""
    if _latest(root) < 0:
        return 0
    with plain_errors(root):
        return len(DeltaTable(root).vacuum(retention_hours=KEEP_HOURS, dry_run=False))
