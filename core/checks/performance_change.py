"""Verdicts on performance: change against the reference, and absolute limits that a model declares."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.checks.limits import Limit, Limits, Rules
from core.checks.quality import share_state
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.performance.estimates import NO_ACTUALS, Estimate
from core.performance.maturity import Maturity
from core.performance.of_task import METRICS
from core.performance.performance import Performance
from core.states import State
from core.stats.intervals import Z95, two_sided_p
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Window

Floats = NDArray[np.float64]

WINDOWS_A_MONTH = 30
FEWEST_UNITS = 4
SMALLEST_UNIT = 10
"""Rows below which a unit of the reference says nothing of the variance between units."""

CHANGES_OF: Mapping[str, tuple[str, ...]] = {
    "binary": ("roc_auc_change", "recall_change", "precision_change", "log_loss_change"),
    "multiclass": ("accuracy_change", "f1_macro_change"),
    "regression": ("mae_change", "rmse_change"),
}
"""Checks of a change against the reference that run for each task."""

TWO_SIDED = frozenset({"bias"})
"""Metrics that are bad on both sides of 0: their size is compared with the limit."""

OVER_CLASSES = frozenset({"f1_macro"})
"""Means over the classes that have enough rows; which ones they leave out stands in `Estimate.remark`."""

FINDINGS: Mapping[str, str] = {
    "roc_auc_change": "ROC AUC fell",
    "recall_change": "recall fell",
    "precision_change": "precision fell",
    "log_loss_change": "log loss rose",
    "accuracy_change": "accuracy fell",
    "f1_macro_change": "macro F1 fell",
    "mae_change": "the mean absolute error rose",
    "rmse_change": "the RMSE rose",
    "roc_auc": "ROC AUC is below its limit",
    "average_precision": "average precision is below its limit",
    "accuracy": "accuracy is below its limit",
    "precision": "precision is below its limit",
    "recall": "recall is below its limit",
    "f1": "F1 is below its limit",
    "mcc": "the Matthews correlation is below its limit",
    "specificity": "specificity is below its limit",
    "false_positive_rate": "the false positive rate is above its limit",
    "false_negative_rate": "the false negative rate is above its limit",
    "log_loss": "log loss is above its limit",
    "brier_score": "the Brier score is above its limit",
    "f1_macro": "macro F1 is below its limit",
    "f1_weighted": "weighted F1 is below its limit",
    "roc_auc_ovr_macro": "one-vs-rest ROC AUC is below its limit",
    "mae": "the mean absolute error is above its limit",
    "rmse": "the RMSE is above its limit",
    "mape": "the MAPE is above its limit",
    "r2": "R² is below its limit",
    "median_absolute_error": "the median absolute error is above its limit",
    "bias": "the bias is beyond its limit",
}
"""What a breach of each check says, without its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Performance of one segment (empty: the whole population) in a window and in the reference.

    Attributes
    ----------
    current : Performance without leading axes
    reference : Performance without leading axes, or None when the reference has no actuals
    tau_squared : mapping of metric to variance between units of the reference beyond chance
    maturity : Maturity of the window in this segment
    """

    segment: Mapping[str, str]
    current: Performance
    reference: Performance | None
    tau_squared: Mapping[str, float]
    maturity: Maturity
    task: str = "binary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Difference of one metric between window and reference; NaN where it cannot be tested."""

    difference: float
    error: float
    p: float
    before: float


def variance_between(units: Performance) -> dict[str, Floats]:
    """Return for each metric how much it varies between units of the reference beyond its own error.

    max(0, variance of the values - mean of their squared errors), 0 with fewer than 4 units.

    Parameters
    ----------
    units : Performance with leading axes (n_units, …), units as long as the windows that are judged
    """
    return {name: variance_of(one) for name, one in units.estimates.items()}


def variance_of(one: Estimate) -> Floats:
    """Return the same for one metric; units with fewer than 10 rows do not count."""
    held = np.isfinite(one.value) & np.isfinite(one.error) & (one.n >= SMALLEST_UNIT)
    counted = held.sum(0)
    mean = np.where(held, one.value, 0.0).sum(0) / np.maximum(counted, 1)
    spread = np.where(held, (one.value - mean) ** 2, 0.0).sum(0) / np.maximum(counted - 1, 1)
    chance = np.where(held, one.error**2, 0.0).sum(0) / np.maximum(counted, 1)
    return np.where(counted >= FEWEST_UNITS, np.maximum(spread - chance, 0.0), 0.0)


