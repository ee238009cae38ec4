"""Taking files into a model's log and out of it again: the only place where log and state database meet.

A batch is written in four steps under the model's lock: (1) a STAGED row, then its counts and quarantined rows; (2)
one Delta commit whose application transaction is the batch's number: from here on it is true; (3) LANDED with the days
marked, audited; (4) profiles, built by their own service. What a crash leaves between, `settle` finishes or takes back.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, ConflictError
from core.inventory.records import ModelInfo, ModelState, VersionInfo
from core.log import contract as contracts
from core.log.columns import ColumnIds, bind, shap_columns, shap_key
from core.log.delta import ACTUALS, PREDICTIONS, commit, committed, remove_leftovers, unwritable, vacuum
from core.log.files import Source, open_source
from core.log.intake import Stamp
from core.log.names import shown
from core.log.outcomes import BatchInfo, BatchState, FileOutcome, Kind, LogRole, QuarantinedRow, RevertOutcome, reverted
from core.log.reference import Reference, read_reference, store_reference
from core.log.rewriting import batch_folder, compact_days, match_unmatched, release_actuals, remove_batch
from core.log.schema import ModelSchema
from core.log.taking import (
    Examined,
    Taken,
    dirty_as_json,
    dirty_from_json,
    dirty_without,
    duplicate_of,
    examine,
    file_name,
    judging,
    refused_or,
    take_actuals,
    take_predictions,
)
from core.store import batches as stored
from core.store import contracts as stored_contracts
from core.store import models as stored_models
from core.store.columns import column_ids, ensure_columns
from core.store.database import Session, Store
from core.store.dirty import mark_dirty
from core.store.quarantine import add_quarantined, quarantined_rows
from core.store.series import model_schema
from core.windows import label

LOCK_SECONDS = 600
COLUMNS_ADDED, DAYS_COMPACTED = AuditAction.COLUMNS_ADDED, AuditAction.DAYS_COMPACTED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """A model's log and who works on it, as every step needs them."""

    store: Store
    principal: Principal
    model: ModelInfo
    schema: ModelSchema

    @property
    def folder(self) -> Path:
        return self.store.log_dir(self.model.key)

    @property
    def at(self) -> datetime:
        return self.store.clock.now()


@refusals_recorded
def ingest_file(
    store: Store, principal: Principal, *, model: str, version: str, file: Path, role: str = LogRole.SERVED
) -> FileOutcome:
    """Take a prediction file into the log; the same content again changes nothing.

    Rows that break a structural rule are quarantined. A file that is broken as a whole comes back
    as refused with its reason, and nothing of it is kept.

    Raises
    ------
    NotFoundError
        When the model or the version does not exist.
    BadInputError
        When the role is unknown or the model is retired.
    ConflictError
        When another process kept the model's log for ten minutes.
    """
    authorize(principal, Action.LOG_INGEST)
    if role not in list(LogRole):
        raise BadInputError(f"There is no role {shown(role)}; use one of {', '.join(LogRole)}.")
    with store.read() as session:
        known = _active_model(session, model)
        pinned = stored_models.version_by_name(session, known.id, version)
        log = _Log(
            store=store, principal=principal, model=known, schema=stored_models.schema(session, pinned.schema_id)
        )
    with _locked(log):
        _settle(log)
        return refused_or(file, lambda: _take_predictions(log, pinned, file, LogRole(role)))


@refusals_recorded
def ingest_actuals(
    store: Store, principal: Principal, *, model: str, file: Path, all_days: bool = False
) -> FileOutcome:
    """Take a file of actuals into the log; the same content again changes nothing.

    Parameters
    ----------
    all_days : bool
        Also let actuals apply to predictions older than the model's `actual_window`.

    Raises
    ------
    NotFoundError, BadInputError, ConflictError
        As `ingest_file`.
    """
    authorize(principal, Action.ACTUALS_INGEST)
    log = _open(store, principal, model)
    with _locked(log):
        _settle(log)
        return refused_or(file, lambda: _take_actuals(log, file, all_days=all_days))


