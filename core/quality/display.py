"""Quality unit by unit, ready to be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.log.contract import FeatureRule
from core.points import finite
from core.profile.bins import Ints
from core.profile.counts import TOTAL_ROWS
from core.profile.labels import short_number
from core.profile.profile import feature_counts
from core.quality.points import Asked, feature_shares, place_totals
from core.quality.shares import QualityShare
from core.quality.volume import volume_ratio
from core.windows import Grain, label

RULES_SHOWN = 5
"""Rules with a colour of their own; the others are drawn together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSeries:
    """One share of one feature, unit by unit.

    Attributes
    ----------
    value, low, high : tuple of float in [0, 1] or None
    reference : float or None
        The same share of the reference.
    reason : str
        Why the share does not apply to this feature; empty where it does.
    """

    feature: str
    metric: str
    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    reference: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSeries:
    """Violations of one rule, unit by unit: rows that broke it."""

    name: str
    count: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Quality of consecutive units, oldest first.

    Attributes
    ----------
    starts, labels : the units
    n : tuple of int
        Rows of each unit.
    expected, expected_low, expected_high : tuple of float or None
        Rows to expect by the same weekdays of the 28 days before, with 95 % of what days differ by themselves.
    shares : mapping of (feature, metric) to ShareSeries
    rules : tuple of RuleSeries
        Rules of the contract that were broken, most broken first.
    grain : Grain
        Of the calendar in which the axis is labelled.
    """

    starts: tuple[date, ...]
    labels: tuple[str, ...]
    n: tuple[int, ...]
    expected: tuple[float | None, ...]
    expected_low: tuple[float | None, ...]
    expected_high: tuple[float | None, ...]
    shares: Mapping[tuple[str, str], ShareSeries]
    rules: tuple[RuleSeries, ...]
    grain: Grain


def history_of(asked: Asked, days: Sequence[date], *, rules: Mapping[str, FeatureRule]) -> History:
    """Return shares, violations by rule, and volume of the given units of `asked.days`."""
    at = {day: row for row, day in enumerate(asked.days.days)}
    rows = [at[day] for day in days]
    place = asked.places[0]
    volume = volume_ratio(asked.days.days, place_totals(asked, place, asked.days.ints)[..., TOTAL_ROWS])
    half = np.log(volume.interval.high / volume.ratio)
    expected = np.where(asked.grain is Grain.DAY, volume.expected, np.nan)[rows]
    return History(
        starts=tuple(days),
        labels=tuple(label(day, asked.grain) for day in days),
        n=tuple(volume.n[rows].tolist()),
        expected=_known(expected),
        expected_low=_known(expected * np.exp(-half[rows])),
        expected_high=_known(expected * np.exp(half[rows])),
        shares={(one.feature, one.metric): one for one in _shares(asked, rows)},
        rules=_rules(asked, rows, rules),
        grain=asked.grain,
    )


def _known(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(finite(float(value)) for value in values)


def _shares(asked: Asked, rows: list[int]) -> list[ShareSeries]:
    place, stack, known = asked.places[0], asked.days, asked.reference
    found = []
    for name in asked.layout.binning.declared:
        daily = feature_shares(asked, name, place, stack.ints[rows], stack.floats[rows])
        before = feature_shares(asked, name, place, known.ints.sum(axis=0), known.floats.sum(axis=0))
        found += [_series(name, one, whole) for one, whole in zip(daily, before, strict=True)]
    return found


def _series(feature: str, daily: QualityShare, reference: QualityShare) -> ShareSeries:
    return ShareSeries(
        feature=feature,
        metric=daily.metric,
        value=_known(daily.value),
        low=_known(daily.interval.low),
        high=_known(daily.interval.high),
        reference=finite(float(reference.value)),
        reason=daily.reason,
    )


def _rules(asked: Asked, rows: list[int], rules: Mapping[str, FeatureRule]) -> tuple[RuleSeries, ...]:
    """Return the broken rules, most broken first, those beyond the first five together."""
    stack, found = asked.days, []
    for name in asked.layout.binning.declared:
        counts: Ints = feature_counts(asked.layout, stack.ints[rows], stack.floats[rows], name).violations
        if counts.any():
            found.append((f"{name}: {rule_words(rules.get(name))}", counts))
    found.sort(key=lambda one: (-int(one[1].sum()), one[0]))
    shown = [RuleSeries(name=name, count=tuple(counts.tolist())) for name, counts in found[:RULES_SHOWN]]
    if len(found) > RULES_SHOWN:
        others = np.sum([counts for _, counts in found[RULES_SHOWN:]], axis=0)
        shown.append(RuleSeries(name=f"{len(found) - RULES_SHOWN} other rules", count=tuple(others.tolist())))
    return tuple(shown)


def rule_words(rule: FeatureRule | None) -> str:
    """Return a rule in words.

    >>> rule_words(FeatureRule(low=0.0, high=120.0)), rule_words(FeatureRule(levels=frozenset("ab"), categorical=True))
    ('0 to 120', 'one of 2 values')
    """
    if rule is None:
        return "outside the rule"
    low, high = (None if end is None else short_number(end).replace("-", "−") for end in (rule.low, rule.high))
    if rule.levels is not None:
        return f"one of {len(rule.levels):,} values"
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    return "no rule" if high is None else f"at most {high}"
