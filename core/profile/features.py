"""Counting one feature: fine bins, special values, outermost sums, violations, display cells by segment."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from core.profile.binning import ACTUAL, MULTICLASS, SCORE
from core.profile.bins import CategoricalBins, Floats, Ints, NumericBins
from core.profile.class_scores import class_scores, top_scores
from core.profile.columns import CodedChunk, coded_chunks, codes_of, numeric_column
from core.profile.decimals import decimal_places
from core.profile.layout import EXTRA_COUNTERS, TAIL_BINS, counted_by_segment
from core.profile.profile import category_cells
from core.profile.tally import Tally, put_cells

BLOCK_ROWS = 32_768
"""Rows whose display cells are found at a time: they stay in the processor's cache."""

Range = tuple[float | None, float | None]


def count_features(rows: pa.Table, tally: Tally, names: Collection[str]) -> None:
    """Count the named features into `tally`: the model's own, the score, a regression's actual."""
    by_segment = frozenset(counted_by_segment(tally.binning))
    for name in names:
        bins = tally.binning.features[name]
        if isinstance(bins, NumericBins):
            cells = _count_numeric(rows, tally, name, bins, by_segment=name in by_segment)
        else:
            cells = _count_categorical(rows, tally, name, bins, by_segment=name in by_segment)
        if cells is not None:
            put_cells(tally, name, cells)


def _count_numeric(rows: pa.Table, tally: Tally, name: str, bins: NumericBins, *, by_segment: bool) -> Ints | None:
    """Count one numeric column; returns the display cell of every row when it is counted by segment."""
    values, n_null = _values(rows, tally, name)
    ordered = np.sort(values)
    counts, tails = _ordered_counts(ordered, n_null, bins, tally.binning.ranges.get(name, (None, None)))
    tally.block(f"feature:{name}")[:] = counts
    tally.float_block(f"tails:{name}")[:] = tails
    if name not in (SCORE, ACTUAL):
        n_null, n_nan, n_below = counts[bins.n_bins : bins.n_bins + 3].tolist()
        finite = ordered[n_below : n_below + int(counts[: bins.n_bins].sum())]
        tally.block(f"decimals:{name}")[:] = decimal_places(finite)
        if n_null + n_nan:
            np.logical_or(tally.incomplete, np.isnan(values), out=tally.incomplete)
    return numeric_cells(values, bins) if by_segment else None


def _values(rows: pa.Table, tally: Tally, name: str) -> tuple[Floats, int]:
    """Return the values of a column and the number of its nulls."""
    if name == SCORE and tally.binning.task == MULTICLASS:
        top = top_scores(class_scores(rows, tally.binning.class_sources))
        return top, int(np.isnan(top).sum())
    column = name if name in (SCORE, ACTUAL) else tally.binning.sources[name]
    return numeric_column(rows, column)


def _count_categorical(
    rows: pa.Table, tally: Tally, name: str, bins: CategoricalBins, *, by_segment: bool
) -> Ints | None:
    """Count one text column; returns the display cell of every row when it is counted by segment."""
    chunks = coded_chunks(rows, tally.binning.sources[name])
    counts = categorical_counts(chunks, bins, tally.binning.categories.get(name))
    tally.block(f"feature:{name}")[:] = counts
    if counts[bins.n_bins]:
        missing = codes_of(chunks, lambda _text: 0, 1) == 1
        np.logical_or(tally.incomplete, missing, out=tally.incomplete)
    return categorical_cells(chunks, bins) if by_segment else None


def numeric_counts(values: Floats, n_null: int, bins: NumericBins, allowed: Range) -> tuple[Ints, Floats]:
    """Return ``(n_bins + 5,)`` counts (fine bins, null, NaN, -inf, +inf, violations) and the tail sums.

    Parameters
    ----------
    values : (n_rows,) float64
        NaN stands for null too; `n_null` of them are nulls.
    allowed : (low, high)
        Values outside, infinities included, are violations.

    Examples
    --------
    >>> from core.profile.build_bins import numeric_bins
    >>> numeric_counts(np.array([1.0, 2.0, np.nan, 9.0]), 1, numeric_bins(np.array([1.0, 2.0])), (None, 5.0))[0]
    array([0, 1, 0, 1, 1, 1, 0, 0, 0, 1])
    """
    return _ordered_counts(np.sort(values), n_null, bins, allowed)