@refusals_recorded
def revert_batch(store: Store, principal: Principal, *, batch_id: int, reason: str, key: str = "") -> RevertOutcome:
    """Take a batch's rows out of the log, free its content, mark its days; the same `key` again changes nothing.

    Raises
    ------
    NotFoundError
        When there is no such batch.
    BadInputError
        When the reason is empty or the batch is reverted already.
    """
    authorize(principal, Action.BATCH_REVERT)
    if not reason.strip():
        raise BadInputError("A revert needs a reason, for example --reason 'wrong file'.")
    with store.read() as session:
        model = stored_models.model_by_id(session, stored.batch_by_id(session, batch_id).model_id)
        log = _Log(store=store, principal=principal, model=model, schema=model_schema(session, model))
    with _locked(log):
        _settle(log)
        batch = _batch(store, batch_id)
        if key and batch.state is BatchState.REVERTED and batch.details.get("revert_key") == key:
            return reverted(model.name, batch)
        if batch.state is not BatchState.LANDED:
            raise BadInputError(f"Batch {batch_id} is {batch.state.lower()} already; there is nothing to take back.")
        dirty = dirty_without(log.folder, batch_id, batch.kind)
        details = {**batch.details, "revert_dirty": dirty_as_json(dirty), "revert_key": key}
        changes = {"details": details, "reverted_reason": reason.strip()}
        with store.write() as session:
            stored.move(session, batch_id, seen=BatchState.LANDED, to=BatchState.REVERTING, changes=changes)
        return _finish_revert(log, _batch(store, batch_id))


@refusals_recorded
def settle(store: Store, principal: Principal, *, model: str) -> int:
    """Finish or take back what a crash left between two steps; returns how many batches that were."""
    authorize(principal, Action.LOG_INGEST)
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        if not stored.unsettled(session, known.id):
            return 0
        log = _Log(store=store, principal=principal, model=known, schema=model_schema(session, known))
    with _locked(log):
        return _settle(log)


@refusals_recorded
def compact(store: Store, principal: Principal, *, model: str) -> int:
    """Rewrite every closed day of several files as one sorted by id; returns the days rewritten.

    The rows stay the same, so no profile changes. Files that no reader of the last week can need
    are removed.
    """
    authorize(principal, Action.LOG_COMPACT)
    log = _open(store, principal, model)
    with _locked(log):
        _settle(log)
        days = compact_days(log.folder, log.schema, log.at)
        removed = vacuum(log.folder / PREDICTIONS) + vacuum(log.folder / ACTUALS)
        if days or removed:
            after = {"days": [label(day, log.schema.grain) for day in days], "files_removed": removed}
            with store.write() as session:
                record(session, principal, DAYS_COMPACTED, object_type="model", object_id=model, after=after)
    return len(days)


@refusals_recorded
def prepare_reference(store: Store, principal: Principal, *, model: str, file: Path) -> Reference:
    """Read a reference under the model's current schema, check it whole, and store its rows by content.

    Nothing belongs to it yet: `core.profile.service.set_reference` puts it in force.

    Raises
    ------
    BadInputError
        When a column is missing or a row cannot be taken.
    """
    authorize(principal, Action.VERSION_ADD)
    log = _open(store, principal, model)
    columns = _column_ids(log, open_source(file))
    rows = read_reference(file, log.schema, columns)
    path, sha256 = store_reference(rows, log.folder / "reference")
    document = contracts.to_document(contracts.infer_contract(rows, log.schema, columns))
    return Reference(path=path, sha256=sha256, rows=rows, contract=document, columns=columns)


def batches(store: Store, model: str) -> tuple[BatchInfo, ...]:
    """Return the batches of a model, newest first."""
    with store.read() as session:
        return stored.batches(session, stored_models.model_by_name(session, model).id)


def quarantined(store: Store, batch_id: int) -> tuple[QuarantinedRow, ...]:
    """Return the rows that a batch kept out, each with its rule and fix."""
    with store.read() as session:
        return quarantined_rows(session, stored.batch_by_id(session, batch_id).id)


