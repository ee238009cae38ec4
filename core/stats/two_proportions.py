"""Intervals of the difference and of the ratio of two shares, over any leading axes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.intervals import Z95, Interval, wilson

Floats = NDArray[np.float64]

SMALL_COUNT = 10
"""Below so many successes or failures on one side the ratio takes the score interval."""

BISECTIONS = 60
FARTHEST = 40.0
"""Logarithm of the ratio beyond which an end is not looked for."""


def newcombe_difference(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, z: ArrayLike = Z95) -> Interval:
    """Return Newcombe's hybrid score interval of the difference of two shares, k1/n1 - k2/n2.

    The distances of the two Wilson intervals, squared and added: d - √((p1-l1)² + (u2-p2)²) to
    d + √((u1-p1)² + (p2-l2)²). NaN where a side has no rows. Coverage .949–.953 from 30 rows on, where
    Wald's has .63–.95.

    Parameters
    ----------
    k1, n1, k2, n2 : (...) successes and rows of each side
    z : (...) normal quantile of the level

    References
    ----------
    Newcombe 1998, method 10.

    >>> interval = newcombe_difference(56, 70, 48, 80)
    >>> round(float(interval.low), 4), round(float(interval.high), 4)
    (0.0524, 0.3339)
    """
    k1, n1, k2, n2, z = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (k1, n1, k2, n2, z)))
    first, second = _wilson(k1, n1, z), _wilson(k2, n2, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = k1 / n1, k2 / n2
    return square_and_add(p1, first, p2, second)


def square_and_add(p1: Floats, first: Interval, p2: Floats, second: Interval) -> Interval:
    """Return the interval of p1 - p2 from the intervals of both."""
    low = p1 - p2 - np.hypot(p1 - first.low, second.high - p2)
    high = p1 - p2 + np.hypot(first.high - p1, p2 - second.low)
    return Interval(low=low, high=high)


def _wilson(k: Floats, n: Floats, z: Floats) -> Interval:
    """Return Wilson's interval with a level of its own for each element."""
    levels = np.unique(z)
    if levels.size == 1:
        return wilson(k, n, z=float(levels[0]))
    low, high = np.empty(k.shape), np.empty(k.shape)
    for level in levels.tolist():
        chosen = z == level
        found = wilson(k[chosen], n[chosen], z=level)
        low[chosen], high[chosen] = found.low, found.high
    return Interval(low=low, high=high)


def katz_ratio(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, z: ArrayLike = Z95) -> Interval:
    """Return the logarithmic interval of the ratio (k1/n1)/(k2/n2), with ½ added to every count.

    exp(log r ± z √(1/(k1+½) - 1/(n1+½) + 1/(k2+½) - 1/(n2+½))), r the ratio of the raised shares.
    NaN where a side has no rows.

    References
    ----------
    Katz et al. 1978; Walter 1975 (the ½).

    >>> interval = katz_ratio(56, 70, 48, 80)
    >>> round(float(interval.low), 4), round(float(interval.high), 4)
    (1.076, 1.6445)
    """
    k1, n1, k2, n2, z = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (k1, n1, k2, n2, z)))
    a, b, c, d = k1 + 0.5, n1 + 0.5, k2 + 0.5, n2 + 0.5
    centre = np.log(a / b) - np.log(c / d)
    half = z * np.sqrt(np.maximum(1 / a - 1 / b + 1 / c - 1 / d, 0.0))
    empty = (n1 <= 0) | (n2 <= 0)
    return Interval(
        low=np.where(empty, np.nan, np.exp(centre - half)), high=np.where(empty, np.nan, np.exp(centre + half))
    )


def koopman_ratio(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, z: ArrayLike = Z95) -> Interval:
    """Return the score interval of the ratio (k1/n1)/(k2/n2): every ratio that a score test does not refuse.

    It holds its level where a count is small. The lower end is 0 without a success on the first side, the upper
    end infinite without one on the second; NaN where a side has no rows or neither has a success.

    References
    ----------
    Koopman 1984.

    >>> interval = koopman_ratio(56, 70, 48, 80)
    >>> round(float(interval.low), 4), round(float(interval.high), 4)
    (1.0798, 1.6708)
    """
    sides = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (k1, n1, k2, n2, z)))
    k1, n1, k2, n2, _ = sides
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(np.clip((k1 / n1) / (k2 / n2), np.exp(-FARTHEST / 2), np.exp(FARTHEST / 2)))
    unknown = (n1 <= 0) | (n2 <= 0) | ((k1 <= 0) & (k2 <= 0))
    low = _score_end(sides, centre, outer=-FARTHEST)
    high = _score_end(sides, centre, outer=FARTHEST)
    return Interval(
        low=np.where(unknown, np.nan, np.where(k1 <= 0, 0.0, np.exp(low))),
        high=np.where(unknown, np.nan, np.where(k2 <= 0, np.inf, np.exp(high))),
    )


def _score_end(sides: tuple[Floats, ...], centre: Floats, *, outer: float) -> Floats:
    """Bisect for the logarithm of the ratio between the point (never refused) and a ratio that is."""
    k1, n1, k2, n2, z = sides
    inside, outside = centre.copy(), np.full(centre.shape, outer)
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        kept = _score_statistic(np.exp(middle), k1, n1, k2, n2) <= z * z
        inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
    return np.asarray((inside + outside) / 2, np.float64)


def _score_statistic(ratio: Floats, *sides: Floats) -> Floats:
    """Return the score statistic of one ratio: squared difference over its variance at the restricted estimate."""
    k1, n1, k2, n2 = sides
    b = ratio * (n1 + k2) + k1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        # the smaller root of a quadratic, in the form that loses no digits
        p2 = 2 * (k1 + k2) / (b + np.sqrt(np.maximum(b * b - 4 * ratio * (n1 + n2) * (k1 + k2), 0.0)))
        p1 = ratio * p2
        variance = p1 * (1 - p1) / n1 + ratio * ratio * p2 * (1 - p2) / n2
        gap = k1 / n1 - ratio * k2 / n2
        return np.asarray(np.where(variance > 0, gap * gap / variance, np.where(gap == 0, 0.0, np.inf)))


def ratio_interval(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, z: ArrayLike = Z95) -> Interval:
    """Return the interval of the ratio of two shares: `katz_ratio`, or `koopman_ratio` where a count is below 10.

    A count is the number of successes, or of failures, of either side.
    """
    k1, n1, k2, n2, z = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (k1, n1, k2, n2, z)))
    found = katz_ratio(k1, n1, k2, n2, z=z)
    small = (np.minimum.reduce([k1, n1 - k1, k2, n2 - k2]) < SMALL_COUNT) & (n1 > 0) & (n2 > 0)
    if not small.any():
        return found
    score = koopman_ratio(k1[small], n1[small], k2[small], n2[small], z=z[small])
    low, high = found.low.copy(), found.high.copy()
    low[small], high[small] = score.low, score.high
    return Interval(low=low, high=high)
