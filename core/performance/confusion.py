"""Metrics of a confusion matrix with their intervals: shares, F1, Matthews correlation."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.intervals import Z95, Interval, wilson

Floats = NDArray[np.float64]


def share(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """Return numerator / denominator; NaN where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.asarray(numerator, np.float64) / np.asarray(denominator, np.float64))


def f1(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike) -> Floats:
    """Return F1 = 2TP/(2TP + FP + FN) in [0, 1]; NaN where nothing is or was called positive.

    >>> round(float(f1(40, 10, 20)), 4)
    0.7273
    """
    tp, fp, fn = (np.asarray(x, np.float64) for x in (tp, fp, fn))
    return share(2 * tp, 2 * tp + fp + fn)


def f1_interval(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike) -> Interval:
    """Return the 95 % interval of F1: Wilson of u = TP/(TP + FP + FN), then F = 2u/(1 + u).

    The transform is monotone, so the coverage of Wilson carries over exactly.
    """
    tp, fp, fn = (np.asarray(x, np.float64) for x in (tp, fp, fn))
    u = wilson(tp, tp + fp + fn)
    return Interval(low=2 * u.low / (1 + u.low), high=2 * u.high / (1 + u.high))


def mcc(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """Return the Matthews correlation in [-1, 1]; NaN where a row or column of the matrix is empty.

    (TP·TN - FP·FN)/√((TP+FP)(TP+FN)(TN+FP)(TN+FN)); 0 means no better than chance.

    References
    ----------
    Matthews 1975.
    """
    tp, fp, fn, tn = (np.asarray(x, np.float64) for x in (tp, fp, fn, tn))
    # the root of each factor: the product of four counts overflows above 10^77 only, but loses digits first
    scale = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
    return share(tp * tn - fp * fn, scale)


def mcc_interval(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Interval:
    """Return the 95 % interval of the Matthews correlation.

    tanh(atanh(M) ± z·se/(1 - M²)) with M and se from the counts + ½; se² = Σ a_j (dM/da_j)² (the
    correlation does not change when all counts are scaled, so Σ a_j dM/da_j = 0).
    """
    a = np.stack(np.broadcast_arrays(*(np.asarray(x, np.float64) + 0.5 for x in (tp, fp, fn, tn))))
    m = mcc(*a)
    error = np.sqrt((a * _mcc_gradient(a, m) ** 2).sum(0))
    half = Z95 * error / (1 - m * m)
    return Interval(low=np.tanh(np.arctanh(m) - half), high=np.tanh(np.arctanh(m) + half))


def _mcc_gradient(a: Floats, m: Floats) -> Floats:
    """Return dM/d(tp, fp, fn, tn), each from the derivative of the product and of the four margins."""
    tp, fp, fn, tn = a
    predicted, actual = tp + fp, tp + fn
    not_predicted, not_actual = tn + fn, tn + fp
    scale = np.sqrt(predicted) * np.sqrt(actual) * np.sqrt(not_predicted) * np.sqrt(not_actual)
    half = m / 2
    return np.stack(
        [
            tn / scale - half * (1 / predicted + 1 / actual),
            -fn / scale - half * (1 / predicted + 1 / not_actual),
            -fp / scale - half * (1 / not_predicted + 1 / actual),
            tp / scale - half * (1 / not_predicted + 1 / not_actual),
        ]
    )
