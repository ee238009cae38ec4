"""Kullback–Leibler divergence and Jensen–Shannon distance of two vectors of cell counts."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.drift.psi import counted_cells, harmonic

Floats = NDArray[np.float64]


def kl_divergence(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return KL(current ‖ reference) in nats, with half a row added to every counted cell.

    Shares are (x + ½)/(N + B/2) on both sides, B the number of cells with a row on either side;
    with 10,000 rows a side and no empty cell the raw value differs by O(1/n).

    Parameters
    ----------
    reference, current : (..., n_cells) counts >= 0; shapes broadcast.

    Returns
    -------
    (...) float64 >= 0; 0 means equal shares; NaN where a side has no row.

    References
    ----------
    Kullback & Leibler 1951.
    """
    r, c = np.broadcast_arrays(np.asarray(reference, np.float64), np.asarray(current, np.float64))
    counts = (r > 0) | (c > 0)
    cells = counts.sum(-1)
    n, m = c.sum(-1), r.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.where(counts, c + 0.5, 0.0) / (n + cells / 2)[..., None]
        p = np.where(counts, r + 0.5, 0.0) / (m + cells / 2)[..., None]
        value = special.rel_entr(q, p).sum(-1)
    return np.where((n > 0) & (m > 0), np.maximum(value, 0.0), np.nan)


def js_distance(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return the Jensen–Shannon distance: the root of the divergence, base 2, raw shares.

    Returns
    -------
    (...) float64 in [0, 1]; 0 means equal shares, 1 no cell in common; NaN where a side has no row.

    References
    ----------
    Lin 1991; Endres & Schindelin 2003 (the root is a metric).

    >>> float(js_distance([5, 0], [0, 7]))
    1.0
    """
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = r / r.sum(-1, keepdims=True)
        q = c / c.sum(-1, keepdims=True)
    mixture = p + q
    # sum of x ln x over both sides less the mixture: one logarithm a side instead of two
    entropies = special.xlogy(p, p) + special.xlogy(q, q) - special.xlogy(mixture, mixture / 2)
    divergence = entropies.sum(-1) / (2 * np.log(2))
    return np.asarray(np.sqrt(np.clip(divergence, 0.0, 1.0)))


def js_null_quantile(reference: ArrayLike, current: ArrayLike, *, level: float = 0.99, phi: ArrayLike = 1.0) -> Floats:
    """Return the distance that a window without drift exceeds with probability 1 - level.

    sqrt(h · phi · chi²(B - 1, level) / (8 ln 2)), from JS² ≈ PSI/(8 ln 2) for small differences.
    """
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    df = np.maximum(counted_cells(r, c) - 1, 0)
    quantile = np.where(df > 0, 2 * special.gammainccinv(np.maximum(df, 1) / 2, 1 - level), 0.0)
    h = harmonic(c.sum(-1), r.sum(-1)) * np.asarray(phi, np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(h * quantile / (8 * np.log(2))))
