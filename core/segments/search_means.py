"""The mean loss of some rows with its 95 % interval."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.segments.search_losses import IS_SHARE, LossKind
from core.segments.search_significance import Sums
from core.stats.intervals import Interval, wilson

Floats = NDArray[np.float64]


def mean_interval_of(sums: Sums, kind: LossKind) -> Interval:
    """Return the interval of a mean loss: Wilson's for a share, else t; NaN below two rows.

    Unlike `core.stats.intervals.mean_interval` the lower end may be below 0: an excess may be.
    """
    if kind in IS_SHARE:
        return wilson(sums.total, sums.n)
    n = np.asarray(sums.n, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums.total / n
        variance = np.maximum(sums.squares - sums.total * mean, 0.0) / (n - 1)
        half = special.stdtrit(np.maximum(n - 1, 1), 0.975) * np.sqrt(variance / n)
    half = np.where(n >= 2, half, np.nan)
    return Interval(low=np.asarray(mean - half, np.float64), high=np.asarray(mean + half, np.float64))
