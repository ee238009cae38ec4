"""The difference of one metric between two populations that share no rows: unpaired, and so conservative."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.performance.estimates import Estimate, Words, first_reason, said
from core.stats.intervals import Z95

Floats = NDArray[np.float64]

BY_ERROR = frozenset(
    {"roc_auc", "roc_auc_ovr_macro", "log_loss", "brier_score", "mae", "mape", "bias", "average_precision"}
)
"""Metrics whose difference is ± z√(V₁ + V₂); all others combine the two intervals as Newcombe does."""

UNPAIRED = "unpaired, conservative: the two are compared as if on different rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Second less first of one metric with its 95 % interval; arrays of one shape, NaN where `reason` says why."""

    metric: str
    value: Floats
    low: Floats
    high: Floats
    reason: Words

    @property
    def conclusive(self) -> NDArray[np.bool_]:
        """Where the interval lies wholly on one side of 0."""
        return np.asarray((self.low > 0) | (self.high < 0))


def difference(first: Estimate, second: Estimate) -> Difference:
    """Return second - first of the same metric.

    Interval: z√(V₁ + V₂) for areas under curves and for means; for shares, F1, RMSE, R² and medians the square-and-add
    of the two intervals (Newcombe's method 10; of Wilson intervals it is exactly his), which keeps their shape.
    Where the rows are in truth the same, a paired comparison would be narrower: this one is conservative.

    Parameters
    ----------
    first, second : Estimate of one metric, shapes that broadcast

    References
    ----------
    Newcombe 1998; Zou & Donner 2008.
    """
    value = second.value - first.value
    if first.metric in BY_ERROR:
        half = Z95 * np.sqrt(first.error**2 + second.error**2)
        low, high = value - half, value + half
    else:
        low = value - np.hypot(second.value - second.low, first.high - first.value)
        high = value + np.hypot(second.high - second.value, first.value - first.low)
    reason = first_reason(*np.broadcast_arrays(first.reason, second.reason))
    return Difference(
        metric=first.metric,
        value=value,
        low=low,
        high=high,
        reason=first_reason(reason, said(np.isnan(low) | np.isnan(high), "one of the two has no interval")),
    )
