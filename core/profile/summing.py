"""Windows made of days: sums of profiles, with a provenance of their own."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import Floats, Ints
from core.profile.profile import ProfileStack
from core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """The counts of several days together.

    Attributes
    ----------
    ints : (n_ints,) int64
    floats : (n_floats,) float64
    n_days : int
        Days that had a profile.
    provenance_id : str
        Names the exact profiles that were added; empty when there were none.
    """

    ints: Ints
    floats: Floats
    n_days: int
    provenance_id: str


def summed(stack: ProfileStack, window: Window | None = None, *, weekdays: Collection[int] | None = None) -> Summed:
    """Return the sum of the days of `stack` inside `window` (None: all) on `weekdays` (0 = Monday; None: all)."""
    chosen = _chosen(stack.days, window, weekdays)
    ids = [stack.provenance_ids[i] for i in np.flatnonzero(chosen)]
    return Summed(
        ints=stack.ints[chosen].sum(axis=0, dtype=np.int64),
        floats=stack.floats[chosen].sum(axis=0, dtype=np.float64),
        n_days=len(ids),
        provenance_id=provenance_of(ids),
    )


def provenance_of(ids: Sequence[str]) -> str:
    """Return one id for several profiles: the id itself, or a hash of the ids in order of days."""
    if len(ids) <= 1:
        return "".join(ids)
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


def _chosen(days: Sequence[date], window: Window | None, weekdays: Collection[int] | None) -> NDArray[np.bool_]:
    inside = ((window is None or day in window) and (weekdays is None or day.weekday() in weekdays) for day in days)
    return np.fromiter(inside, dtype=np.bool_, count=len(days))


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSums:
    """The counts of consecutive windows below each other.

    Attributes
    ----------
    ints : (W, n_ints) int64
    floats : (W, n_floats) float64
    provenance_ids : tuple of str, length W
    """

    ints: Ints
    floats: Floats
    provenance_ids: tuple[str, ...]


def window_sums(stack: ProfileStack, windows: Sequence[Window]) -> WindowSums:
    """Return the sum of each window; a window that is one profiled day costs no addition."""
    place = {day: row for row, day in enumerate(stack.days)}
    singles = [place.get(window.start, -1) if window.days == 1 else -1 for window in windows]
    if singles and min(singles) >= 0:
        ids = tuple(stack.provenance_ids[row] for row in singles)
        return WindowSums(ints=stack.ints[singles], floats=stack.floats[singles], provenance_ids=ids)
    sums = [summed(stack, window) for window in windows]
    return WindowSums(
        ints=np.stack([one.ints for one in sums]),
        floats=np.stack([one.floats for one in sums]),
        provenance_ids=tuple(one.provenance_id for one in sums),
    )
