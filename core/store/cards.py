"""Reading and writing of what owners write into model cards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from core.cards.card import CardText
from core.errors import ConflictError
from core.store.governed_tables import CardRow


def card_text(session: Session, version_id: int) -> CardText:
    """Return what was written about a version; nothing, with `row_version` 0, before anybody wrote."""
    row = session.get(CardRow, version_id)
    if row is None:
        return CardText(version_id=version_id, document={}, updated_by="", row_version=0)
    return _text(row)


def put_card_text(session: Session, read: CardText, document: Mapping[str, Any], *, by: str, at: datetime) -> None:
    """Write a card that is still as it was read.

    Raises
    ------
    ConflictError
        When somebody else wrote it since.
    """
    values = {"document": dict(document), "updated_by": by, "updated_at": at, "row_version": read.row_version + 1}
    if read.row_version == 0 and session.get(CardRow, read.version_id) is None:
        session.execute(insert(CardRow).values(version_id=read.version_id, **values))
        return
    unchanged = (CardRow.version_id == read.version_id, CardRow.row_version == read.row_version)
    if session.execute(update(CardRow).where(*unchanged).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError("The card was changed by somebody else a moment ago; read it and repeat.")


def _text(row: CardRow) -> CardText:
    return CardText(
        version_id=row.version_id, document=row.document, updated_by=row.updated_by, row_version=row.row_version
    )
