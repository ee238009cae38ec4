"""What taking in a file does to the log's folder, without the state database: read, judge, write, not yet commit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake.transaction import AddAction

from core.errors import BadInputError
from core.log.actuals import as_table, place, read_actuals
from core.log.by_task import label_types
from core.log.columns import NUMBER, ColumnIds, shap_columns, storages
from core.log.contract import Removal
from core.log.delta import ACTUALS, PREDICTIONS, LogSnapshot, ensure_table, open_log
from core.log.files import Source, content_hash, open_source
from core.log.intake import Stamp, accepted_rows, check_columns, new_counts
from core.log.outcomes import BatchInfo, FileOutcome, Kind, QuarantinedRow
from core.log.quarantine import listed, total
from core.log.rewriting import batch_folder, files_of_batch, units_changed_without
from core.log.rows import RowPlan
from core.log.scan import scan
from core.log.schema import ModelSchema
from core.log.table import all_actuals, keys_of
from core.log.writing import Target, write_units
from core.windows import label

DirtyKey = tuple[int, str, date]
"""(version id, role, unit) whose profile changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A file that was looked at: what it is, and the identity of its content."""

    source: Source
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file whose rows are written beside the table and wait for one commit.

    Attributes
    ----------
    table : str
        ``predictions`` or ``actuals``.
    actions : tuple of AddAction
        To be committed under the batch's number.
    """

    outcome: FileOutcome
    quarantined: tuple[QuarantinedRow, ...]
    dirty: frozenset[DirtyKey]
    table: str
    actions: tuple[AddAction, ...]

    def details(self) -> dict[str, Any]:
        """Return what the state database keeps beside the batch."""
        outcome = self.outcome
        return {
            "days": list(outcome.days),
            "dirty": dirty_as_json(self.dirty),
            "removed": dict(outcome.removed),
            "matched": outcome.matched,
            "unmatched": outcome.unmatched,
            "corrected": outcome.corrected,
            "too_late": outcome.too_late,
        }


class _RefusedFileError(Exception):
    """The file cannot be taken as a whole: its own fault, not that of the store."""


@contextmanager
def judging() -> Iterator[None]:
    """Mark what is wrong with what is done here as the fault of the file."""
    try:
        yield
    except BadInputError as error:
        raise _RefusedFileError(str(error)) from None


def refused_or(file: Path, take: Callable[[], FileOutcome]) -> FileOutcome:
    """Turn "this file cannot be taken" into an outcome, so that the other files of a call still land.

    What is wrong with the store is no refusal: it is raised.
    """
    try:
        return take()
    except _RefusedFileError as error:
        return FileOutcome(file=file_name(file), refused=True, reason=str(error))


def duplicate_of(known: BatchInfo, file: Path) -> FileOutcome:
    """Return the outcome of a file whose content is in the log already."""
    none = 0 if known.kind is Kind.ACTUALS else None
    return FileOutcome(
        file=file_name(file),
        batch=known.id,
        duplicate=True,
        reason="already ingested",
        days=tuple(known.details.get("days", ())),
        matched=none,
        unmatched=none,
        corrected=none,
        too_late=none,
    )


def file_name(file: Path) -> str:
    """Return a path as the state database can hold it (a name need not be UTF-8)."""
    return str(file).encode("utf-8", "backslashreplace").decode()[:1_000]


def examine(file: Path, kind: Kind, identity: Sequence[str], schema: ModelSchema) -> Examined:
    """Look at a file as a whole.

    Parameters
    ----------
    identity : sequence of str
        Model, version and role (or the scope of actuals): the same bytes for another are other content.

    Raises
    ------
    BadInputError
        When the file cannot be taken as a whole.
    """
    source = open_source(file)
    if kind is Kind.PREDICTIONS:
        check_columns(source, schema)
    return Examined(source=source, content=content_hash(source, [kind.value, *identity, schema.digest]))


