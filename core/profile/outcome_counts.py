"""Reading score, decision and actual out of the vectors: the input of every performance figure.

As in `core.profile.profile`, vectors may have any leading axes, and every answer is a view with the same ones.
"""

import numpy as np

from core.errors import BadInputError, NotEnoughDataError
from core.profile.binning import BINARY, MULTICLASS, REGRESSION
from core.profile.bins import Floats, Ints
from core.profile.counts import (
    TOTAL_ROWS,
    AmountCounts,
    MulticlassCounts,
    PerformanceCounts,
    RegressionCounts,
    SegmentMulticlassCounts,
)
from core.profile.layout import Layout
from core.profile.totals import segment_totals, totals

_SAID = {BINARY: "two classes", MULTICLASS: "several classes", REGRESSION: "numbers"}


def require(layout: Layout, *tasks: str) -> None:
    """Refuse a question that this kind of model has no counts for.

    Raises
    ------
    NotEnoughDataError
        When the binning's task is none of `tasks`.
    """
    if layout.binning.task not in tasks:
        wanted = " or ".join(_SAID[task] for task in tasks)
        raise NotEnoughDataError(f"this model predicts {_SAID[layout.binning.task]}, the number is for {wanted}")


def confusion(layout: Layout, ints: Ints) -> Ints:
    """Return decision × actual: ``(..., 3, 3)`` with none and unknown last; multiclass ``(..., K + 1, K + 1)``.

    Raises
    ------
    NotEnoughDataError
        For a regression.
    """
    require(layout, BINARY, MULTICLASS)
    return layout.ints["confusion"].of(ints)


def segment_confusion(layout: Layout, ints: Ints) -> Ints:
    """Return the confusion of each segment, ``(..., S, 3, 3)``.

    Raises
    ------
    NotEnoughDataError
        For any model that is not binary.
    """
    require(layout, BINARY)
    return layout.ints["segment_confusion"].of(ints)


def score_counts(layout: Layout, ints: Ints) -> Ints:
    """Return actual (0, 1, unknown) × score bin, ``(..., 3, B)``; multiclass: wrong, right, unknown × top-label score.

    Raises
    ------
    NotEnoughDataError
        For a regression.
    """
    require(layout, BINARY, MULTICLASS)
    return layout.ints["score_counts"].of(ints)


def segment_score_counts(layout: Layout, ints: Ints) -> Ints:
    """Return `score_counts` on the coarse grid of each segment, ``(..., S, 3, Bc)``.

    Raises
    ------
    NotEnoughDataError
        For a regression.
    """
    require(layout, BINARY, MULTICLASS)
    return layout.ints["segment_score_counts"].of(ints)


def sums(layout: Layout, floats: Floats, block: str) -> Floats:
    """Return a block of the float vector by name.

    Binary and multiclass: ``score_sums`` and ``score_squares`` ``(..., 2, B)``, ``losses`` ``(..., 2, 4)``,
    ``segment_losses`` ``(..., S, 2, 4)``. In weighted models also ``weighted_confusion`` and
    ``squared_weights`` ``(..., 3, 3)``, ``weighted_score_counts`` ``(..., 3, B)``, ``weighted_score_sums``,
    ``weighted_score_squares``, ``weighted_losses``, and ``segment_weighted_confusion``,
    ``segment_squared_weights``, ``segment_weighted_score_counts``, ``segment_weighted_losses``.

    Raises
    ------
    BadInputError
        When this binning has no such block.
    """
    found = layout.floats.get(block)
    if found is None:
        raise BadInputError(f"This profile holds no '{block}'; weighted sums exist only where model.yaml has a weight.")
    return found.of_floats(floats)


def score_sums(layout: Layout, floats: Floats) -> Floats:
    """Return Σ score by actual and bin, ``(..., 2, B)``."""
    return sums(layout, floats, "score_sums")


def score_squares(layout: Layout, floats: Floats) -> Floats:
    """Return Σ score² by actual and bin, ``(..., 2, B)``."""
    return sums(layout, floats, "score_squares")


def losses(layout: Layout, floats: Floats) -> Floats:
    """Return Σ(s-y)², Σ(s-y)⁴, Σ log loss, Σ log loss² by actual, ``(..., 2, 4)``."""
    return sums(layout, floats, "losses")


def segment_losses(layout: Layout, floats: Floats) -> Floats:
    """Return `losses` of each segment, ``(..., S, 2, 4)``."""
    return sums(layout, floats, "segment_losses")


def performance_counts(layout: Layout, ints: Ints, floats: Floats) -> PerformanceCounts:
    """Return what binary performance is computed from; sums of weights in a weighted model.

    Of a multiclass model: the counts of the top-label score, as `PerformanceCounts` says.

    Raises
    ------
    NotEnoughDataError
        For a regression.
    """
    prefix = "weighted_" if layout.binning.weighted else ""
    counted = _counted(layout, ints, floats, "")
    return PerformanceCounts(
        edges=layout.binning.score_edges,
        score_counts=counted[0],
        score_sums=sums(layout, floats, f"{prefix}score_sums"),
        score_squares=sums(layout, floats, f"{prefix}score_squares"),
        confusion=counted[1],
        losses=counted[2],
        n_eff_share=counted[3],
    )


def segment_performance_counts(layout: Layout, ints: Ints, floats: Floats) -> PerformanceCounts:
    """Return the same per segment on the coarse score grid, leading axes ``(..., S)``, no score sums.

    Raises
    ------
    NotEnoughDataError
        For a regression.
    """
    counted = _counted(layout, ints, floats, "segment_")
    return PerformanceCounts(
        edges=layout.binning.segment_score_edges,
        score_counts=counted[0],
        score_sums=None,
        score_squares=None,
        confusion=counted[1],
        losses=counted[2],
        n_eff_share=counted[3],
    )


