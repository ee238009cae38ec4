"""What the state database says about its own condition."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.store.tables import BatchRow

STAGED = "STAGED"


def damage(session: Session) -> str:
    """Return the first thing that SQLite finds wrong with the file; empty when it is sound."""
    found = str(session.scalar(text("PRAGMA quick_check(1)")))
    return "" if found == "ok" else found


def staged_batches(session: Session) -> int:
    """Return the number of batches whose intake was begun and neither landed nor given up."""
    return session.scalar(select(func.count()).select_from(BatchRow).where(BatchRow.state == STAGED)) or 0
