"""The rows of a unit that belong to a saved segment, and their counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.log.schema import ModelSchema
from core.profile.counts import TOTAL_LABELLED, TOTAL_ROWS
from core.profile.layout import Layout
from core.profile.profile import Profile, totals
from core.segments.filters import Filter, mask


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTask:
    """A saved segment whose rows of a unit are to be counted.

    Attributes
    ----------
    segment_id : int
    wanted : Filter
    columns : mapping of str to str
        Internal ids of the filter's columns, by the user's name.
    """

    segment_id: int
    wanted: Filter
    columns: Mapping[str, str]

    def mask_of(self, rows: pa.Table) -> pa.Array:
        """Return which rows belong to the segment, as Arrow has truth values; `rows` has internal ids."""
        held = {name: source for name, source in self.columns.items() if source in rows.column_names}
        named = rows.select(list(held.values())).rename_columns(list(held))
        return arrow_mask(mask(named, self.wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCounts:
    """The profile of the rows of a unit that belong to a saved segment."""

    segment_id: int
    profile: Profile
    n_rows: int
    n_labelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A profiled unit of a version that some saved segments are not counted in.

    Attributes
    ----------
    binning : bytes
        Packed.
    log_role : str
        Role of the unit's rows in the log: for a provisional reference that of the rows that stand in for one.
    reference_sha256 : str or None
        Of the version's reference; None: it has none, or only a provisional one.
    """

    version_id: int
    binning: bytes
    schema: ModelSchema
    role: str
    log_role: str
    day: date
    reference_sha256: str | None
    segments: tuple[SegmentTask, ...]

    @property
    def key(self) -> tuple[int, str, date]:
        """Version id, role and day."""
        return self.version_id, self.role, self.day


def segment_counts(segment_id: int, made: Profile, layout: Layout) -> SegmentCounts:
    """Return the profile of a saved segment's rows with what is said of it."""
    counted = totals(layout, made.ints)
    return SegmentCounts(
        segment_id=segment_id,
        profile=made,
        n_rows=int(counted[TOTAL_ROWS]),
        n_labelled=int(counted[TOTAL_LABELLED]),
    )


def arrow_mask(kept: NDArray[np.bool_]) -> pa.Array:
    """Return truth values as Arrow has them, straight from their bits: ``pa.array`` would import pandas (0.6 s).

    >>> arrow_mask(np.array([True, False])).to_pylist()
    [True, False]
    """
    return pa.Array.from_buffers(pa.bool_(), kept.size, [None, pa.py_buffer(np.packbits(kept, bitorder="little"))])
