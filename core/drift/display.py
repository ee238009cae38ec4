"""What the drift figures draw: shares on shared display cells, and PSI excess over windows."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import Bins, NumericBins
from core.states import State
from core.windows import Grain

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_LEVELS_SHOWN = 14
"""Levels of a categorical feature that are drawn one by one; the rest is one cell."""

VALUE_NAME = "PSI above chance"

SINGLE_VALUE = "= "
"""How the profile marks a cell of one value in its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Reference and current shares of one feature on the same display cells.

    Attributes
    ----------
    names : tuple of str, length n_cells
        What each cell holds, in the order of drawing; the missing cell last.
    reference_share, current_share : tuple of float, length n_cells
        Shares in [0, 1] that sum to 1 (or to 0 when there is no row).
    boundaries : tuple of float or None
        Length n_cells - 1 without the missing cell: the values between neighbouring cells, when the
        cells are intervals that follow each other; None for categories and single values.
    n_missing_cells : int
        1 when the last cell is the missing cell, else 0.
    n_reference, n_current : int
    unit : str
        Unit of the feature, or empty.
    """

    names: tuple[str, ...]
    reference_share: tuple[float, ...]
    current_share: tuple[float, ...]
    boundaries: tuple[float, ...] | None
    n_missing_cells: int
    n_reference: int
    n_current: int
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A limit as drawn: its name, its value on the figure's axis, the state it leads to."""

    name: str
    value: float
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened on a day: a release, a contract change, an upstream job."""

    day: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSeries:
    """PSI excess of one feature over consecutive windows, oldest first.

    Attributes
    ----------
    starts : tuple of date
        First unit of each window.
    labels : tuple of str
        Each window as people write it.
    excess, low, high : tuple of float or None
        PSI excess and its 95 % interval; None where not applicable.
    n : tuple of int
        Rows of each window.
    states : tuple of State
        Verdict of each window.
    limits : tuple of LimitLine
    events : tuple of Event
    grain : Grain
        Of the calendar in which the axis is labelled.
    name : str
        What is drawn.
    signed : bool
        Values below 0 mean something (a moving average); else they are less than chance gives, drawn at 0.
    """

    starts: tuple[date, ...]
    labels: tuple[str, ...]
    excess: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    n: tuple[int, ...]
    states: tuple[State, ...]
    limits: tuple[LimitLine, ...]
    events: tuple[Event, ...] = ()
    grain: Grain = Grain.DAY
    name: str = VALUE_NAME
    signed: bool = False


def distribution(bins: Bins, reference: Ints, current: Ints, *, unit: str = "") -> Distribution:
    """Return the shares of one window and its reference, ready to be drawn.

    Cells that are empty on both sides are left out. Of a categorical feature the 14 levels with the
    largest share on either side are drawn in the reference's order, the others together as ``rest``; levels that
    the reference does not know, and missing values, keep cells of their own.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
    reference, current : (n_cells + 1,) int64
        Rows by display cell, the missing cell last.
    unit : str
        Unit of the feature, or empty.
    """
    names = np.array([*bins.cell_names, "missing"])
    kept = np.flatnonzero((reference + current) > 0)
    has_missing = bool(kept.size) and int(kept[-1]) == bins.n_cells
    before, now = shares(reference), shares(current)
    boundaries = _boundaries(bins, kept[: kept.size - has_missing])
    words, r, c = [str(name) for name in names[kept]], before[kept].tolist(), now[kept].tolist()
    if isinstance(bins, NumericBins):
        words = [word.removeprefix(SINGLE_VALUE) for word in words]
    else:
        n_levels = int((kept < bins.n_cells - 2).sum())
        has_other = int(bins.n_cells - 2 in kept)
        words, r, c = _largest(words, r, c, n_levels=n_levels, n_other=has_other)
    return Distribution(
        names=tuple(words),
        reference_share=tuple(r),
        current_share=tuple(c),
        boundaries=boundaries,
        n_missing_cells=int(has_missing),
        n_reference=int(reference.sum()),
        n_current=int(current.sum()),
        unit=unit,
    )


def counted_distribution(names: tuple[str, ...], reference: Ints, current: Ints) -> Distribution:
    """Return the shares of plain counts by name, e.g. of decisions or actuals: no order, none missing."""
    return Distribution(
        names=names,
        reference_share=tuple(shares(reference).tolist()),
        current_share=tuple(shares(current).tolist()),
        boundaries=None,
        n_missing_cells=0,
        n_reference=int(reference.sum()),
        n_current=int(current.sum()),
    )


def shares(cells: Ints) -> Floats:
    """Return counts as shares of their sum; zeros when there is no row."""
    total = cells.sum()
    return cells / total if total else np.zeros(cells.shape, np.float64)


def _boundaries(bins: Bins, kept: Ints) -> tuple[float, ...] | None:
    """Return the values between neighbouring cells when all are intervals that follow each other."""
    if not isinstance(bins, NumericBins) or kept.size < 2:
        return None
    members = [np.flatnonzero(bins.cell == cell) for cell in kept]
    for fine in members:
        if fine.size != fine[-1] - fine[0] + 1 or (fine.size == 1 and bins.is_atom[fine[0]]):
            return None
    if any(before[-1] >= after[0] for before, after in pairwise(members)):
        return None
    return tuple(float(bins.edges[fine[-1]]) for fine in members[:-1])


def _largest(
    names: list[str], reference: list[float], current: list[float], *, n_levels: int, n_other: int
) -> tuple[list[str], list[float], list[float]]:
    """Return the levels with the largest shares, the others summed with the cell ``other`` behind them."""
    free = n_levels + n_other
    if free <= MAX_LEVELS_SHOWN:
        return names, reference, current
    order = sorted(range(n_levels), key=lambda at: -max(reference[at], current[at]))
    shown = sorted(order[: MAX_LEVELS_SHOWN - 1])
    others = sorted(order[MAX_LEVELS_SHOWN - 1 :]) + list(range(n_levels, free))
    fixed = list(range(free, len(names)))

    def joined(side: list[float]) -> list[float]:
        return [side[at] for at in shown] + [sum(side[at] for at in others)] + [side[at] for at in fixed]

    words = [names[at] for at in shown] + ["rest"] + [names[at] for at in fixed]
    return words, joined(reference), joined(current)
