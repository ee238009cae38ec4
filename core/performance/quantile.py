"""The median of values >= 0 from counts per bin, with the interval of order statistics and the bound of the bins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from core.stats.intervals import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """A median of windows: arrays of one shape; NaN without rows and where it lies in the open last bin.

    Attributes
    ----------
    value : (...) interpolated inside the bin
    interval : Interval
        Edges of the bins that hold the two order statistics; NaN where one of them does not exist or is open.
    bound : (...)
        The median of the rows lies within this distance of the value.
    """

    value: Floats
    interval: Interval
    bound: Floats


def median_from_bins(counts: ArrayLike, edges: Floats) -> Median:
    """Return the median of values >= 0 from right-closed bins: bin b is ``(edges[b-1], edges[b]]``.

    The median of n rows lies between the two middle order statistics, so between the lower edge of the bin of the
    first and the upper edge of the bin of the second; inside the bin it is interpolated. Interval: the order
    statistics of ranks j and n + 1 - j, j the largest with P(Binomial(n, ½) < j) <= .025, widened to the edges
    of their bins: at least 95 %.

    Parameters
    ----------
    counts : (..., n_bins) rows per bin, the first from 0, the last open
    edges : (n_bins - 1,) ascending

    References
    ----------
    David & Nagaraja 2003, section 7.1.

    >>> found = median_from_bins([2, 6, 2, 0], np.array([1.0, 2.0, 3.0]))
    >>> float(found.value), float(found.interval.low), float(found.interval.high)
    (1.5, 0.0, 3.0)
    """
    rows = np.asarray(counts, np.int64)
    n = rows.sum(-1)
    lower, upper = np.concatenate([[0.0], edges]), np.append(edges, np.inf)
    first, second = _bin_of(rows, (n + 1) // 2), _bin_of(rows, n // 2 + 1)
    low, high = lower[first], upper[second]
    value = _interpolated(rows, first, second, lower, upper)
    known = (n > 0) & np.isfinite(high)
    rank = stats.binom.ppf(0.025, np.maximum(n, 1), 0.5).astype(np.int64)
    ends = Interval(low=lower[_bin_of(rows, rank)], high=upper[_bin_of(rows, n + 1 - rank)])
    judged = known & (rank >= 1) & np.isfinite(ends.high)
    return Median(
        value=np.where(known, value, np.nan),
        interval=Interval(low=np.where(judged, ends.low, np.nan), high=np.where(judged, ends.high, np.nan)),
        bound=np.where(known, np.maximum(high - value, value - low), np.nan),
    )


def _bin_of(rows: Ints, rank: Ints) -> Ints:
    """Return the bin of the order statistic with this rank (1 = smallest)."""
    behind = np.cumsum(rows, -1) < np.asarray(rank)[..., None]
    return np.asarray(np.minimum(behind.sum(-1), rows.shape[-1] - 1), np.int64)


def _interpolated(rows: Ints, first: Ints, second: Ints, lower: Floats, upper: Floats) -> Floats:
    """Return where half of the rows lie below: inside one bin by its share, between two bins their common side."""
    inside = np.take_along_axis(rows, first[..., None], -1)[..., 0]
    below = np.take_along_axis(np.cumsum(rows, -1), first[..., None], -1)[..., 0] - inside
    part = (rows.sum(-1) / 2 - below) / np.maximum(inside, 1)
    width = np.where(np.isfinite(upper[first]), upper[first] - lower[first], 0.0)
    return np.where(first == second, lower[first] + part * width, (upper[first] + lower[second]) / 2)
