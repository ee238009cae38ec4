"""What smaller gaps would cost: thresholds of each group's own, and reweighted scores, against accuracy and money.

Nothing is applied from here. Thresholds that differ by a protected group may be unlawful.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.fairness.gaps import (
    FEWEST_EVENTS,
    FEWEST_ROWS,
    ODDS_DIFFERENCE,
    OPPORTUNITY_DIFFERENCE,
    PARITY_DIFFERENCE,
)
from core.fairness.thresholds import Consequence, Cuts, consequence, cuts_of, rates_of_cells
from core.profile.group_counts import GroupCounts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

UNLAWFUL = "may be unlawful where groups are protected; ask counsel"
CONSTRAINTS = (PARITY_DIFFERENCE, OPPORTUNITY_DIFFERENCE, ODDS_DIFFERENCE)
ALLOWED = tuple(round(0.01 * step, 2) for step in range(21)) + tuple(round(0.05 * step, 2) for step in range(5, 11))
"""Gaps that the frontier allows, one after the other."""

CORNERS = 101
"""Equalized odds: the box that holds all groups starts at hundredths of TPR and FPR."""

LIMITS = (
    "thresholds are chosen and judged on the same rows: a new window will be a little worse",
    "a bin of scores is decided as a whole",
    "people may act differently under other decisions; the actuals of these rows do not know it",
)
"""What the frontier cannot see, said beside it."""


class Objective(StrEnum):
    """What is made as large as the allowed gap permits."""

    ACCURACY = "accuracy"
    VALUE = "net_value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The best that thresholds per group can reach for each allowed gap.

    Attributes
    ----------
    constraint : str, one of `CONSTRAINTS`
    objective : Objective
    labels : tuple of str, length G
    counted : (G,) bool
        Groups that get a threshold and enter the gap; the decisions of the others stay as they are.
    points : tuple of Consequence
        From the smallest gap that can be reached to the largest that still gains anything; gap and objective rise.
    present : Consequence
        Decisions as they were made, over the same groups.
    """

    constraint: str
    objective: Objective
    labels: tuple[str, ...]
    counted: Bools
    points: tuple[Consequence, ...]
    present: Consequence


def frontier(
    counts: GroupCounts,
    constraint: str,
    *,
    objective: Objective = Objective.ACCURACY,
    values: Floats | None = None,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
) -> Frontier:
    """Return the frontier of gap against accuracy or money when every group has a threshold of its own.

    For each allowed gap the thresholds are those with the largest objective among all whose rates lie inside a band
    (for equalized odds: a box of TPR × FPR) of that width; for one rate every band is tried, for the box every corner
    in hundredths. Everything is of the labelled rows with a score.

    Parameters
    ----------
    counts : GroupCounts without leading axes
    constraint : str, one of `CONSTRAINTS`
    objective : Objective
    values : (2, 2) worth of decision × actual, see `outcome_values`; or None
    fewest_rows, fewest_events
        Labelled rows, and rows of either actual, that a group needs for a threshold of its own.
    hidden : (G,) bool or None
        Suppressed groups: their decisions stay as they are.

    Raises
    ------
    NotEnoughDataError
        With fewer than two groups to compare, and for money without a value model.

    References
    ----------
    Hardt, Price & Srebro 2016 (thresholds by group); Corbett-Davies et al. 2017 (the price of a constraint).
    """
    if objective is Objective.VALUE and values is None:
        raise NotEnoughDataError("the model has no value model by outcome, so that decisions have no price in money")
    counted = threshold_groups(counts, fewest_rows=fewest_rows, fewest_events=fewest_events, hidden=hidden)
    cuts = cuts_of(counts)
    present = np.asarray(counts.confusion[..., :2, :2], np.float64)
    worth = np.eye(2) if objective is Objective.ACCURACY or values is None else values
    gains = (cuts.cells[counted] * worth).sum((-2, -1))
    rates = np.stack(rates_of_cells(cuts.cells[counted]))[_rates_of(constraint)]
    search = _best_in_box if constraint == ODDS_DIFFERENCE else _best_in_band
    chosen = [search(rates, gains, allowed) for allowed in ALLOWED]
    points = [
        _point(cuts, present, counted, places, constraint=constraint, values=values)
        for places in chosen
        if places is not None
    ]
    return Frontier(
        constraint=constraint,
        objective=objective,
        labels=counts.labels,
        counted=counted,
        points=_rising(points, objective),
        present=consequence(
            present,
            (None,) * len(counts.labels),
            gap=_gap(present[counted], constraint),
            values=values,
        ),
    )


def threshold_groups(
    counts: GroupCounts,
    *,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
) -> Bools:
    """Return which groups have enough labelled rows, (G,), for a threshold of their own.

    Raises
    ------
    NotEnoughDataError
        With fewer than two.
    """
    actual = counts.score_counts[..., :2, :].sum(-1)
    counted = (actual.sum(-1) >= fewest_rows) & (actual.min(-1) >= fewest_events)
    counted &= True if hidden is None else ~np.asarray(hidden, bool)
    if int(counted.sum()) < 2:
        raise NotEnoughDataError(
            f"fewer than two groups with {fewest_rows} labelled rows and {fewest_events} rows of each actual"
        )
    return np.asarray(counted, bool)


