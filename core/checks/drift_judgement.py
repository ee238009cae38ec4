"""The drift rule: corrected significance, effect over a floor, and enough rows, all three."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.checks.limits import Limit, Limits, Rules
from core.checks.series import Comparison, Series
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.drift.chi_square import pooled_chi_square
from core.drift.design_factor import DayVariation
from core.drift.psi import counted_cells, harmonic, psi, psi_standard_error
from core.states import State
from core.stats.intervals import Z95
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Grain, variation_words

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]

WINDOWS_A_MONTH = 30
LEVELS = (State.NOT_APPLICABLE, State.HEALTHY, State.WARNING, State.CRITICAL)
BREACH = 2
"""Level from which on a limit is crossed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftJudgement:
    """Raw drift verdicts of windows of a family, as arrays over (..., n_series).

    Attributes
    ----------
    level : int8
        Index into `LEVELS`: 0 not applicable, 1 healthy, 2 warning, 3 critical.
    psi, excess, low, high : float64
        PSI, its excess over chance, and the 95 % interval of the excess; NaN where not applicable.
    p, adjusted_p : float64
        Of the pooled chi-square with both corrections for day-to-day variation; Benjamini–Hochberg over the family.
    significant : bool
    n, m, phi : rows of the window and of the reference, design factor
    freedom_share : float64 in (0, 1]
        Share of its degrees of freedom that the test kept; below 1 where the reference's days wander together.
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
    freedom_share: Floats
    false_alarms: Floats

    @staticmethod
    def joined(parts: Sequence["DriftJudgement"], order: Ints) -> "DriftJudgement":
        """Return the judgements of several families as one, its series in `order`."""
        return DriftJudgement(
            **{
                one.name: np.concatenate([getattr(part, one.name) for part in parts], axis=-1)[..., order]
                for one in fields(DriftJudgement)
            }
        )


def judge(comparison: Comparison, limit: Limit, rules: Rules) -> DriftJudgement:
    """Return the raw verdicts of one family in one window: `judge_cells` of a comparison."""
    return judge_cells(
        comparison.reference,
        comparison.current,
        comparison.variation,
        applies=comparison.reason == "",
        limit=limit,
        rules=rules,
    )


def judge_cells(
    reference: Ints, current: Ints, variation: DayVariation, *, applies: Bools, limit: Limit, rules: Rules
) -> DriftJudgement:
    """Return the raw verdicts of one family in one window, or in each window of a stack.

    significant: adjusted p <= .01 (n < 200: .001). Critical: significant, excess >= critical limit and
    p <= .001. Warning: significant and excess >= warning limit. Otherwise healthy, "changed, but small"
    when significant. Not applicable where it does not apply; such a series is no member of the family.

    Parameters
    ----------
    reference, current : (..., n_series, K) counts; leading axes broadcast
    variation : DayVariation over (n_series,)
    applies : (..., n_series) bool
    """
    r, c = reference, current
    n, m = c.sum(-1), np.broadcast_to(r.sum(-1), applies.shape)
    phi, share = np.where(applies, variation.phi(n, m), np.nan), variation.freedom_share(n, m)
    scale = harmonic(n, m) * phi
    df = np.maximum(counted_cells(r, c) - 1, 0)
    value = np.where(applies, psi(r, c), np.nan)
    excess = value - df * scale
    half = Z95 * psi_standard_error(r, c, phi=phi)
    p = pooled_chi_square(r, c).p_value(phi=phi, share=share, n_days=variation.n_days)
    p = np.where(applies, p, np.nan)
    adjusted = benjamini_hochberg(p)
    significant = adjusted <= np.where(n >= rules.small_n, rules.significance, rules.significance_small)
    level = np.where(applies, 1, 0)
    level[significant & (excess >= _or_never(limit.warning))] = BREACH
    level[significant & (excess >= _or_never(limit.critical)) & (p <= rules.critical_p)] = BREACH + 1
    alarms = psi_false_alarms(limit, rules, freedom=df, scale=scale, share=share)
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
        freedom_share=share,
        false_alarms=np.where(applies, alarms, np.nan),
    )


def judge_families(comparison: Comparison, codes: Words, limits: Limits) -> DriftJudgement:
    """Return the raw verdicts of all series of a window, in their order.

    The series of one check (features in all their segments, the score in all its segments, decisions, actuals) are
    one Benjamini–Hochberg family.

    Parameters
    ----------
    codes : (n_series,) str
        The check of each series.
    """
    families = [(np.flatnonzero(codes == code), str(code)) for code in np.unique(codes)]
    judged = [judge(comparison.chosen(places), limits[code], limits.rules) for places, code in families]
    return DriftJudgement.joined(judged, np.argsort(np.concatenate([places for places, _ in families])))


def psi_false_alarms(limit: Limit, rules: Rules, *, freedom: Ints, scale: Floats, share: ArrayLike = 1.0) -> Floats:
    """Return the alarms to expect from one series in 30 windows without drift.

    pi = P(chi²_nu > nu/(B - 1) · L/(h·phi)) for the PSI limit L = excess limit + (B - 1)·h·phi, nu = share · (B - 1),
    at most the level of the test. 2 of 3: 30 · 2 · pi²; one window: 30 · pi.

    Parameters
    ----------
    freedom : (...) B - 1
    scale : (...) h · phi
    share : (...) in (0, 1], `DayVariation.freedom_share`
    """
    warning = np.minimum(_crossing(limit.warning, freedom, scale, share), rules.significance)
    critical = np.minimum(_crossing(limit.critical, freedom, scale, share), rules.critical_p)
    persists = limit.persistence.needed > 1
    alarms = WINDOWS_A_MONTH * (2 * warning**2 if persists else warning)
    if limit.persistence.critical_at_once:
        alarms = alarms + WINDOWS_A_MONTH * critical
    return np.asarray(alarms)


def _crossing(floor: float | None, freedom: Ints, scale: Floats, share: ArrayLike) -> Floats:
    """Return P(excess >= floor | no drift)."""
    if floor is None:
        return np.zeros(np.shape(scale))
    df = np.maximum(freedom, 1)
    nu = np.maximum(np.asarray(share, np.float64) * df, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(freedom > 0, special.gammaincc(nu / 2, (floor / scale + freedom) * nu / df / 2), 0.0)


def expected_false_alarms(verdicts: Sequence[Verdict], rules: Rules) -> float:
    """Return the expected false alarms a month of all verdicts together: of each check at most 30 · q (family-wise).

    >>> from core.checks.limits import load_limits
    >>> expected_false_alarms([], load_limits().rules)
    0.0
    """
    total: dict[str, float] = {}
    for verdict in verdicts:
        total[verdict.check] = total.get(verdict.check, 0.0) + (verdict.false_alarms_month or 0.0)
    return sum((min(one, WINDOWS_A_MONTH * rules.significance) for one in total.values()), start=0.0)


def verdict_of(
    one: Series, comparison: Comparison, judged: DriftJudgement, row: int, limit: Limit, *, grain: Grain = Grain.DAY
) -> Verdict:
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
        reason=_reason(judged, row, limit, state) + _unknown(comparison, row, grain),
        detail=f"PSI {short(float(judged.excess[row]))} above chance",
        significant=bool(judged.significant[row]),
        adjusted_p=number(float(judged.adjusted_p[row])),
        false_alarms_month=number(float(judged.false_alarms[row])),
    )


def _reason(judged: DriftJudgement, row: int, limit: Limit, state: State) -> str:
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
    return words


def _unknown(comparison: Comparison, row: int, grain: Grain) -> str:
    """Return what a reader must know of the comparison: a variation that was not corrected for, a widened window."""
    width = int(comparison.width[row])
    words = "" if comparison.variation.known[row] else f"; {variation_words(grain)} unknown"
    return words + (f"; window widened to {width} days" if width > (comparison.end - comparison.start).days else "")


def _or_never(floor: float | None) -> float:
    return np.inf if floor is None else floor
