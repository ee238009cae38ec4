"""The grids on which a reference's scores, class scores and errors are counted, by task."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from core.profile.binning import ACTUAL, SCORE
from core.profile.bins import Bins, Floats
from core.profile.build_bins import TAIL_PARTS, numeric_bins, quantiles
from core.profile.class_scores import class_scores, predicted_classes, top_scores
from core.profile.columns import numeric_column, small_ints
from core.profile.plan import Plan
from core.profile.score_grid import class_edges, score_edges, segment_score_edges

ERROR_PARTS = 200
BEYOND_STEPS, BEYOND = 48, 10.0
"""Edges beyond the largest reference error, up to this multiple of it: 4.9 % apart."""

SPAN = (-4.0, 1.0)
"""Powers of ten of the scale that errors are counted between where no reference error is known."""

SPAN_POINTS = 251


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeGrids:
    """What a binning fixes about score, decision and actual; see `Binning`. `features` holds the reserved ones."""

    features: dict[str, Bins]
    score_edges: Floats = field(default_factory=lambda: np.empty(0))
    segment_score_edges: Floats = field(default_factory=lambda: np.empty(0))
    class_edges: Floats = field(default_factory=lambda: np.empty(0))
    error_edges: Floats = field(default_factory=lambda: np.empty(0))
    actual_centre: float = 0.0


def outcome_grids(reference: pa.Table, plan: Plan) -> OutcomeGrids:
    """Return the grids of a reference by the task of its plan.

    Parameters
    ----------
    reference : pa.Table
        As for `make_binning`.
    """
    match plan.task:
        case "multiclass":
            return _multiclass(reference, plan)
        case "regression":
            return _regression(reference)
        case _:
            scores, _ = numeric_column(reference, SCORE)
            positive = small_ints(reference, "actual", 2) == 1
            return _of_scores(scores, scores[positive], plan, classes=np.empty(0))


def _of_scores(scores: Floats, positives: Floats, plan: Plan, *, classes: Floats) -> OutcomeGrids:
    return OutcomeGrids(
        features={SCORE: numeric_bins(scores)},
        score_edges=score_edges(scores, positives, kind=plan.score_kind, thresholds=plan.all_thresholds),
        segment_score_edges=segment_score_edges(scores, kind=plan.score_kind, thresholds=plan.all_thresholds),
        class_edges=classes,
    )


def _multiclass(reference: pa.Table, plan: Plan) -> OutcomeGrids:
    scores = class_scores(reference, plan.class_sources)
    top = top_scores(scores)
    right = predicted_classes(reference, scores) == small_ints(reference, "actual", len(plan.classes) + 1)
    return _of_scores(top, top[right], plan, classes=class_edges(scores.ravel(), kind=plan.score_kind))


def _regression(reference: pa.Table) -> OutcomeGrids:
    predictions, _ = numeric_column(reference, SCORE)
    actuals, _ = numeric_column(reference, "actual")
    of_score, of_actual = numeric_bins(predictions), numeric_bins(actuals)
    known = bool(np.isfinite(actuals).any())
    features: dict[str, Bins] = {SCORE: of_score}
    if known:
        features[ACTUAL] = of_actual
    scale = max(abs(of_score.centre), 1.0) if of_score.scale <= 1e-12 or of_score.constant else of_score.scale
    return OutcomeGrids(
        features=features,
        error_edges=error_edges(predictions - actuals, scale),
        actual_centre=of_actual.centre if known else of_score.centre,
    )


def error_edges(errors: Floats, scale: float) -> Floats:
    """Return the right-closed edges of the absolute error.

    The 200 quantiles of the reference's absolute errors, four further quantiles in the upper tail, the largest,
    and 48 edges beyond it up to ten times as much. Without errors (or with none but 0): 251 edges, 4.7 % apart,
    from `scale` / 10,000 to 10 times `scale`.

    Parameters
    ----------
    errors : (m,) float64
        Prediction - actual; infinite and NaN ones are ignored.
    scale : float > 0
        Winsorised standard deviation of the predictions.

    Examples
    --------
    >>> error_edges(np.array([-1.0, 1.0, 3.0]), 1.0)[:3].tolist()
    [1.0, 3.0, 3.1474191874089295]
    """
    sizes = np.sort(np.abs(errors[np.isfinite(errors)]))
    if sizes.size == 0 or sizes[-1] == 0:
        return scale * 10.0 ** np.linspace(*SPAN, SPAN_POINTS)
    upper = [sizes[-(-(parts - 1) * sizes.size // parts) - 1] for parts in TAIL_PARTS]
    beyond = sizes[-1] * BEYOND ** (np.arange(BEYOND_STEPS + 1) / BEYOND_STEPS)
    return np.unique(np.concatenate([quantiles(sizes, ERROR_PARTS), upper, beyond]))
