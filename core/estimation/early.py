"""Whether the actuals that are known early are a fair sample of all: their scores against those still without one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.drift.chi_square import cramers_v_balanced, pooled_chi_square

Floats = NDArray[np.float64]

DECILES = 10
SIGNIFICANT = 0.01
LARGE = 0.1
FEWEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyLabels:
    """Rows with an actual against rows without one, by decile of the score.

    Attributes
    ----------
    known, waiting : (10,) rows
    p : float
        Of the chi-square of decile × known; NaN below 50 rows of either.
    size : float
        `cramers_v_balanced` in [0, 1].
    unfair : bool
        p <= .01 and size >= .1: metrics of the known rows are not those of all.
    """

    known: Floats
    waiting: Floats
    p: float
    size: float
    unfair: bool


def early_labels(known: ArrayLike, waiting: ArrayLike, reference: ArrayLike) -> EarlyLabels:
    """Return whether the scores of the rows with an actual differ from those of the rows without.

    Parameters
    ----------
    known, waiting : (B,) rows of a window by score bin
    reference : (B,) rows of the reference by score bin; its tenths are the deciles

    >>> early_labels([100, 0], [0, 100], [50, 50]).unfair
    True
    """
    base = np.asarray(reference, np.float64)
    reached = np.cumsum(base) - base / 2
    decile = np.minimum((DECILES * reached / max(float(base.sum()), 1.0)).astype(np.int64), DECILES - 1)
    sides = [
        np.asarray(np.bincount(decile, np.asarray(one, np.float64), DECILES), np.float64) for one in (known, waiting)
    ]
    if min(one.sum() for one in sides) < FEWEST:
        return EarlyLabels(known=sides[0], waiting=sides[1], p=float("nan"), size=float("nan"), unfair=False)
    p = float(pooled_chi_square(*sides).p_value())
    size = float(cramers_v_balanced(*sides))
    return EarlyLabels(known=sides[0], waiting=sides[1], p=p, size=size, unfair=p <= SIGNIFICANT and size >= LARGE)
