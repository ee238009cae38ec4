"""The rows that stand in for a reference until a person gives one: the first closed units of the log."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from core.log.schema import ModelSchema
from core.log.table import read_day
from core.profile.records import ROLES
from core.windows import Grain, last_closed

PROVISIONAL_ROWS = 1_000
"""Rows of closed windows that make a provisional reference."""


def first_rows(
    log_dir: Path,
    keys: Collection[tuple[str, date]],
    *,
    version_id: int,
    schema: ModelSchema,
    columns: Sequence[str],
    at: datetime,
) -> tuple[str, dict[date, pa.Table]] | None:
    """Return the first role whose closed units hold enough rows, and those units' rows; None: none does yet.

    Parameters
    ----------
    keys : collection of (role, unit)
        Units that the version is known to have.
    columns : sequence of str
        Internal ids, as `core.log.table.read_day` takes them.
    at : aware datetime
        Now: later units are still open.
    """
    closed = None if schema.grain is Grain.BATCH else last_closed(at, schema.zone, schema.grain)
    for role in ROLES:
        parts: dict[date, pa.Table] = {}
        for day in sorted(day for one, day in keys if one == role and (closed is None or day <= closed)):
            parts[day] = read_day(log_dir, day, version_id=version_id, role=role, columns=columns)
            if sum(part.num_rows for part in parts.values()) >= PROVISIONAL_ROWS:
                return role, parts
    return None
