"""Counting prediction and actual of a regression: sums of the error's powers and the error's distribution."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from core.profile.binning import SCORE
from core.profile.bins import Floats, Ints
from core.profile.columns import numeric_column
from core.profile.flags import Known
from core.profile.scored import score_bins
from core.profile.tally import Tally


def count_regression(rows: pa.Table, tally: Tally) -> Known:
    """Sum the residuals of the labelled rows with a finite prediction, and count them by absolute error."""
    predictions, _ = numeric_column(rows, SCORE)
    actuals, _ = numeric_column(rows, "actual")
    known = Known(labelled=np.isfinite(actuals), decided=np.isfinite(predictions))
    both = np.flatnonzero(known.labelled & known.decided)
    order = both[_order(predictions[both], actuals[both])]
    ordered = predictions[order], actuals[order]
    total, by_segment = tally.float_block("residual_sums"), tally.float_block("segment_residual_sums")
    columns = [(one, one.codes[order]) for one in tally.segments]
    nothing = np.zeros(order.size, np.intp)
    with np.errstate(over="ignore", invalid="ignore"):  # powers of values near the largest float
        for kind, values in enumerate(residual_terms(*ordered, tally.binning.actual_centre)):
            total[kind] = values.sum()
            for one, combinations in columns:
                by_segment[one.place, kind] = one.sum(combinations, nothing, (), values)
        places = _error_bins(np.abs(ordered[0] - ordered[1]), tally.binning.error_edges)
    nonzero = (ordered[1] != 0).astype(np.intp)
    counts, n_known = tally.block("error_counts"), tally.block("residual_n")
    counts[:] = np.bincount(places, minlength=counts.size)
    n_known[:] = order.size, nonzero.sum()
    for one, combinations in columns:
        tally.block("segment_error_counts")[one.place] = one.count(combinations, places, counts.shape)
        by_zero = one.count(combinations, nonzero, (2,))
        tally.block("segment_residual_n")[one.place] = np.stack([by_zero.sum(axis=1), by_zero[:, 1]], axis=1)
    return known


def _order(predictions: Floats, actuals: Floats) -> Ints:
    """Return the rows in order of the prediction, then of the actual: the same for any order they came in."""
    order = np.argsort(predictions)
    if np.diff(predictions[order]).all():
        return order
    return np.lexsort((actuals, predictions))


def _error_bins(sizes: Floats, edges: Floats) -> Ints:
    """Return the right-closed bin of each absolute error; searching a sorted column is ten times as fast."""
    order = np.argsort(sizes)
    places = np.empty(sizes.size, np.intp)
    places[order] = score_bins(sizes[order], edges)
    return places


def residual_terms(predictions: Floats, actuals: Floats, centre: float) -> Iterator[Floats]:
    """Yield each term of `core.profile.counts.RESIDUAL_SUMS` for every row, ``(n,)``.

    >>> [float(term[0]) for term in residual_terms(np.array([3.0]), np.array([2.0]), 5.0)][:6]
    [1.0, 1.0, 1.0, 1.0, -3.0, 9.0]
    """
    error, moved = predictions - actuals, actuals - centre
    size, error2, moved2 = np.abs(error), error**2, moved**2
    yield from (error, size, error2, error2**2)
    yield from (moved, moved2, moved2 * moved, moved2**2, error2 * moved, error2 * moved2)
    ape = np.divide(size, np.abs(actuals), out=np.zeros_like(size), where=actuals != 0)
    yield from (ape, ape**2)
    sides = np.maximum(error, 0), np.maximum(-error, 0)
    baseline_sides = np.maximum(-moved, 0), np.maximum(moved, 0)
    for side in (*sides, *baseline_sides):
        yield from (side, side**2)
    for side in sides:
        yield from (side * of_baseline for of_baseline in baseline_sides)
