"""Slow drift: the AUC of the shift, its exponentially weighted average, and how much that varies by chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.drift.design_factor import FEWEST_DAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WEIGHT = 0.2
MEMORY_DAYS = 28
"""Days that the average looks back; what lies further back would weigh .8^28 = .2 %."""

WEEK = 7
MOST_RHO = 0.9


def shift_auc(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return P(current > reference) + ½ P(equal) from ordered counts, missing values excluded.

    Σ_b q_b (F_{b-1} + p_b/2): ½ means no shift, 1 that every row of the window lies above the reference.

    Parameters
    ----------
    reference, current : (..., n_bins) counts in the order of the bins; shapes broadcast.

    Returns
    -------
    (...) float64 in [0, 1]; NaN where a side has no row.

    >>> float(shift_auc([5, 5], [5, 5]))
    0.5
    """
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = (np.cumsum(r, -1) - r / 2) / r.sum(-1, keepdims=True)
        return np.asarray((c * below).sum(-1) / c.sum(-1))


def ewma(values: ArrayLike, *, weight: float = WEIGHT) -> Floats:
    """Return the exponentially weighted moving average along the last axis, starting from 0.

    y_t = (1 - weight) · y_{t-1} + weight · x_t.

    References
    ----------
    Roberts 1959; Lucas & Saccucci 1990.

    >>> [round(y, 4) for y in ewma([1.0, 0.0, 1.0]).tolist()]
    [0.2, 0.16, 0.328]
    """
    x = np.asarray(values, np.float64)
    result = np.empty_like(x)
    level = np.zeros(x.shape[:-1])
    for t in range(x.shape[-1]):
        level = (1 - weight) * level + weight * x[..., t]
        result[..., t] = level
    return result


def ewma_variance_factor(rho: ArrayLike, *, weight: float = WEIGHT) -> Floats:
    """Return the variance of the average in units of the variance of one value.

    weight/(2 - weight) · (1 + (1 - weight) rho)/(1 - (1 - weight) rho), rho the lag-1 autocorrelation.

    References
    ----------
    Schmid 1997.
    """
    carried = (1 - weight) * np.asarray(rho, np.float64)
    return np.asarray(weight / (2 - weight) * (1 + carried) / (1 - carried))


@dataclass(frozen=True, slots=True, kw_only=True)
class AucReference:
    """How the AUC of the shift behaves on the reference's own days.

    Attributes
    ----------
    level : (7, ...) float64
        Its mean by weekday, 0 = Monday; the mean of all days where the reference is not matched by weekday.
    variance : (...) float64
        Of a day around that mean, at least 1/(12 n) of a day of `mean_rows` rows.
    mean_rows : (...) float64
    rho : (...) float64 in [0, .9]
        Lag-1 autocorrelation; 0 below 2/√days.
    n_days : (...) int64
    known : (...) bool
        The reference has at least 14 days with rows.
    """

    level: Floats
    variance: Floats
    mean_rows: Floats
    rho: Floats
    n_days: Ints
    known: Bools


def auc_reference(aucs: ArrayLike, rows: ArrayLike, weekdays: ArrayLike, *, by_weekday: bool) -> AucReference:
    """Return level and variation of the AUC of the shift over the reference's own days.

    Parameters
    ----------
    aucs : (n_days, ...) float64, each day against the whole reference; NaN without rows
    rows : (n_days, ...) rows with a value
    weekdays : (n_days,) int, 0 = Monday
    by_weekday : bool
        The level differs by weekday (references of at least 28 days).
    """
    theta, n, keys = np.asarray(aucs, np.float64), np.asarray(rows, np.float64), np.asarray(weekdays, np.int64)
    held = np.isfinite(theta)
    n_days = held.sum(0)
    overall = _mean(theta, held)
    level = np.stack([overall] * WEEK)
    if by_weekday:
        for key in range(WEEK):
            mine = held[keys == key]
            level[key] = np.where(mine.any(0), _mean(theta[keys == key], mine), overall)
    x = np.where(held, theta - level[keys], 0.0)
    groups = len(np.unique(keys)) if by_weekday else 1
    spread = (x**2).sum(0) / np.maximum(n_days - groups, 1)
    mean_rows = np.maximum(_mean(n, held), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = (x[1:] * x[:-1]).sum(0) / (x**2).sum(0)
    rho = np.where(rho >= 2 / np.sqrt(np.maximum(n_days, 1)), np.minimum(rho, MOST_RHO), 0.0)
    return AucReference(
        level=level,
        variance=np.maximum(spread, 1 / (12 * mean_rows)),
        mean_rows=mean_rows,
        rho=rho,
        n_days=np.asarray(n_days, np.int64),
        known=n_days >= FEWEST_DAYS,
    )


def _mean(values: Floats, held: Bools) -> Floats:
    return np.asarray(np.where(held, values, 0.0).sum(0) / np.maximum(held.sum(0), 1))


def recent_ewma(values: ArrayLike, *, weight: float = WEIGHT, memory: int = MEMORY_DAYS) -> Floats:
    """Return at each place of the first axis the moving average of the last `memory` values, starting from 0.

    A value that is NaN leaves the average as it was. The same values give the same average to the last bit wherever
    the array begins, so a day judged alone equals the same day judged among others.

    Parameters
    ----------
    values : (n_days, ...) float64 or NaN
    """
    x = np.asarray(values, np.float64)
    padded = np.concatenate([np.full((memory - 1, *x.shape[1:]), np.nan), x])
    level = np.zeros_like(x)
    for back in range(memory):
        value = padded[back : back + len(x)]
        level = np.where(np.isnan(value), level, (1 - weight) * level + weight * np.nan_to_num(value))
    return level


def ewma_deviation(reference: AucReference, rows: ArrayLike, *, weight: float = WEIGHT) -> Floats:
    """Return the standard deviation of the average without drift, for a day of so many rows.

    sd² = v_t · f(rho) + v(1 + rho)/((1 - rho) · days), v_t = v - 1/(12 n̄) + 1/(12 n_t), f = `ewma_variance_factor`;
    the second term is that of the reference's own level.

    Parameters
    ----------
    rows : (n_days, ...) rows with a value
    """
    v, rho = reference.variance, reference.rho
    n = np.maximum(np.asarray(rows, np.float64), 1.0)
    today = v - 1 / (12 * reference.mean_rows) + 1 / (12 * n)
    level = v * (1 + rho) / ((1 - rho) * np.maximum(reference.n_days, 1))
    return np.asarray(np.sqrt(today * ewma_variance_factor(rho, weight=weight) + level))
