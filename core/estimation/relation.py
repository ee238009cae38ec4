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
    n_known : (W,) mature windows that phi comes from; without 8 of them it is 1
    suspended : (W,) bool
        In 2 of the last 3 mature windows up to this one the realised value was more than 3 sd away.
    """

    z: Floats
    phi: Floats
    n_known: NDArray[np.int64]
    suspended: Bools


def relation(
    estimated: ArrayLike, realised: ArrayLike, error: ArrayLike, mature: ArrayLike, *, at_most: int | None = None
) -> Relation:
    """Return how the estimates of consecutive windows came true.

    Rows are no independent draws: real windows differ from each other by more than chance. phi, the mean z² of
    earlier mature windows (at least 8), widens both the band and the distance that says "the relation changed". A
    window beyond that distance does not enter phi, so that a change does not excuse itself. Until 8 windows have
    entered, the variance of the first 8 stands for it: how they scatter, not how far off all of them are.

    Parameters
    ----------
    estimated, realised : (W,) of the same rows; NaN where not known
    error : (W,) sampling sd of the estimate
    mature : (W,) bool
    at_most : int or None
        Windows, up to and with each one, that are remembered; None: all.

    >>> found = relation([0.8] * 4, [0.8, 0.7, 0.8, 0.7], [0.02] * 4, [True] * 4)
    >>> found.suspended.tolist()
    [False, False, False, True]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (np.asarray(realised, np.float64) - np.asarray(estimated, np.float64)) / np.asarray(error)
    z = np.where(np.asarray(mature, np.bool_) & np.isfinite(distance), distance, np.nan)
    told = _followed(z)
    if at_most is not None and z.size > at_most:
        later = [_followed(z[row + 1 - at_most : row + 1])[-1] for row in range(at_most, z.size)]
        told = [*told[:at_most], *later]
    phi, known, suspended = zip(*told, strict=True) if told else ((), (), ())
    return Relation(
        z=z,
        phi=np.array(phi, np.float64),
        n_known=np.array(known, np.int64),
        suspended=np.array(suspended, np.bool_),
    )


def _followed(z: Floats) -> list[tuple[float, int, bool]]:
    """Return phi, the windows it comes from, and "suspended" of each window."""
    first = z[np.isfinite(z)][:FEWEST_WINDOWS]
    enough = first.size == FEWEST_WINDOWS
    usual = max(1.0, float(first.var(ddof=1))) if enough else 1.0
    kept: list[float] = []
    recent: list[bool] = []
    told = []
    for one in z.tolist():
        settled = len(kept) >= FEWEST_WINDOWS
        phi = max(1.0, float(np.mean(kept))) if settled else usual
        n_kept = len(kept) if settled or not enough else FEWEST_WINDOWS
        if np.isfinite(one):
            far = one * one > FAR * FAR * phi
            recent = [*recent[-OF + 1 :], bool(far)]
            kept += [] if far else [one * one]
        told.append((phi, n_kept, sum(recent) >= OFTEN))
    return told
