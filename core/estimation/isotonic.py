"""Isotonic calibration on score bins: which share of the rows of each bin is an event, never falling with the score."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

Floats = NDArray[np.float64]


def isotonic(shares: ArrayLike, weights: ArrayLike) -> Floats:
    """Return the weighted least-squares fit of `shares` that never falls along the last axis (PAVA).

    Neighbours that fall are pooled to their weighted mean. A bin of weight 0 takes no part in the fit and gets the
    value on the line between its neighbours, by the number of the bin; beyond the first and the last bin with weight
    their values go on.

    Parameters
    ----------
    shares : (..., n_bins) in ascending order of the score; what stands in a bin of weight 0 is not read
    weights : (n_bins,) >= 0, one row for all leading axes

    Returns
    -------
    (..., n_bins) float64, NaN throughout where no bin has weight.

    References
    ----------
    Ayer, Brunk, Ewing, Reid & Silverman 1955; Barlow, Bartholomew, Bremner & Brunk 1972.

    >>> isotonic([0.1, 0.3, 0.2, 9.0, 0.8], [1, 1, 1, 0, 1]).round(3).tolist()
    [0.1, 0.25, 0.25, 0.525, 0.8]
    """
    weight = np.asarray(weights, np.float64)
    given = np.asarray(shares, np.float64)
    held = np.flatnonzero(weight > 0)
    if not held.size:
        return np.full(given.shape, np.nan)
    rows = given[..., held].reshape(-1, held.size)
    fitted = np.stack([isotonic_regression(row, weights=weight[held]).x for row in rows])
    if held.size < weight.size:
        fitted = _between(fitted, held, weight.size)
    return np.asarray(fitted.reshape(given.shape), np.float64)


def _between(fitted: Floats, held: NDArray[np.intp], n_bins: int) -> Floats:
    """Return the fit of all bins, on lines between those that were fitted; ``(n, n_bins)``."""
    places = np.arange(n_bins)
    after = np.clip(np.searchsorted(held, places, side="left"), 0, held.size - 1)
    before = np.clip(np.searchsorted(held, places, side="right") - 1, 0, held.size - 1)
    width = np.maximum(held[after] - held[before], 1)
    part = np.clip((places - held[before]) / width, 0.0, 1.0)
    return np.asarray(fitted[:, before] * (1 - part) + fitted[:, after] * part)
