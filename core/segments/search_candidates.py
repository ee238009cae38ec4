"""Every segment of one or two columns that is searched, with the sums of a loss in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.segments.filters import Condition, Filter
from core.segments.search_levels import ColumnLevels, Levels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int16]
Positions = NDArray[np.intp]

FEWEST_ROWS = 50
SMALLEST_SHARE = 0.005
MOST_PAIRED = 30
"""Columns that are paired: the most important ones; all are searched alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Rows parted by the levels of one column or of two.

    Attributes
    ----------
    levels : tuple of one or two Levels
    codes : (n_rows,) the part of each row; of a pair ``first * L_second + second``
    """

    levels: tuple[Levels, ...]
    codes: Codes

    @property
    def n_parts(self) -> int:
        """Number of parts, empty ones included."""
        return int(np.prod([len(one.conditions) for one in self.levels]))

    def filter_of(self, part: int) -> Filter | None:
        """Return the filter of a part; None where one of its columns has a value without a level."""
        return filter_of(self.levels, part)


def filter_of(levels: Sequence[Levels], part: int) -> Filter | None:
    """Return the filter of a part of a cut; None where one of its columns has a value without a level."""
    conditions: list[Condition] = []
    for one in reversed(levels):
        part, place = divmod(part, len(one.conditions))
        condition = one.conditions[place]
        if condition is None:
            return None
        conditions.insert(0, condition)
    return Filter(conditions=tuple(conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The cuts of some rows and which of their parts are large enough to be searched.

    Attributes
    ----------
    cuts : tuple of Cut
        One column each in order of the columns, then pairs.
    cut, part : (n_candidates,) int64
        Where each candidate is found.
    n : (n_candidates,) int64
        Its rows.
    n_rows : int
    """

    cuts: tuple[Cut, ...]
    cut: Ints
    part: Ints
    n: Ints
    n_rows: int

    def filter_at(self, place: int) -> Filter:
        """Return the filter of a candidate."""
        found = self.cuts[int(self.cut[place])].filter_of(int(self.part[place]))
        assert found is not None
        return found

    def rows_of(self, place: int) -> NDArray[np.bool_]:
        """Return which rows a candidate holds."""
        return np.asarray(self.cuts[int(self.cut[place])].codes == self.part[place])

    def sums(self, loss: Floats) -> tuple[Floats, Floats]:
        """Return sum and sum of squares of a loss in each candidate, two ``(n_candidates,)``."""
        squares = loss * loss
        total, squared = np.empty(len(self.cut)), np.empty(len(self.cut))
        for place, cut in enumerate(self.cuts):
            mine = slice(*np.searchsorted(self.cut, (place, place + 1)))
            if mine.start == mine.stop:
                continue
            total[mine] = np.bincount(cut.codes, loss, cut.n_parts)[self.part[mine]]
            squared[mine] = np.bincount(cut.codes, squares, cut.n_parts)[self.part[mine]]
        return total, squared

    def hits(self, rows: Positions) -> Ints:
        """Return how many of the given rows (positions) lie in each candidate, ``(n_candidates,)``."""
        found = np.empty(len(self.cut), np.int64)
        for place, cut in enumerate(self.cuts):
            mine = slice(*np.searchsorted(self.cut, (place, place + 1)))
            if mine.start != mine.stop:
                found[mine] = np.bincount(cut.codes[rows], minlength=cut.n_parts)[self.part[mine]]
        return found


def candidates(rows: pa.Table, columns: Sequence[ColumnLevels], *, n_paired: int = MOST_PAIRED) -> Candidates:
    """Return every segment of one column, and of two of the first `n_paired`, with enough rows to be judged.

    At least 50 rows and one in two hundred; and not more than all but 50: a segment needs a rest.
    """
    cuts = tuple(_cuts(rows, columns, n_paired))
    least = max(FEWEST_ROWS, int(np.ceil(SMALLEST_SHARE * rows.num_rows)))
    where: list[tuple[int, int, int]] = []
    for place, cut in enumerate(cuts):
        n = np.bincount(cut.codes, minlength=cut.n_parts)
        large = np.flatnonzero((n >= least) & (n <= rows.num_rows - FEWEST_ROWS)).tolist()
        where.extend((place, part, int(n[part])) for part in large if cut.filter_of(part) is not None)
    found = np.array(where, np.int64).reshape(-1, 3)
    return Candidates(cuts=cuts, cut=found[:, 0], part=found[:, 1], n=found[:, 2], n_rows=rows.num_rows)


def _cuts(rows: pa.Table, columns: Sequence[ColumnLevels], n_paired: int) -> Iterator[Cut]:
    for one in columns:
        yield Cut(levels=(one.fine,), codes=one.fine.codes(rows).astype(np.int16))
    coarse = [(one.coarse, one.coarse.codes(rows).astype(np.int16)) for one in columns[:n_paired]]
    for (first, a), (second, b) in combinations(coarse, 2):
        yield Cut(levels=(first, second), codes=a * np.int16(len(second.conditions)) + b)
