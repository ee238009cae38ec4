"""Verdicts on performance: change against the reference, and absolute limits that a model declares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.checks.limits import Limit, Limits, Rules
from core.checks.quality import share_state
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.performance.binary import METRICS, NO_ACTUALS, BinaryPerformance
from core.performance.estimates import Estimate
from core.performance.maturity import Maturity
from core.states import State
from core.stats.intervals import Z95, two_sided_p
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Window

Floats = NDArray[np.float64]

WINDOWS_A_MONTH = 30
FEWEST_UNITS = 4
CHANGES = ("roc_auc_change", "recall_change", "precision_change", "log_loss_change")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Performance of one segment (empty: the whole population) in a window and in the reference.

    Attributes
    ----------
    current : BinaryPerformance without leading axes
    reference : BinaryPerformance without leading axes, or None when the reference has no actuals
    tau_squared : mapping of metric to variance between units of the reference beyond chance
    maturity : Maturity of the window in this segment
    """

    segment: Mapping[str, str]
    current: BinaryPerformance
    reference: BinaryPerformance | None
    tau_squared: Mapping[str, float]
    maturity: Maturity


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Difference of one metric between window and reference; NaN where it cannot be tested."""

    difference: float
    error: float
    p: float
    before: float


def variance_between(units: BinaryPerformance) -> dict[str, Floats]:
    """Return for each metric how much it varies between units of the reference beyond its own error.

    max(0, variance of the values - mean of their squared errors), 0 with fewer than 4 units.

    Parameters
    ----------
    units : BinaryPerformance with leading axes (n_units, …), units as long as the windows that are judged
    """
    return {name: _variance(one) for name, one in units.estimates.items()}


def _variance(one: Estimate) -> Floats:
    held = np.isfinite(one.value) & np.isfinite(one.error)
    counted = held.sum(0)
    mean = np.where(held, one.value, 0.0).sum(0) / np.maximum(counted, 1)
    spread = np.where(held, (one.value - mean) ** 2, 0.0).sum(0) / np.maximum(counted - 1, 1)
    chance = np.where(held, one.error**2, 0.0).sum(0) / np.maximum(counted, 1)
    return np.where(counted >= FEWEST_UNITS, np.maximum(spread - chance, 0.0), 0.0)


def performance_verdicts(judged: Sequence[Judged], window: Window, limits: Limits) -> tuple[Verdict, ...]:
    """Return the raw performance verdicts of one window.

    Change: two-sided test of the difference with se² = se₀² + se₁² + tau², Benjamini–Hochberg over
    metrics × segments; a change for the worse of at least the limit is a warning, and critical beyond the
    critical limit with p <= .001. Absolute limits, where declared: beyond with the whole interval; an interval that
    straddles the limit is healthy but inconclusive. No verdict on an immature window or below 30 rows.

    Parameters
    ----------
    judged : the whole population and each segment
    """
    pairs = [(limits[code], one) for one in judged for code in CHANGES if limits[code].declared]
    changes = [_change(limit, one, limits.rules) for limit, one in pairs]
    adjusted = benjamini_hochberg([change.p if change else np.nan for _, change in changes])
    found = [
        _change_verdict(limit, one, change, why, adjusted=float(p), window=window, rules=limits.rules)
        for (limit, one), (why, change), p in zip(pairs, changes, adjusted, strict=True)
    ]
    absolute = [limits[name] for name in METRICS if limits[name].declared]
    found += [_absolute_verdict(limit, one, window, limits.rules) for one in judged for limit in absolute]
    return tuple(found)


def _why_not(limit: Limit, one: Judged, rules: Rules) -> str:
    """Return why a metric of the window cannot be judged: exists, n and classes, maturity; else empty."""
    estimate = one.current.estimates[limit.metric]
    if str(estimate.reason):
        return str(estimate.reason)
    fewest = max(limit.minimum_n, rules.never_below_n)
    if float(estimate.n) < fewest:
        return f"fewer than {fewest} rows with an actual count for it ({float(estimate.n):.0f})"
    return "" if one.maturity.mature else one.maturity.reason


def _change(limit: Limit, one: Judged, rules: Rules) -> tuple[str, Change | None]:
    why = _why_not(limit, one, rules)
    if why:
        return why, None
    missing = _no_reference(limit, one)
    if missing or one.reference is None:
        return missing, None
    now, before = one.current.estimates[limit.metric], one.reference.estimates[limit.metric]
    error = float(np.sqrt(now.error**2 + before.error**2 + one.tau_squared.get(limit.metric, 0.0)))
    difference = float(now.value - before.value)
    if not np.isfinite(error) or error == 0:
        return "the variance of the difference is unknown", None
    p = float(two_sided_p(difference / error))
    return "", Change(difference=difference, error=error, p=p, before=float(before.value))


def _no_reference(limit: Limit, one: Judged) -> str:
    """Return why the reference has no value of the metric to compare with, or an empty word."""
    why = NO_ACTUALS if one.reference is None else str(one.reference.estimates[limit.metric].reason)
    if why == NO_ACTUALS:
        return "the reference has no actuals to compare with"
    return why and f"the reference has no value to compare with: {why.removeprefix('not applicable: ')}"


def _change_verdict(
    limit: Limit, one: Judged, change: Change | None, why: str, *, adjusted: float, window: Window, rules: Rules
) -> Verdict:
    estimate = one.current.estimates[limit.metric]
    n = int(np.nan_to_num(estimate.n))
    if change is None:
        return not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end, segment=one.segment)
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
        detail=f"{short(change.before, digits=3)} → {short(now, digits=3)}",
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
    moved = f"{short(change.before, digits=3)} in the reference, {short(now, digits=3)} now ({test})"
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
    why = _why_not(limit, one, rules)
    if why:
        return not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end, segment=one.segment)
    low, high = float(estimate.low), float(estimate.high)
    state, inconclusive = against_limit(low, high, limit)
    shown = limit_shown(limit, state)
    words = "not enough evidence: the interval holds the limit" if inconclusive else f"limit {short(shown or 0.0)}"
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=one.segment,
        state=state,
        raw_state=state,
        value=number(float(estimate.value)),
        limit=shown,
        ci_low=number(low),
        ci_high=number(high),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=words + (f"; {estimate.note}" if estimate.note else ""),
        detail=f"{short(float(estimate.value), digits=3)}, limit {short(shown or 0.0)}",
        false_alarms_month=_absolute_false_alarms(limit, one),
        inconclusive=inconclusive,
    )


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
    floor = limit.warning if limit.warning is not None else limit.critical
    if one.reference is None or floor is None:
        return None
    before = one.reference.estimates[limit.metric]
    error = float(one.current.estimates[limit.metric].error)
    if str(before.reason) or not error > 0:
        return None
    # the whole interval must lie beyond: the value itself 1.96 standard errors further
    distance = (float(before.value) - floor) * (1 if limit.side == "below" else -1) / error + Z95
    return WINDOWS_A_MONTH * 2 * float(special.ndtr(-distance)) ** 2
