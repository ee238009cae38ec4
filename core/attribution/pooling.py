"""Small segments put together before anything is shown of them: a number of a few rows tells of persons."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.profile.binning import Segment

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_ROWS = 10
"""A segment with fewer rows than this in either window, but with some, is pooled into "other"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """Which segments of a column stand alone.

    Attributes
    ----------
    names : tuple of str, length G
        What is left, in the order of the column; the pooled ones are in "other".
    alone : tuple of Segment or None, length G
        The segment itself; None for "other", which no filter can name.
    matrix : (G, S) float64 of 0 and 1
        Adds counts of the S segments up to those of the G.
    pooled : tuple of str
        Names of the segments that went into "other".
    """

    names: tuple[str, ...]
    alone: tuple[Segment | None, ...]
    matrix: Floats
    pooled: tuple[str, ...]

    def apply(self, counts: NDArray[Any]) -> Floats:
        """Return counts of the S segments ``(S, ...)`` as those of the G, ``(G, ...)``."""
        return np.asarray(np.tensordot(self.matrix, np.asarray(counts, np.float64), axes=1))


def pool_small(segments: tuple[Segment, ...], reference_rows: Ints, current_rows: Ints) -> Pooling:
    """Return the pooling of one column's segments: those with 1 to 9 rows in either window go into "other".

    As long as "other" itself has 1 to 9 rows in a window, the smallest remaining segment goes in too, so that the
    total less what is shown never gives a small segment back. Segments without a row in both windows are left out;
    their counts are 0.

    Parameters
    ----------
    segments : all segments of one column, which partition the rows
    reference_rows, current_rows : (S,)

    >>> kinds = (Segment("c", "a"), Segment("c", "b"), Segment("c", None), Segment("c", None, True))
    >>> pool_small(kinds, np.array([500, 3, 20, 0]), np.array([400, 80, 20, 0])).names
    ('a', 'other')
    """
    rows = np.stack([np.asarray(reference_rows, np.int64), np.asarray(current_rows, np.int64)])
    rest = next(place for place, one in enumerate(segments) if one.level is None and not one.missing)
    pooled = {place for place in range(len(segments)) if place != rest and _small(rows[:, place])}
    alone = [place for place in range(len(segments)) if place != rest and place not in pooled and rows[:, place].any()]
    while alone and _small(rows[:, [*pooled, rest]].sum(1)):
        smallest = min(alone, key=lambda place: int(rows[:, place].sum()))
        alone.remove(smallest)
        pooled.add(smallest)
    groups = [[place] for place in alone if place < rest] + [sorted({rest, *pooled})]
    groups += [[place] for place in alone if place > rest]
    shown = [group for group in groups if rows[:, group].any()] or [groups[0]]
    matrix = np.zeros((len(shown), len(segments)))
    for number, group in enumerate(shown):
        matrix[number, group] = 1.0
    return Pooling(
        names=tuple(segments[rest if rest in group else group[0]].label for group in shown),
        alone=tuple(None if rest in group else segments[group[0]] for group in shown),
        matrix=matrix,
        pooled=tuple(segments[place].label for place in sorted(pooled)),
    )


def _small(rows: Ints) -> bool:
    return bool(((rows > 0) & (rows < FEWEST_ROWS)).any())
