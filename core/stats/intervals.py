"""Confidence intervals from counts and sums, over any leading axes; all 95 % unless told otherwise.

Where an interval does not exist (no rows, a variance of nothing) both ends are NaN.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
Z95 = float(special.ndtri(0.975))


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Lower and upper ends, arrays of one shape; NaN where there is none."""

    low: Floats
    high: Floats


def wilson(successes: ArrayLike, n: ArrayLike, *, z: float = Z95) -> Interval:
    """Return the Wilson score interval of a share.

    The interval of all p that a score test does not refuse; it stays inside [0, 1] and holds its
    level at small counts, where the Wald interval does not.

    Parameters
    ----------
    successes, n : (...) counts, may be effective counts (weighted rows); NaN ends where n is 0.

    References
    ----------
    Wilson 1927; Brown, Cai & DasGupta 2001.

    >>> interval = wilson(8, 30)
    >>> round(float(interval.low), 4), round(float(interval.high), 4)
    (0.1418, 0.4445)
    """
    k, total = np.broadcast_arrays(np.asarray(successes, np.float64), np.asarray(n, np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / total
        spread = z * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
        centre = share + z * z / (2 * total)
        shrink = 1 + z * z / total
        low = np.where(k <= 0, 0.0, (centre - spread) / shrink)
        high = np.where(k >= total, 1.0, (centre + spread) / shrink)
    empty = total <= 0
    return Interval(low=np.where(empty, np.nan, low), high=np.where(empty, np.nan, high))


def mean_interval(total: ArrayLike, squares: ArrayLike, n: ArrayLike) -> Interval:
    """Return the t interval of a mean of values >= 0 from their sum and sum of squares.

    mean ± t(n-1) · sd/√n, the lower end clipped at 0 (losses are never negative). Needs n >= 2.
    """
    n = np.asarray(n, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.asarray(total, np.float64) / n
        half = special.stdtrit(np.maximum(n - 1, 1), 0.975) * mean_standard_error(total, squares, n)
    return Interval(low=np.maximum(mean - half, 0.0), high=mean + half)


def mean_standard_error(total: ArrayLike, squares: ArrayLike, n: ArrayLike) -> Floats:
    """Return sd/√n of a mean from the sum and the sum of squares; NaN below two rows."""
    n = np.asarray(n, np.float64)
    total = np.asarray(total, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (np.asarray(squares, np.float64) - total * total / n) / (n - 1)
        error = np.sqrt(np.maximum(variance, 0.0) / n)
    return np.where(n >= 2, error, np.nan)


def logit_interval(value: ArrayLike, error: ArrayLike, *, z: float = Z95) -> Interval:
    """Return the interval of a share that is normal on the logit scale.

    expit(logit(v) ± z · se / (v (1 - v))); NaN at v = 0 and v = 1.
    """
    v = np.asarray(value, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z * np.asarray(error, np.float64) / (v * (1 - v))
        centre = special.logit(v)
        low, high = special.expit(centre - half), special.expit(centre + half)
    inside = (v > 0) & (v < 1)
    return Interval(low=np.where(inside, low, np.nan), high=np.where(inside, high, np.nan))


def two_sided_p(statistic: ArrayLike) -> Floats:
    """Return the two-sided p-value of a standard normal statistic.

    >>> round(float(two_sided_p(1.959964)), 6)
    0.05
    """
    return np.asarray(2 * special.ndtr(-np.abs(np.asarray(statistic, np.float64))), np.float64)
