"""Reference rows cut into the days they carry."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.profile.columns import buffer_values, constant
from core.profile.records import UNDATED

DAY = "day"


def by_day(rows: pa.Table) -> list[tuple[date, pa.Table]]:
    """Return the rows of each day, oldest first; rows without a date are those of `UNDATED`.

    >>> [day.isoformat() for day, _ in by_day(pa.table({"score": [0.5]}))]
    ['1970-01-01']
    """
    if DAY not in rows.column_names or rows.num_rows == 0:
        return [(UNDATED, rows)]
    days = pc.fill_null(rows[DAY].cast(pa.int32()), constant(np.int32(0), pa.int32()))
    order = pc.sort_indices(days)
    ordered = buffer_values(days.take(order).combine_chunks(), np.dtype(np.int32))
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    stops = [*starts[1:].tolist(), ordered.size]
    taken = rows.take(order)
    return [
        (UNDATED + timedelta(days=int(ordered[start])), taken.slice(start, stop - start))
        for start, stop in zip(starts.tolist(), stops, strict=True)
    ]
