"""Units whose profile no longer shows what the log holds."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.orm import Session

from core.log.outcomes import DirtyDay
from core.store.tables import DirtyDayRow, VersionRow


def mark_dirty(session: Session, keys: Iterable[tuple[int, str, date]]) -> None:
    """Mark (version id, role, unit) triples; a unit that was marked already gets a higher mark."""
    for version_id, role, day in sorted(set(keys)):
        unit = (DirtyDayRow.version_id == version_id, DirtyDayRow.role == role, DirtyDayRow.day == day)
        raised = session.execute(update(DirtyDayRow).where(*unit).values(mark=DirtyDayRow.mark + 1))
        assert isinstance(raised, CursorResult)
        if raised.rowcount == 0:
            session.execute(insert(DirtyDayRow).values(version_id=version_id, role=role, day=day, mark=1))


def dirty_days(session: Session, model_id: int) -> tuple[DirtyDay, ...]:
    """Return the marked units of a model, by version, role and day."""
    statement = (
        select(DirtyDayRow)
        .join(VersionRow, VersionRow.id == DirtyDayRow.version_id)
        .where(VersionRow.model_id == model_id)
        .order_by(DirtyDayRow.version_id, DirtyDayRow.role, DirtyDayRow.day)
    )
    return tuple(
        DirtyDay(version_id=row.version_id, role=row.role, day=row.day, mark=row.mark)
        for row in session.scalars(statement)
    )


def clear_dirty(session: Session, seen: DirtyDay) -> bool:
    """Take a mark away unless the unit was marked again since it was `seen`; says whether it did."""
    statement = delete(DirtyDayRow).where(
        DirtyDayRow.version_id == seen.version_id,
        DirtyDayRow.role == seen.role,
        DirtyDayRow.day == seen.day,
        DirtyDayRow.mark == seen.mark,
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]
