"""Rows about a model and perhaps one of its versions, read with the names of both."""

from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select

from core.store.governed_tables import FindingRow, ReviewRow
from core.store.tables import ModelRow, VersionRow

_Row = TypeVar("_Row", FindingRow, ReviewRow)


def named(row: type[_Row], *wanted: ColumnElement[bool]) -> Select[_Row, str, str]:
    """Return the statement that reads (row, name of its model, name of its version or None), oldest first."""
    return (
        select(row, ModelRow.name, VersionRow.name)
        .join(ModelRow, ModelRow.id == row.model_id)
        .outerjoin(VersionRow, VersionRow.id == row.version_id)
        .where(*wanted)
        .order_by(row.id)
    )
