"""Latency of a unit against what came before it: the training reference, or the 28 units before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.checks.limits import Limit, Rules
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, percent
from core.performance.estimates import Estimate
from core.serving.latency import SHORTEST_MS, LatencyQuantile
from core.serving.serving import milliseconds
from core.states import State
from core.stats.intervals import Z95, two_sided_p
from core.windows import Grain, Window, variation_words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_UNITS, SMALLEST_UNIT, WINDOWS_A_MONTH = 7, 30, 30
TRAINING, BEFORE = "the reference", "the 28 units before"


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyBefore:
    """What the latency of units is held against; arrays of one shape, or of a single element for every unit.

    Attributes
    ----------
    value : (W,) float64
        Milliseconds; NaN where there is nothing to compare with.
    error : (W,) float64
        Standard error of its logarithm.
    tau_squared : (W,) float64
        How much the logarithm varies between the units it is made of beyond chance; NaN where that is not known.
    n, n_units : (W,) int64
        Requests with a latency, and units with at least 30 of them.
    source : str
        What it is, in words.
    """

    value: Floats
    error: Floats
    tau_squared: Floats
    n: Ints
    n_units: Ints
    source: str

    def at(self, row: int) -> "LatencyBefore":
        """Return what one unit is held against, arrays without axes."""
        place = row if self.value.shape[0] > 1 else 0
        return LatencyBefore(
            value=self.value[place],
            error=self.error[place],
            tau_squared=self.tau_squared[place],
            n=self.n[place],
            n_units=self.n_units[place],
            source=self.source,
        )

    @staticmethod
    def of_training(whole: LatencyQuantile, units: Estimate) -> "LatencyBefore":
        """Return the latency of a reference, given that of its units."""
        tau_squared, held = _variation(units)
        return LatencyBefore(
            value=np.atleast_1d(whole.value),
            error=np.atleast_1d(whole.log_error),
            tau_squared=np.atleast_1d(tau_squared),
            n=np.atleast_1d(whole.n),
            n_units=np.atleast_1d(held),
            source=TRAINING,
        )

    @staticmethod
    def of_units(before: LatencyQuantile, units: Estimate, first: Ints) -> "LatencyBefore":
        """Return the latency of the units ``[first, unit)`` together, for every unit.

        Parameters
        ----------
        before : with leading axes (W,), of those units together
        units : with leading axes (W,), of each unit
        """
        varied = [_variation(units.at((slice(int(start), row),))) for row, start in enumerate(first)]
        return LatencyBefore(
            value=before.value,
            error=before.log_error,
            tau_squared=np.array([tau for tau, _ in varied], np.float64),
            n=before.n,
            n_units=np.array([held for _, held in varied], np.int64),
            source=BEFORE,
        )


def _variation(units: Estimate) -> tuple[float, int]:
    """Return the variance of the logarithm between units beyond their own error, and how many units there are.

    max(0, variance of the logarithms - mean of their squared errors); NaN with fewer than 7 units of 30 requests.
    """
    held = np.isfinite(units.value) & np.isfinite(units.error) & (units.n >= SMALLEST_UNIT)
    n = int(held.sum())
    if n < FEWEST_UNITS:
        return float("nan"), n
    logarithms = np.log(np.maximum(units.value[held], SHORTEST_MS / 2))
    return max(float(np.var(logarithms, ddof=1) - np.mean(units.error[held] ** 2)), 0.0), n


def change_verdict(
    limit: Limit, now: Estimate, before: LatencyBefore, window: Window, rules: Rules, *, grain: Grain = Grain.DAY
) -> Verdict:
    """Return the raw verdict on the relative change of a latency of one unit.

    z = (ln now - ln before)/√(se_now² + se_before² + tau²(1 + 1/units)): the noise from day to day counts as chance.
    Longer by at least the limit with p <= .01 is a warning; beyond the critical limit with p <= .001 critical. The
    value is the ratio less 1. Not applicable: too few requests now or before, fewer than 7 units before.

    Parameters
    ----------
    now : without axes, its `error` that of the logarithm
    before : without axes
    """
    why = _why_not(limit, now, before, rules)
    if why:
        return not_applicable(limit, why, n=int(now.n), window_start=window.start, window_end=window.end)
    change = float(np.log(now.value) - np.log(before.value))
    error = _error_of(now, before)
    p = float(two_sided_p(change / error))
    state = _state(limit, float(np.expm1(change)), p, rules)
    moved = f"{milliseconds(float(before.value))} → {milliseconds(float(now.value))}"
    return Verdict(
        check=limit.code,
        family=limit.family,
        state=state,
        raw_state=state,
        value=number(float(np.expm1(change))),
        limit=limit_shown(limit, state),
        ci_low=number(float(np.expm1(change - Z95 * error))),
        ci_high=number(float(np.expm1(change + Z95 * error))),
        n=int(now.n),
        window_start=window.start,
        window_end=window.end,
        reason=_reason(change, p, before, rules, moved, grain=grain),
        detail=moved,
        significant=p <= rules.significance,
        adjusted_p=number(p),
        false_alarms_month=_false_alarms(limit, error, rules),
    )


def _error_of(now: Estimate, before: LatencyBefore) -> float:
    between = 0.0 if np.isnan(before.tau_squared) else float(before.tau_squared) * (1 + 1 / float(before.n_units))
    return float(np.sqrt(now.error**2 + before.error**2 + between))


def _why_not(limit: Limit, now: Estimate, before: LatencyBefore, rules: Rules) -> str:
    if str(now.reason):
        return str(now.reason).removeprefix("not applicable: ")
    if float(now.n) < limit.minimum_n:
        return f"fewer than {limit.minimum_n} requests"
    if int(before.n) < rules.minimum_reference:
        return f"fewer than {rules.minimum_reference} requests with a latency in {before.source}"
    if before.source == BEFORE and int(before.n_units) < FEWEST_UNITS:
        return f"fewer than {FEWEST_UNITS} of {before.source} hold {SMALLEST_UNIT} requests with a latency"
    known = np.isfinite([float(one) for one in (now.value, now.error, before.value, before.error)]).all()
    return "" if known else "too few requests for an interval"


def _state(limit: Limit, size: float, p: float, rules: Rules) -> State:
    if p > rules.significance or size <= 0:
        return State.HEALTHY
    if limit.critical is not None and size >= limit.critical and p <= rules.critical_p:
        return State.CRITICAL
    return State.WARNING if size >= (np.inf if limit.warning is None else limit.warning) else State.HEALTHY


def _reason(change: float, p: float, before: LatencyBefore, rules: Rules, moved: str, *, grain: Grain) -> str:
    unknown = f"; {variation_words(grain)} unknown" if np.isnan(before.tau_squared) else ""
    told = f"p95 {moved} against {before.source} ({p_words(p)}{unknown})"
    if p > rules.significance:
        return f"no significant change: {told}"
    size = percent(abs(float(np.expm1(change))))
    return f"{size} % {'longer' if change > 0 else 'shorter'}: {told}"


def _false_alarms(limit: Limit, error: float, rules: Rules) -> float | None:
    """Return the false alarms to expect in 30 windows: 2 of 3 at P(longer by the limit | no change)."""
    if limit.warning is None:
        return None
    crossing = min(float(special.ndtr(-np.log1p(limit.warning) / error)), rules.significance / 2)
    return WINDOWS_A_MONTH * 2 * crossing**2
