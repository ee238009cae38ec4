"""Counting how long actuals take to become known."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.profile.columns import buffer_values
from core.profile.lag_grid import LAG_DAYS
from core.profile.tally import Tally

AT, ACTUAL_AT = "at", "actual_at"
DAY_MICROSECONDS = 86_400_000_000


def count_lag(rows: pa.Table, tally: Tally) -> None:
    """Count the labelled rows by days between their event time and their actual's; without both times nothing.

    Parameters
    ----------
    rows : pa.Table
        With ``at``, ``actual_at`` (null where either is not known) and ``actual``.
    """
    if not {AT, ACTUAL_AT, "actual"} <= set(rows.column_names):
        return
    taken = pc.subtract(_microseconds(rows[ACTUAL_AT]), _microseconds(rows[AT]))
    labelled = pc.is_valid(rows["actual"])
    edges = np.array(LAG_DAYS, np.int64) * DAY_MICROSECONDS
    counts = tally.block("lag")
    for chunk in pc.drop_null(taken.filter(labelled)).chunks:
        places = np.searchsorted(edges, buffer_values(chunk, np.dtype(np.int64)), side="left")
        counts += np.bincount(places, minlength=counts.size)


def _microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
