"""Freshness: how long after the end of its unit a row came in, and for how long nothing came at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.profile.latency_grid import ARRIVAL_HOURS
from core.stats.intervals import Z95
from core.windows import Grain, following, last_closed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHARE = 0.9
"""Freshness is the time after which so many of the rows are there."""

HISTORY = "not applicable: loaded as history"
NO_ROWS = "not applicable: no predictions in this window"
NO_DAYS = "not applicable: freshness is measured on logs of days"
SLACK_HOURS = 2.0
DAY_HOURS = 24.0
MAIN_SHARE = (0.05, 0.95)
"""Where most of a unit's rows came in: a few corrections must not hide that a history was loaded at once."""

UPPER: Floats = np.array([*ARRIVAL_HOURS, np.inf], np.float64)
LOWER: Floats = np.array([0.0, *ARRIVAL_HOURS], np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Hours after the end of the unit within which 90 % of the rows had come in; arrays over ``(...)``.

    Attributes
    ----------
    hours : (...) float64
        Upper end of the bin that holds the quantile: "at most so many hours". NaN where it cannot be said.
    at_least : (...) float64
        Lower end of that bin: the delay is certainly longer.
    low, high : (...) float64
        Ends of the bins that hold the ends of the quantile's 95 % interval.
    late_share : (...) float64
        Rows later than 24 hours, of those that count.
    n : (...) int64
        Rows that count: those that came within 672 hours.
    n_history : (...) int64
        Rows later than that.
    """

    hours: Floats
    at_least: Floats
    low: Floats
    high: Floats
    late_share: Floats
    n: Ints
    n_history: Ints


def freshness(arrival: Ints) -> Freshness:
    """Return the 90 % quantile of the hours from the end of the unit to intake, with the bound of its grid.

    The quantile is the smallest x with at least 90 % of the rows within x; the grid says only between which two of
    its edges it lies. Its 95 % interval takes the ranks .9n ± 1.96·√(.9·.1·n) (normal approximation of the binomial
    law of ranks) and their bins outwards. Rows that came before their unit ended count as within the first hour.
    Rows later than 672 hours are history loaded at once and do not count.

    Parameters
    ----------
    arrival : (..., 13) int
        `core.profile.profile.arrival_counts`.

    References
    ----------
    David & Nagaraja 2003, Order Statistics, §7.1 (interval of a quantile without a law).

    Examples
    --------
    >>> counts = np.zeros(13, np.int64)
    >>> counts[[0, 3, 6]] = 80, 15, 5
    >>> found = freshness(counts)
    >>> float(found.hours), float(found.at_least), float(found.late_share)
    (6.0, 3.0, 0.05)
    """
    counted = np.asarray(arrival, np.int64)
    recent = counted[..., :-1]
    n = recent.sum(axis=-1)
    rank = np.ceil(SHARE * n)
    spread = Z95 * np.sqrt(SHARE * (1 - SHARE) * n)
    places = [_place(recent, wanted) for wanted in (rank, np.floor(rank - spread), np.ceil(rank + spread))]
    empty = n == 0
    hours, at_least = np.where(empty, np.nan, UPPER[places[0]]), np.where(empty, np.nan, LOWER[places[0]])
    late = recent[..., ARRIVAL_HOURS.index(24) + 1 :].sum(axis=-1)
    return Freshness(
        hours=hours,
        at_least=at_least,
        low=np.where(empty, np.nan, LOWER[places[1]]),
        high=np.where(empty, np.nan, UPPER[places[2]]),
        late_share=np.divide(late, n, out=np.full(n.shape, np.nan), where=~empty),
        n=n,
        n_history=counted[..., -1],
    )


def _place(counts: Ints, rank: Floats) -> Ints:
    """Return the bin of the row with this rank (from 1), (...)."""
    cumulated = counts.cumsum(axis=-1)
    wanted = np.clip(rank, 1, np.maximum(cumulated[..., -1], 1))
    place: Ints = np.minimum((cumulated < wanted[..., None]).sum(axis=-1), counts.shape[-1] - 1)
    return place


def loaded_at_once(days: Sequence[date], arrival: Ints) -> Bools:
    """Return for each day whether it came in together with rows that were more than 28 days old: a history.

    The last four weeks of a history loaded at once are not yet 672 hours old when they are loaded, and would look
    late. A day counts as history when its rows and those of every day before it, back to a day most of whose rows
    are older than 672 hours, can have come in at one and the same moment (to within the grid and two hours).

    Parameters
    ----------
    days : length n_days, strictly increasing
    arrival : (n_days, 13) int

    Returns
    -------
    (n_days,) bool
    """
    counts = np.asarray(arrival, np.int64)
    total = counts.sum(axis=-1)
    first, last = (_place(counts, np.ceil(share * total)) for share in MAIN_SHARE)
    ends = np.array([DAY_HOURS * (day - days[0]).days for day in days], np.float64)
    low = ends + np.where(first > 0, LOWER[first], -DAY_HOURS) - SLACK_HOURS
    high = ends + UPPER[last] + SLACK_HOURS
    oldest = len(UPPER) - 1
    found = np.zeros(len(days), np.bool_)
    opens, closes, open_run = -np.inf, np.inf, False
    for place in range(len(days)):
        if total[place] == 0:
            continue
        if first[place] == oldest:
            opens = max(opens, float(low[place])) if open_run else float(low[place])
            closes, open_run, found[place] = np.inf, True, True
            continue
        opens, closes = max(opens, float(low[place])), min(closes, float(high[place]))
        open_run = open_run and opens <= closes
        found[place] = open_run
    return found


def silence(last_unit: date | None, at: datetime, zone: ZoneInfo, grain: Grain) -> int | None:
    """Return how many units have closed since the last one with a prediction.

    0 means that the last closed unit has predictions. None where it cannot be said: without any prediction, and for
    numbered batches, which have no clock.

    Parameters
    ----------
    last_unit : the last unit with predictions
    at : aware datetime, the store's clock

    Examples
    --------
    >>> from datetime import UTC
    >>> silence(date(2024, 3, 1), datetime(2024, 3, 5, 9, tzinfo=UTC), ZoneInfo("UTC"), Grain.DAY)
    3
    """
    if last_unit is None or grain is Grain.BATCH:
        return None
    newest, unit, found = last_closed(at, zone, grain), last_unit, 0
    while unit < newest:
        unit, found = following(unit, grain), found + 1
    return found


def usual_gap(days: Sequence[date], grain: Grain = Grain.DAY) -> int:
    """Return the most units in a row without a prediction that came at least twice: weekends of a weekday model.

    A gap seen once is an outage, not a habit.

    >>> usual_gap([date(2024, 3, 1), date(2024, 3, 4), date(2024, 3, 8), date(2024, 3, 11), date(2024, 3, 30)])
    2
    >>> usual_gap([date(2024, 1, 1), date(2024, 2, 1), date(2024, 4, 1)], Grain.MONTH)
    0
    """
    gaps = Counter(_units_between(earlier, later, grain) for earlier, later in pairwise(days))
    return max((gap for gap, times in gaps.items() if times > 1), default=0)


def _units_between(earlier: date, later: date, grain: Grain) -> int:
    if grain is Grain.DAY:
        return (later - earlier).days - 1
    unit, found = following(earlier, grain), 0
    while unit < later:
        unit, found = following(unit, grain), found + 1
    return found