def _ordered_counts(ordered: Floats, n_null: int, bins: NumericBins, allowed: Range) -> tuple[Ints, Floats]:
    first, last, n_numbers = np.searchsorted(ordered, [-np.inf, np.inf, np.nan], side="left")
    first = np.searchsorted(ordered, -np.inf, side="right")
    finite = ordered[first:last]
    bounds = np.concatenate([[0], np.searchsorted(finite, bins.edges, side="right"), [finite.size]])
    counts = np.zeros(bins.n_bins + EXTRA_COUNTERS, np.int64)
    counts[: bins.n_bins] = np.diff(bounds)
    low, high = allowed
    below = 0 if low is None else np.searchsorted(ordered[:n_numbers], low, side="left")
    above = 0 if high is None else n_numbers - np.searchsorted(ordered[:n_numbers], high, side="right")
    counts[bins.n_bins :] = n_null, ordered.size - n_numbers - n_null, first, n_numbers - last, below + above
    return counts, tail_sums(finite, bounds, bins.centre)


def tail_sums(ordered: Floats, bounds: Ints, centre: float) -> Floats:
    """Return the sums of (x - centre) in the 12 lowest and the 12 highest bins (all of them up to 24).

    Parameters
    ----------
    ordered : (n,) float64, sorted
    bounds : (n_bins + 1,) int
        Bin ``b`` holds ``ordered[bounds[b]:bounds[b + 1]]``.
    """
    n_bins = bounds.size - 1
    if n_bins <= TAIL_BINS:
        return sums_between(ordered, bounds, centre)
    half = TAIL_BINS // 2
    low, high = bounds[: half + 1], bounds[n_bins - half :]
    outside = np.concatenate([ordered[: low[-1]], ordered[high[0] :]])
    return sums_between(outside, np.concatenate([low, high[1:] - (high[0] - low[-1])]), centre)


def sums_between(ordered: Floats, bounds: Ints, centre: float) -> Floats:
    """Return the sums of (x - centre) in the bins that `bounds` cut all of the sorted values into."""
    sums = np.zeros(bounds.size - 1)
    filled = np.flatnonzero(bounds[1:] > bounds[:-1])
    if filled.size:
        with np.errstate(over="ignore", invalid="ignore"):  # values near the largest float
            sums[filled] = np.add.reduceat(ordered - centre, bounds[:-1][filled])
    return sums


def numeric_cells(values: Floats, bins: NumericBins) -> Ints:
    """Return the display cell of every value, ``n_cells`` for NaN; infinities join the end bins' cells.

    Counting how many of the few cell borders lie below a value is ten times as fast as searching for it.
    """
    changes = np.flatnonzero(bins.cell[1:] != bins.cell[:-1])
    cuts = bins.edges[changes]
    cell_of_rank = bins.cell[np.concatenate([[0], changes + 1])].astype(np.intp)
    cells = np.empty(values.size, np.intp)
    above = np.empty(min(BLOCK_ROWS, values.size), np.bool_)
    ranks = np.empty(above.size, np.uint8)
    for start in range(0, values.size, BLOCK_ROWS):
        block = values[start : start + BLOCK_ROWS]
        rank, is_above = ranks[: block.size], above[: block.size]
        rank[:] = 0
        for cut in cuts:
            np.greater(block, cut, out=is_above)
            np.add(rank, is_above.view(np.uint8), out=rank)
        np.take(cell_of_rank, rank, out=cells[start : start + BLOCK_ROWS], mode="clip")
    cells[np.isnan(values)] = bins.n_cells
    return cells


def categorical_counts(chunks: list[CodedChunk], bins: CategoricalBins, allowed: frozenset[str] | None) -> Ints:
    """Return ``(n_bins + 5,)`` counts: levels, other, unseen, null, 0, 0, 0, violations.

    Parameters
    ----------
    allowed : frozenset of str or None
        Any other text is a violation; None: no rule.
    """
    place = _level_places(bins)
    other, unseen, null = bins.n_bins - 2, bins.n_bins - 1, bins.n_bins
    counts = np.zeros(bins.n_bins + EXTRA_COUNTERS, np.int64)
    for chunk in chunks:
        for text, count in zip((*chunk.texts, None), chunk.counts().tolist(), strict=True):
            if text is None:
                counts[null] += count
                continue
            counts[place.get(text, other if text in bins.rest else unseen)] += count
            counts[-1] += count if allowed is not None and text not in allowed else 0
    return counts


def categorical_cells(chunks: list[CodedChunk], bins: CategoricalBins) -> Ints:
    """Return the display cell of every row, ``n_cells`` for null."""
    place, cell = _level_places(bins), category_cells(bins).tolist()

    def code(text: str) -> int:
        found: int = cell[place.get(text, -2 if text in bins.rest else -1)]
        return found

    return codes_of(chunks, code, bins.n_cells)


def _level_places(bins: CategoricalBins) -> dict[str, int]:
    return {level: number for number, level in enumerate(bins.levels)}
