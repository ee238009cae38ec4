"""Reading and writing of reviews."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError
from core.reviews.calendar import review_by
from core.reviews.review import DoneReview, Outcome, Review, ReviewKind
from core.store.governed_tables import ReviewRow
from core.store.named import named


def owe_review(
    session: Session,
    kind: ReviewKind,
    *,
    model_id: int,
    by: str,
    at: datetime,
    version_id: int | None = None,
    release_id: int | None = None,
) -> Review:
    """Insert a review that is owed from now on, within two working days; `by` is whose act is to be reviewed."""
    row = ReviewRow(
        model_id=model_id,
        version_id=version_id,
        release_id=release_id,
        kind=kind.value,
        due=review_by(at.date()),
        created_by=by,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return review_by_id(session, row.id)


def add_review(
    session: Session,
    done: DoneReview,
    *,
    model_id: int,
    by: str,
    at: datetime,
    due: date | None = None,
    version_id: int | None = None,
    release_id: int | None = None,
) -> Review:
    """Insert a review that is done; `due` is the end of an exception, else the day itself."""
    row = ReviewRow(
        model_id=model_id,
        version_id=version_id,
        release_id=release_id,
        kind=done.kind.value,
        due=due or at.date(),
        scope=done.scope,
        outcome=done.outcome.value,
        notes=done.notes,
        done_by=by,
        done_at=at,
        created_by=by,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return review_by_id(session, row.id)


def finish_review(session: Session, read: Review, done: DoneReview, *, by: str, at: datetime) -> Review:
    """Write down how an owed review came out.

    Raises
    ------
    ConflictError
        When somebody else did so since.
    """
    changes: Mapping[str, Any] = {
        "scope": done.scope,
        "outcome": done.outcome.value,
        "notes": done.notes,
        "done_by": by,
        "done_at": at,
        "row_version": read.row_version + 1,
    }
    unchanged = (ReviewRow.id == read.id, ReviewRow.row_version == read.row_version)
    if session.execute(update(ReviewRow).where(*unchanged).values(**changes)).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"Review {read.id} was changed by somebody else a moment ago; read it and repeat.")
    session.expire_all()
    return review_by_id(session, read.id)


def review_by_id(session: Session, review_id: int) -> Review:
    """Return a review.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    found = _reviews(session, ReviewRow.id == review_id)
    if not found:
        raise NotFoundError(f"There is no review {review_id}.")
    return found[0]


def reviews(session: Session, *, model_id: int | None = None) -> tuple[Review, ...]:
    """Return the reviews of a model, or of all, oldest first."""
    return _reviews(session, *([] if model_id is None else [ReviewRow.model_id == model_id]))


def _reviews(session: Session, *wanted: ColumnElement[bool]) -> tuple[Review, ...]:
    found = session.execute(named(ReviewRow, *wanted))
    return tuple(_review(row, model, version) for row, model, version in found)


def _review(row: ReviewRow, model: str, version: str | None) -> Review:
    return Review(
        id=row.id,
        model_id=row.model_id,
        model=model,
        version_id=row.version_id,
        version=version,
        release_id=row.release_id,
        kind=ReviewKind(row.kind),
        due=row.due,
        scope=row.scope,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        notes=row.notes,
        done_by=row.done_by,
        done_at=row.done_at,
        created_by=row.created_by,
        created_at=row.created_at,
        row_version=row.row_version,
    )
