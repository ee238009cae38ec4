"""Shares of rows that something is wrong with: missing, unseen, out of range, against the contract."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import Bins, CategoricalBins, FeatureCounts, NumericBins
from core.stats.intervals import Interval, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARES = ("missing_share", "unseen_share", "out_of_range_share", "violation_share")
"""Shares of rows by feature, in the order in which they are shown."""

SKEW = ("scale_ratio", "integer_share", "decimals_distance")
"""How numeric features differ in kind from the reference: unit, type, rounding."""

WHOLE = ("completeness", "volume", "volume_ratio", "freshness_hours", "silence_units")
"""What is said of all features together, by window."""

METRICS = (*SHARES, *SKEW, *WHOLE)
"""Names of all quality metrics."""

NO_VALUES = "not applicable: the reference holds no value of this feature"
NO_LEVELS = "not applicable: a numeric feature has no levels"
NO_RANGE = "not applicable: a category has no range"
FEW_VALUES = "not applicable: of a feature with few values, those outside its range are not counted by segment"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityShare:
    """A share of rows in [0, 1]; arrays over the leading axes ``(...)`` of the counts.

    Attributes
    ----------
    count, n : (...) int64
        Rows concerned, and all rows of the window (missing included).
    value : (...) float64, NaN without rows
    interval : Interval
        Wilson, 95 %.
    reason : str
        Why the metric does not apply to this feature; empty where it does.
    """

    metric: str
    count: Ints
    n: Ints
    value: Floats
    interval: Interval
    reason: str = ""


def rows(counts: FeatureCounts) -> Ints:
    """Return all rows of the window: (...) int64."""
    return np.asarray(counts.fine.sum(-1) + counts.null + counts.nan + counts.neg_inf + counts.pos_inf, np.int64)


def missing_share(counts: FeatureCounts) -> QualityShare:
    """Return the share of rows whose value is null or NaN."""
    return _share("missing_share", counts.null + counts.nan, rows(counts))


def unseen_share(bins: Bins, counts: FeatureCounts) -> QualityShare:
    """Return the share of rows whose level does not occur in the reference (categorical features)."""
    if not isinstance(bins, CategoricalBins):
        return _no_share("unseen_share", rows(counts), NO_LEVELS)
    if not bins.levels:
        return _no_share("unseen_share", rows(counts), NO_VALUES)
    return _share("unseen_share", counts.fine[..., -1], rows(counts))


def out_of_range_share(bins: Bins, counts: FeatureCounts) -> QualityShare:
    """Return the share of rows below the reference's minimum or above its maximum (numeric features).

    The first and the last bin hold no reference row; infinities are outside too.
    """
    if not isinstance(bins, NumericBins):
        return _no_share("out_of_range_share", rows(counts), NO_RANGE)
    if bins.n_bins == 1:
        return _no_share("out_of_range_share", rows(counts), NO_VALUES)
    outside = counts.fine[..., 0] + counts.fine[..., -1] + counts.neg_inf + counts.pos_inf
    return _share("out_of_range_share", outside, rows(counts))


def violation_share(counts: FeatureCounts) -> QualityShare:
    """Return the share of rows that break a semantic rule of the contract (they are kept and counted)."""
    return _share("violation_share", counts.violations, rows(counts))


def quality_shares(bins: Bins, counts: FeatureCounts) -> tuple[QualityShare, ...]:
    """Return all quality shares of a feature, in the order of `SHARES`."""
    return (
        missing_share(counts),
        unseen_share(bins, counts),
        out_of_range_share(bins, counts),
        violation_share(counts),
    )


def completeness(n_complete: Ints, n_rows: Ints) -> QualityShare:
    """Return the share of rows in which no declared feature is missing.

    >>> float(completeness(np.array(9), np.array(10)).value)
    0.9
    """
    return _share("completeness", np.asarray(n_complete), np.asarray(n_rows))


def segment_shares(bins: Bins, cells: Ints) -> tuple[QualityShare, ...]:
    """Return missing, unseen and out-of-range shares from display cells: what is counted by segment.

    A numeric feature with at most 20 values has one cell for all new values, those between the known ones included,
    so that its share outside the range is not known by segment; violations are counted for the whole population.

    Parameters
    ----------
    cells : (..., n_cells + 1) int64
        The missing cell last; leading axes (windows, segments) are allowed.
    """
    n = np.asarray(cells.sum(-1), np.int64)
    if isinstance(bins, CategoricalBins):
        unseen = _share("unseen_share", cells[..., -2], n) if bins.levels else _no_share("unseen_share", n, NO_VALUES)
        outside = _no_share("out_of_range_share", n, NO_RANGE)
    else:
        unseen = _no_share("unseen_share", n, NO_LEVELS)
        outside = _outside_by_cells(bins, cells, n)
    return (
        _share("missing_share", cells[..., -1], n),
        unseen,
        outside,
        _no_share("violation_share", n, "not applicable: violations are counted for the whole population"),
    )


def _outside_by_cells(bins: NumericBins, cells: Ints, n: Ints) -> QualityShare:
    if bins.n_bins == 1:
        return _no_share("out_of_range_share", n, NO_VALUES)
    low, high = int(bins.cell[0]), int(bins.cell[-1])
    if low == high or not (bins.is_new_cell[low] and bins.is_new_cell[high]):
        return _no_share("out_of_range_share", n, FEW_VALUES)
    return _share("out_of_range_share", cells[..., low] + cells[..., high], n)


def _share(metric: str, count: Ints, n: Ints) -> QualityShare:
    value = np.divide(count, n, out=np.full(np.shape(n), np.nan), where=n > 0)
    return QualityShare(metric=metric, count=np.asarray(count), n=n, value=value, interval=wilson(count, n))


def _no_share(metric: str, n: Ints, reason: str) -> QualityShare:
    nothing = np.full(n.shape, np.nan)
    interval = Interval(low=nothing, high=nothing)
    return QualityShare(metric=metric, count=np.zeros_like(n), n=n, value=nothing, interval=interval, reason=reason)
