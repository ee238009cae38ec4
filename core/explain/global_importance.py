"""How much each feature moves the score: the mean of |SHAP|, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.errors import BadInputError
from core.points import finite

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """Mean of |SHAP| of one feature.

    Attributes
    ----------
    value : float >= 0 or None
        In the unit of the margin; None without a row.
    low, high : float >= 0 or None
        95 % interval; None with fewer than two rows.
    n : int
        Rows it rests on.
    """

    feature: str
    value: float | None
    low: float | None
    high: float | None
    n: int

    def document(self) -> dict[str, Any]:
        """Return the point of `watchroom explain`."""
        return {"feature": self.feature, "value": self.value, "ci_low": self.low, "ci_high": self.high}


def sums_of(values: Floats) -> Floats:
    """Return what importance rests on, which adds up over units: Σ|φ| and Σφ² by feature.

    Parameters
    ----------
    values : (n, F) SHAP values; NaN where a row has none

    Returns
    -------
    (F, 2) float64

    >>> sums_of(np.array([[1.0, -2.0], [3.0, 0.0]])).tolist()
    [[4.0, 10.0], [2.0, 4.0]]
    """
    known = np.nan_to_num(values)
    return np.stack([np.abs(known).sum(axis=0), np.square(known).sum(axis=0)], axis=-1)


def mean_and_error(sums: Floats, n: Ints) -> tuple[Floats, Floats]:
    """Return the mean of |φ| and its standard error, √((Σφ²/n - mean²)/(n - 1)); NaN where n is 0, or below 2.

    Parameters
    ----------
    sums : (..., F, 2), as `sums_of` gives them
    n : (..., F) rows
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums[..., 0] / n
        spread = np.maximum(sums[..., 1] / n - np.square(mean), 0.0)
        return np.where(n > 0, mean, np.nan), np.where(n > 1, np.sqrt(spread / (n - 1)), np.nan)


def importance_of_sums(features: Sequence[str], sums: Floats, n: Ints) -> tuple[Importance, ...]:
    """Return the importance of each feature, largest first, from sums alone.

    value ± t(n - 1, .975) · standard error, by the theory of a mean: a sum needs no rows. Rows are taken as drawn
    from what the window could have held; the sample is part of it.

    Parameters
    ----------
    sums : (F, 2) Σ|φ|, Σφ²
    n : (F,) rows

    Raises
    ------
    BadInputError
        When features, sums and counts are not of one length.
    """
    if not len(features) == len(sums) == len(n):
        raise BadInputError(f"{len(features)} features, {len(sums)} sums and {len(n)} counts do not belong together.")
    mean, error = mean_and_error(sums, n)
    half = special.stdtrit(np.maximum(n - 1, 1), 0.975) * error
    found = [
        Importance(
            feature=name,
            value=finite(mean[place]),
            low=finite(max(mean[place] - half[place], 0.0)) if n[place] > 1 else None,
            high=finite(mean[place] + half[place]),
            n=int(n[place]),
        )
        for place, name in enumerate(features)
    ]
    return tuple(sorted(found, key=lambda one: -(one.value or 0.0)))


def importance(features: Sequence[str], values: Floats) -> tuple[Importance, ...]:
    """Return the importance of each feature, largest first; see `importance_of_sums`.

    >>> [(one.feature, one.value) for one in importance(("a", "b"), np.array([[1.0, -2.0], [-1.0, 4.0]]))]
    [('b', 3.0), ('a', 1.0)]
    """
    return importance_of_sums(features, sums_of(values), np.isfinite(values).sum(axis=0))


def shares(points: Sequence[Importance]) -> dict[str, float]:
    """Return the importance of each feature as a share of all; empty where nothing moves the score.

    >>> shares(importance(("a", "b"), np.array([[1.0, -3.0]])))
    {'b': 0.75, 'a': 0.25}
    """
    total = sum(one.value or 0.0 for one in points)
    return {one.feature: (one.value or 0.0) / total for one in points} if total > 0 else {}
