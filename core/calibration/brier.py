"""The Brier score taken apart: reliability, resolution, uncertainty, and what happens inside the groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.calibration.groups import Groups

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierParts:
    """An identity: score = reliability - resolution + uncertainty + within_variance - within_covariance.

    Arrays (...), NaN without labelled rows.

    Attributes
    ----------
    score : (...) mean of (p - y)²
    reliability : (...) Σ n_g(p̄ - ȳ)²/n; 0 is best
    resolution : (...) Σ n_g(ȳ_g - ȳ)²/n; larger is better
    uncertainty : (...) ȳ(1 - ȳ), not the model's doing
    within_variance : (...) variance of the scores inside the groups
    within_covariance : (...) twice the covariance of scores and actuals inside the groups; larger is better
    """

    score: Floats
    reliability: Floats
    resolution: Floats
    uncertainty: Floats
    within_variance: Floats
    within_covariance: Floats


def brier_parts(groups: Groups) -> BrierParts:
    """Return the decomposition of the Brier score over groups of scores.

    References
    ----------
    Murphy 1973; Stephenson, Coelho & Jolliffe 2008 (the two parts inside the groups).
    """
    held = groups.n > 0
    per_group = np.where(held, groups.n, 1.0)
    rows = groups.n.sum(-1)
    n = np.where(rows > 0, rows, np.nan)
    mean, rate = groups.sum_p / per_group, groups.events / per_group
    overall = groups.events.sum(-1) / n

    def share(values: Floats) -> Floats:
        return np.asarray(np.where(held, values, 0.0).sum(-1) / n, np.float64)

    return BrierParts(
        score=share(groups.sum_pp - 2 * groups.sum_py + groups.events),
        reliability=share(groups.n * (mean - rate) ** 2),
        resolution=share(groups.n * (rate - overall[..., None]) ** 2),
        uncertainty=overall * (1 - overall),
        within_variance=share(groups.sum_pp - groups.n * mean**2),
        within_covariance=2 * share(groups.sum_py - groups.n * mean * rate),
    )
