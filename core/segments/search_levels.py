"""The levels of a column that segments are made of: reference quantiles of numbers, frequent values of texts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.profile.columns import coded_chunks, codes_of, numeric_column
from core.segments.filters import Condition

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FINE_PARTS, COARSE_PARTS, GRID_PARTS = 10, 3, 5
FINE_LEVELS, COARSE_LEVELS, GRID_LEVELS = 50, 5, 6
"""Most values of a text that are levels of their own: alone, in a pair, in the heat map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """A column cut into levels; every row has exactly one.

    Attributes
    ----------
    column : str
    conditions : tuple of Condition or None, length L
        What a row of each level fulfils, the missing one last; None: every value that has no level of its own,
        which is no segment that anybody could act on.
    cuts : (k,) float64, strictly increasing, or None for a text
    texts : tuple of str
        Of a text: the values with a level of their own.
    """

    column: str
    conditions: tuple[Condition | None, ...]
    cuts: Floats | None = None
    texts: tuple[str, ...] = ()

    def codes(self, rows: pa.Table) -> Ints:
        """Return the level of each row, ``(n_rows,)`` in [0, L)."""
        missing = len(self.conditions) - 1
        if self.cuts is None:
            place = {text: level for level, text in enumerate(self.texts)}
            other = len(self.texts)
            return codes_of(coded_chunks(rows, self.column), lambda text: place.get(text, other), missing)
        values, _ = numeric_column(rows, self.column)
        return np.where(np.isnan(values), missing, np.searchsorted(self.cuts, values, side="left"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLevels:
    """The three cuts of one column: alone (tenths), in a pair (thirds), and in the heat map (fifths)."""

    column: str
    fine: Levels
    coarse: Levels
    grid: Levels


def quantile_cuts(values: Floats, parts: int) -> Floats:
    """Return the right-closed cut points that part the finite `values` into `parts` of about equal size.

    The k-th is the ``ceil(k m / parts)``-th smallest value; heavy values give fewer cuts. Nothing lies beyond the
    largest value: where it is a cut, the value before it is cut instead, so that a heavy largest value is a part of
    its own, as a heavy smallest one is.

    >>> quantile_cuts(np.array([1.0, 2.0, 3.0, 4.0]), 2).tolist(), quantile_cuts(np.array([1.0, 1.0, 2.0]), 3).tolist()
    ([2.0], [1.0])
    >>> quantile_cuts(np.array([1.0, 2.0, 3.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]), 3).tolist()
    [3.0]
    """
    ordered = np.sort(values[np.isfinite(values)])
    if not ordered.size:
        return np.empty(0)
    places = [-(-part * ordered.size // parts) - 1 for part in range(1, parts)]
    before = ordered[: np.searchsorted(ordered, ordered[-1], side="left")]
    found = np.unique(np.minimum(ordered[places], before[-1])) if before.size else before
    return np.asarray(found, np.float64)


def numeric_levels(column: str, values: Floats, parts: int) -> Levels:
    """Return the levels of a number: the reference's quantiles, then missing."""
    cuts = quantile_cuts(values, parts)
    ends: list[float | None] = [None, *(float(cut) for cut in cuts), None]
    ranges = [
        Condition(column=column, low=low, high=high) if low is not None or high is not None else None
        for low, high in pairwise(ends)
    ]
    return Levels(column=column, conditions=(*ranges, Condition(column=column, missing=True)), cuts=cuts)


def text_levels(column: str, texts: Sequence[str], most: int) -> Levels:
    """Return the levels of a text: its most frequent values, every other value, missing."""
    own = tuple(texts[:most])
    named = [Condition(column=column, levels=(text,)) for text in own]
    return Levels(column=column, conditions=(*named, None, Condition(column=column, missing=True)), texts=own)


def levels_of(reference: pa.Table, current: pa.Table, column: str) -> ColumnLevels:
    """Return the levels of a column: fixed by the reference, so that every window is cut alike.

    A text that the reference has never seen is a level too, behind all that it has seen: that is where a model knows
    least. A column without a value in the reference is cut by the window itself.
    """
    if _is_number(reference, column):
        values, _ = numeric_column(reference, column)
        if not np.isfinite(values).any():
            values, _ = numeric_column(current, column)
        parts = (FINE_PARTS, COARSE_PARTS, GRID_PARTS)
        fine, coarse, grid = (numeric_levels(column, values, each) for each in parts)
    else:
        known = _by_frequency(reference, column)
        new = tuple(text for text in _by_frequency(current, column) if text not in set(known))
        texts = (*known[: FINE_LEVELS - min(len(new), FINE_LEVELS // 2)], *new)
        fine = text_levels(column, texts, FINE_LEVELS)
        coarse, grid = (text_levels(column, known or new, most) for most in (COARSE_LEVELS, GRID_LEVELS))
    return ColumnLevels(column=column, fine=fine, coarse=coarse, grid=grid)


def _is_number(rows: pa.Table, column: str) -> bool:
    place = rows.schema.get_field_index(column)
    return place >= 0 and bool(pa.types.is_floating(rows.schema.field(place).type))


def _by_frequency(rows: pa.Table, column: str) -> tuple[str, ...]:
    """Return the values of a text, most frequent first, ties by name."""
    counts: Counter[str] = Counter()
    for chunk in coded_chunks(rows, column):
        for text, n in zip(chunk.texts, np.bincount(chunk.places, minlength=len(chunk.texts)), strict=False):
            if text is not None and n:
                counts[text] += int(n)
    return tuple(sorted(counts, key=lambda text: (-counts[text], text)))
