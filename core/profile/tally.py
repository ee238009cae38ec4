"""The vectors of a profile while they are being filled, and the segments of its rows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.profile.binning import Binning, Segment
from core.profile.bins import Floats, Ints
from core.profile.columns import coded_chunks, codes_of
from core.profile.layout import Layout

CELL_STRIDE = 64
"""Room for the display cells of one segment while counting; a feature has at most 53 with the missing one."""


@dataclass(frozen=True, slots=True)
class SegmentColumn:
    """Where each row of one segment column is counted.

    Attributes
    ----------
    first, n : int
        Place of the column's first segment among all, and number of its segments.
    codes : (n_rows,) intp
        Segment of each row within the column.
    strided : (n_rows,) intp
        ``codes * CELL_STRIDE``.
    """

    first: int
    n: int
    codes: Ints
    strided: Ints

    @property
    def place(self) -> slice:
        """The column's segments among all."""
        return slice(self.first, self.first + self.n)


@dataclass(frozen=True, slots=True)
class Tally:
    """A profile in the making: `ints` and `floats` are written in place."""

    layout: Layout
    ints: Ints
    floats: Floats
    segments: tuple[SegmentColumn, ...]

    @property
    def binning(self) -> Binning:
        """The binning that fixes the layout."""
        return self.layout.binning

    def block(self, name: str) -> Ints:
        """Return a block of the integer vector, to be written."""
        return self.layout.ints[name].of(self.ints)

    def float_block(self, name: str) -> Floats:
        """Return a block of the float vector, to be written."""
        return self.layout.floats[name].of_floats(self.floats)


def start_tally(rows: pa.Table, layout: Layout) -> Tally:
    """Return empty vectors and the segment of every row."""
    columns: dict[str, list[Segment]] = {}
    for segment in layout.binning.segments:
        columns.setdefault(segment.column, []).append(segment)
    found: list[SegmentColumn] = []
    first = 0
    for column, segments in columns.items():
        codes = _segment_codes(rows, layout.binning.sources[column], segments)
        found.append(SegmentColumn(first, len(segments), codes, codes * CELL_STRIDE))
        first += len(segments)
    return Tally(layout, np.zeros(layout.n_ints, np.int64), np.zeros(layout.n_floats), tuple(found))


def _segment_codes(rows: pa.Table, column: str, segments: list[Segment]) -> Ints:
    """Return each row's segment of a column; the last two are other and missing."""
    place = {segment.level: code for code, segment in enumerate(segments[:-2])}
    other, missing = len(segments) - 2, len(segments) - 1
    return codes_of(coded_chunks(rows, column), lambda text: place.get(text, other), missing)


def put_cells(tally: Tally, name: str, cells: Ints) -> None:
    """Count the display cell of every row by segment.

    Parameters
    ----------
    cells : (n_rows,) intp
        Display cell of each row; the missing cell is ``n_cells``.
    """
    block = tally.block(f"cells:{name}")
    for column in tally.segments:
        counted = np.bincount(column.strided + cells, minlength=column.n * CELL_STRIDE)
        block[column.place] = counted.reshape(column.n, CELL_STRIDE)[:, : block.shape[-1]]
