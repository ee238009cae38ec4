"""The series that drift checks judge together, their cells day by day, and each window's reference.

A *series* is one feature in one segment. All series of a model and window form one family.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Rules
from core.drift.design_factor import FEWEST_DAYS, DayVariation, day_variation, no_variation
from core.windows import Grain

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]

WEEK = 7
FEWEST_WEEKS = 4
"""Blocks of 7 days in the 28 days from which on weekdays are matched."""

ABSENT = "the feature is absent from the window: every value is missing"
"""Missing values have a check of their own; there is nothing left whose distribution could be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One feature (or the reserved ``score``) in one segment (empty: the whole population)."""

    feature: str
    segment: Mapping[str, str] = field(default_factory=dict)
    seasonal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyCells:
    """Display cells of many series, unit by unit.

    Attributes
    ----------
    days : tuple of date, strictly increasing, length n_days; units without rows may be absent
    cells : (n_days, n_series, K) int64
        `core.drift.cells.stacked`: the missing cell last, ``unseen`` joined to ``other`` by the training reference.
    """

    days: tuple[date, ...]
    cells: Ints

    def between(self, start: date, end: date) -> Ints:
        """Return the cells of the units in ``[start, end)``: (n, n_series, K)."""
        return self.cells[bisect_left(self.days, start) : bisect_left(self.days, end)]

    def days_between(self, start: date, end: date) -> tuple[date, ...]:
        """Return the units in ``[start, end)`` that the log holds."""
        return self.days[bisect_left(self.days, start) : bisect_left(self.days, end)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReference:
    """A reference ready to be compared with: its sums and how much its own days vary.

    Attributes
    ----------
    whole : (n_series, K) int64
    weekdays : (7, n_series, K) int64 or None
        None when the reference is not dated, not daily, or spans less than 28 days.
    variation, weekday_variation : DayVariation over (n_series,)
        Of days against the rest of the whole, and against the rest of their weekday.
    weekly_variation : DayVariation over (n_series,)
        Of blocks of 7 days against the rest of the whole, for windows of 7 days and more; that of the days
        where the reference is not daily or too short for it.
    missing_tau_squared : (n_series,) float64
        Variance of the daily missing shares beyond chance; 0 where it is not known.
    """

    whole: Ints
    weekdays: Ints | None
    variation: DayVariation
    weekday_variation: DayVariation | None
    weekly_variation: DayVariation
    missing_tau_squared: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One window of every series beside its reference; arrays over (n_series, …).

    Attributes
    ----------
    start, end : date
        The unit that is judged, half-open.
    width : (n_series,) int64
        Days that the window really holds, going back from `end`; 1 unless it was widened.
    current, reference : (n_series, K) int64
    variation : DayVariation over (n_series,)
        Of the days that the reference is made of.
    reason : (n_series,) str
        Why the series cannot be compared; empty where it can.
    """

    start: date
    end: date
    width: Ints
    current: Ints
    reference: Ints
    variation: DayVariation
    reason: Words

    def chosen(self, places: Ints) -> "Comparison":
        """Return the comparison of some of its series, in the order of `places`."""
        return replace(
            self,
            width=self.width[places],
            current=self.current[places],
            reference=self.reference[places],
            variation=self.variation.at(places),
            reason=self.reason[places],
        )


def drift_reference(daily: DailyCells, rules: Rules, *, dated: bool = True, grain: Grain = Grain.DAY) -> DriftReference:
    """Return the sums and the day-to-day variation of a reference.

    Parameters
    ----------
    daily : DailyCells of the reference; one unit when it is not `dated`
    dated : bool
        Its rows have timestamps.
    grain : Grain
        Weekdays are matched for daily logs only.
    """
    whole = daily.cells.sum(0, dtype=np.int64)
    if not dated or not daily.days:
        unknown = no_variation(whole.shape[:1])
        return DriftReference(
            whole=whole,
            weekdays=None,
            variation=unknown,
            weekday_variation=None,
            weekly_variation=unknown,
            missing_tau_squared=np.zeros(len(whole)),
        )
    span = (daily.days[-1] - daily.days[0]).days + 1
    if grain is Grain.DAY and span >= rules.weekday_span_days:
        return by_weekday(daily)
    days = day_variation(daily.cells)
    return DriftReference(
        whole=whole,
        weekdays=None,
        variation=days,
        weekday_variation=None,
        weekly_variation=days,
        missing_tau_squared=missing_variance(daily.cells),
    )


def by_weekday(daily: DailyCells) -> DriftReference:
    """Return days, some of which may be absent, as a reference matched by weekday."""
    keys = weekday_keys(daily.days)
    days = day_variation(daily.cells)
    return DriftReference(
        whole=daily.cells.sum(0, dtype=np.int64),
        weekdays=np.stack([daily.cells[keys == key].sum(0, dtype=np.int64) for key in range(WEEK)]),
        variation=days,
        weekday_variation=day_variation(daily.cells, groups=keys),
        weekly_variation=_weekly_variation(daily, days),
        missing_tau_squared=missing_variance(daily.cells),
    )


