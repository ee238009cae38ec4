"""Seeded samples of a version's rows: of a window, and of its training reference."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import NotEnoughDataError
from core.log.columns import ColumnIds
from core.log.schema import ModelSchema
from core.profile.window_rows import reference_rows, window_rows
from core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfVersion:
    """Where the rows of a version lie, and which of their columns are read: outcomes and features."""

    log_dir: Path
    version_id: int
    reference_sha256: str | None
    roles: tuple[str, ...]
    schema: ModelSchema
    ids: ColumnIds
    seed: int


def window_sample(rows: RowsOfVersion, window: Window, *, at_most: int) -> pa.Table:
    """Return a sample of a window's rows, the same for any order of intake."""
    return window_rows(
        rows.log_dir,
        list(window.units(rows.schema.grain)),
        version_id=rows.version_id,
        roles=rows.roles,
        schema=rows.schema,
        ids=rows.ids,
        names=rows.schema.feature_names,
        at_most=at_most,
        seed=rows.seed,
    )


def training_sample(rows: RowsOfVersion, *, at_most: int, weekdays: Collection[int] | None = None) -> pa.Table:
    """Return a sample of the training reference, in order of its days.

    Parameters
    ----------
    weekdays : 0 = Monday; None: all. Evenly spaced rows of those days are taken then.

    Raises
    ------
    NotEnoughDataError
        When the reference is provisional: its rows are the first ones of the log.
    """
    if rows.reference_sha256 is None:
        raise NotEnoughDataError("the reference is provisional: the rows of a training sample are needed")
    found = reference_rows(
        rows.log_dir,
        rows.reference_sha256,
        schema=rows.schema,
        ids=rows.ids,
        names=rows.schema.feature_names,
        at_most=at_most if weekdays is None else None,
        seed=rows.seed,
    )
    return found if weekdays is None else _on(found, weekdays, at_most)


def _on(rows: pa.Table, weekdays: Collection[int], at_most: int) -> pa.Table:
    wanted = pa.array([*weekdays], pa.int64())
    kept = rows.filter(pc.is_in(pc.day_of_week(rows["day"]), value_set=wanted))
    if kept.num_rows <= at_most:
        return kept
    return kept.take(pa.array(np.arange(at_most) * kept.num_rows // at_most))
