"""Kolmogorov–Smirnov distance from counts, the exact bound of its binning error, its p-value."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


def ks_statistic(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return max_b |F_b - G_b| over the right edges of ordered bins.

    Missing values have no place in the order and are not in the counts; infinities are counted in the
    end bins. The distance of the rows is never smaller, and at most `ks_bound` larger.

    Parameters
    ----------
    reference, current : (..., n_bins) counts in the order of the bins; shapes broadcast.

    Returns
    -------
    (...) float64 in [0, 1]; 0 means equal distributions at every edge; NaN where a side has no row.

    >>> round(float(ks_statistic([2, 2, 2, 2, 2], [1, 3, 0, 1, 3])), 3)
    0.175
    """
    # cumulated counts are divided, not shares cumulated: the last difference is exactly 0
    f = np.cumsum(np.asarray(reference, np.float64), axis=-1)
    g = np.cumsum(np.asarray(current, np.float64), axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = f / f[..., -1:] - g / g[..., -1:]
    return np.asarray(np.abs(np.maximum(difference.max(-1), -difference.min(-1))))  # 0, never -0


def ks_bound(reference: ArrayLike, current: ArrayLike, is_atom: ArrayLike) -> Floats:
    """Return how much the distance of the rows may exceed `ks_statistic`.

    max over the bins that hold more than one value of min(p_b, q_b): inside a bin
    F - G <= F_b - G_{b-1} = D_b + q_b, and likewise D_{b-1} + p_b. About 1/512 for continuous values,
    0 when every bin is one value.

    Parameters
    ----------
    is_atom : (n_bins,) bool, bins of exactly one value.
    """
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = r / r.sum(-1, keepdims=True)
        q = c / c.sum(-1, keepdims=True)
    return np.asarray(np.where(np.asarray(is_atom, bool), 0.0, np.minimum(p, q)).max(-1))


def ks_p_value(statistic: ArrayLike, n: ArrayLike, m: ArrayLike) -> Floats:
    """Return the asymptotic p-value of the distance (information only; no verdict uses it).

    Kolmogorov's survival function at (√ne + .12 + .11/√ne) · D, ne = nm/(n + m); conservative with ties.

    References
    ----------
    Stephens 1970.
    """
    n, m = np.asarray(n, np.float64), np.asarray(m, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(n * m / (n + m))
        scaled = (root + 0.12 + 0.11 / root) * np.asarray(statistic, np.float64)
    return np.asarray(special.kolmogorov(scaled))
