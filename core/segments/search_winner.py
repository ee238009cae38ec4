"""The winner's curse: what is left of a deficit once it is known that only large ones were reported."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

STEPS = 80
ROOM = 12.0
"""How far above z the upper end of an interval is looked for."""

NOTHING = 1e-9
CERTAIN = 37.0
"""From this z on a p-value is 0 in floating point, and chance has no part in it."""

_LOG_ROOT_2_PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """A mean z given that Z was over the cut-off, with its 95 % interval; all (...), at least 0."""

    value: Floats
    low: Floats
    high: Floats


def conditional_mle(z: ArrayLike, cut_off: ArrayLike) -> Floats:
    """Return the maximum-likelihood mean of a unit normal Z given that Z > cut_off was asked for; at least 0.

    The solution mu of mu + phi(c - mu) / Phi(mu - c) = z, which rises with mu: just over the cut-off nearly all of z
    is selection, far over it nothing is.

    Parameters
    ----------
    z, cut_off : (...) z >= cut_off

    References
    ----------
    Zhong & Prentice 2008.

    >>> round(float(conditional_mle(4.0, 3.2)), 6), round(float(conditional_mle(6.0, 3.2)), 6)
    (3.205811, 5.991882)
    """
    seen, cut = np.broadcast_arrays(np.asarray(z, np.float64), np.asarray(cut_off, np.float64))

    def expected(mu: Floats) -> Floats:
        gap = mu - cut
        return np.asarray(mu + np.exp(-0.5 * gap * gap - _LOG_ROOT_2_PI - special.log_ndtr(gap)), np.float64)

    low, high = np.zeros(seen.shape), np.maximum(seen, 0.0)
    for _ in range(STEPS):
        middle = (low + high) / 2
        below = expected(middle) < seen
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(seen >= CERTAIN, seen, _nothing_left((low + high) / 2))


def shrunk(z: ArrayLike, cut_off: ArrayLike, *, confidence: float = 0.95) -> Shrunk:
    """Return the conditional maximum-likelihood mean with its equal-tailed interval, both at least 0.

    The ends are the means under which a Z over the cut-off would be larger than the seen one with probability
    (1 - confidence) / 2 and (1 + confidence) / 2: P(Z > z | Z > c) = Phi(mu - z) / Phi(mu - c).
    """
    seen, cut = np.broadcast_arrays(np.asarray(z, np.float64), np.asarray(cut_off, np.float64))
    tail = (1 - confidence) / 2
    half = special.ndtri(1 - tail)
    low = np.where(seen >= CERTAIN, seen - half, _mean_at(seen, cut, tail))
    high = np.where(seen >= CERTAIN, seen + half, _mean_at(seen, cut, 1 - tail))
    return Shrunk(value=conditional_mle(seen, cut), low=low, high=high)


def _mean_at(z: Floats, cut: Floats, share: float) -> Floats:
    """Return the mean >= 0 under which a Z over the cut-off exceeds z with probability `share`."""
    low, high = np.zeros(z.shape), np.maximum(z, 0.0) + ROOM
    wanted = np.log(share)
    for _ in range(STEPS):
        middle = (low + high) / 2
        below = special.log_ndtr(middle - z) - special.log_ndtr(middle - cut) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return _nothing_left((low + high) / 2)


def _nothing_left(mean: Floats) -> Floats:
    """Return means with what the search for a root at 0 left over taken as 0."""
    return np.where(mean < NOTHING, 0.0, mean)


def z_of(p: ArrayLike) -> Floats:
    """Return the z of a one-sided p; of a p of 0 the largest that floating point holds."""
    found = -special.ndtri(np.asarray(p, np.float64))
    return np.asarray(np.minimum(found, CERTAIN + 1.0), np.float64)