def _open(store: Store, principal: Principal, model: str) -> _Log:
    with store.read() as session:
        known = _active_model(session, model)
        return _Log(store=store, principal=principal, model=known, schema=model_schema(session, known))


def _active_model(session: Session, model: str) -> ModelInfo:
    known = stored_models.model_by_name(session, model)
    if known.state is ModelState.RETIRED:
        raise BadInputError(f"The model {shown(model)} is retired; it takes no files.")
    return known


def _batch(store: Store, batch_id: int) -> BatchInfo:
    with store.read() as session:
        return stored.batch_by_id(session, batch_id)


@contextmanager
def _locked(log: _Log) -> Iterator[None]:
    """Hold the model's log: one intake, revert or compaction at a time."""
    try:
        log.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(log.folder / ".intake.lock", timeout=LOCK_SECONDS):
            yield
    except Timeout:
        raise ConflictError(
            f"Another process has been writing the log of {shown(log.model.name)} for "
            f"{LOCK_SECONDS // 60} minutes; try again when it is done."
        ) from None
    except OSError as error:
        raise ConflictError(f"The log of {shown(log.model.name)} {unwritable(error)}") from error


def _column_ids(log: _Log, source: Source) -> ColumnIds:
    """Return the internal ids of a schema's columns, and of a file's SHAP values: those are given on first sight."""
    shap = {name: shap_key(name) for name in shap_columns(log.schema, source.columns).values()}
    with log.store.read() as session:
        known = column_ids(session, log.model.id)
    if new := sorted(set(shap.values()) - known.keys()):
        with log.store.write() as session:
            known = ensure_columns(session, log.model.id, dict.fromkeys(shap.values(), "c"))
            of = log.model.name
            record(session, log.principal, COLUMNS_ADDED, object_type="model", object_id=of, after={"columns": new})
    return {**bind(log.schema, known), **{name: known[key] for name, key in shap.items()}}


def _take_predictions(log: _Log, version: VersionInfo, file: Path, role: LogRole) -> FileOutcome:
    with judging():
        examined = examine(file, Kind.PREDICTIONS, (log.model.key, str(version.id), role.value), log.schema)
    with log.store.read() as session:
        known = stored.find_content(session, examined.content)
        accepted = stored_contracts.latest_contract(session, version.id)
    if known is not None:
        return duplicate_of(known, file)
    ids = _column_ids(log, examined.source)
    removals = contracts.removals(contracts.from_document(accepted[1]), ids) if accepted is not None else ()
    batch_id = _stage(log, Kind.PREDICTIONS, examined, version_id=version.id, role=role)
    with ExitStack() as undo:
        undo.callback(_take_back_unless_committed, log, batch_id, PREDICTIONS)
        stamp = Stamp(version_id=version.id, role=role.value, batch_id=batch_id, intake_at=log.at)
        with judging():
            taken = take_predictions(examined.source, log.schema, log.folder, ids=ids, removals=removals, stamp=stamp)
        _prepare(log, batch_id, taken)
        commit(log.folder / taken.table, taken.actions, transaction=str(batch_id))
        undo.pop_all()
    return _land(log, batch_id, taken)


def _take_actuals(log: _Log, file: Path, *, all_days: bool) -> FileOutcome:
    with judging():
        examined = examine(file, Kind.ACTUALS, (log.model.key, "all days" if all_days else ""), log.schema)
    with log.store.read() as session:
        known = stored.find_content(session, examined.content)
    if known is not None:
        return duplicate_of(known, file)
    batch_id = _stage(log, Kind.ACTUALS, examined, version_id=None, role=None)
    with ExitStack() as undo:
        undo.callback(_take_back_unless_committed, log, batch_id, ACTUALS)
        with judging():
            taken = take_actuals(
                examined.source, log.schema, log.folder, all_days=all_days, batch_id=batch_id, at=log.at
            )
        _prepare(log, batch_id, taken)
        commit(log.folder / taken.table, taken.actions, transaction=str(batch_id))
        undo.pop_all()
    return _land(log, batch_id, taken)


