"""The outbox: what executors are told, written in the transaction of the decision itself."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError
from core.executors.delivery import Delivery, DeliveryState
from core.store.governed_tables import DeliveryRow


def put(
    session: Session,
    *,
    release_id: int,
    kind: str,
    dedup_key: str,
    payload: Mapping[str, Any],
    executor: str,
    at: datetime,
) -> Delivery:
    """Have an executor told something; under the same key only once: the first entry is returned again.

    Parameters
    ----------
    session : Session
        Of `Store.write`: the entry is there exactly when the decision is.
    kind : ``release``, ``rollback`` or ``drill``
    at : datetime
        By the store's clock. The first attempt is due at once, whatever clock the worker goes by.
    """
    known = session.scalar(select(DeliveryRow).where(DeliveryRow.dedup_key == dedup_key))
    if known is not None:
        return _delivery(known)
    row = DeliveryRow(
        event_id=str(uuid.uuid4()),
        dedup_key=dedup_key,
        release_id=release_id,
        kind=kind,
        executor=executor,
        payload=dict(payload),
        state=DeliveryState.WAITING.value,
        attempts=0,
        next_at=at,
        created_at=at,
        row_version=1,
    )
    session.add(row)
    session.flush()
    return _delivery(row)


def due(session: Session, at: datetime, *, limit: int = 100) -> tuple[Delivery, ...]:
    """Return the oldest deliveries that wait and were never tried, or whose pause ended at `at`."""
    statement = (
        select(DeliveryRow)
        .where(
            DeliveryRow.state == DeliveryState.WAITING.value,
            or_(DeliveryRow.attempts == 0, DeliveryRow.next_at <= at),
        )
        .order_by(DeliveryRow.id)
        .limit(limit)
    )
    return tuple(map(_delivery, session.scalars(statement)))


def by_release(session: Session, release_id: int) -> tuple[Delivery, ...]:
    """Return everything that executors were told of a release, oldest first."""
    statement = select(DeliveryRow).where(DeliveryRow.release_id == release_id).order_by(DeliveryRow.id)
    return tuple(map(_delivery, session.scalars(statement)))


def last_of(session: Session, release_id: int) -> Delivery | None:
    """Return what executors were told last of a release; None where nothing was sent."""
    statement = select(DeliveryRow).where(DeliveryRow.release_id == release_id).order_by(DeliveryRow.id.desc()).limit(1)
    row = session.scalar(statement)
    return None if row is None else _delivery(row)


def n_failing(session: Session) -> int:
    """Return how many deliveries were tried without success and are repeated."""
    tried = (DeliveryRow.state == DeliveryState.WAITING.value, DeliveryRow.attempts > 0, DeliveryRow.error.is_not(None))
    return session.scalar(select(func.count()).select_from(DeliveryRow).where(*tried)) or 0


def delivery_by_id(session: Session, delivery_id: int) -> Delivery:
    """Return one delivery as it stands now.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    row = session.get(DeliveryRow, delivery_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    return _delivery(row)


def change(session: Session, delivery: Delivery, changes: Mapping[str, Any]) -> Delivery:
    """Change a delivery that still is as it was read; returns it anew.

    Raises
    ------
    ConflictError
        When another worker changed it since.
    """
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery.id, DeliveryRow.row_version == delivery.row_version)
        .values(**changes, row_version=delivery.row_version + 1)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise ConflictError(f"Delivery {delivery.id} was changed by another worker a moment ago.")
    return delivery_by_id(session, delivery.id)


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        event_id=row.event_id,
        dedup_key=row.dedup_key,
        release_id=row.release_id,
        kind=row.kind,
        executor=row.executor,
        payload=row.payload,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        created_at=row.created_at,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        error=row.error,
        row_version=row.row_version,
    )
