"""Which columns of a model may part its rows, and the rows of a segment of its profiles."""

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.log.schema import ModelSchema
from core.profile.binning import Segment
from core.segments.filters import Condition, Filter, mask


def searchable(schema: ModelSchema, *, protected: Collection[str] = ()) -> tuple[str, ...]:
    """Return the columns that segments may be made of: segment columns, then features by declared importance.

    A protected column is none of them, also where it is a feature.

    Parameters
    ----------
    protected : further columns that are protected by now
    """
    features = sorted(schema.features.values(), key=lambda one: -(one.importance or 0.0))  # stable: as declared
    named = dict.fromkeys((*schema.segments, *(one.name for one in features)))
    return tuple(name for name in named if name not in schema.protected and name not in protected)


def rows_of_segment(rows: pa.Table, segment: Segment, segments: Sequence[Segment]) -> NDArray[np.bool_]:
    """Return which rows lie in a segment of the profiles, ``(n_rows,)``.

    Parameters
    ----------
    segments : all segments of the binning: "other" is what none of its column's levels holds
    """
    column = segment.column
    missing = mask(rows, Filter(conditions=(Condition(column=column, missing=True),)))
    if segment.missing:
        return missing
    if segment.level is not None:
        return mask(rows, Filter(conditions=(Condition(column=column, levels=(segment.level,)),)))
    known = tuple(one.level for one in segments if one.column == column and one.level is not None)
    named = mask(rows, Filter(conditions=(Condition(column=column, levels=known),)))
    return np.asarray(~missing & ~named)