def _counted(
    layout: Layout, ints: Ints, floats: Floats, scope: str
) -> tuple[Ints | Floats, Ints | Floats, Floats, Floats]:
    """Return score counts, confusion, losses and n_eff_share of the whole (``""``) or of segments."""
    require(layout, BINARY, MULTICLASS)
    if not layout.binning.weighted:
        confused = _confused(layout, ints, scope)
        share = np.ones(confused.shape[:-2])
        return layout.ints[f"{scope}score_counts"].of(ints), confused, sums(layout, floats, f"{scope}losses"), share
    weights = sums(layout, floats, f"{scope}weighted_confusion")
    squares = sums(layout, floats, f"{scope}squared_weights")[..., :2].sum(axis=(-2, -1))
    total = weights[..., :2].sum(axis=(-2, -1))
    share = np.divide(total, squares, out=np.ones_like(total), where=squares > 0)
    counted = sums(layout, floats, f"{scope}weighted_score_counts")
    return counted, weights, sums(layout, floats, f"{scope}weighted_losses"), share


def _confused(layout: Layout, ints: Ints, scope: str) -> Ints:
    """Return decision × actual; of a multiclass model "predicted" × (wrong, right, unknown)."""
    if layout.binning.task == BINARY:
        return layout.ints[f"{scope}confusion"].of(ints)
    if scope:
        by_class = layout.ints["segment_classes"].of(ints).sum(axis=-2)
        n_rows, predicted = segment_totals(layout, ints)[..., TOTAL_ROWS], by_class[..., 3]
        right, labelled = by_class[..., 0], by_class[..., 1]
    else:
        whole = layout.ints["confusion"].of(ints)
        n_rows, predicted = totals(layout, ints)[..., TOTAL_ROWS], whole[..., :-1, :].sum(axis=(-2, -1))
        right = np.trace(whole[..., :-1, :-1], axis1=-2, axis2=-1)
        labelled = whole[..., :-1, :-1].sum(axis=(-2, -1))
    confused = np.zeros((*n_rows.shape, 3, 3), np.int64)
    confused[..., 1, 0], confused[..., 1, 1], confused[..., 1, 2] = labelled - right, right, predicted - labelled
    confused[..., 2, 2] = n_rows - predicted
    return confused


def amount_counts(layout: Layout, ints: Ints, floats: Floats) -> AmountCounts:
    """Return the money by decision × actual.

    Raises
    ------
    NotEnoughDataError
        When the model is not binary or the schema names no amount.
    """
    require(layout, BINARY)
    if layout.binning.amount is None:
        raise NotEnoughDataError("no amount is logged: model.yaml names no amount column")
    return AmountCounts(
        amount_counts=layout.ints["amount_counts"].of(ints), amounts=layout.floats["amounts"].of_floats(floats)
    )


def multiclass_counts(layout: Layout, ints: Ints, floats: Floats) -> MulticlassCounts:
    """Return what multiclass performance is computed from.

    Raises
    ------
    NotEnoughDataError
        When the model is not multiclass.
    """
    require(layout, MULTICLASS)
    return MulticlassCounts(
        classes=layout.binning.classes,
        edges=layout.binning.score_edges,
        class_edges=layout.binning.class_edges,
        confusion=layout.ints["confusion"].of(ints),
        score_counts=layout.ints["score_counts"].of(ints),
        score_sums=sums(layout, floats, "score_sums"),
        score_squares=sums(layout, floats, "score_squares"),
        class_score_counts=layout.ints["class_score_counts"].of(ints),
        class_score_sums=sums(layout, floats, "class_score_sums"),
        class_losses=sums(layout, floats, "class_losses"),
    )


def segment_multiclass_counts(layout: Layout, ints: Ints, floats: Floats) -> SegmentMulticlassCounts:
    """Return the same per segment, leading axes ``(..., S)``.

    Raises
    ------
    NotEnoughDataError
        When the model is not multiclass.
    """
    require(layout, MULTICLASS)
    return SegmentMulticlassCounts(
        classes=layout.binning.classes,
        edges=layout.binning.segment_score_edges,
        segment_classes=layout.ints["segment_classes"].of(ints),
        segment_score_counts=layout.ints["segment_score_counts"].of(ints),
        segment_class_losses=sums(layout, floats, "segment_class_losses"),
    )


def regression_counts(layout: Layout, ints: Ints, floats: Floats) -> RegressionCounts:
    """Return what regression performance is computed from.

    Raises
    ------
    NotEnoughDataError
        When the model is not a regression.
    """
    return _residuals(layout, ints, floats, "")


def segment_regression_counts(layout: Layout, ints: Ints, floats: Floats) -> RegressionCounts:
    """Return the same per segment, leading axes ``(..., S)``.

    Raises
    ------
    NotEnoughDataError
        When the model is not a regression.
    """
    return _residuals(layout, ints, floats, "segment_")


def _residuals(layout: Layout, ints: Ints, floats: Floats, scope: str) -> RegressionCounts:
    require(layout, REGRESSION)
    return RegressionCounts(
        edges=layout.binning.error_edges,
        centre=layout.binning.actual_centre,
        residual_sums=sums(layout, floats, f"{scope}residual_sums"),
        error_counts=layout.ints[f"{scope}error_counts"].of(ints),
        residual_n=layout.ints[f"{scope}residual_n"].of(ints),
    )