def take_predictions(
    source: Source, schema: ModelSchema, log_dir: Path, *, ids: ColumnIds, removals: Sequence[Removal], stamp: Stamp
) -> Taken:
    """Judge the rows of a prediction file and write the accepted ones as data files of the batch.

    Raises
    ------
    BadInputError
        When the file turns out to be broken as a whole.
    """
    present = check_columns(source, schema)
    seen = scan(source, schema, open_log(log_dir).predictions, stamp.version_id)
    inline = schema.actual is not None and schema.actual in present
    shap = tuple(name for name in shap_columns(schema, source.columns).values() if name in ids)
    plan = RowPlan(
        schema=schema, ids=ids, present=present | {*shap}, inline=inline, intake_at=stamp.intake_at, shap=shap
    )
    counts = new_counts()
    stored = [*table_columns(schema, ids), *((ids[name], pa.float64()) for name in shap)]
    ensure_table(log_dir / PREDICTIONS, stored, labels=label_types(schema.task))
    target = Target(log_dir / PREDICTIONS, batch_folder(stamp.batch_id))
    rows = accepted_rows(source, plan, repeats=seen.repeats, removals=removals, stamp=stamp, counts=counts)
    actions = write_units(target, rows)
    outcome = FileOutcome(
        file=file_name(source.path),
        batch=stamp.batch_id,
        accepted=sum(counts.units.values()),
        quarantined=total(counts.tally),
        days=tuple(label(day, schema.grain) for day in sorted(counts.units)),
        removed={label(day, schema.grain): n for day, n in sorted(counts.removed.items())},
    )
    own = {(stamp.version_id, stamp.role, day) for day in {*counts.units, *counts.removed}}
    return Taken(
        outcome=outcome,
        quarantined=listed(counts.tally),
        dirty=frozenset(own | _all_keys(open_log(log_dir), counts.inline)),
        table=PREDICTIONS,
        actions=tuple(actions),
    )


def table_columns(schema: ModelSchema, ids: ColumnIds) -> list[tuple[str, pa.DataType]]:
    """Return the internal id and the type of every stored column."""
    kinds: dict[str, Any] = {
        name: pa.float64() if kind == NUMBER else pa.string() for name, kind in storages(schema).items()
    }
    return [(ids[name], kind) for name, kind in kinds.items()]


def take_actuals(
    source: Source, schema: ModelSchema, log_dir: Path, *, all_days: bool, batch_id: int, at: datetime
) -> Taken:
    """Judge the rows of a file of actuals, lay them beside their predictions, and write them as data files.

    Raises
    ------
    BadInputError
        When the file turns out to be broken as a whole.
    """
    rows = read_actuals(source, schema, at)
    ensure_table(log_dir / ACTUALS, (), labels=label_types(schema.task))
    placed = place(rows.frame, open_log(log_dir), schema, all_days=all_days, batch_id=batch_id)
    table = as_table(placed.rows, batch_id=batch_id, intake_at=at)
    actions = write_units(Target(log_dir / ACTUALS, batch_folder(batch_id)), [table] if table.num_rows else [])
    outcome = FileOutcome(
        file=file_name(source.path),
        batch=batch_id,
        accepted=rows.frame.height,
        quarantined=total(rows.tally),
        days=tuple(label(day, schema.grain) for day in sorted(placed.rows["day"].drop_nulls().unique())),
        matched=placed.matched,
        unmatched=placed.unmatched,
        corrected=placed.corrected,
        too_late=placed.too_late,
    )
    return Taken(
        outcome=outcome,
        quarantined=listed(rows.tally),
        dirty=frozenset(placed.changed),
        table=ACTUALS,
        actions=tuple(actions),
    )


def dirty_without(log_dir: Path, batch_id: int, kind: Kind) -> frozenset[DirtyKey]:
    """Return the units whose profile changes when a batch's rows go."""
    log = open_log(log_dir)
    if kind is Kind.ACTUALS:
        return frozenset(_all_keys(log, units_changed_without(log, batch_id, all_actuals)))
    files = files_of_batch(log.predictions, batch_id)
    own = {
        (version, role, file.day)
        for file in files
        if file.day
        for version, role in keys_of(log.predictions.root, [file])
    }
    return frozenset(own | _all_keys(log, {file.day for file in files if file.day and file.labelled}))


def _all_keys(log: LogSnapshot, days: Iterable[date]) -> set[DirtyKey]:
    table = log.predictions
    return {(version, role, day) for day in days for version, role in keys_of(table.root, table.of_day(day))}


def dirty_as_json(dirty: Iterable[DirtyKey]) -> list[list[str | int]]:
    """Return dirty keys as the state database holds them beside a batch."""
    return [[version, role, day.isoformat()] for version, role, day in sorted(dirty)]


def dirty_from_json(stored: Iterable[Sequence[Any]]) -> list[DirtyKey]:
    """Return dirty keys as they were before `dirty_as_json`."""
    return [(int(version), str(role), date.fromisoformat(day)) for version, role, day in stored]
