"""SHAP sums of the units of a log, from samples that a model explained: what attribution drift is judged on."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.explain.global_importance import sums_of

Floats = NDArray[np.float64]

UNIT_ROWS = 300
"""Rows of a unit that its sums rest on: 7 units together are 2,100 rows, as many as the reference's sample."""


def sums_by_unit(values: Floats, sizes: Sequence[int]) -> tuple[Floats, ...]:
    """Return the sums of each unit, one after the other in `values`: Σ|φ| and Σφ² by feature, then n.

    Parameters
    ----------
    values : (n, F) SHAP values; for several classes Σ over classes of |φ|
    sizes : rows of each unit, in order; they add up to n

    Returns
    -------
    tuple of (2 F + 1,) float64

    >>> sums_by_unit(np.array([[1.0], [-2.0], [3.0]]), [2, 1])[0].tolist()
    [3.0, 5.0, 2.0]
    """
    ends = np.cumsum([0, *sizes])
    return tuple(np.r_[sums_of(values[start:end]).ravel(), float(end - start)] for start, end in pairwise(ends))
