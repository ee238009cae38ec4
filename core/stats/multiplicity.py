"""Corrections for asking many questions at once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Return the Benjamini–Hochberg adjusted p-values along the last axis.

    The adjusted value of the k-th smallest of N is min over j >= k of p_j · N / j, at most 1:
    refusing where it is <= q keeps the expected share of false findings at q or less, also under
    positive dependence. NaN marks a member that was not tested: it stays NaN and does not count in N.

    Parameters
    ----------
    p_values : (..., n_tests) in [0, 1] or NaN

    References
    ----------
    Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001 (positive dependence).

    >>> benjamini_hochberg([0.01, 0.04, float("nan")]).tolist()
    [0.02, 0.04, nan]
    """
    p = np.asarray(p_values, np.float64)
    if p.shape[-1] == 0:
        return p.copy()
    order = np.argsort(p, axis=-1)  # NaN sorts last
    ranked = np.take_along_axis(p, order, axis=-1)
    n_tests = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    scaled = ranked * n_tests / np.arange(1, p.shape[-1] + 1)
    filled = np.where(np.isnan(scaled), np.inf, scaled)
    smallest = np.minimum.accumulate(filled[..., ::-1], axis=-1)[..., ::-1]
    adjusted = np.where(np.isnan(ranked), np.nan, np.minimum(smallest, 1.0))
    result = np.empty_like(p)
    np.put_along_axis(result, order, adjusted, axis=-1)
    return result
