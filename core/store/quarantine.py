"""Rows that were kept out of the log, with the rule that each broke."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.log.outcomes import QuarantinedRow
from core.store.tables import QuarantineRow


def add_quarantined(session: Session, batch_id: int, rows: Sequence[QuarantinedRow]) -> None:
    """Store the rows that a batch kept out."""
    if not rows:
        return
    values = [
        {
            "batch_id": batch_id,
            "row_number": row.row,
            "column": row.column,
            "rule": row.rule,
            "value": row.value,
            "fix": row.fix,
            "count": row.count,
        }
        for row in rows
    ]
    session.execute(insert(QuarantineRow), values)


def quarantined_rows(session: Session, batch_id: int) -> tuple[QuarantinedRow, ...]:
    """Return what a batch kept out, in the order of the file; counts of further rows come last."""
    statement = (
        select(QuarantineRow)
        .where(QuarantineRow.batch_id == batch_id)
        .order_by(QuarantineRow.row_number.is_(None), QuarantineRow.row_number, QuarantineRow.id)
    )
    return tuple(
        QuarantinedRow(
            row=row.row_number, column=row.column, rule=row.rule, value=row.value, fix=row.fix, count=row.count
        )
        for row in session.scalars(statement)
    )
