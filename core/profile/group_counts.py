"""Reading protected groups, the lag of actuals and the sums of SHAP values out of the vectors.

As in `core.profile.profile`, vectors may have any leading axes, and every answer is a view with the same ones.
Groups are never shown as they are counted here: `core.fairness` hides small ones first.
"""

from dataclasses import dataclass

import numpy as np

from core.errors import BadInputError, NotEnoughDataError
from core.profile.bins import Floats, Ints
from core.profile.group_columns import (
    GroupColumn,
    confusion_block,
    control_block,
    pair_block,
    score_sums_block,
    scores_block,
)
from core.profile.layout import Layout
from core.profile.outcome_counts import require


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts:
    """Decision × actual and score × actual of each group of a protected column; leading axes are shared.

    Counts are of rows, in weighted models too.

    Attributes
    ----------
    labels : tuple of str, length G
        The groups in order; ``other`` and ``not stated`` (null) last.
    edges : (B - 1,) float64
        Right-closed score bins, the coarse ones that segments have.
    confusion : (..., G, 3, 3) int64
        Decision (0, 1, none) × actual (0, 1, not known yet).
    score_counts : (..., G, 3, B) int64
        Actual (0, 1, not known yet) × score bin, of the rows with a score.
    score_sums : (..., G, 2, B) float64
        Σ score by actual (0, 1) and bin.
    """

    labels: tuple[str, ...]
    edges: Floats
    confusion: Ints
    score_counts: Ints
    score_sums: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapSums:
    """Sums of the logged SHAP values of each feature that has them; leading axes are shared.

    Attributes
    ----------
    features : tuple of str, length F
    n : (..., F) int64
        Rows with a finite value.
    absolute, squared : (..., F) float64
        Σ|φ| and Σφ² over those rows.
    """

    features: tuple[str, ...]
    n: Ints
    absolute: Floats
    squared: Floats

    @property
    def mean_absolute(self) -> Floats:
        """Mean |φ|, ``(..., F)``: the SHAP importance; NaN where there is no row."""
        found: Floats = np.divide(self.absolute, self.n, out=np.full(self.absolute.shape, np.nan), where=self.n > 0)
        return found


def group_column(layout: Layout, name: str) -> GroupColumn:
    """Return a protected column as the binning counts it.

    Raises
    ------
    NotEnoughDataError
        For a model that is not binary.
    BadInputError
        When the binning counts no such column.
    """
    require(layout, "binary")
    for one in layout.binning.group_columns:
        if one.name == name:
            return one
    raise BadInputError(f"'{name[:100]}' is not a protected column of this version; name it under columns.protected.")


def group_counts(layout: Layout, ints: Ints, floats: Floats, column: str) -> GroupCounts:
    """Return what the fairness figures of a protected column are computed from.

    Raises
    ------
    NotEnoughDataError, BadInputError
        As `group_column`.
    """
    found = group_column(layout, column)
    return GroupCounts(
        labels=found.labels,
        edges=layout.binning.segment_score_edges,
        confusion=layout.ints[confusion_block(column)].of(ints),
        score_counts=layout.ints[scores_block(column)].of(ints),
        score_sums=layout.floats[score_sums_block(column)].of_floats(floats),
    )


def pair_confusion(layout: Layout, ints: Ints, first: str, second: str) -> Ints:
    """Return decision × actual by the groups of two columns, ``(..., Ga, Gb, 3, 3)``, in the order asked for.

    Raises
    ------
    NotEnoughDataError
        When the two columns have too many pairs of groups to be counted together, or the model is not binary.
    BadInputError
        When one of them is no protected column, or both are the same.
    """
    group_column(layout, first)
    group_column(layout, second)
    if first == second:
        raise BadInputError(f"'{first}' cannot be crossed with itself; name two protected columns.")
    block = layout.ints.get(pair_block(first, second))
    if block is not None:
        return block.of(ints)
    turned = layout.ints.get(pair_block(second, first))
    if turned is None:
        raise NotEnoughDataError(f"'{first}' and '{second}' have too many pairs of groups to be counted together")
    return np.swapaxes(turned.of(ints), -4, -3)


def control_confusion(layout: Layout, ints: Ints, column: str) -> Ints:
    """Return decision × actual by group and segment, ``(..., G, S, 3, 3)``; segments as in `Binning.segments`.

    Raises
    ------
    NotEnoughDataError
        When there is no segment, when groups and segments are too many to be counted together, or when the
        model is not binary.
    BadInputError
        When it is no protected column.
    """
    group_column(layout, column)
    block = layout.ints.get(control_block(column))
    if block is None:
        why = "has too many groups to be counted by segment" if layout.binning.segments else "has no segment beside it"
        raise NotEnoughDataError(f"'{column}' {why}")
    return block.of(ints)


def lag_counts(layout: Layout, ints: Ints) -> Ints:
    """Return labelled rows by days from event time to actual on the grid ``LAG_DAYS``, ``(..., 41)``.

    Rows whose event time or time of the actual is not known are not counted; none is in grains other than a day.
    """
    return layout.ints["lag"].of(ints)


def shap_sums(layout: Layout, ints: Ints, floats: Floats) -> ShapSums:
    """Return the sums of the logged SHAP values by feature.

    Raises
    ------
    NotEnoughDataError
        When the model logs no SHAP values.
    """
    if not layout.binning.shap:
        raise NotEnoughDataError("no SHAP values are logged: no file has a column named shap_ and a feature's name")
    sums = layout.floats["shap_sums"].of_floats(floats)
    return ShapSums(
        features=layout.binning.shap,
        n=layout.ints["shap_n"].of(ints),
        absolute=sums[..., 0],
        squared=sums[..., 1],
    )
