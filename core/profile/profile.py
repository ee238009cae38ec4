"""Additive counts of one window: merging them, and reading each part out of the vectors.

Every accessor takes vectors with any leading axes, ``(..., n_ints)`` or ``(..., n_floats)``, and gives
views with the same leading axes: one day, a stack of days ``(W, n_ints)``, or their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.errors import BadInputError, NotEnoughDataError
from core.profile.binning import ACTUAL, BINARY, MULTICLASS, REGRESSION
from core.profile.bins import Bins, CategoricalBins, FeatureCounts, Floats, Ints, NumericBins
from core.profile.group_counts import (
    GroupCounts,
    ShapSums,
    control_confusion,
    group_column,
    group_counts,
    lag_counts,
    pair_confusion,
    shap_sums,
)
from core.profile.layout import EXTRA_COUNTERS, Layout
from core.profile.outcome_counts import (
    amount_counts,
    confusion,
    losses,
    multiclass_counts,
    performance_counts,
    regression_counts,
    require,
    score_counts,
    score_squares,
    score_sums,
    segment_confusion,
    segment_losses,
    segment_multiclass_counts,
    segment_performance_counts,
    segment_regression_counts,
    segment_score_counts,
    sums,
)
from core.profile.totals import arrival_counts, decimal_counts, latency_counts, rows, segment_totals, totals

__all__ = [
    "MAX_LEVEL_CELLS",
    "GroupCounts",
    "Profile",
    "ProfileStack",
    "ShapSums",
    "add_stacks",
    "amount_counts",
    "arrival_counts",
    "category_cells",
    "cell_counts",
    "cell_of_bins",
    "confusion",
    "control_confusion",
    "decimal_counts",
    "decision_cells",
    "feature_counts",
    "group_column",
    "group_counts",
    "label_cells",
    "lag_counts",
    "latency_counts",
    "losses",
    "merge",
    "multiclass_counts",
    "pair_confusion",
    "performance_counts",
    "regression_counts",
    "rows",
    "score_counts",
    "score_squares",
    "score_sums",
    "segment_cells",
    "segment_confusion",
    "segment_label_cells",
    "segment_losses",
    "segment_multiclass_counts",
    "segment_performance_counts",
    "segment_regression_counts",
    "segment_score_counts",
    "segment_totals",
    "shap_sums",
    "stack",
    "sums",
    "totals",
]

MAX_LEVEL_CELLS = 50
"""Levels of a categorical feature with a display cell of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All counts of one version, role and window under one binning.

    Attributes
    ----------
    binning_id : str
    ints : (n_ints,) int64
    floats : (n_floats,) float64
    """

    binning_id: str
    ints: Ints
    floats: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileStack:
    """Profiles of many days under one binning, in order of days.

    Attributes
    ----------
    binning_id : str
    days : tuple of date, length W
        First day of each unit of the grain.
    ints : (W, n_ints) int64
    floats : (W, n_floats) float64
    provenance_ids : tuple of str, length W
    """

    binning_id: str
    days: tuple[date, ...]
    ints: Ints
    floats: Floats
    provenance_ids: tuple[str, ...]


def merge(*profiles: Profile) -> Profile:
    """Return the profile of all rows together: the sum of the vectors.

    Raises
    ------
    BadInputError
        When there is nothing to merge, or two profiles were made with different binnings.
    """
    if not profiles:
        raise BadInputError("There is no profile to merge.")
    first = profiles[0]
    if any(other.binning_id != first.binning_id for other in profiles):
        raise BadInputError(
            "Profiles made with different binnings cannot be added: profile the days again with one binning."
        )
    ints = np.stack([one.ints for one in profiles]).sum(axis=0)
    floats = np.stack([one.floats for one in profiles]).sum(axis=0)
    return Profile(binning_id=first.binning_id, ints=ints, floats=floats)


def add_stacks(*stacks: ProfileStack) -> ProfileStack:
    """Return one stack with the counts of equal days added, e.g. served and canary rows of a version.

    The provenance of a day that stands in several stacks is their ids joined by ``+``.

    Raises
    ------
    BadInputError
        When there is no stack, or two were made with different binnings.
    """
    if len({stack.binning_id for stack in stacks}) != 1:
        raise BadInputError("Only profiles of one and the same binning can be added.")
    if len(stacks) == 1:
        return stacks[0]
    days = tuple(sorted({day for stack in stacks for day in stack.days}))
    place = {day: row for row, day in enumerate(days)}
    ints = np.zeros((len(days), stacks[0].ints.shape[1]), np.int64)
    floats = np.zeros((len(days), stacks[0].floats.shape[1]), np.float64)
    sources: dict[date, list[str]] = {day: [] for day in days}
    for stack in stacks:
        rows = [place[day] for day in stack.days]
        ints[rows] += stack.ints
        floats[rows] += stack.floats
        for day, source in zip(stack.days, stack.provenance_ids, strict=True):
            sources[day].append(source)
    joined = tuple("+".join(sources[day]) for day in days)
    return ProfileStack(binning_id=stacks[0].binning_id, days=days, ints=ints, floats=floats, provenance_ids=joined)


def stack(profiles: Sequence[Profile]) -> tuple[Ints, Floats]:
    """Return the vectors of `profiles` below each other: ``(W, n_ints)`` and ``(W, n_floats)``.

    Raises
    ------
    BadInputError
        When `profiles` is empty or mixes binnings.
    """
    if len({one.binning_id for one in profiles}) != 1:
        raise BadInputError("Only profiles of one and the same binning can be stacked.")
    return np.stack([one.ints for one in profiles]), np.stack([one.floats for one in profiles])


def feature_counts(layout: Layout, ints: Ints, floats: Floats, name: str) -> FeatureCounts:
    """Return the counts of feature `name` (or ``"score"``).

    Raises
    ------
    BadInputError
        When the binning does not know the feature.
    """
    bins = _bins(layout, name)
    block = layout.ints[f"feature:{name}"].of(ints)
    extra = block[..., bins.n_bins :]
    tails = layout.floats[f"tails:{name}"].of_floats(floats) if isinstance(bins, NumericBins) else None
    return FeatureCounts(
        fine=block[..., :-EXTRA_COUNTERS],
        null=extra[..., 0],
        nan=extra[..., 1],
        neg_inf=extra[..., 2],
        pos_inf=extra[..., 3],
        violations=extra[..., 4],
        tail_sums=tails,
    )


def cell_counts(bins: Bins, counts: FeatureCounts) -> Ints:
    """Return the counts by display cell, ``(..., n_cells + 1)``; the missing cell (null and NaN) is last.

    Infinities stand in the cells of the first and the last fine bin. Categories: the first 50 levels,
    the rest of the reference (``other``), ``unseen``.
    """
    cells = np.zeros((*counts.fine.shape[:-1], bins.n_cells + 1), np.int64)
    for cell, members in enumerate(_members(bins)):
        cells[..., cell] = counts.fine[..., members].sum(axis=-1)
    if isinstance(bins, NumericBins):
        cells[..., bins.cell[0]] += counts.neg_inf
        cells[..., bins.cell[-1]] += counts.pos_inf
    cells[..., -1] = counts.null + counts.nan
    return cells


def cell_of_bins(bins: Bins) -> Ints:
    """Return the display cell of every fine bin, ``(n_bins,)``."""
    if isinstance(bins, NumericBins):
        return bins.cell.astype(np.int64)
    return category_cells(bins)


def category_cells(bins: CategoricalBins) -> Ints:
    """Return the display cell of each fine count: 50 levels, then ``other``, then ``unseen``."""
    shown = min(len(bins.levels), MAX_LEVEL_CELLS)
    cells = np.minimum(np.arange(bins.n_bins), shown)
    cells[-1] = shown + 1
    return cells


def _members(bins: Bins) -> list[Ints | slice]:
    """Return the fine bins of every cell; a slice (a view, no copy) where they stand side by side."""
    cells = cell_of_bins(bins)
    order = np.argsort(cells, kind="stable")
    ends = np.searchsorted(cells[order], np.arange(bins.n_cells + 1))
    groups: list[Ints | slice] = []
    for start, stop in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        group = order[start:stop]
        adjacent = len(group) > 0 and int(group[-1]) - int(group[0]) == len(group) - 1
        groups.append(slice(int(group[0]), int(group[-1]) + 1) if adjacent else group)
    return groups


def _bins(layout: Layout, name: str) -> Bins:
    bins = layout.binning.features.get(name)
    if bins is None:
        raise BadInputError(f"The feature '{name}' is not part of this version's reference.")
    return bins


def segment_cells(layout: Layout, ints: Ints, feature: str) -> Ints:
    """Return display cells of `feature` by segment, ``(..., S, n_cells + 1)``, missing last.

    Raises
    ------
    BadInputError
        When the feature is not counted by segment.
    """
    block = layout.ints.get(f"cells:{feature}")
    if block is None:
        raise BadInputError(f"The feature '{feature}' is not counted by segment; name it under segment_features.")
    return block.of(ints)


def label_cells(layout: Layout, ints: Ints) -> Ints:
    """Return the labelled rows by actual, ``(..., L)``: the share of each is the label's distribution.

    Binary: 0 and 1. Multiclass: the classes in order. Regression: display cells of ``"actual"``, missing excluded.

    Raises
    ------
    NotEnoughDataError
        For a regression whose reference holds no actuals: there are no cells to count them in.
    """
    if layout.binning.task == REGRESSION:
        return _actual_cells(layout, ints)
    by_actual: Ints = confusion(layout, ints)[..., :-1].sum(axis=-2)
    return by_actual


def _actual_cells(layout: Layout, ints: Ints) -> Ints:
    bins = layout.binning.features.get(ACTUAL)
    if bins is None:
        raise NotEnoughDataError("the reference holds no actuals, so that there are no cells to count actuals in")
    counts = feature_counts(layout, ints, np.zeros((*ints.shape[:-1], layout.n_floats)), ACTUAL)
    return cell_counts(bins, counts)[..., :-1]


def segment_label_cells(layout: Layout, ints: Ints) -> Ints:
    """Return `label_cells` of each segment, ``(..., S, L)``; multiclass: of the rows with a predicted class.

    Raises
    ------
    NotEnoughDataError
        For a regression: its actuals are not counted by segment.
    """
    require(layout, BINARY, MULTICLASS)
    if layout.binning.task == BINARY:
        by_actual: Ints = segment_confusion(layout, ints)[..., :-1].sum(axis=-2)
        return by_actual
    by_class: Ints = layout.ints["segment_classes"].of(ints)[..., 2]
    return by_class


def decision_cells(layout: Layout, ints: Ints) -> Ints:
    """Return the decided rows by decision, ``(..., L)``: 0 and 1, or the predicted class.

    Raises
    ------
    NotEnoughDataError
        For a regression.
    """
    by_decision: Ints = confusion(layout, ints)[..., :-1, :].sum(axis=-1)
    return by_decision
