"""Drift verdicts: corrected significance, effect over a floor, and enough rows, all three."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.checks.limits import Limit, Limits, Rules
from core.checks.series import Comparison, DailyCells, DriftReference, Series, compare, with_seasonal, without_absent
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.drift.chi_square import pooled_chi_square
from core.drift.design_factor import design_factor
from core.drift.psi import counted_cells, harmonic, psi, psi_standard_error
from core.profile.binning import SCORE
from core.states import State
from core.stats.intervals import Z95
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Grain, Window

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]

WINDOWS_A_MONTH = 30
LEVELS = (State.NOT_APPLICABLE, State.HEALTHY, State.WARNING, State.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftJudgement:
    """Raw drift verdicts of one window of a family, as arrays over (n_series,).

    Attributes
    ----------
    level : int8
        Index into `LEVELS`: 0 not applicable, 1 healthy, 2 warning, 3 critical.
    psi, excess, low, high : float64
        PSI, its excess over chance, and the 95 % interval of the excess; NaN where not applicable.
    p, adjusted_p : float64
        Of the pooled chi-square divided by phi; Benjamini–Hochberg over the family.
    significant : bool
    n, m, phi : rows of the window and of the reference, design factor
    false_alarms : float64
        Expected alarms in 30 windows without drift, persistence included.
    """

    level: NDArray[np.int8]
    psi: Floats
    excess: Floats
    low: Floats
    high: Floats
    p: Floats
    adjusted_p: Floats
    significant: Bools
    n: Ints
    m: Ints
    phi: Floats
    false_alarms: Floats


def judge(comparison: Comparison, limit: Limit, rules: Rules) -> DriftJudgement:
    """Return the raw verdicts of one family in one window.

    significant: adjusted p <= .01 (n < 200: .001). Critical: significant, excess >= critical limit and
    p <= .001. Warning: significant and excess >= warning limit. Otherwise healthy, "changed, but small"
    when significant. Not applicable as the comparison says; such a series is no member of the family.
    """
    r, c = comparison.reference, comparison.current
    applies = comparison.reason == ""
    n, m = c.sum(-1), r.sum(-1)
    phi = np.where(applies, design_factor(comparison.tau_squared, n, m), np.nan)
    scale = harmonic(n, m) * phi
    df = np.maximum(counted_cells(r, c) - 1, 0)
    value = np.where(applies, psi(r, c), np.nan)
    excess = value - df * scale
    half = Z95 * psi_standard_error(r, c, phi=phi)
    p = np.where(applies, pooled_chi_square(r, c).p_value(phi=phi), np.nan)
    adjusted = benjamini_hochberg(p)
    significant = adjusted <= np.where(n >= rules.small_n, rules.significance, rules.significance_small)
    level = np.where(applies, 1, 0)
    level[significant & (excess >= _or_never(limit.warning))] = 2
    level[significant & (excess >= _or_never(limit.critical)) & (p <= rules.critical_p)] = 3
    return DriftJudgement(
        level=level.astype(np.int8),
        psi=value,
        excess=excess,
        low=np.maximum(excess - half, 0.0),
        high=np.maximum(excess + half, 0.0),
        p=p,
        adjusted_p=adjusted,
        significant=significant,
        n=n,
        m=m,
        phi=phi,
        false_alarms=np.where(applies, psi_false_alarms(limit, rules, freedom=df, scale=scale), np.nan),
    )


def judge_families(comparison: Comparison, scores: Bools, limits: Limits) -> DriftJudgement:
    """Return the raw verdicts of all series of a window, in their order.

    The features (in all their segments) are one Benjamini–Hochberg family under ``feature_drift``, the score (in all
    its segments) another under ``prediction_drift``.

    Parameters
    ----------
    scores : (n_series,) bool
        The series of the score.
    """
    families = [(places, code) for places, code in _families(scores) if places.size]
    judged = [judge(chosen(comparison, places), limits[code], limits.rules) for places, code in families]
    order = np.argsort(np.concatenate([places for places, _ in families]))
    return DriftJudgement(
        **{one.name: np.concatenate([getattr(part, one.name) for part in judged])[order] for one in fields(judged[0])}
    )


def _families(scores: Bools) -> tuple[tuple[Ints, str], ...]:
    return (np.flatnonzero(~scores), "feature_drift"), (np.flatnonzero(scores), "prediction_drift")


def psi_false_alarms(limit: Limit, rules: Rules, *, freedom: Ints, scale: Floats) -> Floats:
    """Return the alarms to expect from one series in 30 windows without drift.

    pi = P(chi²_{B-1} > L/(h·phi)) for the PSI limit L = excess limit + (B - 1)·h·phi, at most the level
    of the test. 2 of 3: 30 · 2 · pi²; one window: 30 · pi.

    Parameters
    ----------
    freedom : (...) B - 1
    scale : (...) h · phi
    """
    warning = np.minimum(_crossing(limit.warning, freedom, scale), rules.significance)
    critical = np.minimum(_crossing(limit.critical, freedom, scale), rules.critical_p)
    alarms = WINDOWS_A_MONTH * 2 * warning**2
    if limit.persistence.critical_at_once:
        alarms = alarms + WINDOWS_A_MONTH * critical
    return np.asarray(alarms)


def _crossing(floor: float | None, freedom: Ints, scale: Floats) -> Floats:
    """Return P(excess >= floor | no drift)."""
    if floor is None:
        return np.zeros(np.shape(scale))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(freedom > 0, special.gammaincc(np.maximum(freedom, 1) / 2, (floor / scale + freedom) / 2), 0.0)


def expected_false_alarms(verdicts: Sequence[Verdict], rules: Rules) -> float:
    """Return the expected false alarms a month of all verdicts together, at most 30 · q (family-wise).

    >>> from core.checks.limits import load_limits
    >>> expected_false_alarms([], load_limits().rules)
    0.0
    """
    total = sum((verdict.false_alarms_month or 0.0 for verdict in verdicts), start=0.0)
    return min(total, WINDOWS_A_MONTH * rules.significance)


def drift_verdicts(
    reference: DriftReference | None,
    log: DailyCells,
    series: Sequence[Series],
    window: Window,
    limits: Limits,
    *,
    first_day: date | None,
    grain: Grain = Grain.DAY,
) -> tuple[Verdict, ...]:
    """Return the raw drift verdicts of one unit: features and score, in the order of `series`.

    Features (× segments) are one Benjamini–Hochberg family under ``feature_drift``; the score (× segments)
    is a family of its own under ``prediction_drift``.

    Parameters
    ----------
    reference : from `drift_reference`, or None
    log : the version's own log, at least back to 56 days before the window
    series : length n_series, as in the cells
    window : the unit that is judged
    first_day : first day of the version in the log
    """
    scores = score_series(series)
    minimum_n = limits["feature_drift"].minimum_n
    comparison = compare(reference, log, window.start, window.end, limits.rules, minimum_n=minimum_n, grain=grain)
    seasonal = np.array([one.seasonal for one in series], bool)
    comparison = with_seasonal(
        comparison, log, seasonal, first_day=first_day, rules=limits.rules, minimum_n=minimum_n, grain=grain
    )
    comparison = without_absent(comparison)
    judged = judge_families(comparison, scores, limits)
    codes = np.where(scores, "prediction_drift", "feature_drift").tolist()
    return tuple(verdict_of(one, comparison, judged, row, limits[codes[row]]) for row, one in enumerate(series))


def score_series(series: Sequence[Series]) -> Bools:
    """Return which of the series are the score: (n_series,) bool."""
    return np.array([one.feature == SCORE for one in series], bool)


def chosen(comparison: Comparison, places: Ints) -> Comparison:
    """Return the comparison of some of its series, in the order of `places`."""
    return replace(
        comparison,
        width=comparison.width[places],
        current=comparison.current[places],
        reference=comparison.reference[places],
        tau_squared=comparison.tau_squared[places],
        variation_known=comparison.variation_known[places],
        reason=comparison.reason[places],
    )


def verdict_of(one: Series, comparison: Comparison, judged: DriftJudgement, row: int, limit: Limit) -> Verdict:
    """Return the raw verdict of one series; `state` equals `raw_state` until the history is applied."""
    state = LEVELS[int(judged.level[row])]
    start = comparison.end - timedelta(days=int(comparison.width[row]))
    if state is State.NOT_APPLICABLE:
        return not_applicable(
            limit,
            str(comparison.reason[row]),
            n=int(judged.n[row]),
            window_start=start,
            window_end=comparison.end,
            feature=one.feature,
            segment=one.segment,
        )
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=one.segment,
        feature=one.feature,
        state=state,
        raw_state=state,
        value=number(float(judged.excess[row])),
        limit=limit_shown(limit, state),
        ci_low=number(float(judged.low[row])),
        ci_high=number(float(judged.high[row])),
        n=int(judged.n[row]),
        window_start=start,
        window_end=comparison.end,
        reason=_reason(comparison, judged, row, limit, state),
        detail=f"PSI {short(float(judged.psi[row]))}",
        significant=bool(judged.significant[row]),
        adjusted_p=number(float(judged.adjusted_p[row])),
        false_alarms_month=number(float(judged.false_alarms[row])),
    )


def _reason(comparison: Comparison, judged: DriftJudgement, row: int, limit: Limit, state: State) -> str:
    """Return one sentence that says why the state is what it is."""
    excess, adjusted = float(judged.excess[row]), float(judged.adjusted_p[row])
    sizes = f"n = {int(judged.n[row]):,} against {int(judged.m[row]):,}"
    if not judged.significant[row]:
        words = f"no significant change ({p_words(adjusted)} adjusted, {sizes})"
    elif state is State.HEALTHY:
        floor = limit_shown(limit, state)
        words = f"changed, but small: PSI excess {short(excess)}"
        words += f" under the limit {short(floor)} ({sizes})" if floor is not None else f" ({sizes})"
    else:
        floor = limit_shown(limit, state) or 0.0
        words = f"PSI excess {short(excess)} over the limit {short(floor)} ({p_words(adjusted)} adjusted, {sizes})"
    if not comparison.variation_known[row]:
        words += "; day-to-day variation unknown"
    width = int(comparison.width[row])
    return words + (f"; window widened to {width} days" if width > (comparison.end - comparison.start).days else "")


def _or_never(floor: float | None) -> float:
    return np.inf if floor is None else floor
