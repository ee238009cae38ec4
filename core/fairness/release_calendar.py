"""Release blocks: the fixed pieces of time of which everything shown about protected groups is a sum.

Blocks lie on a calendar that no data moves, and longer blocks hold shorter ones whole: what two versions, or two
readings, publish about the same people never differs by a few days of them. How long blocks are is read from totals
of everybody, which are published anyway, and from the reference; so a boundary says nothing about a small group.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.windows import BATCH_ORIGIN, Grain, Window

Floats = NDArray[np.float64]

LENGTHS: Mapping[Grain, tuple[int, ...]] = MappingProxyType(
    {Grain.DAY: (1, 7, 28, 84), Grain.MONTH: (1, 3), Grain.YEAR: (1,), Grain.BATCH: (1, 5, 10)}
)
"""Units of a release block, each a divisor of the next."""

TO_SHOW, TO_COMPARE = np.array([25.0, 25.0, 25.0]), np.array([130.0, 25.0, 25.0])
"""Rows, positives and negatives that a block is to hold of each group: expecting 25, fewer than 10 come in one block
of 5,000; expecting 130, fewer than the 100 that a comparison needs in one of 300 (Poisson)."""

FIRST_MONDAY = date(2000, 1, 3)


def block_length(per_unit: Floats, shares: Floats, grain: Grain, *, shortest: int = 1) -> int:
    """Return how many units a release block has: the fewest at which every group is expected to be compared.

    Groups that the longest block does not let compare are expected to be shown; those that it does not show either
    are not waited for. Where it shows none, blocks are the longest.

    Parameters
    ----------
    per_unit : (3,) rows, positives and negatives of everybody in a usual unit
    shares : (G, 3) share of each group in the reference's rows, positives and negatives
    shortest : int
        Of the ladder; tables of two columns have blocks at least as long as those of one.

    >>> block_length(np.array([100.0, 10, 90]), np.array([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]), Grain.DAY)
    7
    """
    ladder = [length for length in LENGTHS[grain] if length >= shortest]
    expected = np.atleast_2d(per_unit * shares) * ladder[-1]
    shown, compared = (expected / TO_SHOW).min(-1), (expected / TO_COMPARE).min(-1)
    filled = np.where(compared >= 1, compared, shown)
    reached = filled[filled >= 1]
    if not reached.size:
        return ladder[-1]
    return next(length for length in ladder if float(reached.min()) * length >= ladder[-1])


def block_of(day: date, length: int, grain: Grain) -> Window:
    """Return the block of `length` units that a unit lies in.

    Blocks of days begin on Mondays, of months in January (or a quarter's first month), of batches with number 1.

    >>> block_of(date(2025, 8, 20), 28, Grain.DAY).start.strftime("%A")
    'Monday'
    """
    first = _number(day, grain) // length * length
    return Window(_unit(first, grain), _unit(first + length, grain))


def blocks_between(first_day: date, last_day: date, length: int, grain: Grain) -> tuple[Window, ...]:
    """Return the blocks that hold the units from the first to the last, oldest first."""
    found = [block_of(first_day, length, grain)]
    while found[-1].end <= last_day:
        found.append(block_of(found[-1].end, length, grain))
    return tuple(found)


def inside(blocks: Sequence[Window], window: Window, *, first_day: date) -> tuple[int, ...]:
    """Return the places of the blocks that lie wholly in a window.

    The first block counts from the first day of the log on: before it there is nothing to be cut off.
    """
    return tuple(
        place
        for place, block in enumerate(blocks)
        if max(block.start, first_day) >= window.start and block.end <= window.end
    )


def _number(day: date, grain: Grain) -> int:
    match grain:
        case Grain.DAY:
            return (day - FIRST_MONDAY).days
        case Grain.MONTH:
            return day.year * 12 + day.month - 1
        case Grain.YEAR:
            return day.year
        case Grain.BATCH:
            return (day - BATCH_ORIGIN).days - 1


def _unit(number: int, grain: Grain) -> date:
    match grain:
        case Grain.DAY:
            return FIRST_MONDAY + timedelta(days=number)
        case Grain.MONTH:
            return date(number // 12, number % 12 + 1, 1)
        case Grain.YEAR:
            return date(number, 1, 1)
        case Grain.BATCH:
            return BATCH_ORIGIN + timedelta(days=number + 1)
