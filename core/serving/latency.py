"""Quantiles of the latency from the fixed grid: value, interval of order statistics, bound of the bins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from core.profile.latency_grid import LATENCY_BOUND, LATENCY_EDGES_MS
from core.stats.intervals import CONFIDENCE, Z95, Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHORTEST_MS, LONGEST_MS = float(LATENCY_EDGES_MS[0]), float(LATENCY_EDGES_MS[-1])
_LOWER = np.concatenate([[0.0], LATENCY_EDGES_MS])
_UPPER = np.append(LATENCY_EDGES_MS, np.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyQuantile:
    """A quantile of the latency of windows; arrays of one shape ``(...)``, milliseconds.

    Attributes
    ----------
    value : (...) float64
        NaN without a known latency, and where it lies above 1,000 s (the open last bin).
    interval : Interval
        Outer edges of the bins of two order statistics; NaN where one of them does not exist.
    bound : (...) float64
        The quantile of the rows lies within this distance of the value.
    n, n_missing : (...) int64
        Rows with a latency, and rows without.
    """

    value: Floats
    interval: Interval
    bound: Floats
    n: Ints
    n_missing: Ints

    @property
    def log_error(self) -> Floats:
        """Standard error of the logarithm of the value: the width of its interval over 2z, bins included."""
        low = np.maximum(self.interval.low, SHORTEST_MS / 2)
        return np.asarray((np.log(self.interval.high) - np.log(low)) / (2 * Z95), np.float64)


def latency_quantile(counts: ArrayLike, share: float) -> LatencyQuantile:
    """Return the smallest latency that at least `share` of the requests do not exceed.

    That is the order statistic of rank k = ⌈share·n⌉ (numpy's ``inverted_cdf``), never a mean of two far apart. It
    lies in one bin of the grid; inside the bin the value is placed by the rank on the logarithmic scale, so it is off
    by at most 4.7 % between 0.1 ms and 1,000 s (below: by at most 0.1 ms). The interval are the order statistics of
    ranks l and u with P(Binomial(n, share) < l) <= .025 and P(Binomial(n, share) >= u) <= .025, widened to the edges
    of their bins: at least 95 % for requests that come independently of each other.

    Parameters
    ----------
    counts : (..., 353)
        Rows per bin of ``LATENCY_EDGES_MS`` as `core.profile.profile.latency_counts` gives them: missing last.
    share : in (0, 1)

    References
    ----------
    Hyndman & Fan 1996, definition 1; David & Nagaraja 2003, section 7.1.

    >>> import numpy as np
    >>> counts = np.zeros(353, int)
    >>> counts[151] = 100                                 # (100 ms, 104.7 ms]
    >>> found = latency_quantile(counts, 0.5)
    >>> round(float(found.value), 1), round(float(found.interval.low), 1), round(float(found.interval.high), 1)
    (102.3, 100.0, 104.7)
    """
    every = np.asarray(counts, np.int64)
    rows, n_missing = every[..., :-1], every[..., -1]
    n = rows.sum(-1)
    below = np.cumsum(rows, -1)
    rank = _rank(n, share)
    place = _bin_of(below, rank)
    value = _placed(rows, below, rank, place)
    known = (n > 0) & np.isfinite(_UPPER[place])
    off = np.where(place == 0, SHORTEST_MS, value * LATENCY_BOUND)
    return LatencyQuantile(
        value=np.where(known, value, np.nan),
        interval=_order_statistics(below, n, share),
        bound=np.where(known, off, np.nan),
        n=n,
        n_missing=n_missing,
    )


def _rank(n: Ints, share: float) -> Ints:
    """Return ⌈share·n⌉, at least 1; a share such as .95 that is not exact in binary does not push it up by one."""
    return np.maximum(np.ceil(np.round(share * n, 9)).astype(np.int64), 1)


def _bin_of(below: Ints, rank: Ints) -> Ints:
    """Return the bin of the order statistic with this rank (1 = smallest); the last one beyond all."""
    behind = below < np.asarray(rank)[..., None]
    return np.asarray(np.minimum(behind.sum(-1), below.shape[-1] - 1), np.int64)


def _placed(rows: Ints, below: Ints, rank: Ints, place: Ints) -> Floats:
    inside = np.take_along_axis(rows, place[..., None], -1)[..., 0]
    before = np.take_along_axis(below, place[..., None], -1)[..., 0] - inside
    part = np.clip((rank - 0.5 - before) / np.maximum(inside, 1), 0.0, 1.0)
    lower, upper = _LOWER[place], _UPPER[place]
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithmic = np.exp(np.log(lower) + part * (np.log(upper) - np.log(lower)))
    return np.where(place == 0, part * SHORTEST_MS, logarithmic)


def _order_statistics(below: Ints, n: Ints, share: float) -> Interval:
    outside = (1 - CONFIDENCE) / 2
    drawn = stats.binom(np.maximum(n, 1), share)
    first = drawn.ppf(outside).astype(np.int64)
    last = drawn.ppf(1 - outside).astype(np.int64) + 1
    low, high = _LOWER[_bin_of(below, np.maximum(first, 1))], _UPPER[_bin_of(below, np.minimum(last, n))]
    held = (first >= 1) & (last <= n) & np.isfinite(high)
    return Interval(low=np.where(held, low, np.nan), high=np.where(held, high, np.nan))
