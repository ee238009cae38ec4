"""A metric of rows with weights: the same definitions as from counts, for rows that are weighted anew."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.log.document import ValueDocument
from core.performance.confusion import share
from core.performance.ranking import roc_auc

Floats = NDArray[np.float64]

CLIP = 1e-15
RATIOS = ("precision", "recall", "f1", "specificity", "false_positive_rate", "false_negative_rate")
MEANS = ("accuracy", "error_rate", "log_loss", "brier_score", "mae", "mse", "rmse", "mape", "bias", "selection_rate")
OF_ROWS = ("roc_auc", "value_per_row", *RATIOS, *MEANS)
"""Metrics that can be worked out from weighted rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What was said of rows and what came true; NaN where it is not known.

    Attributes
    ----------
    score, decision, actual : (n,) float64
    """

    score: Floats
    decision: Floats
    actual: Floats


def usable(outcomes: Outcomes, metric: str, task: str) -> NDArray[np.bool_]:
    """Return which rows a metric is of, ``(n,)``: those that hold all that it needs."""
    needs = {
        "selection_rate": (outcomes.decision,),
        "roc_auc": (outcomes.score, outcomes.actual),
        "log_loss": (outcomes.score, outcomes.actual),
        "brier_score": (outcomes.score, outcomes.actual),
    }
    decided = (outcomes.score if task == "regression" else outcomes.decision, outcomes.actual)
    known = np.stack([np.isfinite(one) for one in needs.get(metric, decided)]).all(0)
    return np.asarray(known & (outcomes.actual != 0) if metric == "mape" else known)


class RowMetric:
    """One metric of one set of rows, for any weights of them.

    Everything that does not depend on the weights is worked out once.
    """

    def __init__(self, metric: str, rows: Outcomes, *, value: ValueDocument | None = None) -> None:
        """Prepare the rows; those that are not `usable` must be left out before.

        Raises
        ------
        NotEnoughDataError
            When the metric is not one of rows.
        """
        self.metric = metric
        self._order: NDArray[np.int64] | None = None
        if metric == "roc_auc":
            self._rank(rows)
            return
        self._above, self._below = _lines(metric, rows, value)

    def _rank(self, rows: Outcomes) -> None:
        distinct, self._order = np.unique(rows.score, return_inverse=True)
        self._n_scores = len(distinct)
        self._positive = rows.actual == 1

    def of(self, weights: Floats) -> float:
        """Return the metric with the given weight of each row, ``(n,)``; NaN where it is not defined."""
        if self._order is not None:
            sides = [
                np.bincount(self._order, weights=np.where(mine, weights, 0.0), minlength=self._n_scores)
                for mine in (self._positive, ~self._positive)
            ]
            return float(roc_auc(sides[0], sides[1]).value)
        found = float(share(weights @ self._above, weights @ self._below))
        return float(np.sqrt(found)) if self.metric == "rmse" else found


def _lines(metric: str, rows: Outcomes, value: ValueDocument | None) -> tuple[Floats, Floats]:
    """Return what each row adds above and below the line."""
    ones = np.ones(len(rows.score))
    if metric in RATIOS:
        return _ratio(metric, rows)
    error = rows.score - rows.actual
    if metric in ("mae", "mse", "rmse", "bias"):
        return {"mae": np.abs(error), "mse": error**2, "rmse": error**2, "bias": error}[metric], ones
    if metric == "mape":
        return np.abs(error) / np.abs(rows.actual), ones
    if metric in ("accuracy", "error_rate"):
        right = (rows.decision == rows.actual).astype(np.float64)
        return right if metric == "accuracy" else 1 - right, ones
    if metric == "selection_rate":
        return rows.decision, ones
    if metric == "brier_score":
        return error**2, ones
    if metric == "log_loss":
        given = np.where(rows.actual == 1, rows.score, 1 - rows.score)
        return -np.log(np.clip(given, CLIP, None)), ones
    if metric == "value_per_row" and value is not None:
        return _worth(rows, value), ones
    raise NotEnoughDataError(f"{metric.replace('_', ' ')} is not worked out from weighted rows")


def _ratio(metric: str, rows: Outcomes) -> tuple[Floats, Floats]:
    said, was = rows.decision == 1, rows.actual == 1
    tp, fp, fn, tn = (cell.astype(np.float64) for cell in (said & was, said & ~was, ~said & was, ~said & ~was))
    return {
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "f1": (2 * tp, 2 * tp + fp + fn),
        "specificity": (tn, tn + fp),
        "false_positive_rate": (fp, tn + fp),
        "false_negative_rate": (fn, tp + fn),
    }[metric]


def _worth(rows: Outcomes, value: ValueDocument) -> Floats:
    if value.kind == "error":
        error = rows.score - rows.actual
        return -(value.cost_over * np.maximum(error, 0) + value.cost_under * np.maximum(-error, 0))
    if value.kind != "confusion":
        raise NotEnoughDataError("amounts are not among the rows' outcomes")
    worth = np.array([[value.tn, value.fn], [value.fp, value.tp]], np.float64)
    return np.asarray(worth[rows.decision.astype(np.int64), rows.actual.astype(np.int64)])
