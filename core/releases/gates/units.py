"""Rows of the same day err together: by how much an interval of independent rows has to be widened for it."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.stats.intervals import Z95

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_UNITS = 14
"""Units that tell how they differ; with fewer it is unknown."""


def widening(influence: Floats, unit: Ints) -> float:
    """Return the factor, at least 1, of an interval of independent rows.

    A number is to first order a sum over rows; influence_i is what row i adds to it. Its variance is Σ influence² where
    rows are independent, and Σ (sum within a unit)² · D/(D - 1) where only the D units are. The factor is the root of
    their ratio, times t(D - 1)/z. On real flights, where a hundred share one weather, it is 5 to 8. With fewer than
    14 units the variation between them is unknown, and the factor 1.

    Parameters
    ----------
    influence : (n,) or (n, k), sum 0; of k numbers together
    unit : (n,) code of the unit (day, month, year, batch) of each row

    References
    ----------
    Liang & Zeger 1986; Obuchowski 1997 (areas under ROC curves of clusters); Cameron & Miller 2015 (few clusters).

    >>> rows = np.repeat([1.0, -1.0], 700)
    >>> round(widening(rows, np.arange(1400) // 70), 1)  # 20 units of 70 rows that all err alike
    9.2
    """
    columns = influence.reshape(len(influence), -1)
    held = np.bincount(unit) > 0
    n_units, rows = int(held.sum()), float((columns**2).sum())
    if n_units < FEWEST_UNITS or not rows > 0:
        return 1.0
    together = sum(float((np.bincount(unit, column) ** 2).sum()) for column in columns.T) * n_units / (n_units - 1)
    return max(1.0, float(np.sqrt(together / rows) * stats.t.ppf(0.975, n_units - 1) / Z95))


def unit_errors(total: Floats, n: NDArray[np.int64]) -> Floats:
    """Return the standard error of means where only units are independent, (k,); 0 where nothing tells.

    √(Σ (total_u - mean · n_u)² · D/(D - 1)) / n over the D units that hold rows: a t of D - 1 degrees of freedom. Of
    fewer than 14 units together nothing is known, and of a mean that lies in one unit.

    Parameters
    ----------
    total, n : (k, units) sums and rows of each mean in each unit
    """
    if n.shape[1] < FEWEST_UNITS:
        return np.zeros(len(n))
    rows, held = np.maximum(n.sum(axis=1), 1), (n > 0).sum(axis=1)
    apart = total - (total.sum(axis=1) / rows)[:, None] * n
    return np.asarray(np.sqrt((apart**2).sum(axis=1) * held / np.maximum(held - 1, 1)) / rows)


def widened(value: float, low: float, high: float, factor: float) -> tuple[float, float]:
    """Return both ends at `factor` times their distance from the value.

    >>> widened(1.0, 0.5, 2.0, 2.0)
    (0.0, 3.0)
    """
    return value - factor * (value - low), value + factor * (high - value)
