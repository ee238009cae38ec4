"""Seasonal features: what a window is compared with is the four weeks before it, not the training sample."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Rules
from core.checks.series import Comparison, DailyCells, DriftReference, by_weekday, drift_reference, matched
from core.drift.design_factor import DayVariation
from core.windows import Grain

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]


def with_seasonal(
    comparison: Comparison,
    log: DailyCells,
    seasonal: Bools,
    *,
    first_day: date | None,
    rules: Rules,
    minimum_n: int = 50,
    grain: Grain = Grain.DAY,
) -> Comparison:
    """Return the comparison with seasonal series judged against the 28 days before their window.

    Their reference holds the same weekdays of those 28 days (all 28 when they have fewer than 500 rows),
    their day-to-day variation is that of those 28 days. Within the version's first 28 days, and for logs
    without days, they are not applicable.

    Parameters
    ----------
    seasonal : (n_series,) bool
    first_day : the version's first day in the log; None when it has none
    """
    places = np.flatnonzero(seasonal)
    if not places.size:
        return comparison
    if grain is not Grain.DAY:
        return _replaced(comparison, places, reason="a seasonal feature needs a daily log to be judged")
    for days in np.unique(comparison.width[places]).tolist():
        members = places[comparison.width[places] == days]
        begin = comparison.end - timedelta(days=days)
        earliest = begin - timedelta(days=rules.seasonal_days)
        if first_day is None or earliest < first_day:
            early = f"seasonal: judged after the version's first {rules.seasonal_days} days"
            comparison = _replaced(comparison, members, reason=early)
            continue
        before = DailyCells(days=log.days_between(earliest, begin), cells=log.between(earliest, begin)[:, members])
        own = _previous_days(before, rules)
        width = np.full(len(members), days, np.int64)
        chosen, variation = matched(own, width, comparison.end, rules)
        few = f"fewer than {minimum_n} rows in {days} days" if days > 1 else f"suppressed: fewer than {minimum_n} rows"
        reason = np.where(comparison.current[members].sum(-1) < minimum_n, few, "").astype("U80")
        reason = np.where(reason == "", _unusable(chosen, rules), reason)
        comparison = _replaced(comparison, members, reason=reason, reference=chosen, variation=variation)
    return comparison


def _previous_days(before: DailyCells, rules: Rules) -> DriftReference:
    """Return the days before a window as a reference matched by weekday, although days may be absent."""
    return by_weekday(before) if before.days else drift_reference(before, rules, dated=False)


def _unusable(chosen: Ints, rules: Rules) -> Words:
    """Return why the days before cannot be compared with; empty where they can."""
    reason = np.full(len(chosen), "", "U80")
    reason[chosen[:, -1] == chosen.sum(-1)] = f"the feature is absent from the {rules.seasonal_days} days before"
    few = f"fewer than {rules.minimum_reference} rows in the {rules.seasonal_days} days before"
    reason[chosen.sum(-1) < rules.minimum_reference] = few
    return reason


def _replaced(
    comparison: Comparison,
    members: Ints,
    *,
    reason: str | Words,
    reference: Ints | None = None,
    variation: DayVariation | None = None,
) -> Comparison:
    """Return the comparison with some series exchanged."""
    reasons = comparison.reason.copy()
    reasons[members] = reason
    if reference is None or variation is None:
        return replace(comparison, reason=reasons)
    cells = comparison.reference.copy()
    cells[members] = reference
    taken = np.zeros(len(cells), bool)
    taken[members] = True
    spread = np.cumsum(taken) - 1  # place of each member among the members
    return replace(
        comparison,
        reference=cells,
        variation=comparison.variation.with_other(variation.at(np.maximum(spread, 0)), taken),
        reason=reasons,
    )
