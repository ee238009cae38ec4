"""The internal ids of the columns that a model's schemas name."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.tables import ColumnRow


def column_ids(session: Session, model_id: int) -> dict[str, str]:
    """Return the ids of a model's columns by storage key (see `core.log.columns.storage_keys`)."""
    rows = session.scalars(select(ColumnRow).where(ColumnRow.model_id == model_id))
    return {row.name: row.column_id for row in rows}


def ensure_columns(session: Session, model_id: int, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the ids by storage key after giving one to every key of `wanted` that had none.

    Parameters
    ----------
    wanted : mapping of storage key to prefix (``f`` or ``c``)
    """
    known = column_ids(session, model_id)
    number = max((int(column_id[2:]) for column_id in known.values()), default=0)
    for key, prefix in wanted.items():
        if key not in known:
            number += 1
            known[key] = f"{prefix}_{number:04d}"
            session.add(ColumnRow(model_id=model_id, name=key, column_id=known[key]))
    session.flush()
    return known
