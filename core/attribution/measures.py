"""Which metrics a change can be split for, by what weight, and how each is read out of the counts of segments."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.attribution.drawn import CellRatio, Drawable, MeanRatio
from core.attribution.pooling import Pooling
from core.errors import NotEnoughDataError
from core.impact.outcomes import outcome_values
from core.log.document import ValueDocument
from core.performance.confusion import share
from core.profile.binning import BINARY, MULTICLASS, REGRESSION
from core.profile.counts import PerformanceCounts
from core.profile.layout import Layout
from core.profile.profile import (
    segment_multiclass_counts,
    segment_performance_counts,
    segment_regression_counts,
)
from core.profile.summing import Summed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROC_AUC, RMSE, VALUE, SELECTION = "roc_auc", "rmse", "value_per_row", "selection_rate"
ROWS, CALLED, POSITIVES, NEGATIVES = "rows", "predicted positives", "actual positives", "actual negatives"
PAIRS, F1_WEIGHT = "pairs of a positive and a negative", "2TP + FP + FN"

WEIGHT_OF: Mapping[str, str] = MappingProxyType(
    {
        ROC_AUC: PAIRS,
        "accuracy": ROWS,
        "error_rate": ROWS,
        "precision": CALLED,
        "recall": POSITIVES,
        "f1": F1_WEIGHT,
        "specificity": NEGATIVES,
        "false_positive_rate": NEGATIVES,
        "false_negative_rate": POSITIVES,
        "log_loss": ROWS,
        "brier_score": ROWS,
        SELECTION: ROWS,
        VALUE: ROWS,
        "mae": ROWS,
        RMSE: ROWS,
        "mse": ROWS,
        "mape": "rows whose actual is not 0",
        "bias": ROWS,
    }
)
"""What a segment counts by in each metric whose change can be split."""

SPLIT_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        BINARY: (
            ROC_AUC,
            "accuracy",
            "error_rate",
            "precision",
            "recall",
            "f1",
            "specificity",
            "false_positive_rate",
            "false_negative_rate",
            "log_loss",
            "brier_score",
            SELECTION,
            VALUE,
        ),
        MULTICLASS: ("accuracy", "error_rate", "log_loss", "brier_score"),
        REGRESSION: ("mae", RMSE, "mse", "mape", "bias", VALUE),
    }
)
"""Metrics of each task whose change can be split, the one to begin with first."""

NOT_SPLIT: Mapping[str, str] = MappingProxyType(
    {
        "average_precision": "its value depends on the share of positives of everybody together",
        "mcc": "it is no mean over rows",
        "ece": "it is a mean of absolute values over all rows together; its Brier score can be split",
        "ks": "it is the largest of many differences",
        "f1_macro": "it is a mean over classes, not over rows",
        "f1_weighted": "it is a mean over classes, not over rows",
        "roc_auc_ovr_macro": "the scores of the classes are not kept by segment",
        "r2": "its baseline is the mean of everybody together; the mean squared error can be split",
        "median_absolute_error": "a median is no mean; the mean absolute error can be split",
    }
)
"""Why the change of a metric is not split: the change of each segment alone is shown instead."""

SHOWN_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        BINARY: (*SPLIT_OF[BINARY], "average_precision", "mcc", "ece", "ks"),
        MULTICLASS: (*SPLIT_OF[MULTICLASS], "f1_macro", "f1_weighted", "roc_auc_ovr_macro", "ece"),
        REGRESSION: (*SPLIT_OF[REGRESSION], "r2", "median_absolute_error"),
    }
)
"""Every metric that the change of can be asked for, by task."""

NO_VALUE = "no value model is declared under value: in model.yaml"

# decision × actual, as both are counted: (no, no) (no, yes) (no, unknown), (yes, no) …, (none, no) …
_TN, _FN, _FP, _TP = 0, 1, 3, 4
_UNKNOWN_NO, _UNKNOWN_YES = 2, 5

# what a row of each cell adds above and below the line
_CELLS: Mapping[str, tuple[Mapping[int, float], Mapping[int, float]]] = {
    "accuracy": ({_TN: 1, _TP: 1}, {_TN: 1, _FN: 1, _FP: 1, _TP: 1}),
    "error_rate": ({_FN: 1, _FP: 1}, {_TN: 1, _FN: 1, _FP: 1, _TP: 1}),
    "precision": ({_TP: 1}, {_TP: 1, _FP: 1}),
    "recall": ({_TP: 1}, {_TP: 1, _FN: 1}),
    "f1": ({_TP: 2}, {_TP: 2, _FP: 1, _FN: 1}),
    "specificity": ({_TN: 1}, {_TN: 1, _FP: 1}),
    "false_positive_rate": ({_FP: 1}, {_TN: 1, _FP: 1}),
    "false_negative_rate": ({_FN: 1}, {_TP: 1, _FN: 1}),
    SELECTION: (
        {_FP: 1, _TP: 1, _UNKNOWN_YES: 1},
        {_TN: 1, _FN: 1, _UNKNOWN_NO: 1, _FP: 1, _TP: 1, _UNKNOWN_YES: 1},
    ),
}
_LOSSES = {"brier_score": (0, 1), "log_loss": (2, 3)}
_ERRORS = {"mae": ("abs_e", "e2"), RMSE: ("e2", "e4"), "mse": ("e2", "e4"), "bias": ("e", "e2")}


def measured(
    layout: Layout, side: Summed, metric: str, places: Ints, pooling: Pooling, *, value: ValueDocument | None
) -> Drawable:
    """Return a metric of one window by segment.

    Parameters
    ----------
    places : (S,) the segments of one column, in the segment axis of the profile
    pooling : of these S segments
    value : the declared value model, for ``value_per_row``

    Raises
    ------
    NotEnoughDataError
        When the model has nothing of the kind: no value model, or amounts, which are not summed by segment.
    """
    readers: Mapping[str, Callable[[], Drawable]] = {
        BINARY: lambda: _binary(layout, side, metric, places, pooling, value=value),
        MULTICLASS: lambda: _multiclass(layout, side, metric, places, pooling),
        REGRESSION: lambda: _regression(layout, side, metric, places, pooling, value=value),
    }
    return readers[layout.binning.task]()


def pair_counts(layout: Layout, side: Summed, places: Ints, pooling: Pooling) -> tuple[Floats, Floats]:
    """Return actual (0, 1) × score bin by segment, ``(G, 2, B)``, and the effective rows a unit of weight, ``(G,)``."""
    counts = segment_performance_counts(layout, side.ints, side.floats)
    return pooling.apply(counts.score_counts[places, :2]), _n_eff_share(counts, places, pooling)


def _binary(
    layout: Layout, side: Summed, metric: str, places: Ints, pooling: Pooling, *, value: ValueDocument | None
) -> Drawable:
    counts = segment_performance_counts(layout, side.ints, side.floats)
    effective = _n_eff_share(counts, places, pooling)
    if metric in _LOSSES:
        losses = pooling.apply(counts.losses[places].sum(1))
        n = pooling.apply(counts.confusion[places, :, :2].sum((1, 2)))
        total, squares = _LOSSES[metric]
        return MeanRatio(n=n, total=losses[:, total], squares=losses[:, squares], n_eff_share=effective)
    above, below = _added(metric, value)
    cells = pooling.apply(counts.confusion[places]).reshape(len(pooling.names), -1)
    return CellRatio(counts=cells, numerator=above, denominator=below, n_eff_share=effective)


def _added(metric: str, value: ValueDocument | None) -> tuple[Floats, Floats]:
    """Return what a row of each of the nine cells adds above and below the line."""
    above, below = np.zeros(9), np.zeros(9)
    if metric == VALUE:
        if value is None:
            raise NotEnoughDataError(NO_VALUE)
        if value.kind != "confusion":
            raise NotEnoughDataError("amounts are summed for the whole population only, not by segment")
        above.reshape(3, 3)[:2, :2], below.reshape(3, 3)[:2, :2] = outcome_values(value), 1.0
        return above, below
    for line, wanted in zip((above, below), _CELLS[metric], strict=True):
        for cell, size in wanted.items():
            line[cell] = size
    return above, below


def _n_eff_share(counts: PerformanceCounts, places: Ints, pooling: Pooling) -> Floats:
    """Return Σw/Σw² of the pooled segments from that of the single ones; 1 where there is nothing."""
    weights = np.asarray(counts.confusion[places, :, :2].sum((1, 2)), np.float64)
    squares = weights / np.asarray(counts.n_eff_share, np.float64)[places]
    found = share(pooling.apply(weights), pooling.apply(squares))
    return np.where(np.isfinite(found), found, 1.0)


def _multiclass(layout: Layout, side: Summed, metric: str, places: Ints, pooling: Pooling) -> Drawable:
    counts = segment_multiclass_counts(layout, side.ints, side.floats)
    ones = np.ones(len(pooling.names))
    if metric in _LOSSES:
        losses = pooling.apply(counts.segment_class_losses[places])
        n = pooling.apply(counts.segment_score_counts[places, :2].sum((1, 2)))
        total, squares = _LOSSES[metric]
        return MeanRatio(n=n, total=losses[:, total], squares=losses[:, squares], n_eff_share=ones)
    by_class = pooling.apply(counts.segment_classes[places].sum(1))
    right, known = by_class[:, 0], by_class[:, 2]
    wanted = np.array([1.0, 0.0]) if metric == "error_rate" else np.array([0.0, 1.0])
    return CellRatio(
        counts=np.stack([known - right, right], -1), numerator=wanted, denominator=np.ones(2), n_eff_share=ones
    )


def _regression(
    layout: Layout, side: Summed, metric: str, places: Ints, pooling: Pooling, *, value: ValueDocument | None
) -> Drawable:
    counts = segment_regression_counts(layout, side.ints, side.floats)
    n, not_zero = (pooling.apply(counts.residual_n[places, which]) for which in (0, 1))
    ones = np.ones(len(pooling.names))

    def summed(name: str) -> Floats:
        return pooling.apply(counts.total(name)[places])

    if metric == "mape":
        return MeanRatio(n=not_zero, total=summed("ape"), squares=summed("ape2"), n_eff_share=ones)
    if metric == VALUE:
        if value is None:
            raise NotEnoughDataError(NO_VALUE)
        over, under = value.cost_over, value.cost_under
        cost = -(over * summed("over") + under * summed("under"))
        squares = over**2 * summed("over2") + under**2 * summed("under2")
        return MeanRatio(n=n, total=cost, squares=squares, n_eff_share=ones)
    total, power = _ERRORS[metric]
    return MeanRatio(n=n, total=summed(total), squares=summed(power), n_eff_share=ones)
