"""How many decisions a model made, and their rate: known at once, before any actual."""

import numpy as np
from numpy.typing import NDArray

from core.performance.confusion import share
from core.performance.estimates import Estimate, estimate, first_reason, said
from core.profile.binning import BINARY
from core.profile.counts import TOTAL_DECIDED, TOTAL_ROWS
from core.profile.layout import Layout
from core.profile.profile import confusion, segment_confusion, segment_totals, totals
from core.stats.intervals import Interval, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DECISIONS, DECISION_RATE = "decisions", "decision_rate"
NO_ROWS = "no predictions in this window"
NO_DECISION = "no decision was logged and no threshold is declared"


def decisions_of(layout: Layout, ints: Ints, *, by_segment: bool = False) -> tuple[Estimate, Estimate]:
    """Return how many rows were decided positive, and their share of all decided rows with its Wilson interval.

    Of a multiclass model: rows that were given a class, of a regression rows that were given a prediction, each with
    its share of all rows. The count is complete, so it has no interval. Rows count once, whatever their weight.

    Parameters
    ----------
    ints : (..., n_ints) int64
    by_segment : bool
        One more trailing axis, the segments of the binning.
    """
    counted = segment_totals(layout, ints) if by_segment else totals(layout, ints)
    n_rows, decided = np.asarray(counted[..., TOTAL_ROWS]), np.asarray(counted[..., TOTAL_DECIDED])
    chosen, out_of = decided, n_rows
    if layout.binning.task == BINARY:
        cells = segment_confusion(layout, ints) if by_segment else confusion(layout, ints)
        chosen, out_of = np.asarray(cells[..., 1, :].sum(-1)), decided
    reason = first_reason(said(n_rows <= 0, NO_ROWS), said(decided <= 0, NO_DECISION))
    none = np.full(n_rows.shape, np.nan)
    n = out_of.astype(np.float64)
    return (
        estimate(DECISIONS, chosen.astype(np.float64), Interval(low=none, high=none), n=n, reason=reason),
        estimate(DECISION_RATE, share(chosen, out_of), wilson(chosen, out_of), n=n, reason=reason),
    )
