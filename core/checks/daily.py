"""The display cells of many features, day by day, read out of stored profiles for the drift checks."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from core.checks.series import DailyCells, Series
from core.drift.cells import stacked, unseen_in_other
from core.profile.binning import ACTUAL, REGRESSION, SCORE, Binning, Segment
from core.profile.layout import Layout, counted_by_segment
from core.profile.profile import (
    ProfileStack,
    cell_counts,
    decision_cells,
    feature_counts,
    label_cells,
    segment_cells,
)

Ints = NDArray[np.int64]
Place = int | None

DECISION = "decision"
"""Reserved feature name of what the model decided."""


def series_of(
    binning: Binning, *, seasonal: Collection[str], segment: Segment | None = None, features: Sequence[str] = ()
) -> tuple[Series, ...]:
    """Return one series a declared feature, the score last, of the whole population or of one segment.

    Within a segment only the features counted by segment have a series. `features` restricts them further.
    """
    names = (*binning.declared, SCORE) if segment is None else counted_by_segment(binning)
    where = {} if segment is None else {segment.column: segment.label}
    kept = [name for name in names if not features or name in features]
    return tuple(Series(feature=name, segment=where, seasonal=name in seasonal) for name in kept)


def outcome_series(binning: Binning) -> tuple[Series, ...]:
    """Return the series of the decisions and of the actuals, of the whole population.

    A regression decides nothing, and its actuals have cells only where its reference holds actuals.
    """
    if binning.task != REGRESSION:
        return Series(feature=DECISION), Series(feature=ACTUAL)
    return (Series(feature=ACTUAL),) if ACTUAL in binning.features else ()


def segment_series(
    layout: Layout, training: ProfileStack, *, seasonal: Collection[str], minimum_n: int
) -> tuple[tuple[Series, int], ...]:
    """Return the series of all segments that can ever be judged, each with its segment's place in the binning.

    Left out are segments with fewer than `minimum_n` rows in the training reference, and the feature that a segment
    is cut by, which cannot move within it.
    """
    binning = layout.binning
    found: list[tuple[Series, int]] = []
    for name in counted_by_segment(binning):
        rows = segment_cells(layout, training.ints, name).sum(axis=(0, -1))
        found += [
            (Series(feature=name, segment={segment.column: segment.label}, seasonal=name in seasonal), place)
            for place, segment in enumerate(binning.segments)
            if rows[place] >= minimum_n and segment.column != name
        ]
    return tuple(sorted(found, key=lambda one: one[1]))


def daily_cells(
    layout: Layout,
    stack: ProfileStack,
    training: ProfileStack,
    series: Sequence[Series],
    place: Place | Sequence[Place] = None,
) -> DailyCells:
    """Return the cells of each series by day: ``(n_days, n_series, K)``.

    Categories that the training reference does not know join ``other`` where the rule says so, which the
    whole training reference of the same population or segment decides. Rows without a decision or an actual are
    left out of the cells of ``decision`` and ``actual``.

    Parameters
    ----------
    place : int, None or a sequence of them
        Segment's place in the binning; None for the whole population; a sequence where it differs by series.
    """
    places = [place] * len(series) if place is None or isinstance(place, int) else list(place)
    cells = [_joined(layout, stack, training, one.feature, where) for one, where in zip(series, places, strict=True)]
    empty = np.zeros((len(stack.days), 0, 1), np.int64)
    return DailyCells(days=stack.days, cells=stacked(cells) if cells else empty)


def _joined(layout: Layout, stack: ProfileStack, training: ProfileStack, feature: str, place: Place) -> Ints:
    if feature in (DECISION, ACTUAL):
        counted = (label_cells if feature == ACTUAL else decision_cells)(layout, stack.ints)
        return np.concatenate([counted, np.zeros_like(counted[..., :1])], axis=-1)
    bins = layout.binning.features[feature]
    known = _cells(layout, training, feature, place).sum(axis=0)
    return unseen_in_other(bins, known, _cells(layout, stack, feature, place))


def _cells(layout: Layout, stack: ProfileStack, feature: str, place: Place) -> Ints:
    if place is not None:
        return segment_cells(layout, stack.ints, feature)[:, place]
    bins = layout.binning.features[feature]
    return cell_counts(bins, feature_counts(layout, stack.ints, stack.floats, feature))
