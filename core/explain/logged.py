"""SHAP values that were worked out elsewhere and logged as columns: taken only if they add up."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.explain.values import ShapValues
from core.explain.wording import LOG_ODDS, PREDICTION, PROBABILITY

Floats = NDArray[np.float64]

BOUND = 1e-4
"""How far base + Σφ may lie from a row's margin, beside what the rounding of the logged numbers allows."""

MOST_DECIMALS = 12
EXPLAINER = "logged columns"


def from_columns(features: Sequence[str], values: Floats, score: Floats, *, task: str) -> ShapValues:
    """Return logged SHAP values as explained rows, with the base that they imply.

    Every row implies a base: its margin less the sum of its values. They are values of this model's score only if it
    is the same base in every row, so that is checked: on the log-odds of a probability, else on the score itself (a
    binary model may log either). A mean would hide rows that do not add up.

    Parameters
    ----------
    values : (n, F) without NaN
    score : (n,) the logged score or prediction
    task : ``binary`` or ``regression``

    Raises
    ------
    NotEnoughDataError
        For a multiclass model, without a row, and when the bases differ by more than the bound: with the number.
    """
    if task == "multiclass":
        raise NotEnoughDataError("logged SHAP values of a multiclass model do not say of which class they are")
    if not len(values):
        raise NotEnoughDataError("no row has a logged SHAP value of every feature and a score")
    tried = []
    for margin, slack, named in _margins(score, task):
        found = _explained(features, values, score, margin=margin, unit=named)
        allowed = BOUND + slack + len(features) * _half_step(values)
        excess = np.abs(margin - values.sum(1) - found.base) - allowed
        if float(excess.max()) <= 0:
            return found
        tried.append((found.additivity_error, named))
    least, named = min(tried)
    raise NotEnoughDataError(
        f"the logged SHAP values do not add up to the score: the bases that rows imply differ by up to {least:.3g} "
        f"({named}), more than {BOUND:g} and rounding"
    )


def _explained(features: Sequence[str], values: Floats, score: Floats, *, margin: Floats, unit: str) -> ShapValues:
    bases = margin - values.sum(axis=1)
    base = float(np.median(bases))
    return ShapValues(
        features=tuple(features),
        values=values,
        base=base,
        margin=margin,
        prediction=score,
        unit=unit,
        explainer=EXPLAINER,
        approximate=False,
        additivity_error=float(np.abs(bases - base).max()),
    )


def _margins(score: Floats, task: str) -> list[tuple[Floats, Floats | float, str]]:
    """Return the margins that may be meant, with what half a step of the logged score is worth in each row."""
    half = _half_step(score)
    plain: list[tuple[Floats, Floats | float, str]] = [
        (score, half, PREDICTION if task == "regression" else PROBABILITY)
    ]
    if task != "binary" or not bool(((score > 0) & (score < 1)).all()):
        return plain
    slope = 1 / (score * (1 - score))
    return [(np.log(score) - np.log1p(-score), half * slope * 1.5, LOG_ODDS), *plain]


def _half_step(values: Floats) -> float:
    """Return half of the last decimal that the numbers were logged with; 0 where they are not rounded.

    >>> _half_step(np.array([0.25, 1.125]))
    0.0005
    """
    known = values.ravel()[:2_000]
    for decimals in range(MOST_DECIMALS + 1):
        if np.array_equal(np.round(known, decimals), known):
            return 0.5 * 10.0**-decimals
    return 0.0
