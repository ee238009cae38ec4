"""Reading and writing of what lies beside a release: comments, attached files, and who looked when."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.releases.release import ReleaseComment
from core.store.governed_tables import ReleaseCommentRow, ReleaseVisitRow
from core.store.releases import LARGEST_ID


def add_comment(
    session: Session,
    release_id: int,
    *,
    by: str,
    at: datetime,
    text: str,
    file: str | None = None,
    media_type: str | None = None,
    sha256: str | None = None,
    size: int | None = None,
) -> ReleaseComment:
    """Insert a comment, or a file with a word about it."""
    row = ReleaseCommentRow(
        release_id=release_id, by=by, at=at, text=text, file=file, media_type=media_type, sha256=sha256, size=size
    )
    session.add(row)
    session.flush()
    return _comment(row)


def comments(session: Session, release_id: int) -> tuple[ReleaseComment, ...]:
    """Return the comments and files of a release, oldest first."""
    statement = select(ReleaseCommentRow).where(ReleaseCommentRow.release_id == release_id)
    return tuple(_comment(row) for row in session.scalars(statement.order_by(ReleaseCommentRow.id)))


def comment_by_id(session: Session, comment_id: int) -> ReleaseComment:
    """Return one comment.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    row = session.get(ReleaseCommentRow, comment_id) if 0 < comment_id <= LARGEST_ID else None
    if row is None:
        raise NotFoundError(f"There is no comment {comment_id}.")
    return _comment(row)


def last_visit(session: Session, release_id: int, person: str) -> datetime | None:
    """Return when a person last looked at a release, or None."""
    row = session.get(ReleaseVisitRow, (release_id, person))
    return None if row is None else row.at


def put_visit(session: Session, release_id: int, person: str, *, at: datetime) -> None:
    """Note that a person looks at a release now."""
    row = session.get(ReleaseVisitRow, (release_id, person))
    if row is None:
        session.add(ReleaseVisitRow(release_id=release_id, person=person, at=at))
    else:
        row.at = at
    session.flush()


def _comment(row: ReleaseCommentRow) -> ReleaseComment:
    return ReleaseComment(
        id=row.id,
        release_id=row.release_id,
        by=row.by,
        at=row.at,
        text=row.text,
        file=row.file,
        media_type=row.media_type,
        sha256=row.sha256,
        size=row.size,
    )
