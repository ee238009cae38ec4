"""Which groups may be shown: small ones are withheld, and so is whatever would give a withheld one back.

Totals of everybody are published elsewhere for any window, so a single withheld group is the total less the others.
What is withheld together is published as a sum, and has to be as large as a group that may be shown.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Mask = NDArray[np.int8]

MINIMUM = 10
"""Rows, positives and negatives that a group needs to be shown (k)."""

SHOWN, SMALL, COMPLEMENTARY = 0, 1, 2
"""What a mask says of a group; a group without any row is shown, as empty."""

WORDS: Mapping[int, str] = MappingProxyType(
    {
        SHOWN: "",
        SMALL: f"fewer than {MINIMUM} people, or fewer than {MINIMUM} of one outcome; withheld",
        COMPLEMENTARY: "withheld so that another group cannot be worked out",
    }
)
"""What stands in the place of a withheld number."""


class Events(StrEnum):
    """What counts as positive and negative: the actual, or the decision where a model never has actuals."""

    ACTUALS = "actuals"
    DECISIONS = "decisions"


def sensitive_counts(confusion: Ints, events: Events) -> Ints:
    """Return rows, positives and negatives of every cell, ``(..., 3)``: the counts that the minimum is asked of.

    Parameters
    ----------
    confusion : (..., 3, 3) decision (0, 1, none) × actual (0, 1, not known yet)
    events : Events

    >>> sensitive_counts(np.array([[5, 1, 0], [2, 3, 0], [0, 0, 4]]), Events.ACTUALS).tolist()
    [15, 4, 7]
    """
    by_event = confusion.sum(-2) if events is Events.ACTUALS else confusion.sum(-1)
    rows = confusion.sum((-2, -1))
    return np.stack([rows, by_event[..., 1], by_event[..., 0]], axis=-1)


def too_small(counts: Ints) -> Bools:
    """Return which cells may not be shown by themselves: some row, and fewer than 10 of anything.

    Parameters
    ----------
    counts : (..., 3) rows, positives, negatives; see `sensitive_counts`
    """
    return np.asarray((counts[..., 0] > 0) & (counts < MINIMUM).any(-1))


def group_mask(counts: Ints) -> Mask:
    """Return what is withheld of the groups of one column in one release block, ``(G,)``.

    Small groups are withheld; then the smallest remaining one, until at least two are withheld and these together have
    at least 10 positives, 10 negatives, and 10 rows more than there are withheld groups. What a reader can work out
    of a withheld group is then an interval at least 10 wide: from 1 (an empty group says that it is empty) to all of
    the sum less 1 for each of the others. Where that cannot be reached, everything by group is withheld.

    Parameters
    ----------
    counts : (G, 3) rows, positives, negatives

    References
    ----------
    Cox 1980 (complementary suppression); Hundepool et al. 2012, Statistical Disclosure Control, ch. 4.

    >>> group_mask(np.array([[500, 50, 450], [300, 40, 260], [7, 1, 6]])).tolist()
    [0, 2, 1]
    """
    rows = counts[:, 0]
    small = too_small(counts)
    hidden = small.copy()
    while hidden.any() and not _protected(counts[hidden]):
        rest = np.flatnonzero(~hidden & (rows > 0))
        if not rest.size:
            break
        hidden[rest[np.argmin(rows[rest])]] = True
    return np.where(small, SMALL, np.where(hidden, COMPLEMENTARY, SHOWN)).astype(np.int8)


def _protected(hidden: Ints) -> bool:
    """Say whether withheld groups, ``(H, 3)``, stay unknown when their sum is known."""
    needed = np.array([MINIMUM + len(hidden), MINIMUM, MINIMUM])
    return len(hidden) > 1 and bool((hidden.sum(0) >= needed).all())
