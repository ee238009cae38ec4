"""Whether SHAP values add up to the margin: checked by Watchroom on every explained row, never trusted to an explainer.

The margin comes from the model's own prediction, not from the explainer. Known traps, found by this check and by
nothing else: scikit-learn's histogram gradient boosting with native categorical splits is explained wrong by several
log-odds without an exception; with a background sample the values of a probability are off by some hundredths.
"""

import numpy as np
from numpy.typing import NDArray

from core.errors import CoreError
from core.explain.model import Contributions


class NotAdditiveError(CoreError):
    """Values were computed that do not add up to the model's margin: they are not shown."""


def additivity_error(contributions: Contributions) -> float:
    """Return the largest ``|base + sum of values - margin|`` over all rows and answers.

    Returns
    -------
    float >= 0
        In the unit of the margin; infinite when anything is not a finite number; 0 for no rows.

    >>> one = np.ones((1, 2, 1))
    >>> additivity_error(Contributions(values=one, base=np.array([0.5]), margin=np.array([[2.75]])))
    0.25
    """
    sums = contributions.base[None, :] + contributions.values.sum(axis=1)
    errors = np.abs(sums - contributions.margin)
    if not np.isfinite(errors).all():
        return float("inf")
    return float(errors.max(initial=0.0))


def allowed_error(bound: float, margin: NDArray[np.float64], *, task: str) -> float:
    """Return the error that is let pass: `bound`; of a regression more where the largest margin is beyond ±10.

    The floats of a predicted amount are coarser the larger it is: a tenth of the bound for each unit of it. Log-odds
    and scores of classes have the bound itself, however far from 0.

    >>> allowed_error(1e-6, np.array([[-20.0]]), task="regression")
    2e-06
    >>> allowed_error(1e-6, np.array([[-20.0]]), task="binary")
    1e-06
    """
    if task != "regression":
        return bound
    largest = float(np.abs(margin).max(initial=0.0))
    return bound * max(1.0, largest / 10.0)


def check(contributions: Contributions, bound: float, *, task: str) -> float:
    """Return the error of additivity.

    Parameters
    ----------
    task : ``binary``, ``multiclass`` or ``regression``

    Raises
    ------
    NotAdditiveError
        When it is over the bound, with both numbers; or when the model gives no finite number for a row.
    """
    n_bad = int((~np.isfinite(contributions.margin)).any(axis=1).sum())
    if n_bad:
        raise NotAdditiveError(
            f"The model itself gives no finite number for {n_bad:,} of {contributions.margin.shape[0]:,} rows; does it "
            "take missing values?"
        )
    error = additivity_error(contributions)
    allowed = allowed_error(bound, contributions.margin, task=task)
    if error > allowed:
        n_rows = contributions.margin.shape[0]
        raise NotAdditiveError(
            f"The explanation is refused: over {n_rows:,} rows the SHAP values miss the model's own margin by up to "
            f"{error:.4g}, where {allowed:.1g} is allowed; the explainer does not understand this model."
        )
    return error
