"""How far scores are from the shares that happen: ECE as defined, what chance shows, and what remains without it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.calibration.groups import Groups
from core.stats.intervals import Z95, Interval, wilson

Floats = NDArray[np.float64]

FEWEST_OF_A_GROUP = 30
"""Rows that a group needs to count for the maximum calibration error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationError:
    """Expected calibration error of windows; arrays (...), NaN without labelled rows.

    Attributes
    ----------
    raw : (...) Σ w |p̄ - ȳ|, in [0, 1]; positive even for a perfect model
    perfect : (...) what a perfect model would show on average at this n
    debiased : (...) the raw value less what chance adds, at least 0
    error : (...) standard error of the debiased value
    bound : (...) the raw value of the rows lies within this of `raw` (scores known by bin only); else 0
    """

    raw: Floats
    perfect: Floats
    debiased: Floats
    error: Floats
    bound: Floats

    def at(self, index: int | tuple[int, ...]) -> "CalibrationError":
        """Return the error of one element of the leading axes."""
        return CalibrationError(
            raw=self.raw[index],
            perfect=self.perfect[index],
            debiased=self.debiased[index],
            error=self.error[index],
            bound=self.bound[index],
        )

    def interval(self, p_value: ArrayLike) -> Interval:
        """Return the 95 % interval of the true value: debiased ± z · se.

        The lower end is 0 where it would be below, and where the chi-square test does not refuse a perfect
        calibration (`p_value` ≥ .05, or unknown).
        """
        low = np.maximum(self.debiased - Z95 * self.error, 0.0)
        refused = np.asarray(p_value, np.float64) < 0.05
        high = np.minimum(self.debiased + Z95 * self.error, 1.0)
        return Interval(low=np.where(refused | np.isnan(low), low, 0.0), high=high)


def calibration_error(groups: Groups) -> CalibrationError:
    """Return the expected calibration error of groups of scores, by definition and without what chance adds.

    raw = Σ w|d|, d = ȳ - p̄ with p̄ the mean score of the group, never its middle. perfect = Σ w √(2v₀/π),
    v₀ = p̄(1 - p̄)/n_g. debiased = max(0, Σ w(2|d| - E|N(|d|, v)|)) with v = r(1 - r)/n_g, r = (y + ½)/(n_g + 1)
    and E the mean of the folded normal; se² = Σ w² v.

    References
    ----------
    Bröcker 2012; Kumar, Liang & Ma 2019.
    """
    held, w, d = groups.n > 0, groups.weight, np.abs(groups.difference)
    n = np.where(held, groups.n, 1.0)
    mean = np.where(held, np.clip(groups.mean_score, 0.0, 1.0), 0.0)
    rate = (groups.events + 0.5) / (groups.n + 1)
    variance = np.where(held, rate * (1 - rate) / n, 0.0)
    empty = ~held.any(-1)
    raw = (w * d).sum(-1)
    perfect = (w * np.sqrt(2 * mean * (1 - mean) / n / np.pi)).sum(-1)
    debiased = (w * (2 * d - folded_normal_mean(d, variance))).sum(-1)
    return CalibrationError(
        raw=np.where(empty, np.nan, raw),
        perfect=np.where(empty, np.nan, perfect),
        debiased=np.where(empty, np.nan, np.maximum(debiased, 0.0)),
        error=np.where(empty, np.nan, np.sqrt((w**2 * variance).sum(-1))),
        bound=np.where(empty, 0.0, (w * groups.error).sum(-1)),
    )


def folded_normal_mean(mean: ArrayLike, variance: ArrayLike) -> Floats:
    """Return E|X| of a normal X, elementwise; |mean| where the variance is 0.

    >>> round(float(folded_normal_mean(0.0, 1.0)), 6)
    0.797885
    """
    m, v = np.broadcast_arrays(np.abs(np.asarray(mean, np.float64)), np.asarray(variance, np.float64))
    sd = np.sqrt(np.where(v > 0, v, 1.0))
    value = sd * np.sqrt(2 / np.pi) * np.exp(-(m**2) / (2 * sd**2)) + m * (1 - 2 * special.ndtr(-m / sd))
    return np.asarray(np.where(v > 0, value, m), np.float64)


def maximum_error(groups: Groups) -> tuple[Floats, Interval]:
    """Return the largest |p̄ - ȳ| over groups of at least 30 rows, with its interval; NaN where no group has them.

    The interval holds all groups at once: each has a Wilson interval of its share at 1 - .05/G, the ends are the
    largest of the smallest and the largest of the largest distances to p̄.
    """
    counted = groups.n >= FEWEST_OF_A_GROUP
    n_counted = np.maximum(counted.sum(-1, keepdims=True), 1)
    z = np.broadcast_to(-special.ndtri(0.025 / n_counted), groups.n.shape)
    share = _wilson(groups, z)
    mean = np.where(counted, groups.mean_score, 0.0)
    inside = (share.low <= mean) & (mean <= share.high)
    near, far = np.abs(share.low - mean), np.abs(share.high - mean)
    low = np.where(inside, 0.0, np.minimum(near, far))
    none = ~counted.any(-1)

    def largest(values: Floats) -> Floats:
        return np.asarray(np.where(none, np.nan, np.where(counted, values, 0.0).max(-1)), np.float64)

    value = largest(np.abs(groups.difference))
    return value, Interval(low=largest(low), high=largest(np.maximum(near, far)))


def _wilson(groups: Groups, z: Floats) -> Interval:
    """Return the Wilson intervals of the shares at a z of each group's own."""
    low, high = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    for one in np.unique(z):
        interval = wilson(groups.events, groups.n, z=float(one))
        low, high = np.where(z == one, interval.low, low), np.where(z == one, interval.high, high)
    return Interval(low=low, high=high)
