"""Whether estimates come true: how far realised values lie from them, and when that says "the relation changed"."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST_WINDOWS = 8
FAR = 3.0
OFTEN, OF = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How the estimates of consecutive windows came true; arrays ``(W,)``, oldest first.

    Attributes
    ----------
    z : (W,) (realised - estimated) / sd of a mature window; NaN of others
    phi : (W,) at least 1
        Mean z² of the mature windows before: by √phi the band is wider than the draws alone.
    n_known : (W,) mature windows that phi comes from; below 8 it is 1
    suspended : (W,) bool
        In 2 of the last 3 mature windows up to this one the realised value was more than 3 sd away.
    """

    z: Floats
    phi: Floats
    n_known: NDArray[np.int64]
    suspended: Bools


def relation(estimated: ArrayLike, realised: ArrayLike, error: ArrayLike, mature: ArrayLike) -> Relation:
    """Return how the estimates of consecutive windows came true.

    Rows are no independent draws: real windows differ from each other by more than chance. phi, the mean z² of
    earlier mature windows (at least 8), widens both the band and the distance that says "the relation changed"; a
    window beyond that distance does not enter phi (after the first 8), so that a change does not excuse itself.

    Parameters
    ----------
    estimated, realised : (W,) of the same rows; NaN where not known
    error : (W,) sampling sd of the estimate
    mature : (W,) bool

    >>> found = relation([0.8] * 4, [0.8, 0.7, 0.8, 0.7], [0.02] * 4, [True] * 4)
    >>> found.suspended.tolist()
    [False, False, False, True]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (np.asarray(realised, np.float64) - np.asarray(estimated, np.float64)) / np.asarray(error)
    z = np.where(np.asarray(mature, np.bool_) & np.isfinite(distance), distance, np.nan)
    phi, known, suspended = np.ones(z.size), np.zeros(z.size, np.int64), np.zeros(z.size, np.bool_)
    kept: list[float] = []
    recent: list[bool] = []
    for row, one in enumerate(z.tolist()):
        known[row] = len(kept)
        phi[row] = max(1.0, float(np.mean(kept))) if len(kept) >= FEWEST_WINDOWS else 1.0
        if np.isfinite(one):
            far = one * one > FAR * FAR * phi[row]
            recent = [*recent[-OF + 1 :], bool(far)]
            if not far or len(kept) < FEWEST_WINDOWS:
                kept.append(one * one)
        suspended[row] = sum(recent) >= OFTEN
    return Relation(z=z, phi=phi, n_known=known, suspended=suspended)
