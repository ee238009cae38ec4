"""Whether the model rests on the same features as in the reference: rank correlation and NDCG of SHAP importance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.explain.global_importance import mean_and_error

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 500
LOW, HIGH = 2.5, 97.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapSeries:
    """Sums of SHAP values of the reference and of the units of a log, logged or worked out on samples.

    Attributes
    ----------
    features : tuple of str, length F
    reference_sums : (F, 2) float64
        Σ|φ| and Σφ².
    reference_n : (F,) int64
    days : tuple of date, length D
    sums : (D, F, 2) float64
    n : (D, F) int64
    """

    features: tuple[str, ...]
    reference_sums: Floats
    reference_n: Ints
    days: tuple[date, ...]
    sums: Floats
    n: Ints

    def window(self, days: Sequence[date]) -> tuple[Floats, Ints]:
        """Return the sums (F, 2) and the rows (F,) of some units together."""
        wanted = set(days)
        rows = [row for row, day in enumerate(self.days) if day in wanted]
        return self.sums[rows].sum(axis=0), self.n[rows].sum(axis=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionDrift:
    """Importance of a window beside that of the reference.

    Attributes
    ----------
    ndcg, ndcg_low, ndcg_high : float in (0, 1]
        1: the same order. 95 % interval of 500 draws.
    expected : float
        The 1 % quantile of the NDCG that no change would show with so many rows.
    p : float in (0, 1]
        Share of such draws that are as low.
    spearman, spearman_low, spearman_high : float in [-1, 1]
    n : int
        Rows of the window: the fewest of any feature.
    importance, reference : (F,) float64
        Mean |φ|.
    """

    features: tuple[str, ...]
    ndcg: float
    ndcg_low: float
    ndcg_high: float
    expected: float
    p: float
    spearman: float
    spearman_low: float
    spearman_high: float
    n: int
    n_reference: int
    importance: Floats
    reference: Floats


def ndcg(reference: Floats, current: Floats) -> Floats:
    """Return how well the order of `current` ranks what mattered in the reference.

    Σ r_i / log2(place_i + 1) over Σ of the same in the best order; r is the reference's importance, places are by
    `current`, ties share the mean of their places' discounts (Järvelin & Kekäläinen 2002, as scikit-learn's
    `ndcg_score`).

    Parameters
    ----------
    reference, current : (..., F) importance >= 0

    Returns
    -------
    (...,) in (0, 1]; 1 is the same order, or a reference in which nothing matters

    >>> round(float(ndcg(np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0]))), 4)
    0.79
    """
    reference, current = np.broadcast_arrays(reference, current)
    discount = 1 / np.log2(np.arange(2, reference.shape[-1] + 2))
    best = (np.sort(reference, axis=-1)[..., ::-1] * discount).sum(-1)
    gained = (reference * _discounts(current, discount)).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(best > 0, gained / best, 1.0)


def _discounts(current: Floats, discount: Floats) -> Floats:
    """Return the discount of each feature's place, (..., F); features with the same value share theirs."""
    order = np.argsort(-current, axis=-1, kind="stable")
    found = np.empty_like(current)
    np.put_along_axis(found, order, np.broadcast_to(discount, current.shape), axis=-1)
    ranked = np.take_along_axis(current, order, axis=-1)
    tied = (ranked[..., 1:] == ranked[..., :-1]).any(-1)
    for at in np.argwhere(tied):
        place = tuple(at)
        for value in np.unique(current[place]):
            same = current[place] == value
            found[(*place, same)] = found[(*place, same)].mean()
    return found


def spearman(reference: Floats, current: Floats) -> Floats:
    """Return the rank correlation of two importances, (..., F) → (...,); 1 where one of them does not vary.

    >>> float(spearman(np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0])))
    -1.0
    """
    ranks = [stats.rankdata(one, axis=-1) for one in np.broadcast_arrays(reference, current)]
    a, b = (one - one.mean(-1, keepdims=True) for one in ranks)
    scale = np.sqrt(np.square(a).sum(-1) * np.square(b).sum(-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, (a * b).sum(-1) / scale, 1.0)


def attribution_drift(
    features: Sequence[str],
    reference: tuple[Floats, Ints],
    current: tuple[Floats, Ints],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> AttributionDrift:
    """Return the rank correlation and the NDCG of a window's importance against the reference's, with intervals.

    Each draw takes every mean |φ| of both sides from a normal with its own standard error, not below 0 (features
    independently: their covariance is not kept). Intervals are the 2.5 % and 97.5 % quantiles of the draws; being
    noisier than the value, they reach lower than it. What no change would show is drawn from the reference's means
    with the standard errors of both sides.

    Parameters
    ----------
    reference, current : (sums (F, 2), n (F,)), see `ShapSeries`
    """
    rng = np.random.default_rng(seed)
    before, before_error = mean_and_error(*reference)
    now, now_error = mean_and_error(*current)
    before_error, now_error = np.nan_to_num(before_error), np.nan_to_num(now_error)
    shape = (draws, len(features))
    drawn_before = np.maximum(before + before_error * rng.standard_normal(shape), 0.0)
    drawn_now = np.maximum(now + now_error * rng.standard_normal(shape), 0.0)
    same = np.maximum(before + now_error * rng.standard_normal(shape), 0.0)
    value, rank = float(ndcg(before, now)), float(spearman(before, now))
    ndcg_draws, spearman_draws = ndcg(drawn_before, drawn_now), spearman(drawn_before, drawn_now)
    null = ndcg(drawn_before, same)
    return AttributionDrift(
        features=tuple(features),
        ndcg=value,
        ndcg_low=min(float(np.percentile(ndcg_draws, LOW)), value),
        ndcg_high=max(float(np.percentile(ndcg_draws, HIGH)), value),
        expected=float(np.percentile(null, 1.0)),
        p=float((1 + (null <= value).sum()) / (1 + draws)),
        spearman=rank,
        spearman_low=min(float(np.percentile(spearman_draws, LOW)), rank),
        spearman_high=max(float(np.percentile(spearman_draws, HIGH)), rank),
        n=int(current[1].min()),
        n_reference=int(reference[1].min()),
        importance=now,
        reference=before,
    )
