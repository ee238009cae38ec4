"""Rows that were kept out of the log, with the rule that each broke."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.log.outcomes import BatchState, QuarantinedRow
from core.store.tables import BatchRow, QuarantineRow


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
    return tuple(_row(row) for row in session.scalars(statement))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How many rows of a batch broke one rule in one column."""

    batch: int
    column: str
    rule: str
    n: int


def rule_counts(session: Session, model_id: int) -> tuple[RuleCount, ...]:
    """Return the quarantined rows of a model's landed batches by batch, column and rule, oldest batch first."""
    statement = (
        select(QuarantineRow.batch_id, QuarantineRow.column, QuarantineRow.rule, func.sum(QuarantineRow.count))
        .join(BatchRow, BatchRow.id == QuarantineRow.batch_id)
        .where(BatchRow.model_id == model_id, BatchRow.state == BatchState.LANDED.value)
        .group_by(QuarantineRow.batch_id, QuarantineRow.column, QuarantineRow.rule)
        .order_by(QuarantineRow.batch_id, QuarantineRow.column, QuarantineRow.rule)
    )
    return tuple(
        RuleCount(batch=batch, column=column, rule=rule, n=int(n))
        for batch, column, rule, n in session.execute(statement)
    )


def quarantine_page(
    session: Session, model_id: int, *, offset: int, limit: int
) -> tuple[tuple[str, QuarantinedRow], ...]:
    """Return quarantined rows of a model's landed batches with the name of their file: newest batch first, in order."""
    statement = (
        select(BatchRow.file, QuarantineRow)
        .join(BatchRow, BatchRow.id == QuarantineRow.batch_id)
        .where(BatchRow.model_id == model_id, BatchRow.state == BatchState.LANDED.value)
        .order_by(BatchRow.id.desc(), QuarantineRow.row_number.is_(None), QuarantineRow.row_number, QuarantineRow.id)
        .offset(offset)
        .limit(limit)
    )
    return tuple((file, _row(row)) for file, row in session.execute(statement))


def quarantine_entries(session: Session, model_id: int) -> int:
    """Return how many rows `quarantine_page` has to show in all."""
    statement = (
        select(func.count())
        .select_from(QuarantineRow)
        .join(BatchRow, BatchRow.id == QuarantineRow.batch_id)
        .where(BatchRow.model_id == model_id, BatchRow.state == BatchState.LANDED.value)
    )
    return int(session.scalar(statement) or 0)


def _row(row: QuarantineRow) -> QuarantinedRow:
    return QuarantinedRow(
        row=row.row_number, column=row.column, rule=row.rule, value=row.value, fix=row.fix, count=row.count
    )