def _stage(log: _Log, kind: Kind, examined: Examined, *, version_id: int | None, role: LogRole | None) -> int:
    with log.store.write() as session:
        return stored.stage(
            session,
            model_id=log.model.id,
            version_id=version_id,
            kind=kind,
            role=role,
            file=file_name(examined.source.path),
            content_hash=examined.content,
            by=log.principal.name,
            at=log.at,
        )


def _take_back(log: _Log, batch_id: int) -> None:
    """Leave nothing behind of a batch that did not reach its commit: an error, an interruption or a crash."""
    remove_leftovers(log.folder, batch_folder(batch_id))
    with log.store.write() as session:
        stored.abandon(session, batch_id)


def _prepare(log: _Log, batch_id: int, taken: Taken) -> None:
    """Write down, before the commit, everything that landing needs: a crash after it loses nothing."""
    counts = {"accepted": taken.outcome.accepted, "quarantined": taken.outcome.quarantined}
    with log.store.write() as session:
        changes = {**counts, "details": taken.details()}
        stored.move(session, batch_id, seen=BatchState.STAGED, to=BatchState.STAGED, changes=changes)
        add_quarantined(session, batch_id, taken.quarantined)


def _take_back_unless_committed(log: _Log, batch_id: int, table: str) -> None:
    """After an error: a commit that went through all the same is landed by the next `settle`."""
    if not committed(log.folder / table, str(batch_id)):
        _take_back(log, batch_id)


def _land(log: _Log, batch_id: int, taken: Taken) -> FileOutcome:
    _landed(log, _batch(log.store, batch_id))
    return taken.outcome


def _landed(log: _Log, batch: BatchInfo) -> None:
    """Finish a batch whose rows are in the log: match waiting actuals, mark its days, say so in the audit trail."""
    predictions = batch.kind is Kind.PREDICTIONS
    if predictions:
        match_unmatched(log.folder, log.schema, batch.id)
    action = AuditAction.BATCH_INGESTED if predictions else AuditAction.ACTUALS_INGESTED
    after = {"model": log.model.name, **batch.summary()}
    with log.store.write() as session:
        stored.move(session, batch.id, seen=BatchState.STAGED, to=BatchState.LANDED, changes={})
        mark_dirty(session, dirty_from_json(batch.details.get("dirty", ())))
        record(session, log.principal, action, object_type="batch", object_id=str(batch.id), after=after)


def _settle(log: _Log) -> int:
    """Finish or take back the open batches of a model whose lock is held."""
    with log.store.read() as session:
        between = stored.unsettled(session, log.model.id)
    for batch in between:
        table = PREDICTIONS if batch.kind is Kind.PREDICTIONS else ACTUALS
        if batch.state is BatchState.REVERTING:
            _finish_revert(log, batch)
        elif committed(log.folder / table, str(batch.id)):
            _landed(log, batch)
        else:
            _take_back(log, batch.id)
    return len(between)


def _finish_revert(log: _Log, batch: BatchInfo) -> RevertOutcome:
    dirty = dirty_from_json(batch.details.get("revert_dirty", ()))
    remove_batch(log.folder, batch.id)
    if batch.kind is Kind.PREDICTIONS:
        release_actuals(log.folder, log.schema, batch.id, {day for _, _, day in dirty})
    with log.store.write() as session:
        stored.move(session, batch.id, seen=BatchState.REVERTING, to=BatchState.REVERTED, changes={})
        mark_dirty(session, dirty)
        after = {"model": log.model.name, **batch.summary(), "state": BatchState.REVERTED.value}
        who, what, why = log.principal, AuditAction.BATCH_REVERTED, batch.reverted_reason or ""
        record(session, who, what, object_type="batch", object_id=str(batch.id), after=after, reason=why)
    return reverted(log.model.name, batch)
