"""What eight counts tell of two versions that decide the same rows: actual × champion × challenger, each 0 or 1."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.releases.gates.bootstrap import SEED

DRAWS = 10_000
"""Counts are drawn at next to no cost: ten times as often as rows, for a third of the error of an end."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def decided(cells: Floats, side: int) -> Floats:
    """Return actual × decision, (..., 2, 2), of the champion (side 0) or the challenger (1).

    Parameters
    ----------
    cells : (..., 8) pairs by 4 · actual + 2 · champion + challenger
    """
    by_both = cells.reshape(*cells.shape[:-1], 2, 2, 2)
    return np.asarray(by_both.sum(axis=-1 if side == 0 else -2))


def f1_of_cells(cells: Floats, side: int) -> Floats:
    """Return F1 = 2TP/(2TP + FP + FN) of one side, (...); NaN where all are 0.

    >>> f1_of_cells(np.array([5.0, 0, 2, 0, 0, 0, 4, 6]), 0).item()
    0.9090909090909091
    """
    table = decided(cells, side)
    right, wrong = 2 * table[..., 1, 1], table[..., 0, 1] + table[..., 1, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(right / (right + wrong))


def f1_influence(cells: Floats) -> Floats:
    """Return what a row of each cell adds to F1 of the challenger less that of the champion, (8,).

    Of a ratio 2TP/(2TP + FP + FN) to first order (2·tp - F1·(2·tp + fp + fn))/(2TP + FP + FN); 0 where it has none.
    """
    actual, ours, theirs = np.indices((2, 2, 2)).reshape(3, 8)

    def adds(called: Ints, side: int) -> Floats:
        whole = float(cells @ (actual + called))
        if not whole > 0:
            return np.zeros(8)
        return np.asarray((2 * actual * called - f1_of_cells(cells, side) * (actual + called)) / whole)

    return adds(theirs, 1) - adds(ours, 0)


def worth_of_cells(cells: Floats, side: int, *, worth: Floats) -> Floats:
    """Return the mean worth of a decision of one side, (...).

    Parameters
    ----------
    worth : (2, 2) actual × decision
    """
    return np.asarray((decided(cells, side) * worth).sum(axis=(-2, -1)) / cells.sum(axis=-1))


def cells_interval(cells: Ints, statistic: Callable[[Floats], Floats]) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic of the cells: the plain bootstrap of the rows.

    Rows that fall in the same cell are the same to it, so that drawing n rows is drawing the counts (multinomial),
    10,000 times with a fixed seed: the interval is worked out from the eight counts alone.

    Parameters
    ----------
    cells : (8,) at least one row
    statistic : from counts (draws, 8) to values (draws,); NaN where a draw has none

    References
    ----------
    Efron & Tibshirani 1993, ch. 13.
    """
    n = int(cells.sum())
    values = statistic(np.random.default_rng(SEED).multinomial(n, cells / n, DRAWS).astype(np.float64))
    low, high = np.nanpercentile(values, [2.5, 97.5]) if np.isfinite(values).any() else (np.nan, np.nan)
    return float(low), float(high)
