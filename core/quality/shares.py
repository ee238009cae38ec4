"""Shares of rows that something is wrong with: missing, unseen, out of range, against the contract."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import Bins, CategoricalBins, FeatureCounts, NumericBins
from core.stats.intervals import Interval, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METRICS = ("missing_share", "unseen_share", "out_of_range_share", "violation_share")
"""Names of the quality metrics, in the order in which they are shown."""

NO_VALUES = "not applicable: the reference holds no value of this feature"


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
        return _inapplicable("unseen_share", counts, "not applicable: a numeric feature has no levels")
    if not bins.levels:
        return _inapplicable("unseen_share", counts, NO_VALUES)
    return _share("unseen_share", counts.fine[..., -1], rows(counts))


def out_of_range_share(bins: Bins, counts: FeatureCounts) -> QualityShare:
    """Return the share of rows below the reference's minimum or above its maximum (numeric features).

    The first and the last bin hold no reference row; infinities are outside too.
    """
    if not isinstance(bins, NumericBins):
        return _inapplicable("out_of_range_share", counts, "not applicable: a category has no range")
    if bins.n_bins == 1:
        return _inapplicable("out_of_range_share", counts, NO_VALUES)
    outside = counts.fine[..., 0] + counts.fine[..., -1] + counts.neg_inf + counts.pos_inf
    return _share("out_of_range_share", outside, rows(counts))


def violation_share(counts: FeatureCounts) -> QualityShare:
    """Return the share of rows that break a semantic rule of the contract (they are kept and counted)."""
    return _share("violation_share", counts.violations, rows(counts))


def quality_shares(bins: Bins, counts: FeatureCounts) -> tuple[QualityShare, ...]:
    """Return all quality shares of a feature, in the order of `METRICS`."""
    return (
        missing_share(counts),
        unseen_share(bins, counts),
        out_of_range_share(bins, counts),
        violation_share(counts),
    )


def _share(metric: str, count: Ints, n: Ints) -> QualityShare:
    value = np.divide(count, n, out=np.full(np.shape(n), np.nan), where=n > 0)
    return QualityShare(metric=metric, count=np.asarray(count), n=n, value=value, interval=wilson(count, n))


def _inapplicable(metric: str, counts: FeatureCounts, reason: str) -> QualityShare:
    n = rows(counts)
    nothing = np.full(n.shape, np.nan)
    interval = Interval(low=nothing, high=nothing)
    return QualityShare(metric=metric, count=np.zeros_like(n), n=n, value=nothing, interval=interval, reason=reason)
