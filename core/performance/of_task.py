"""The one entry to performance: whatever the task, from the vectors of a profile to estimates by metric."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.performance import binary, multiclass, regression
from core.performance.confusion import share
from core.performance.estimates import Estimate
from core.performance.performance import Performance
from core.profile.binning import BINARY, MULTICLASS, REGRESSION
from core.profile.counts import TOTAL_LABELLED, TOTAL_ROWS
from core.profile.layout import Layout
from core.profile.profile import (
    multiclass_counts,
    performance_counts,
    regression_counts,
    segment_multiclass_counts,
    segment_performance_counts,
    segment_regression_counts,
    segment_totals,
    totals,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METRICS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {BINARY: binary.METRICS, MULTICLASS: multiclass.METRICS, REGRESSION: regression.METRICS}
)
"""Names of the metrics of each task, in the order in which they are shown."""

HEADLINE_OF: Mapping[str, str] = MappingProxyType({BINARY: "roc_auc", MULTICLASS: "f1_macro", REGRESSION: "mae"})
"""The one metric of each task that stands for a model where there is room for one.

Macro F1, not accuracy: a class that vanishes or is always missed moves it, however rare the class."""

METRICS = tuple(dict.fromkeys(name for names in METRICS_OF.values() for name in names))
"""Every performance metric of every task, each once."""

LESS_IS_BETTER = frozenset(
    {
        "false_positive_rate",
        "false_negative_rate",
        "log_loss",
        "brier_score",
        "mae",
        "rmse",
        "mape",
        "median_absolute_error",
    }
)
"""Metrics of which a smaller value is better; of ``bias`` the one nearer to 0, of all others the larger one."""


def performance_of(layout: Layout, ints: Ints, floats: Floats, *, by_segment: bool = False) -> Performance:
    """Return every metric of the layout's task with interval and n, and how many rows have their actual.

    Parameters
    ----------
    ints : (..., n_ints) int64
    floats : (..., n_floats) float64
    by_segment : bool
        One more trailing axis, the segments of the binning, on the coarser counts that are kept by segment.
    """
    match layout.binning.task:
        case "multiclass":
            return _multiclass(layout, ints, floats, by_segment=by_segment)
        case "regression":
            return _regression(layout, ints, floats, by_segment=by_segment)
        case _:
            counted = segment_performance_counts if by_segment else performance_counts
            return binary.binary_performance(counted(layout, ints, floats), probability=_is_probability(layout))


def _is_probability(layout: Layout) -> bool:
    return layout.binning.score_kind == "probability"


def _multiclass(layout: Layout, ints: Ints, floats: Floats, *, by_segment: bool) -> Performance:
    probability = _is_probability(layout)
    if by_segment:
        segments = segment_multiclass_counts(layout, ints, floats)
        found = multiclass.segment_multiclass_estimates(segments, probability=probability)
    else:
        found = multiclass.multiclass_estimates(multiclass_counts(layout, ints, floats), probability=probability)
    return _performance(found, layout, ints, by_segment=by_segment)


def _regression(layout: Layout, ints: Ints, floats: Floats, *, by_segment: bool) -> Performance:
    counted = segment_regression_counts if by_segment else regression_counts
    return _performance(
        regression.regression_estimates(counted(layout, ints, floats)), layout, ints, by_segment=by_segment
    )


def _performance(found: Mapping[str, Estimate], layout: Layout, ints: Ints, *, by_segment: bool) -> Performance:
    known = rows_known(layout, ints, by_segment=by_segment)
    n_rows, n_labelled = known[..., 0].astype(np.float64), known[..., 1].astype(np.float64)
    return Performance(estimates=found, n_rows=n_rows, n_labelled=n_labelled, label_coverage=share(n_labelled, n_rows))


def rows_known(layout: Layout, ints: Ints, *, by_segment: bool = False) -> Ints:
    """Return rows, and rows with a known actual, ``(..., 2)``; each row counts once, whatever its weight."""
    counted = segment_totals(layout, ints) if by_segment else totals(layout, ints)
    return np.asarray(counted[..., [TOTAL_ROWS, TOTAL_LABELLED]], np.int64)
