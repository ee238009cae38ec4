"""ROC AUC and average precision from counts per score bin, with intervals and exact binning bounds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.stats.intervals import Z95, Interval, logit_interval

Floats = NDArray[np.float64]

SMALL_CLASS = 50
BISECTIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A ranking metric of windows: arrays of one shape.

    Attributes
    ----------
    value : (...) in [0, 1], NaN without rows of both classes
    error : (...) standard error
    interval : Interval
    below, above : (...)
        The value of the rows lies in ``[value - below, value + above]``: what the bins cannot see.
    """

    value: Floats
    error: Floats
    interval: Interval
    below: Floats
    above: Floats


def roc_auc(positives: ArrayLike, negatives: ArrayLike, *, n_eff_share: ArrayLike = 1.0) -> Ranking:
    """Return the area under the ROC curve: P(score of a positive > score of a negative), ties ½.

    A = Σ_b (a_b/P)(N_{<b} + n_b/2)/N. The standard error is DeLong's from the placements per bin, equal
    to that of rows whose scores are the bins. Interval on the logit scale when both classes have at
    least 50 rows and the variance is positive, else Newcombe's method 5. Rows inside one bin count as
    ties; the exact bound of that is Σ a_b n_b/(2PN).

    Parameters
    ----------
    positives, negatives : (..., n_bins) counts in ascending order of the score
    n_eff_share : (...) effective rows per unit of weight; 1 for counts

    References
    ----------
    DeLong, DeLong & Clarke-Pearson 1988; Newcombe 2006.
    """
    a, b = np.broadcast_arrays(np.asarray(positives, np.float64), np.asarray(negatives, np.float64))
    share = np.asarray(n_eff_share, np.float64)
    P, N = a.sum(-1), b.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        below_positive = (np.cumsum(b, -1) - b / 2) / N[..., None]
        above_negative = (P[..., None] - np.cumsum(a, -1) + a / 2) / P[..., None]
        value = (a * below_positive).sum(-1) / P
        bound = (a * b).sum(-1) / (2 * P * N)
        variance = _placement_variance(a, below_positive, value, share) / (P * share)
        variance = variance + _placement_variance(b, above_negative, value, share) / (N * share)
    error = np.sqrt(variance)
    interval = _auc_interval(value, error, P * share, N * share)
    return Ranking(value=value, error=error, interval=interval, below=bound, above=bound)


def _placement_variance(counts: Floats, placements: Floats, value: Floats, share: Floats) -> Floats:
    """Return the sample variance of the placements; NaN below two rows of the class."""
    total = counts.sum(-1) * share
    squares = (counts * (placements - value[..., None]) ** 2).sum(-1) * share
    return np.asarray(np.where(total > 1, squares / (total - 1), np.nan))


def _auc_interval(value: Floats, error: Floats, P: Floats, N: Floats) -> Interval:
    """Return DeLong's interval on the logit scale where it holds its level, Newcombe's elsewhere."""
    delong = logit_interval(value, error)
    usable = (np.minimum(P, N) >= SMALL_CLASS) & (error > 0) & np.isfinite(delong.low)
    if bool(np.all(usable)):
        return delong
    newcombe = newcombe_auc_interval(value, P, N)
    return Interval(low=np.where(usable, delong.low, newcombe.low), high=np.where(usable, delong.high, newcombe.high))


def newcombe_auc_interval(auc: ArrayLike, P: ArrayLike, N: ArrayLike) -> Interval:
    """Return Newcombe's method 5 interval of an AUC from its value and the two class sizes.

    The ends solve |A - t| = z √(t(1-t)(1 + m(1-t)/(2-t) + m t/(1+t))/(PN)), m = (P + N)/2 - 1.
    NaN where a class is empty.

    References
    ----------
    Newcombe 2006, method 5.

    >>> interval = newcombe_auc_interval(0.9, 10, 90)
    >>> round(float(interval.low), 4), round(float(interval.high), 4)
    (0.7374, 0.9634)
    """
    A, P, N = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (auc, P, N)))
    low = _newcombe_root(A, P, N, outer=np.zeros_like(A))
    high = _newcombe_root(A, P, N, outer=np.ones_like(A))
    known = (P > 0) & (N > 0) & np.isfinite(A)
    return Interval(low=np.where(known, low, np.nan), high=np.where(known, high, np.nan))


def _newcombe_root(A: Floats, P: Floats, N: Floats, *, outer: Floats) -> Floats:
    """Bisect between the value (never refused) and the end of the scale (refused, or the end itself)."""
    inside, outside = A.copy(), outer.copy()
    m = (P + N) / 2 - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(BISECTIONS):
            t = (inside + outside) / 2
            spread = Z95 * np.sqrt(t * (1 - t) * (1 + m * (1 - t) / (2 - t) + m * t / (1 + t)) / (P * N))
            kept = np.abs(A - t) <= spread
            inside, outside = np.where(kept, t, inside), np.where(kept, outside, t)
    return np.asarray((inside + outside) / 2)


def average_precision(positives: ArrayLike, negatives: ArrayLike, *, n_eff_share: ArrayLike = 1.0) -> Ranking:
    """Return average precision, Σ over thresholds (R_k - R_{k-1}) · P_k, with the bins as ties.

    Interval expit(logit AP ± z/√(P · AP(1 - AP))). The bounds are exact: whatever the order and the
    ties of the rows inside a bin, a positive's precision lies between that of "all negatives first, then
    one positive after the other" and that of "all positives first, at once".

    Parameters
    ----------
    positives, negatives : (..., n_bins) counts in ascending order of the score

    References
    ----------
    Boyd, Eng & Page 2013.
    """
    a, b = np.broadcast_arrays(np.asarray(positives, np.float64), np.asarray(negatives, np.float64))
    a, b = a[..., ::-1], b[..., ::-1]
    P = a.sum(-1)
    T, F = np.cumsum(a, -1), np.cumsum(b, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _weighted_precision(a, T, F) / P
        above = _weighted_precision(a, T, F - b) / P - value
        below = value - _one_after_the_other(a, T, F).sum(-1) / P
        error = np.sqrt(value * (1 - value) / (P * np.asarray(n_eff_share, np.float64)))
    return Ranking(value=value, error=error, interval=logit_interval(value, error), below=below, above=above)


def _weighted_precision(a: Floats, T: Floats, F: Floats) -> Floats:
    """Return Σ a_b · T_b/(T_b + F_b), empty bins left out."""
    return np.asarray((a * T / np.where(T + F > 0, T + F, 1.0)).sum(-1))


def _one_after_the_other(a: Floats, T: Floats, F: Floats) -> Floats:
    """Return Σ_{i=1..a} (T' + i)/(T' + i + F) per bin, T' the positives before it, by digamma differences."""
    steps = special.digamma(T + F + 1) - special.digamma(T - a + F + 1)
    return np.asarray(a - F * steps)
