"""What the calibration figures draw: a reliability curve with its histogram, and the error over windows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.calibration.groups import Groups
from core.drift.display import Event, LimitLine
from core.stats.intervals import wilson
from core.windows import Grain

Floats = NDArray[np.float64]

HISTOGRAM_CELLS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Groups of scores that hold rows, from low scores to high, and the histogram of all scores.

    Attributes
    ----------
    said, happened : tuple of float in [0, 1]
        Mean score and share of events of each group.
    low, high : tuple of float
        95 % Wilson interval of the share.
    n : tuple of int
        Labelled rows (effective, when weighted) of each group.
    from_score, to_score : tuple of float
        Ends of the bins that hold the rows.
    histogram : tuple of float, length 50
        Rows by score in cells of .02, with or without an actual.
    """

    said: tuple[float, ...]
    happened: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n: tuple[int, ...]
    from_score: tuple[float, ...]
    to_score: tuple[float, ...]
    histogram: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSeries:
    """Calibration error over consecutive windows, oldest first; None where it does not apply.

    Attributes
    ----------
    starts : tuple of date
    labels : tuple of str
        Each window as people write it.
    raw, debiased, low, high, perfect : tuple of float or None
        ECE as defined; without what chance adds, with its 95 % interval; what a perfect model would show.
    n : tuple of int
        Labelled rows.
    mature : tuple of bool
        Labels are complete enough to judge the window.
    limits : tuple of LimitLine
    events : tuple of Event
    grain : Grain
        Of the calendar in which the axis is labelled.
    """

    starts: tuple[date, ...]
    labels: tuple[str, ...]
    raw: tuple[float | None, ...]
    debiased: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    perfect: tuple[float | None, ...]
    n: tuple[int, ...]
    mature: tuple[bool, ...]
    limits: tuple[LimitLine, ...] = ()
    events: tuple[Event, ...] = ()
    grain: Grain = Grain.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring groups whose scores are off in one direction, taken together.

    Attributes
    ----------
    said, happened : float, mean score and share of events
    low, high : float, 95 % Wilson interval of the share
    n : int
    from_score, to_score : float
    whole : bool
        No group of the curve lies outside.
    """

    said: float
    happened: float
    low: float
    high: float
    n: int
    from_score: float
    to_score: float
    whole: bool = False


def reliability(groups: Groups, histogram: Sequence[float]) -> Reliability:
    """Return the reliability curve of groups without leading axes, ready to be drawn."""
    held = np.flatnonzero(groups.n > 0)
    share = wilson(groups.events[held], groups.n[held])
    return Reliability(
        said=tuple(groups.mean_score[held].tolist()),
        happened=tuple(groups.observed[held].tolist()),
        low=tuple(share.low.tolist()),
        high=tuple(share.high.tolist()),
        n=tuple(int(n) for n in groups.n[held]),
        from_score=tuple(groups.low[held].tolist()),
        to_score=tuple(groups.high[held].tolist()),
        histogram=tuple(float(n) for n in histogram),
    )


def score_histogram(edges: Floats, counts: Floats, n_cells: int = HISTOGRAM_CELLS) -> tuple[float, ...]:
    """Return rows by cell of equal width from 0 to 1.

    Parameters
    ----------
    edges : (B - 1,) right-closed edges of the score bins
    counts : (B,)
    """
    ends = np.arange(1, n_cells) / n_cells
    cell = np.searchsorted(ends, np.append(edges, math.inf), side="left")
    return tuple(np.bincount(cell, counts, n_cells).tolist())


def worst_stretch(shown: Reliability, *, fewest: int = 30) -> Stretch | None:
    """Return the stretch of neighbouring groups that is furthest off, weighted by its rows; None without rows.

    Groups of fewer than `fewest` rows, and those whose interval holds the mean score, end a stretch. Where every
    interval holds its mean score, the one group that is furthest off is returned.
    """
    difference = np.array(shown.happened) - np.array(shown.said)
    n = np.array(shown.n, np.float64)
    counted = n >= fewest
    outside = ((np.array(shown.low) > shown.said) | (np.array(shown.high) < shown.said)) & counted
    if not counted.any():
        return None
    if not outside.any():
        furthest = int(np.argmax(np.where(counted, np.abs(difference), -1.0)))
        return _stretch(shown, range(furthest, furthest + 1))
    runs = _runs(np.where(outside, np.sign(difference), 0.0))
    return _stretch(shown, max(runs, key=lambda run: abs(float((n * difference)[list(run)].sum()))))


def _runs(signs: Floats) -> list[range]:
    """Return the stretches of equal signs that are not 0."""
    cuts = [0, *(np.flatnonzero(np.diff(signs)) + 1).tolist(), len(signs)]
    return [range(a, b) for a, b in pairwise(cuts) if signs[a] != 0]


def _stretch(shown: Reliability, run: range) -> Stretch:
    n = np.array([shown.n[place] for place in run], np.float64)
    said = float((n * [shown.said[place] for place in run]).sum() / n.sum())
    events = float((n * [shown.happened[place] for place in run]).sum())
    ends = wilson(events, n.sum())
    return Stretch(
        said=said,
        happened=events / float(n.sum()),
        low=float(ends.low),
        high=float(ends.high),
        n=int(n.sum()),
        from_score=shown.from_score[run[0]],
        to_score=shown.to_score[run[-1]],
        whole=len(run) == len(shown.n),
    )
