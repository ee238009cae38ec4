"""What makes a calibration verdict: corrected significance, an error over its limit, and a line that is off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from core.calibration.calibration import Essentials
from core.calibration.drift import CalibrationChange
from core.calibration.recalibration import Line
from core.checks.limits import Limit, Limits, Rules
from core.checks.quality import share_state
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.performance.maturity import Maturity
from core.states import State
from core.stats.intervals import Z95
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Window

MISCALIBRATION, DRIFT = "miscalibration", "calibration_drift"
WINDOWS_A_MONTH = 30

INTERCEPTS = {State.WARNING: 0.1, State.CRITICAL: 0.3}
SLOPES = {State.WARNING: (0.9, 1.1), State.CRITICAL: (0.8, 1.25)}
"""How far intercept, or slope, must be off beside the error's own limit."""

INTERCEPT_FLOOR, SLOPE_FLOOR = 0.2, 0.15
"""Changes of intercept and slope that count as 1 `calibration_shift`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCalibration:
    """Calibration of one segment (empty: the whole population) in a window.

    Attributes
    ----------
    calibration : Essentials without leading axes
    change : CalibrationChange or None
        Against the reference; None when it has no actuals.
    phi : float >= 1
        How much more windows of this size vary than chance gives; both test statistics are divided by it.
    maturity : Maturity
    """

    segment: Mapping[str, str]
    calibration: Essentials
    change: CalibrationChange | None
    phi: float
    maturity: Maturity


def calibration_verdicts(judged: Sequence[JudgedCalibration], window: Window, limits: Limits) -> tuple[Verdict, ...]:
    """Return the raw verdicts of both checks on one window.

    miscalibration: likelihood-ratio test of intercept 0 and slope 1 (its statistic divided by phi, adjusted over
    everything judged) at .01, debiased calibration error at its limit, and the line off by the floors that go
    with the limit. calibration_drift: the test of equal lines, and a shift of at least one floor.

    Parameters
    ----------
    judged : the whole population and each segment
    """
    found: list[Verdict] = []
    for code, test, verdict in ((MISCALIBRATION, _perfection, _miscalibration), (DRIFT, _sameness, _drift)):
        limit = limits[code]
        reasons = [_why_not(limit, one, limits.rules) for one in judged]
        p = np.array([np.nan if why else test(one) for why, one in zip(reasons, judged, strict=True)])
        adjusted = benjamini_hochberg(p)
        for one, why, plain, corrected in zip(judged, reasons, p.tolist(), adjusted.tolist(), strict=True):
            if why:
                n = int(np.nan_to_num(one.calibration.n))
                found.append(
                    not_applicable(
                        limit, why, n=n, window_start=window.start, window_end=window.end, segment=one.segment
                    )
                )
            else:
                found.append(verdict(limit, one, window, limits.rules, (plain, corrected)))
    return tuple(found)


def _why_not(limit: Limit, one: JudgedCalibration, rules: Rules) -> str:
    """Return why a window cannot be judged: exists, n and classes, maturity, reference; else empty."""
    if str(one.calibration.no_line):
        return str(one.calibration.no_line).removeprefix("not applicable: ")
    fewest = max(limit.minimum_n, rules.never_below_n)
    if float(one.calibration.n) < fewest:
        return f"fewer than {fewest} rows with an actual count for it ({float(one.calibration.n):.0f})"
    if not one.maturity.mature:
        return one.maturity.reason
    if limit.code == DRIFT and (one.change is None or not np.isfinite(one.change.test.statistic)):
        return "the reference has no calibration to compare with: too few actuals of a class"
    return ""


def _perfection(one: JudgedCalibration) -> float:
    return float(special.chdtrc(2, float(one.calibration.likelihood_ratio.statistic) / one.phi))


def _sameness(one: JudgedCalibration) -> float:
    return np.nan if one.change is None else float(special.chdtrc(2, float(one.change.test.statistic) / one.phi))


def _miscalibration(
    limit: Limit, one: JudgedCalibration, window: Window, rules: Rules, p: tuple[float, float]
) -> Verdict:
    ends, line = one.calibration.ends, one.calibration.line
    plain, adjusted = p
    size = float(one.calibration.error.debiased)
    state = _off(limit, size, line) if adjusted <= rules.significance else State.HEALTHY
    if state is State.CRITICAL and plain > rules.critical_p:
        state = State.WARNING
    words = f"{direction(line)}: intercept {short(float(line.intercept))}, slope {short(float(line.slope))}"
    test = f"{p_words(adjusted)} adjusted{_variation_words(one.phi)}"
    if not adjusted <= rules.significance:
        words = f"no significant miscalibration: calibration error {short(size, digits=3)}"
    elif state is State.HEALTHY:
        words = f"off, but by little: calibration error {short(size, digits=3)}"
    return _verdict(
        limit,
        one,
        window,
        state=state,
        value=size,
        ends=(float(ends.low), float(ends.high)),
        reason=f"{words} ({test})",
        detail=f"calibration error {short(size, digits=3)}",
        p=adjusted,
        rules=rules,
    )


def _off(limit: Limit, size: float, line: Line) -> State:
    """Return the raw state of a significant miscalibration: error and line must both be over their limits."""
    by_error = share_state(size, limit)
    for state in (State.CRITICAL, State.WARNING):
        reached = by_error is State.CRITICAL or by_error is state
        low, high = SLOPES[state]
        beyond = abs(float(line.intercept)) >= INTERCEPTS[state] or not low <= float(line.slope) <= high
        if reached and beyond:
            return state
    return State.HEALTHY


def _drift(limit: Limit, one: JudgedCalibration, window: Window, rules: Rules, p: tuple[float, float]) -> Verdict:
    plain, adjusted = p
    size, half = _shift(one.change)
    state = share_state(size, limit) if adjusted <= rules.significance else State.HEALTHY
    if state is State.CRITICAL and plain > rules.critical_p:
        state = State.WARNING
    now, before = one.calibration.line, None if one.change is None else one.change.reference
    moved = "" if before is None else (
        f"intercept {short(float(before.intercept))} → {short(float(now.intercept))}, "
        f"slope {short(float(before.slope))} → {short(float(now.slope))}"
    )  # fmt: skip
    test = f"{p_words(adjusted)} adjusted{_variation_words(one.phi)}"
    if not adjusted <= rules.significance:
        words = f"no significant change: {moved} ({test})"
    else:
        words = f"{'changed, but small' if state is State.HEALTHY else 'calibration changed'}: {moved} ({test})"
    return _verdict(
        limit,
        one,
        window,
        state=state,
        value=size,
        ends=(max(size - half, 0.0), size + half),
        reason=words,
        detail=moved,
        p=adjusted,
        rules=rules,
    )


def _shift(change: CalibrationChange | None) -> tuple[float, float]:
    """Return the larger of both changes in multiples of its floor, and half its 95 % interval."""
    if change is None:
        return np.nan, np.nan
    sizes = (abs(float(change.intercept)) / INTERCEPT_FLOOR, abs(float(change.slope)) / SLOPE_FLOOR)
    halves = (Z95 * float(change.intercept_error) / INTERCEPT_FLOOR, Z95 * float(change.slope_error) / SLOPE_FLOOR)
    larger = int(sizes[1] > sizes[0])
    return sizes[larger], halves[larger]


def direction(line: Line) -> str:
    """Return in words how the scores are off: too high or low on the whole, too extreme or not enough.

    >>> half = np.asarray(0.1)
    >>> direction(Line(intercept=np.asarray(0.0), slope=np.asarray(0.7), intercept_error=half, slope_error=half,
    ...     log_likelihood=half))
    'scores are too extreme'
    """
    slope, intercept = float(line.slope), float(line.intercept)
    parts = []
    if slope < SLOPES[State.WARNING][0]:
        parts.append("too extreme")
    elif slope > SLOPES[State.WARNING][1]:
        parts.append("not extreme enough")
    if abs(intercept) >= INTERCEPTS[State.WARNING] or not parts:
        parts.append("too low" if intercept > 0 else "too high")
    return f"scores are {' and '.join(parts)}"


def _variation_words(phi: float) -> str:
    return f", windows vary {phi:.1f} times as much as chance" if phi >= 1.05 else ""


def _verdict(
    limit: Limit,
    one: JudgedCalibration,
    window: Window,
    *,
    state: State,
    value: float,
    ends: tuple[float, float],
    reason: str,
    detail: str,
    p: float,
    rules: Rules,
) -> Verdict:
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=one.segment,
        state=state,
        raw_state=state,
        value=number(value),
        limit=limit_shown(limit, state),
        ci_low=number(ends[0]),
        ci_high=number(ends[1]),
        n=int(one.calibration.n),
        window_start=window.start,
        window_end=window.end,
        reason=reason,
        detail=detail,
        significant=p <= rules.significance,
        adjusted_p=number(p),
        false_alarms_month=false_alarms(rules),
    )


def false_alarms(rules: Rules) -> float:
    """Return the most false alarms to expect in 30 windows: two of three by chance at the level of the test."""
    return WINDOWS_A_MONTH * 2 * rules.significance**2
