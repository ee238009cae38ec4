"""Batches: one file taken in, from STAGED over LANDED to REVERTED."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError
from core.log.outcomes import BatchInfo, BatchState, Kind, LogRole
from core.store.tables import BatchRow, QuarantineRow, VersionRow

LARGEST_ID = 2**63 - 1


def _batch(row: BatchRow, version: str | None) -> BatchInfo:
    return BatchInfo(
        id=row.id,
        model_id=row.model_id,
        version_id=row.version_id,
        version=version,
        kind=Kind(row.kind),
        role=row.role,
        file=row.file,
        content_hash=row.content_hash,
        state=BatchState(row.state),
        accepted=row.accepted,
        quarantined=row.quarantined,
        details=row.details,
        created_at=row.created_at,
        created_by=row.created_by,
        reverted_reason=row.reverted_reason,
    )


def _found(session: Session, statement: Select[BatchRow, str]) -> tuple[BatchInfo, ...]:
    return tuple(_batch(row, version) for row, version in session.execute(statement))


def _select() -> Select[BatchRow, str]:
    return select(BatchRow, VersionRow.name).outerjoin(VersionRow, VersionRow.id == BatchRow.version_id)


def batches(session: Session, model_id: int) -> tuple[BatchInfo, ...]:
    """Return the batches of a model, newest first."""
    return _found(session, _select().where(BatchRow.model_id == model_id).order_by(BatchRow.id.desc()))


def unsettled(session: Session, model_id: int) -> tuple[BatchInfo, ...]:
    """Return the batches of a model that a crash left between two states, oldest first."""
    between = (BatchState.STAGED.value, BatchState.REVERTING.value)
    statement = _select().where(BatchRow.model_id == model_id, BatchRow.state.in_(between)).order_by(BatchRow.id)
    return _found(session, statement)


def batch_by_id(session: Session, batch_id: int) -> BatchInfo:
    """Return one batch.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    found = _found(session, _select().where(BatchRow.id == batch_id)) if 0 < batch_id <= LARGEST_ID else ()
    if not found:
        raise NotFoundError(f"There is no batch {batch_id}; watchroom batch list MODEL shows them.")
    return found[0]


def find_content(session: Session, content_hash: str) -> BatchInfo | None:
    """Return the batch that holds this content now, or None."""
    statement = _select().where(BatchRow.content_hash == content_hash, BatchRow.state != BatchState.REVERTED.value)
    found = _found(session, statement)
    return found[0] if found else None


def stage(
    session: Session,
    *,
    model_id: int,
    version_id: int | None,
    kind: Kind,
    role: LogRole | None,
    file: str,
    content_hash: str,
    by: str,
    at: datetime,
) -> int:
    """Insert a STAGED batch and return its number."""
    row = BatchRow(
        model_id=model_id,
        version_id=version_id,
        kind=kind.value,
        role=None if role is None else role.value,
        file=file,
        content_hash=content_hash,
        state=BatchState.STAGED.value,
        accepted=0,
        quarantined=0,
        details={},
        created_at=at,
        created_by=by,
    )
    session.add(row)
    session.flush()
    return row.id


def move(session: Session, batch_id: int, *, seen: BatchState, to: BatchState, changes: Mapping[str, Any]) -> None:
    """Move a batch from the state it was seen in to another, changing columns with it.

    Raises
    ------
    ConflictError
        When it is no longer in the state it was seen in.
    """
    statement = (
        update(BatchRow).where(BatchRow.id == batch_id, BatchRow.state == seen.value).values(state=to.value, **changes)
    )
    if session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"Batch {batch_id} was changed by somebody else a moment ago; look at batch list again.")


def abandon(session: Session, batch_id: int) -> None:
    """Forget a STAGED batch that never reached the log; its content may come again."""
    session.execute(delete(QuarantineRow).where(QuarantineRow.batch_id == batch_id))
    session.execute(delete(BatchRow).where(BatchRow.id == batch_id, BatchRow.state == BatchState.STAGED.value))
