"""Periods of days: which of them may be added up, what they sum to, and one period against the one before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.impact.impact import Impact, impact_of
from core.impact.worth import NET_VALUE, VERSUS_BASELINE
from core.log.schema import ModelSchema
from core.performance.confusion import share
from core.performance.history import maturities
from core.performance.maturity import Maturity
from core.profile.counts import TOTAL_LABELLED, TOTAL_ROWS
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, totals
from core.profile.summing import provenance_of
from core.selection import Every
from core.stats.intervals import Z95
from core.windows import Grain, Window, following, unit_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The units of a log that may be added up: their actuals are as complete as they ever get.

    Attributes
    ----------
    days : tuple of date, length U
    mature : (U,) bool
    reasons : tuple of str, length U
        Why a unit is left out; empty where it is not.
    """

    days: tuple[date, ...]
    mature: Bools
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period: its value over the settled units, its decisions over all of them.

    Attributes
    ----------
    window : Window
    impact : Impact
        Without leading axes (by segment: with one). Its coverage is the rows that the values rest on over all rows
        of the period, those of units left out among them.
    n_units, n_left_out : int
        Units with predictions, and those of them whose actuals are still arriving: no value counts them.
    why_left_out : str
        Of the last unit that is left out; empty when none is.
    provisional : bool
        No unit is settled: the value is of what is known so far and enters no total or comparison.
    provenance_id : str
    """

    window: Window
    impact: Impact
    n_units: int
    n_left_out: int
    why_left_out: str
    provisional: bool
    provenance_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The value of a period less that of the period before; the two are of different rows.

    Attributes
    ----------
    now, before : float
        The two values; a settled unit's mean of each where `per_unit`.
    difference, low, high : float
        In the currency, with its 95 % interval.
    relative : float or None
        Difference over the size of the earlier value; None where that is 0.
    per_unit : bool
        One of the periods has units left out, so that their sums say nothing: their means a unit are compared.
    """

    now: float
    before: float
    difference: float
    low: float
    high: float
    relative: float | None
    per_unit: bool

    @property
    def clear(self) -> bool:
        """The interval of the difference does not hold 0."""
        return self.low > 0 or self.high < 0


def settled(layout: Layout, log: ProfileStack, reference: ProfileStack, schema: ModelSchema, at: datetime) -> Settled:
    """Return which units of the log are mature at `at`, by the rule of `core.performance.maturity`."""
    if not log.days:
        return Settled(days=(), mature=np.zeros(0, bool), reasons=())
    counted = totals(layout, log.ints)
    n_rows, known = counted[:, TOTAL_ROWS], counted[:, TOTAL_LABELLED]
    coverage = np.where(n_rows > 0, known / np.maximum(n_rows, 1), np.nan)
    windows = [Window(day, following(day, schema.grain)) for day in log.days]
    found = maturities(windows, coverage.tolist(), schema, expected=_expected(layout, reference), at=at)
    return Settled(
        days=log.days,
        mature=np.array([one.mature for one in found], bool),
        reasons=tuple(_why(one) for one in found),
    )


def _why(found: Maturity) -> str:
    return "" if found.mature else found.reason


def _expected(layout: Layout, reference: ProfileStack) -> float:
    """Return the share of rows whose actual ever comes: that of the reference, 1 when it has none."""
    counted = totals(layout, reference.ints).sum(axis=0)
    known, n_rows = int(counted[TOTAL_LABELLED]), int(counted[TOTAL_ROWS])
    return known / n_rows if known and n_rows else 1.0


def period_of(
    layout: Layout, schema: ModelSchema, log: ProfileStack, units: Settled, window: Window, *, by_segment: bool = False
) -> Period:
    """Return what a period was worth and what was decided in it.

    Values are summed over its settled units alone; where none is, over what is known so far, marked provisional.
    Decisions need no actual and are of all its units.
    """
    inside = np.array([day in window for day in units.days], bool)
    counted = inside & units.mature
    provisional = bool(inside.any() and not counted.any())
    valued = inside if provisional else counted
    impact = _joined(
        _summed(layout, schema, log, valued, by_segment=by_segment),
        _summed(layout, schema, log, inside, by_segment=by_segment),
    )
    left = np.flatnonzero(inside & ~units.mature)
    return Period(
        window=window,
        impact=impact,
        n_units=int(inside.sum()),
        n_left_out=int(left.size),
        why_left_out=units.reasons[left[-1]] if left.size else "",
        provisional=provisional,
        provenance_id=provenance_of([log.provenance_ids[row] for row in np.flatnonzero(inside)]),
    )


def _summed(layout: Layout, schema: ModelSchema, log: ProfileStack, chosen: Bools, *, by_segment: bool) -> Impact:
    ints = log.ints[chosen].sum(axis=0, dtype=np.int64)
    return impact_of(layout, schema, ints, log.floats[chosen].sum(axis=0, dtype=np.float64), by_segment=by_segment)


def _joined(valued: Impact, decided: Impact) -> Impact:
    """Return the values of the settled units with decisions and rows of all: coverage is of the whole period."""
    values = {name: valued.estimates[name] for name in (NET_VALUE, VERSUS_BASELINE)}
    return Impact(
        estimates={**decided.estimates, **values},
        n_rows=decided.n_rows,
        n_labelled=valued.n_labelled,
        coverage=share(valued.n_labelled, decided.n_rows),
    )


def compared(now: Period, before: Period, metric: str = NET_VALUE) -> Comparison | None:
    """Return a value against the period before; None where one of them is withheld or provisional.

    Sums are compared where both periods are settled as a whole; otherwise the means of their settled units, since a
    sum over fewer days is smaller by itself. Interval: normal, from the standard errors of both.
    """
    mine, its = now.impact.estimates[metric], before.impact.estimates[metric]
    if now.provisional or before.provisional or str(mine.reason) or str(its.reason):
        return None
    per_unit = bool(now.n_left_out or before.n_left_out)
    parts = (now.n_units - now.n_left_out, before.n_units - before.n_left_out) if per_unit else (1, 1)
    value, earlier = float(mine.value) / parts[0], float(its.value) / parts[1]
    half = Z95 * float(np.hypot(mine.error / parts[0], its.error / parts[1]))
    difference = value - earlier
    return Comparison(
        now=value,
        before=earlier,
        difference=difference,
        low=difference - half,
        high=difference + half,
        relative=difference / abs(earlier) if earlier else None,
        per_unit=per_unit,
    )


def full_periods(newest: date, every: Every, grain: Grain, count: int) -> tuple[Window, ...]:
    """Return the last `count` full calendar periods that end no later than the unit `newest`, oldest first.

    A coarser grain than the period: its own units. Weeks begin on Monday.

    >>> [str(one.start) for one in full_periods(date(2013, 12, 31), Every.MONTH, Grain.DAY, 2)]
    ['2013-11-01', '2013-12-01']
    """
    end = following(newest, grain)
    found: list[Window] = []
    stop = _start_of(end, every, grain)
    while len(found) < count:
        start = _start_of(stop - timedelta(days=1), every, grain)
        found.append(Window(start, stop))
        stop = start
    return tuple(reversed(found))


def _start_of(day: date, every: Every, grain: Grain) -> date:
    if grain is Grain.DAY and every is Every.WEEK:
        return day - timedelta(days=day.weekday())
    if grain is Grain.DAY and every is Every.MONTH:
        return unit_of(day, Grain.MONTH)
    return unit_of(day, grain)
