"""Reading and writing of the groups that people chose to compare others with; the last choice of a column counts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.fairness.choice import GroupChoice
from core.store.tables import GroupChoiceRow


def add(session: Session, *, model_id: int, choice: GroupChoice) -> None:
    """Store a choice."""
    session.add(
        GroupChoiceRow(
            model_id=model_id,
            column=choice.column,
            group=choice.group,
            reason=choice.reason,
            chosen_by=choice.chosen_by,
            chosen_at=choice.chosen_at,
        )
    )
    session.flush()


def newest(session: Session, model_id: int) -> dict[str, GroupChoice]:
    """Return the last choice of every protected column of a model that has one; a withdrawn choice has no group."""
    statement = select(GroupChoiceRow).where(GroupChoiceRow.model_id == model_id).order_by(GroupChoiceRow.id)
    return {
        row.column: GroupChoice(
            column=row.column,
            group=row.group,
            reason=row.reason,
            chosen_by=row.chosen_by,
            chosen_at=row.chosen_at,
        )
        for row in session.scalars(statement)
    }


def reference_groups(session: Session, model_id: int) -> dict[str, str]:
    """Return the reference group in force of every protected column that has one."""
    return {column: one.group for column, one in newest(session, model_id).items() if one.group is not None}
