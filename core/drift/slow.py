"""Slow drift: the AUC of the shift, its exponentially weighted average, and how much that varies by chance."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

WEIGHT = 0.2


def shift_auc(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return P(current > reference) + ½ P(equal) from ordered counts, missing values excluded.

    Σ_b q_b (F_{b-1} + p_b/2): ½ means no shift, 1 that every row of the window lies above the reference.

    Parameters
    ----------
    reference, current : (..., n_bins) counts in the order of the bins; shapes broadcast.

    Returns
    -------
    (...) float64 in [0, 1]; NaN where a side has no row.

    >>> float(shift_auc([5, 5], [5, 5]))
    0.5
    """
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = (np.cumsum(r, -1) - r / 2) / r.sum(-1, keepdims=True)
        return np.asarray((c * below).sum(-1) / c.sum(-1))


def ewma(values: ArrayLike, *, weight: float = WEIGHT) -> Floats:
    """Return the exponentially weighted moving average along the last axis, starting from 0.

    y_t = (1 - weight) · y_{t-1} + weight · x_t.

    References
    ----------
    Roberts 1959; Lucas & Saccucci 1990.

    >>> [round(y, 4) for y in ewma([1.0, 0.0, 1.0]).tolist()]
    [0.2, 0.16, 0.328]
    """
    x = np.asarray(values, np.float64)
    result = np.empty_like(x)
    level = np.zeros(x.shape[:-1])
    for t in range(x.shape[-1]):
        level = (1 - weight) * level + weight * x[..., t]
        result[..., t] = level
    return result


def ewma_variance_factor(rho: ArrayLike, *, weight: float = WEIGHT) -> Floats:
    """Return the variance of the average in units of the variance of one value.

    weight/(2 - weight) · (1 + (1 - weight) rho)/(1 - (1 - weight) rho), rho the lag-1 autocorrelation.

    References
    ----------
    Schmid 1997.
    """
    carried = (1 - weight) * np.asarray(rho, np.float64)
    return np.asarray(weight / (2 - weight) * (1 + carried) / (1 - carried))