def performance_verdicts(judged: Sequence[Judged], window: Window, limits: Limits) -> tuple[Verdict, ...]:
    """Return the raw performance verdicts of one window, each population in full.

    Change: two-sided test of the difference with se² = se₀² + se₁² + tau², Benjamini–Hochberg over
    metrics × segments; a change for the worse of at least the limit is a warning, and critical beyond the
    critical limit with p <= .001. Absolute limits, where declared: beyond with the whole interval; an interval that
    straddles the limit is healthy but inconclusive. No verdict on an immature window or below 30 rows.

    Parameters
    ----------
    judged : the whole population and each segment
    """
    tested = trials_of(judged, limits)
    adjusted = benjamini_hochberg([one.change.p if one.change else np.nan for one in tested])
    found = [
        change_verdict(one, adjusted=float(p), window=window, rules=limits.rules)
        for one, p in zip(tested, adjusted, strict=True)
    ]
    found += [verdict for one in judged for verdict in absolute_verdicts(one, window, limits)]
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One change of one population: the difference, or why there is none."""

    limit: Limit
    judged: Judged
    change: Change | None
    why: str


def trials_of(judged: Sequence[Judged], limits: Limits) -> tuple[Trial, ...]:
    """Return the test of each change that the task of each population has and a limit is declared for."""
    found = []
    for one in judged:
        for code in (code for code in CHANGES_OF[one.task] if limits[code].declared):
            why, change = _change(limits[code], one, limits.rules)
            found.append(Trial(limit=limits[code], judged=one, change=change, why=why))
    return tuple(found)


def absolute_verdicts(one: Judged, window: Window, limits: Limits) -> list[Verdict]:
    """Return the verdicts against the absolute limits that the model declares."""
    declared = [limits[name] for name in METRICS if name in one.current.estimates and limits[name].declared]
    return [_absolute_verdict(limit, one, window, limits.rules) for limit in declared]


def why_not(limit: Limit, one: Judged, rules: Rules) -> str:
    """Return why a metric of the window cannot be judged: exists, n and classes, maturity; else empty."""
    estimate = one.current.estimates[limit.metric]
    if str(estimate.reason):
        return str(estimate.reason)
    fewest = max(limit.minimum_n, rules.never_below_n)
    if float(estimate.n) < fewest:
        return f"fewer than {fewest} rows with an actual count for it ({float(estimate.n):.0f})"
    return "" if one.maturity.mature else one.maturity.reason


def _change(limit: Limit, one: Judged, rules: Rules) -> tuple[str, Change | None]:
    why = why_not(limit, one, rules)
    if why:
        return why, None
    missing = _no_reference(limit, one)
    if missing or one.reference is None:
        return missing, None
    now, before = one.current.estimates[limit.metric], one.reference.estimates[limit.metric]
    other = other_classes(limit, now, before)
    if other:
        return other, None
    error = float(np.sqrt(now.error**2 + before.error**2 + one.tau_squared.get(limit.metric, 0.0)))
    difference = float(now.value - before.value)
    if not np.isfinite(error) or error == 0:
        return "the variance of the difference is unknown", None
    p = float(two_sided_p(difference / error))
    return "", Change(difference=difference, error=error, p=p, before=float(before.value))


def other_classes(limit: Limit, now: Estimate, before: Estimate) -> str:
    """Return why two macro means cannot be compared, or an empty word: a rare class is in one of them only.

    Without it the mean moves by how hard that class is, not by how well the model does.
    """
    if limit.metric not in OVER_CLASSES or str(now.remark) == str(before.remark):
        return ""
    left = str(now.remark) or f"in the reference {before.remark}"
    return f"the mean is over other classes than in the reference: {left}"


def _no_reference(limit: Limit, one: Judged) -> str:
    """Return why the reference has no value of the metric to compare with, or an empty word."""
    why = NO_ACTUALS if one.reference is None else str(one.reference.estimates[limit.metric].reason)
    if why == NO_ACTUALS:
        return "the reference has no actuals to compare with"
    return why and f"the reference has no value to compare with: {why.removeprefix('not applicable: ')}"


def change_verdict(tested: Trial, *, adjusted: float, window: Window, rules: Rules) -> Verdict:
    """Return the raw verdict of one change, given its p-value after the correction."""
    limit, one, change = tested.limit, tested.judged, tested.change
    estimate = one.current.estimates[limit.metric]
    n = int(np.nan_to_num(estimate.n))
    if change is None:
        return not_applicable(
            limit, tested.why, n=n, window_start=window.start, window_end=window.end, segment=one.segment
        )
    scale = change.before if limit.scale == "relative" and change.before > 0 else 1.0
    size, half = change.difference / scale, Z95 * change.error / scale
    state = _change_state(limit, size, change.p, adjusted, rules)
    now = change.before + change.difference
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=one.segment,
        state=state,
        raw_state=state,
        value=number(size),
        limit=limit_shown(limit, state),
        ci_low=number(size - half),
        ci_high=number(size + half),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=_change_words(limit, change, adjusted, state, rules),
        detail=f"{level(change.before)} → {level(now)}",
        significant=adjusted <= rules.significance,
        adjusted_p=number(adjusted),
        false_alarms_month=_change_false_alarms(limit, rules, change.error / scale),
    )


def _change_state(limit: Limit, size: float, p: float, adjusted: float, rules: Rules) -> State:
    worse = size if limit.side == "above" else -size
    if not adjusted <= rules.significance or worse <= 0:
        return State.HEALTHY
    state = share_state(worse, limit)
    if state is State.CRITICAL and p > rules.critical_p:
        return State.WARNING
    return state


def _change_words(limit: Limit, change: Change, adjusted: float, state: State, rules: Rules) -> str:
    test = f"{p_words(adjusted)} adjusted"
    now = change.before + change.difference
    moved = f"{level(change.before)} in the reference, {level(now)} now ({test})"
    if not adjusted <= rules.significance:
        return f"no significant change: {moved}"
    if state is State.HEALTHY:
        better = (change.difference > 0) == (limit.side == "below")
        return f"{'improved' if better else 'changed, but small'}: {moved}"
    return f"worse than the reference: {moved}"


def _change_false_alarms(limit: Limit, rules: Rules, error: float) -> float | None:
    """Return the false alarms to expect in 30 windows: 2 of 3 at P(change for the worse >= limit | none)."""
    if limit.warning is None:
        return None
    crossing = min(float(special.ndtr(-limit.warning / error)), rules.significance)
    return WINDOWS_A_MONTH * 2 * crossing**2


def _absolute_verdict(limit: Limit, one: Judged, window: Window, rules: Rules) -> Verdict:
    estimate = one.current.estimates[limit.metric]
    n = int(np.nan_to_num(estimate.n))
    why = why_not(limit, one, rules)
    if why:
        return not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end, segment=one.segment)
    low, high = _compared(limit, estimate)
    state, inconclusive = against_limit(low, high, limit)
    shown = limit_shown(limit, state)
    words = "not enough evidence: the interval holds the limit" if inconclusive else f"limit {level(shown or 0.0)}"
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=one.segment,
        state=state,
        raw_state=state,
        value=number(float(estimate.value)),
        limit=shown,
        ci_low=number(float(estimate.low)),
        ci_high=number(float(estimate.high)),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=words + (f"; {estimate.note}" if estimate.note else ""),
        detail=f"{level(float(estimate.value))}, limit {level(shown or 0.0)}",
        false_alarms_month=_absolute_false_alarms(limit, one),
        inconclusive=inconclusive,
    )


def _compared(limit: Limit, estimate: Estimate) -> tuple[float, float]:
    """Return the ends of the interval that the limit is compared with; of a two-sided metric those of its size."""
    low, high = float(estimate.low), float(estimate.high)
    if limit.metric not in TWO_SIDED:
        return low, high
    return (0.0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))


def level(value: float) -> str:
    """Return a value of a metric as a verdict tells it: three decimals, more below .01 and fewer from 10 on.

    >>> level(0.8123), level(-0.000234), level(23.456), level(12345.6)
    ('0.812', '−0.00023', '23.5', '12,346')
    """
    size = abs(value)
    if size < 10:
        return short(value, digits=3 if size >= 0.01 or size == 0 else 1 - math.floor(math.log10(size)))
    return f"{value:,.1f}" if size < 1000 else f"{value:,.0f}"


def against_limit(low: float, high: float, limit: Limit) -> tuple[State, bool]:
    """Return the raw state of an interval against absolute limits, and whether it is inconclusive.

    Critical or warning when the whole interval lies beyond the limit, healthy when it lies wholly on the
    good side; an interval that straddles the nearest limit is healthy and inconclusive.
    """
    worst_end, best_end = (low, high) if limit.side == "below" else (-high, -low)
    sign = 1.0 if limit.side == "below" else -1.0
    if limit.critical is not None and best_end < sign * limit.critical:
        return State.CRITICAL, False
    if limit.warning is not None and best_end < sign * limit.warning:
        return State.WARNING, False
    nearest = limit.warning if limit.warning is not None else limit.critical
    return State.HEALTHY, nearest is not None and not worst_end >= sign * nearest  # also where there is no interval


def _absolute_false_alarms(limit: Limit, one: Judged) -> float | None:
    """Return the alarms to expect in 30 windows if the window had the reference's value."""
    if one.reference is None or not limit.declared:
        return None
    before = one.reference.estimates[limit.metric]
    error = float(one.current.estimates[limit.metric].error)
    if str(before.reason) or not error > 0:
        return None
    value = abs(float(before.value)) if limit.metric in TWO_SIDED else float(before.value)

    def beyond(floor: float) -> float:
        # the whole interval must lie beyond: the value itself 1.96 standard errors further
        return float(special.ndtr(-((value - floor) * (1 if limit.side == "below" else -1) / error + Z95)))

    return alarms_a_month(limit, beyond)


def alarms_a_month(limit: Limit, beyond: Callable[[float], float]) -> float:
    """Return the alarms to expect in 30 windows: 2 of 3 beyond the limit, and critical ones at once where they count.

    Parameters
    ----------
    beyond : the chance that one window lies beyond a limit although nothing changed
    """
    warning, critical = (0.0 if floor is None else beyond(floor) for floor in (limit.warning, limit.critical))
    at_once = critical if limit.persistence.critical_at_once else 0.0
    return WINDOWS_A_MONTH * (2 * max(warning, critical) ** 2 + at_once)
