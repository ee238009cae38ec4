"""The vectors of a profile while they are being filled, and the segments of its rows."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.profile.binning import Binning, Segment
from core.profile.bins import Floats, Ints
from core.profile.columns import coded_chunks, codes_of
from core.profile.layout import Layout

Number = TypeVar("Number", bound=np.number)

CELL_STRIDE = 64
"""Room for the display cells of one segment while counting; a feature has at most 53 with the missing one."""

MAX_JOINT = 128
"""Segment columns are counted together, and taken apart afterwards, up to so many combinations of their segments."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SegmentColumns:
    """Where each row is counted in a few segment columns that are counted together.

    Attributes
    ----------
    first : int
        Place of the first column's first segment among all; the others follow.
    sizes : tuple of int
        Number of segments of each column.
    codes : (n_rows,) intp
        Each row's combination of segments, the last column's running fastest.
    strided : (n_rows,) intp
        ``codes * CELL_STRIDE``.
    """

    first: int
    sizes: tuple[int, ...]
    codes: Ints
    strided: Ints

    @property
    def place(self) -> slice:
        """The columns' segments among all."""
        return slice(self.first, self.first + sum(self.sizes))

    @property
    def n(self) -> int:
        """Number of combinations."""
        return math.prod(self.sizes)

    def count(self, combinations: Ints, codes: Ints, shape: Shape) -> Ints:
        """Return how many rows have each code, by segment: ``(n_segments, *shape)``.

        Parameters
        ----------
        combinations : (m,) intp
            Those of the rows in question.
        codes : (m,) intp
            Below the product of `shape`.
        """
        size = math.prod(shape)
        counted = np.bincount(combinations * size + codes, minlength=self.n * size).reshape(self.n, *shape)
        return self.by_segment(counted)

    def sum(self, combinations: Ints, codes: Ints, shape: Shape, values: Floats) -> Floats:
        """Return the sum of `values` of the rows with each code, by segment: ``(n_segments, *shape)``; see `count`."""
        size = math.prod(shape)
        summed = np.bincount(combinations * size + codes, values, self.n * size).astype(np.float64, copy=False)
        return self.by_segment(summed.reshape(self.n, *shape))

    def by_segment(self, counted: NDArray[Number]) -> NDArray[Number]:
        """Return counts by combination ``(n, ...)`` as counts by segment ``(n_segments, ...)``."""
        if len(self.sizes) == 1:
            return counted
        grid = counted.reshape(*self.sizes, *counted.shape[1:])
        axes = range(len(self.sizes))
        return np.concatenate([grid.sum(axis=tuple(axis for axis in axes if axis != kept)) for kept in axes])


@dataclass(frozen=True, slots=True)
class Tally:
    """A profile in the making: its arrays are written in place.

    Attributes
    ----------
    ints : (n_ints,) int64
    floats : (n_floats,) float64
    segments : tuple of SegmentColumns
    incomplete : (n_rows,) bool
        Rows that miss a declared feature, as far as they were counted.
    """

    layout: Layout
    ints: Ints
    floats: Floats
    segments: tuple[SegmentColumns, ...]
    incomplete: NDArray[np.bool_]

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
    coded = [
        (len(segments), _segment_codes(rows, layout.binning.sources[column], segments))
        for column, segments in columns.items()
    ]
    incomplete = np.zeros(rows.num_rows, np.bool_)
    ints, floats = np.zeros(layout.n_ints, np.int64), np.zeros(layout.n_floats)
    return Tally(layout, ints, floats, _together(coded), incomplete)


def _together(coded: list[tuple[int, Ints]]) -> tuple[SegmentColumns, ...]:
    """Put neighbouring columns together as long as their combinations are few."""
    found: list[SegmentColumns] = []
    first = 0
    for n, codes in coded:
        if found and found[-1].n * n <= MAX_JOINT:
            last = found.pop()
            joint = last.codes * n + codes
            found.append(SegmentColumns(last.first, (*last.sizes, n), joint, joint * CELL_STRIDE))
        else:
            found.append(SegmentColumns(first, (n,), codes, codes * CELL_STRIDE))
        first += n
    return tuple(found)


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
    for columns in tally.segments:
        counted = np.bincount(columns.strided + cells, minlength=columns.n * CELL_STRIDE)
        by_cell = counted.reshape(columns.n, CELL_STRIDE)[:, : block.shape[-1]]
        block[columns.place] = columns.by_segment(by_cell)