def _rates_of(constraint: str) -> list[int]:
    """Return the places of the constrained rates in (selection rate, TPR, FPR)."""
    return {PARITY_DIFFERENCE: [0], OPPORTUNITY_DIFFERENCE: [1], ODDS_DIFFERENCE: [1, 2]}[constraint]


def gap_of(cells: Floats, constraint: str) -> float:
    """Return the gap of decisions: the largest difference of the constrained rates over the groups.

    Parameters
    ----------
    cells : (K, 2, 2) decision × actual of the groups that are compared
    """
    return _gap(cells, constraint)


def _gap(cells: Floats, constraint: str) -> float:
    rates = np.stack(rates_of_cells(cells))[_rates_of(constraint)]
    return float((np.nanmax(rates, -1) - np.nanmin(rates, -1)).max())


def _best_in_band(rates: Floats, gains: Floats, allowed: float) -> Ints | None:
    """Return each group's best cut with all rates inside one band of the allowed width, (K,); None: no band has them.

    Parameters
    ----------
    rates : (1, K, C) falling along the cuts
    gains : (K, C)
    """
    lowest = np.unique(rates[0])
    n_groups = rates.shape[1]
    best, place = np.full((n_groups, lowest.size), -np.inf), np.zeros((n_groups, lowest.size), np.int64)
    for group in range(n_groups):
        first, last = _range(rates[0, group], lowest, allowed)
        best[group], place[group] = _largest(gains[group], first, last)
    total = best.sum(0)
    chosen = int(total.argmax())
    return place[:, chosen] if np.isfinite(total[chosen]) else None


def _best_in_box(rates: Floats, gains: Floats, allowed: float) -> Ints | None:
    """Return the same for two rates at once: all groups inside one box of TPR × FPR."""
    corners = np.linspace(0.0, 1.0, CORNERS)
    n_groups = rates.shape[1]
    total = np.zeros((CORNERS, CORNERS))
    places = np.zeros((n_groups, CORNERS, CORNERS), np.int64)
    for group in range(n_groups):
        first, last = (_range(rates[place, group], corners, allowed) for place in (0, 1))
        begin = np.maximum(first[0][:, None], last[0][None, :])
        end = np.minimum(first[1][:, None], last[1][None, :])
        best, places[group] = _largest(gains[group], begin, end)
        total += best
    chosen = int(total.argmax())
    return places.reshape(n_groups, -1)[:, chosen] if np.isfinite(total.flat[chosen]) else None


ROUNDING = 1e-9


def _range(falling: Floats, low: Floats, allowed: float) -> tuple[Ints, Ints]:
    """Return for each lower end the first and the last cut (inclusive) whose rate lies in [low, low + allowed]."""
    rising = -falling
    first = np.searchsorted(rising, -(low + allowed) - ROUNDING, side="left")
    last = np.searchsorted(rising, -low + ROUNDING, side="right") - 1
    return first, last


def _sparse_table(values: Floats) -> Ints:
    """Return the places of the largest of every stretch of 2^level values: two of them cover any stretch."""
    levels = [np.arange(values.size)]
    width = 1
    while 2 * width <= values.size:
        left = levels[-1]
        right = left[np.minimum(np.arange(values.size) + width, values.size - 1)]
        levels.append(np.where(values[left] >= values[right], left, right))
        width *= 2
    return np.stack(levels)


def _largest(values: Floats, first: Ints, last: Ints) -> tuple[Floats, Ints]:
    """Return value and place of the largest in each ``[first, last]``; -inf where the stretch is empty."""
    table = _sparse_table(values)
    empty = last < first
    start, length = np.where(empty, 0, first), np.where(empty, 1, last - first + 1)
    level = np.floor(np.log2(length)).astype(np.int64)
    left, right = table[level, start], table[level, start + length - 2**level]
    place = np.where(values[left] >= values[right], left, right)
    return np.where(empty, -np.inf, values[place]), place


def _point(
    cuts: Cuts, present: Floats, counted: Bools, places: Ints, *, constraint: str, values: Floats | None
) -> Consequence:
    cells = present.copy()
    cells[counted] = cuts.cells[counted, places]
    thresholds: list[float | None] = [None] * len(counted)
    for group, place in zip(np.flatnonzero(counted).tolist(), places.tolist(), strict=True):
        thresholds[group] = float(cuts.thresholds[place])
    return consequence(cells, tuple(thresholds), gap=_gap(cells[counted], constraint), values=values)


def _rising(points: Sequence[Consequence], objective: Objective) -> tuple[Consequence, ...]:
    """Return the points that no other beats: the gap rises, and with it the objective."""
    kept: list[Consequence] = []
    for point in sorted(points, key=lambda one: (one.gap, -_gain(one, objective))):
        if not kept or _gain(point, objective) > _gain(kept[-1], objective):
            kept.append(point)
    return tuple(kept)


def _gain(point: Consequence, objective: Objective) -> float:
    return point.accuracy if objective is Objective.ACCURACY or point.value is None else point.value
