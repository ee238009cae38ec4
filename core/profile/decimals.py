"""How many decimals the values of a numeric column have: what a change of a unit or of a source gives away."""

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import Floats, Ints
from core.profile.layout import N_DECIMALS

TOLERANCE = 1e-9
"""A number is whole when it differs from a whole number by at most this part of itself."""

BLOCK_ROWS = 16_384
"""Values looked at a time: they stay in the processor's cache."""

WHOLE_FROM = 1e12
"""From here on every number is whole up to the tolerance."""

_FACTORS = (100.0, 10.0, 1.0)
_Room = tuple[Floats, Floats, Floats, NDArray[np.bool_]]


def decimal_places(values: Floats) -> Ints:
    """Return how many values have no, one, two and more decimals, ``(4,)``.

    A value has at most ``k`` decimals when ``value * 10**k`` is a whole number up to 1e-9 of itself.

    Parameters
    ----------
    values : (n,) float64, ascending
        Finite.

    Examples
    --------
    >>> decimal_places(np.array([-0.1, 1 / 3, 2.25, 3.0])).tolist()
    [1, 1, 1, 1]
    """
    size = min(BLOCK_ROWS, values.size)
    room = (np.empty(size), np.empty(size), np.empty(size), np.empty(size, np.bool_))
    at_most = np.zeros(N_DECIMALS + 1, np.int64)
    for start in range(0, values.size, BLOCK_ROWS):
        at_most[1:] += _at_most(values[start : start + BLOCK_ROWS], room)
    return np.diff(at_most)


def _at_most(values: Floats, room: _Room) -> tuple[int, ...]:
    """Return how many values have at most no, one, two and any number of decimals; `room` is written over."""
    left = values
    if values[0] < 0 or values[-1] > WHOLE_FROM:
        left = np.abs(values, out=room[0][: values.size])
        np.minimum(left, WHOLE_FROM, out=left)
    found = [values.size]
    for factor in _FACTORS:
        whole = _whole(left, factor, room)
        found.append(int(np.count_nonzero(whole)))
        if found[-1] < left.size:
            left = left[whole]
    return tuple(found[::-1])


def _whole(values: Floats, factor: float, room: _Room) -> NDArray[np.bool_]:
    n = values.size
    apart = np.multiply(values, factor, out=room[1][:n])
    nearest = np.rint(apart, out=room[2][:n])
    np.abs(np.subtract(apart, nearest, out=apart), out=apart)
    return np.less_equal(apart, np.multiply(nearest, TOLERANCE, out=nearest), out=room[3][:n])
