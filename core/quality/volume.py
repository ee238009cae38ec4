"""Volume of a day beside the same weekday of the 28 days before, on the log scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import special

from core.stats.intervals import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEEK = 7
WEEKS_BACK = 4
FEWEST_WEEKDAYS = 3
FEWEST_DIFFERENCES = 14
MEDIAN_VARIANCE = {3: 0.4487, 4: 0.2982}
"""Variance of the median of so many normal values, in units of their own variance."""

FREEDOM = 8
"""Degrees of freedom of the spread, a median of 21 overlapping differences: with 8 a level of .01 is held."""

NORMAL_MEDIAN = 0.6744897501960817
"""Median of |z| of a standard normal: what a median absolute difference is divided by."""

NO_DAYS = "volume is compared day by day: this log has no days"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRatio:
    """Rows of each day relative to what its weekday had lately; arrays over ``(n_days, ...)``.

    Attributes
    ----------
    n : (n_days, ...) int64
        Rows of the day.
    expected : (n_days, ...) float64
        Geometric middle of the same weekdays of the 28 days before; NaN where there are fewer than 3 of them.
    ratio : (n_days, ...) float64
        ``n / expected``; 1 means as always. NaN where it cannot be said.
    error : (n_days, ...) float64
        Standard error of the ratio's logarithm: how much days differ by themselves.
    """

    n: Ints
    expected: Floats
    ratio: Floats
    error: Floats

    @property
    def interval(self) -> Interval:
        """95 % interval of the ratio: the log ratio ± t(8) standard errors."""
        half = special.stdtrit(FREEDOM, 0.975) * self.error
        with np.errstate(over="ignore"):
            return Interval(low=self.ratio * np.exp(-half), high=self.ratio * np.exp(half))

    @property
    def p_value(self) -> Floats:
        """Two-sided p of a ratio of 1, Student's t with 8 degrees of freedom."""
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.abs(np.log(self.ratio)) / self.error
        return np.asarray(2 * special.stdtr(FREEDOM, -distance), np.float64)


def volume_ratio(days: Sequence[date], n: Ints) -> VolumeRatio:
    """Return the rows of each day relative to the same weekday of the 28 days before it.

    With L = ln n, the log ratio is L minus the median of L over the same weekdays of the last 28 days (4 of them,
    at least 3): one bad day among them does not move it, and a weekly season is no finding. Counts of requests vary
    far more than a Poisson law says, so the standard error comes from the log's own days:
    s = median |L(d) - L(d-7)| / (.6745·√2) over the 28 days before (21 differences, at least 14), never below the
    Poisson error 1/√expected; error = s·√(1 + v), v the variance of a median of 3 or 4 values. Days without any row
    are left out (they are *silence*).

    What it was measured to do (40,000 days without a change, two-sided level .01 of t with 8 degrees of freedom):
    .008 for log-normal days with sd .1 or .3 and a weekly season, .008 for gamma-Poisson, .009 with autocorrelation
    .7, .001 for Poisson, .026 for days with the tails of t(3); together with a factor of 2 never above .006. A trend
    is not taken out: days that grow by 5 % a week lie 13 % above what is expected.

    Parameters
    ----------
    days : length n_days, strictly increasing
    n : (n_days, ...) int, rows; trailing axes (segments) are compared each by itself

    References
    ----------
    Rousseeuw & Croux 1993 (spread from absolute differences); von Neumann 1941 (differences of successive values);
    variance of small medians: Sarhan & Greenberg 1962.

    Examples
    --------
    >>> from datetime import timedelta
    >>> days = [date(2024, 1, 1) + timedelta(days=d) for d in range(29)]
    >>> found = volume_ratio(days, np.array([100, 110] * 14 + [50]))
    >>> round(float(found.ratio[-1]), 3), round(float(found.interval.high[-1]), 2)
    (0.477, 0.62)
    """
    counts = np.asarray(n, np.int64)
    nothing = np.full(counts.shape, np.nan)
    if not len(days):
        return VolumeRatio(n=counts, expected=nothing, ratio=nothing, error=nothing)
    places = np.array([(day - days[0]).days for day in days], np.int64)
    calendar = _log_calendar(places, counts)
    span = WEEK * WEEKS_BACK
    earlier = np.stack([calendar[span - WEEK * k : len(calendar) - WEEK * k] for k in range(1, WEEKS_BACK + 1)])
    middle, held = _median(earlier, axis=0)
    spread, differences = _spread(calendar)
    variance = np.where(held >= WEEKS_BACK, MEDIAN_VARIANCE[4], MEDIAN_VARIANCE[3])
    with np.errstate(invalid="ignore"):
        known = (held >= FEWEST_WEEKDAYS) & (differences >= FEWEST_DIFFERENCES)
        expected = np.where(known, np.exp(middle), np.nan)[places]
        error = np.sqrt(np.maximum(spread[places] ** 2, 1 / expected) * (1 + variance[places]))
        ratio = np.where(counts > 0, counts / expected, np.nan)
    return VolumeRatio(n=counts, expected=expected, ratio=ratio, error=np.where(np.isnan(ratio), np.nan, error))


def _log_calendar(places: Ints, counts: Ints) -> Floats:
    """Return ln n of every calendar day from 28 days before the first on, NaN for days without rows."""
    span = WEEK * WEEKS_BACK
    found = np.full((span + int(places[-1]) + 1, *counts.shape[1:]), np.nan)
    with np.errstate(divide="ignore"):
        found[span + places] = np.where(counts > 0, np.log(np.maximum(counts, 1)), np.nan)
    return found


def _spread(calendar: Floats) -> tuple[Floats, Ints]:
    """Return for each day the day-to-day standard deviation of the 28 days before it, and the differences behind it."""
    span = WEEK * WEEKS_BACK
    differences = np.abs(calendar[WEEK:-1] - calendar[: -WEEK - 1])
    blocks = sliding_window_view(differences, span - WEEK, axis=0)  # the window's axis comes last
    middle, held = _median(blocks, axis=-1)
    return middle / (NORMAL_MEDIAN * np.sqrt(2)), held


def _median(values: Floats, *, axis: int) -> tuple[Floats, Ints]:
    """Return the median of what is known along an axis (NaN for nothing), and how many values that is."""
    ordered = np.sort(values, axis=axis)  # NaN goes to the end
    held = np.isfinite(ordered).sum(axis=axis, dtype=np.int64)
    low = np.expand_dims(np.maximum(held - 1, 0) // 2, axis)
    high = np.expand_dims(held // 2 if values.shape[axis] else held, axis)
    high = np.minimum(high, values.shape[axis] - 1)
    both = [np.take_along_axis(ordered, place, axis=axis).squeeze(axis) for place in (low, high)]
    return np.where(held > 0, (both[0] + both[1]) / 2, np.nan), held