def _weekly_variation(daily: DailyCells, days: DayVariation) -> DayVariation:
    """Return how much blocks of 7 days differ; where fewer than 4 can be compared, how much the days do."""
    elapsed = np.array([(day - daily.days[0]).days for day in daily.days], np.int64)
    n_whole = (int(elapsed[-1]) + 1) // WEEK  # a last block of fewer days would vary more
    if n_whole < FEWEST_WEEKS:
        return days
    cells = np.stack([daily.cells[elapsed // WEEK == block].sum(0, dtype=np.int64) for block in range(n_whole)])
    weeks = day_variation(cells, fewest=FEWEST_WEEKS)
    return days.with_other(weeks, weeks.known)


def missing_variance(cells: Ints) -> Floats:
    """Return the variance of the daily missing shares beyond chance, (n_series,); 0 below 14 days.

    max(0, variance of the shares - mean of p(1 - p)/n_d) over the days with rows.

    Parameters
    ----------
    cells : (n_days, n_series, K), the missing cell last
    """
    n = cells.sum(-1)
    held = n > 0
    n_days = held.sum(0)
    share = np.divide(cells[..., -1], n, out=np.zeros(n.shape), where=held)
    total = np.maximum(n.sum(0), 1)
    p = cells[..., -1].sum(0) / total
    counted = np.maximum(n_days, 1)
    mean = share.sum(0) / counted
    spread = np.where(held, (share - mean) ** 2, 0.0).sum(0) / np.maximum(counted - 1, 1)
    chance = p * (1 - p) * np.divide(1.0, n, out=np.zeros(n.shape), where=held).sum(0) / counted
    return np.where(n_days >= FEWEST_DAYS, np.maximum(spread - chance, 0.0), 0.0)


def weekday_keys(days: Sequence[date]) -> Ints:
    """Return 0 (Monday) to 6 for each day."""
    return np.array([day.weekday() for day in days], np.int64)


def compare(
    reference: DriftReference | None,
    log: DailyCells,
    start: date,
    end: date,
    rules: Rules,
    *,
    minimum_n: int = 50,
    grain: Grain = Grain.DAY,
    widening: Bools | None = None,
) -> Comparison:
    """Return the unit ``[start, end)`` of every series beside its reference.

    A window with fewer than `minimum_n` rows is widened day by day to at most 28 days (daily logs). Its
    reference holds the weekdays of the window where the reference spans at least 28 days and these
    weekdays have at least 500 rows, else the whole reference.

    Parameters
    ----------
    reference : DriftReference or None; with None everything is not applicable
    log : DailyCells of the version's own log
    widening : (n_series,) bool or None
        Series whose window may be widened; None: all.
    """
    widest = rules.widen_days if grain is Grain.DAY else 1
    current, width = widened(log, start, end, minimum_n=minimum_n, widest=widest, widening=widening)
    n_series = current.shape[0]
    if reference is None:
        return _incomparable(start, end, current, width, "no reference")
    chosen, variation = matched(reference, width, end, rules)
    n, m = current.sum(-1), chosen.sum(-1)
    reason = np.full(n_series, "", "U80")
    reason[n < minimum_n] = f"fewer than {minimum_n} rows" + (f" in {widest} days" if widest > 1 else "")
    if widening is not None:
        reason[(n < minimum_n) & ~widening] = f"suppressed: fewer than {minimum_n} rows"
    reason[m < rules.minimum_reference] = f"fewer than {rules.minimum_reference} reference rows"
    reason[m == 0] = "no reference"
    return Comparison(
        start=start,
        end=end,
        width=width,
        current=current,
        reference=chosen,
        variation=variation,
        reason=reason,
    )


def widened(
    log: DailyCells, start: date, end: date, *, minimum_n: int, widest: int, widening: Bools | None = None
) -> tuple[Ints, Ints]:
    """Return each series' window, going back in time until it has enough rows: cells and days of width."""
    current = log.between(start, end).sum(0, dtype=np.int64)
    days = (end - start).days
    width = np.full(current.shape[0], days, np.int64)
    thin = (current.sum(-1) < minimum_n) & (True if widening is None else widening)
    for back in range(1, widest - days + 1):
        if not thin.any():
            break
        day = start - timedelta(days=back)
        added = log.between(day, day + timedelta(days=1)).sum(0, dtype=np.int64)
        current[thin] += added[thin]
        width[thin] += 1
        thin &= current.sum(-1) < minimum_n
    return current, width


def matched(reference: DriftReference, width: Ints, end: date, rules: Rules) -> tuple[Ints, DayVariation]:
    """Return cells and day-to-day variation of the reference, by the weekdays of each series' window.

    Parameters
    ----------
    width : (n_series,) int64, days of each series' window before `end`
    """
    chosen = reference.whole.copy()
    variation = reference.variation.with_other(reference.weekly_variation, width >= WEEK)
    if reference.weekdays is None or reference.weekday_variation is None:
        return chosen, variation
    for held in np.unique(width[width < WEEK]).tolist():
        keys = [(end - timedelta(days=back)).weekday() for back in range(1, held + 1)]
        cells = reference.weekdays[keys].sum(0)
        taken = (width == held) & (cells.sum(-1) >= rules.minimum_reference)
        chosen[taken] = cells[taken]
        variation = variation.with_other(reference.weekday_variation, taken)
    return chosen, variation


def without_absent(comparison: Comparison) -> Comparison:
    """Return the comparison with series marked that hold nothing but missing values on either side."""
    n, m = comparison.current.sum(-1), comparison.reference.sum(-1)
    unknown = (comparison.reference[:, -1] == m) & (m > 0) & (comparison.reason == "")
    reason = np.where(unknown, "the feature is absent from the reference", comparison.reason)
    return replace(comparison, reason=np.where((comparison.current[:, -1] == n) & (n > 0), ABSENT, reason))


def _incomparable(start: date, end: date, current: Ints, width: Ints, reason: str) -> Comparison:
    n_series = current.shape[0]
    return Comparison(
        start=start,
        end=end,
        width=width,
        current=current,
        reference=np.zeros_like(current),
        variation=no_variation((n_series,)),
        reason=np.full(n_series, reason, "U80"),
    )
