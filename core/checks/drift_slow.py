"""Slow drift beside the sudden one: rolling weeks, and a moving average of the AUC of the shift."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.daily import daily_cells, series_of
from core.checks.drift_judgement import LEVELS, WINDOWS_A_MONTH, DriftJudgement, judge_cells
from core.checks.evidence import Evidence
from core.checks.limits import Limit, Limits
from core.checks.series import WEEK, DailyCells, DriftReference, drift_reference
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.drift.feature import with_infinities
from core.drift.slow import AucReference, auc_reference, ewma_deviation, recent_ewma, shift_auc
from core.profile.binning import SCORE
from core.profile.bins import NumericBins
from core.profile.profile import feature_counts
from core.states import State
from core.stats.intervals import Z95
from core.windows import Grain, Window

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]

ROLLING, AVERAGE = "feature_drift_slow", "feature_drift_ewma"
SLOW_FINDINGS: Mapping[str, str] = {
    ROLLING: "{feature} drifted over a week",
    AVERAGE: "{feature} drifted slowly",
}
DEVIATIONS = 4.0
"""Standard deviations that the moving average must leave its level by (L)."""

RUN_LENGTH = 19_353
"""Days between two false alarms of L = 4 at lambda .2 (Lucas & Saccucci 1990), before the floor."""

SEASONAL = "seasonal: its distance from training is the season's"
NOT_DAILY = "slow drift is judged in daily logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingWeeks:
    """The 7 days up to each unit against the whole reference: arrays over (n_days, n_series)."""

    judgement: DriftJudgement
    reason: Words
    variation_known: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingAverage:
    """The moving average of the AUC of the shift less its level: arrays over (n_days, n_numeric).

    Attributes
    ----------
    value : float64, .07 is about a quarter of a standard deviation of a normal feature
    deviation : float64, its standard deviation without drift
    n : int64, rows of the day that hold a value
    reason : str, why the unit cannot be judged; empty where it can
    """

    value: Floats
    deviation: Floats
    n: Ints
    reason: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowDrift:
    """Both kinds of slow drift of the whole population, for every unit of the log; None where the log is not daily.

    Attributes
    ----------
    features : tuple of str, the score last
    numeric : tuple of str, those of them that the moving average follows
    """

    features: tuple[str, ...]
    numeric: tuple[str, ...]
    rolling: RollingWeeks | None
    average: MovingAverage | None


def slow_drift(evidence: Evidence, seasonal: Collection[str]) -> SlowDrift:
    """Return the slow drift of every unit of the log."""
    layout, limits = evidence.layout, evidence.limits
    series = series_of(layout.binning, seasonal=seasonal)
    features = tuple(one.feature for one in series)
    numeric = tuple(name for name in features if isinstance(layout.binning.features[name], NumericBins))
    if evidence.schema.grain is not Grain.DAY:
        return SlowDrift(features=features, numeric=numeric, rolling=None, average=None)
    training = daily_cells(layout, evidence.reference, evidence.reference, series)
    is_seasonal = np.array([one.seasonal for one in series], bool)
    scores = np.array([one.feature == SCORE for one in series], bool)
    return SlowDrift(
        features=features,
        numeric=numeric,
        rolling=rolling_weeks(
            drift_reference(training, limits.rules, dated=evidence.dated),
            daily_cells(layout, evidence.log, evidence.reference, series),
            limits,
            seasonal=is_seasonal,
            scores=scores,
            first_day=evidence.outline.log[0].day,
        ),
        average=_average(evidence, numeric, seasonal),
    )


def rolling_weeks(
    reference: DriftReference,
    log: DailyCells,
    limits: Limits,
    *,
    seasonal: Bools,
    scores: Bools,
    first_day: date,
) -> RollingWeeks:
    """Return the drift rule over the 7 days up to each unit, against the whole reference.

    A week holds every weekday once, so it needs no matching by weekday; one in which a weekday of the reference has
    no rows is not applicable. Its day-to-day variation is that of blocks of 7 days. The features are one family, the
    score another.

    Parameters
    ----------
    seasonal, scores : (n_series,) bool
    first_day : first day of the version in the log
    """
    limit, rules = limits[ROLLING], limits.rules
    starts = [day - timedelta(days=WEEK - 1) for day in log.days]
    current = _rolled(log, starts)
    reason = _week_reasons(reference, log, starts, first_day=first_day)
    n, m = current.sum(-1), reference.whole.sum(-1)
    reason[current[..., -1] == n] = "every value of the week is missing"
    reason[n < limit.minimum_n] = f"fewer than {limit.minimum_n} rows in 7 days"
    reason[:, m < rules.minimum_reference] = f"fewer than {rules.minimum_reference} reference rows"
    reason[:, reference.whole[:, -1] == m] = "the feature is absent from the reference"
    reason[:, seasonal] = SEASONAL
    parts = [
        judge_cells(
            reference.whole[members],
            current[:, members],
            reference.weekly_variation.at(members),
            applies=reason[:, members] == "",
            limit=limit,
            rules=rules,
        )
        for members in (np.flatnonzero(~scores), np.flatnonzero(scores))
    ]
    order = np.argsort(np.r_[np.flatnonzero(~scores), np.flatnonzero(scores)])
    return RollingWeeks(
        judgement=DriftJudgement.joined(parts, order),
        reason=reason,
        variation_known=reference.weekly_variation.known,
    )


def _rolled(log: DailyCells, starts: Sequence[date]) -> Ints:
    """Return the cells of the days from each start up to its unit: (n_days, n_series, K)."""
    total = np.concatenate([np.zeros_like(log.cells[:1], np.int64), np.cumsum(log.cells, axis=0, dtype=np.int64)])
    first = np.searchsorted(np.array(log.days, "M8[D]"), np.array(starts, "M8[D]"))
    rolled: Ints = total[1:] - total[first]
    return rolled


def _week_reasons(reference: DriftReference, log: DailyCells, starts: Sequence[date], *, first_day: date) -> Words:
    """Return why a week cannot be judged by its days: too early, or a weekday without rows."""
    n_series = log.cells.shape[1]
    reason = np.full((len(log.days), n_series), "", "U64")
    reason[np.array(starts, "M8[D]") < np.datetime64(first_day)] = "the version's first 7 days"
    if reference.weekdays is None:
        return reason
    wanted = reference.weekdays.sum(-1) > 0  # (7, n_series)
    held = log.cells.sum(-1) > 0
    place = {day: row for row, day in enumerate(log.days)}
    for row, start in enumerate(starts):
        days = [start + timedelta(days=day) for day in range(WEEK)]
        there = np.stack([held[place[day]] if day in place else np.zeros(n_series, bool) for day in days])
        gap = (wanted[[day.weekday() for day in days]] & ~there).any(0)
        reason[row, gap & (reason[row] == "")] = "a day of the week has no rows"
    return reason


def _average(evidence: Evidence, numeric: Sequence[str], seasonal: Collection[str]) -> MovingAverage:
    thetas, counts, known, rows = [], [], [], []
    for name in numeric:
        trained, n_trained = _aucs(evidence, name, of_log=False)
        theta, n = _aucs(evidence, name, of_log=True)
        known.append(trained)
        rows.append(n_trained)
        thetas.append(theta)
        counts.append(n)
    limits, dated = evidence.limits, evidence.dated
    days = evidence.reference.days
    span = (days[-1] - days[0]).days + 1
    weekdays = np.array([day.weekday() for day in days], np.int64)
    level = auc_reference(
        np.stack(known, 1), np.stack(rows, 1), weekdays, by_weekday=span >= limits.rules.weekday_span_days
    )
    is_seasonal = np.array([name in seasonal for name in numeric], bool)
    return moving_average(
        level,
        np.stack(thetas, 1),
        np.stack(counts, 1),
        evidence.log.days,
        limits,
        seasonal=is_seasonal,
        dated=dated,
    )


def _aucs(evidence: Evidence, name: str, *, of_log: bool) -> tuple[Floats, Ints]:
    """Return the AUC of the shift of each day against the whole reference, and the rows with a value."""
    layout, training = evidence.layout, evidence.reference
    stack = evidence.log if of_log else training
    reference = with_infinities(feature_counts(layout, training.ints, training.floats, name)).sum(0)
    days = with_infinities(feature_counts(layout, stack.ints, stack.floats, name))
    return shift_auc(reference, days), np.asarray(days.sum(-1), np.int64)


def moving_average(
    level: AucReference,
    aucs: Floats,
    rows: Ints,
    days: Sequence[date],
    limits: Limits,
    *,
    seasonal: Bools,
    dated: bool,
) -> MovingAverage:
    """Return the moving average of every unit with its standard deviation.

    A day with fewer than 50 values is skipped: the average stays as it was.

    Parameters
    ----------
    level : AucReference over (n_numeric,)
    aucs, rows : (n_days, n_numeric), of the days of the log
    seasonal : (n_numeric,) bool
    dated : the reference has timestamps
    """
    minimum_n = limits[AVERAGE].minimum_n
    weekdays = np.array([day.weekday() for day in days], np.int64)
    x = np.where(rows >= minimum_n, aucs - level.level[weekdays], np.nan)
    calendar = np.array(days, "M8[D]")
    place = (calendar - calendar[:1]).astype(np.int64) if len(days) else np.zeros(0, np.int64)
    spread = np.full((int(place[-1]) + 1 if len(days) else 0, x.shape[1]), np.nan)
    spread[place] = x
    reason = np.full(x.shape, "", "U64")
    reason[rows < minimum_n] = f"fewer than {minimum_n} rows with a value"
    reason[:, ~level.known | (not dated)] = "day-to-day variation unknown: the reference has fewer than 14 days"
    reason[:, seasonal] = SEASONAL
    return MovingAverage(value=recent_ewma(spread)[place], deviation=ewma_deviation(level, rows), n=rows, reason=reason)


def slow_verdicts(slow: SlowDrift, row: int, window: Window, limits: Limits) -> tuple[Verdict, ...]:
    """Return the raw verdicts of slow drift of one unit."""
    if slow.rolling is None or slow.average is None:
        return tuple(
            not_applicable(limits[code], NOT_DAILY, n=0, window_start=window.start, window_end=window.end)
            for code in (ROLLING, AVERAGE)
        )
    rolling = [
        _rolling_verdict(slow.rolling, (row, place), name, window, limits[ROLLING])
        for place, name in enumerate(slow.features)
    ]
    average = [
        _average_verdict(slow.average, (row, place), name, window, limits[AVERAGE])
        for place, name in enumerate(slow.numeric)
    ]
    return (*rolling, *average)


def _rolling_verdict(rolling: RollingWeeks, at: tuple[int, int], name: str, window: Window, limit: Limit) -> Verdict:
    judged, start = rolling.judgement, window.end - timedelta(days=WEEK)
    n = int(judged.n[at])
    if rolling.reason[at]:
        reason = str(rolling.reason[at])
        return not_applicable(limit, reason, n=n, window_start=start, window_end=window.end, feature=name)
    state = LEVELS[int(judged.level[at])]
    excess, adjusted = float(judged.excess[at]), float(judged.adjusted_p[at])
    words = f"PSI excess of 7 days {short(excess)}, limit {short(limit.warning or 0.0)} ({p_words(adjusted)} adjusted)"
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=name,
        state=state,
        raw_state=state,
        value=number(excess),
        limit=limit_shown(limit, state),
        ci_low=number(float(judged.low[at])),
        ci_high=number(float(judged.high[at])),
        n=n,
        window_start=start,
        window_end=window.end,
        reason=words + ("" if rolling.variation_known[at[1]] else "; day-to-day variation unknown"),
        detail=f"PSI {short(excess)} above chance over 7 days",
        significant=bool(judged.significant[at]),
        adjusted_p=number(adjusted),
        false_alarms_month=number(float(judged.false_alarms[at])),
    )


def _average_verdict(average: MovingAverage, at: tuple[int, int], name: str, window: Window, limit: Limit) -> Verdict:
    n = int(average.n[at])
    if average.reason[at]:
        return not_applicable(
            limit, str(average.reason[at]), n=n, window_start=window.start, window_end=window.end, feature=name
        )
    value, deviation = float(average.value[at]), float(average.deviation[at])
    state = average_state(value, deviation, limit)
    significant = abs(value) > DEVIATIONS * deviation
    moved = f"moving average of the AUC of the shift {short(0.5 + value, digits=3)}"
    size = f"{abs(value) / deviation:.1f} standard deviations from its level"
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=name,
        state=state,
        raw_state=state,
        value=number(value),
        limit=limit_shown(limit, state),
        ci_low=number(value - Z95 * deviation),
        ci_high=number(value + Z95 * deviation),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=f"{moved}, {size}; a warning needs more than {DEVIATIONS:.0f} and {short(limit.warning or 0.0)}",
        detail=f"AUC of the shift {short(0.5 + value)}",
        significant=significant,
        false_alarms_month=None if limit.warning is None else WINDOWS_A_MONTH / RUN_LENGTH,
    )


def average_state(value: float, deviation: float, limit: Limit) -> State:
    """Return the raw state of the moving average: beyond 4 standard deviations and beyond the limit."""
    if abs(value) <= DEVIATIONS * deviation:
        return State.HEALTHY
    if limit.critical is not None and abs(value) >= limit.critical:
        return State.CRITICAL
    if limit.warning is not None and abs(value) >= limit.warning:
        return State.WARNING
    return State.HEALTHY
