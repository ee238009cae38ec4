"""SHAP values as they are handed back: one class of them, checked, with unit and words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInputError
from core.explain.additivity import check
from core.explain.model import BOUND_FLOAT32, Contributions, Model
from core.explain.values import ScoredModel, ShapValues

ALIKE = 1e-5
SAMPLED = "sampled permutations of the features, antithetic; approximate"


def values_of(
    contributions: Contributions,
    predicted: NDArray[np.float64],
    model: ScoredModel,
    opened: Model,
    *,
    of_class: str | None,
    sampled: bool,
) -> ShapValues:
    """Return the values of one class after the check of additivity on every row.

    Raises
    ------
    BadInputError
        When a multiclass model is asked without one of its classes.
    NotAdditiveError
        When the values do not add up to the margin.
    """
    at = class_place(model, of_class)
    one = Contributions(
        values=contributions.values[:, :, at : at + 1],
        base=contributions.base[at : at + 1],
        margin=contributions.margin[:, at : at + 1],
    )
    error = check(one, BOUND_FLOAT32 if sampled else opened.bound, task=model.task)
    prediction = predicted[:, at] if predicted.ndim == 2 else predicted
    return ShapValues(
        features=model.features,
        values=one.values[:, :, 0],
        base=float(one.base[0]),
        margin=one.margin[:, 0],
        prediction=np.asarray(prediction, dtype=np.float64),
        unit=unit_of(model.task, one.margin[:, 0], prediction),
        explainer=opened.how if opened.explainer == "permutation" else SAMPLED if sampled else opened.how,
        approximate=sampled,
        additivity_error=error,
    )


def class_place(model: ScoredModel, of_class: str | None) -> int:
    """Return the place of a class among the model's answers; 0 where it has one answer.

    Raises
    ------
    BadInputError
        When a multiclass model is asked without one of its classes.
    """
    if model.task != "multiclass":
        return 0
    if of_class not in model.classes:
        raise BadInputError(f"Say of which class: one of {', '.join(model.classes)} (given: {of_class or 'none'}).")
    return model.classes.index(of_class)


def unit_of(task: str, margin: NDArray[np.float64], prediction: NDArray[np.float64]) -> str:
    """Return the unit of the margin, found by comparing it with the prediction and not from the model's name.

    >>> unit_of("binary", np.array([0.0, 2.0]), np.array([0.5, 0.8807970779778823]))
    'log-odds'
    >>> unit_of("regression", np.array([3.0]), np.array([3.0]))
    'prediction'
    """
    if _alike(margin, prediction):
        return "prediction" if task == "regression" else "probability"
    if task == "multiclass":
        return "class score"
    with np.errstate(over="ignore"):
        if task == "binary" and _alike(1.0 / (1.0 + np.exp(-margin)), prediction):
            return "log-odds"
        if task == "regression" and _alike(np.exp(margin), prediction):
            return "log of the prediction"
    return "raw score"


def _alike(first: NDArray[Any], second: NDArray[Any]) -> bool:
    return bool(np.allclose(first, second, rtol=ALIKE, atol=ALIKE))
