"""The display cells of many features, day by day, read out of stored profiles for the drift checks."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from core.checks.series import DailyCells, Series
from core.drift.cells import stacked, unseen_in_other
from core.profile.binning import Binning, Segment
from core.profile.layout import Layout, counted_by_segment
from core.profile.profile import ProfileStack, cell_counts, feature_counts, segment_cells

Ints = NDArray[np.int64]
Place = int | None


def series_of(
    binning: Binning, *, seasonal: Collection[str], segment: Segment | None = None, features: Sequence[str] = ()
) -> tuple[Series, ...]:
    """Return one series a feature, the score last, of the whole population or of one segment.

    Within a segment only the features counted by segment have a series. `features` restricts them further.
    """
    names = tuple(binning.features) if segment is None else counted_by_segment(binning)
    where = {} if segment is None else {segment.column: segment.label}
    kept = [name for name in names if not features or name in features]
    return tuple(Series(feature=name, segment=where, seasonal=name in seasonal) for name in kept)


def daily_cells(
    layout: Layout, stack: ProfileStack, training: ProfileStack, series: Sequence[Series], place: Place = None
) -> DailyCells:
    """Return the cells of each series by day: ``(n_days, n_series, K)``.

    Categories that the training reference does not know join ``other`` where the rule says so, which the
    whole training reference of the same population or segment decides.

    Parameters
    ----------
    place : int or None
        Segment's place in the binning; None for the whole population.
    """
    cells = []
    for one in series:
        bins = layout.binning.features[one.feature]
        known = _cells(layout, training, one.feature, place).sum(axis=0)
        cells.append(unseen_in_other(bins, known, _cells(layout, stack, one.feature, place)))
    return DailyCells(days=stack.days, cells=stacked(cells))


def _cells(layout: Layout, stack: ProfileStack, feature: str, place: Place) -> Ints:
    if place is not None:
        return segment_cells(layout, stack.ints, feature)[:, place]
    bins = layout.binning.features[feature]
    return cell_counts(bins, feature_counts(layout, stack.ints, stack.floats, feature))
