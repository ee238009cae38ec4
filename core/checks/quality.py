"""Verdicts on the data itself: missing values, unseen categories, values out of range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Limit, Limits, Rules
from core.checks.series import Comparison, DailyCells, DriftReference, Series, compare, widened
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, percent
from core.drift.psi import harmonic
from core.profile.binning import SCORE
from core.states import State
from core.stats.intervals import Z95, two_sided_p, wilson
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Grain, Window

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WINDOWS_A_MONTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingTest:
    """Missing shares of the reference and the window and their test; arrays over (n_series,), NaN if untested."""

    before: Floats
    after: Floats
    error: Floats
    adjusted_p: Floats


def missing_test(comparison: Comparison, tau_squared: Floats, tested: Bools) -> MissingTest:
    """Return the two-proportion test of the missing cell of every series, corrected over the family.

    z = (q - p)/√(p̄(1 - p̄)(1/n + 1/m) + tau²), p̄ the pooled share, tau² the variance of the reference's
    daily shares beyond chance.

    Parameters
    ----------
    tested : (n_series,) bool, members of the family; series that cannot be compared drop out by themselves
    """
    r, c = comparison.reference, comparison.current
    n, m = c.sum(-1), r.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (r[:, -1] + c[:, -1]) / (n + m)
        before, after = r[:, -1] / m, c[:, -1] / n
        error = np.sqrt(pooled * (1 - pooled) * harmonic(n, m) + tau_squared)
        p = np.where(error > 0, two_sided_p((after - before) / error), 1.0)
    p = np.where(tested & (comparison.reason == ""), p, np.nan)
    return MissingTest(before=before, after=after, error=error, adjusted_p=benjamini_hochberg(p))


def missing_verdicts(
    reference: DriftReference | None,
    log: DailyCells,
    series: Sequence[Series],
    window: Window,
    limits: Limits,
    *,
    grain: Grain = Grain.DAY,
) -> tuple[Verdict, ...]:
    """Return the raw missing-share verdicts of one unit: one family over features × segments.

    Adjusted p <= .01 and a difference from the reference of at least the limit, in either direction.
    Seasonal features too are compared with training: that values are missing is not a matter of the
    season. The score is never missing and is left out.

    Parameters
    ----------
    reference, log, series, window : as for `core.checks.drift.drift_verdicts`
    """
    limit = limits["missing_share"]
    seen = compare(reference, log, window.start, window.end, limits.rules, minimum_n=limit.minimum_n, grain=grain)
    tau_squared = np.zeros(len(series)) if reference is None else reference.missing_tau_squared
    tested = np.array([one.feature != SCORE for one in series], bool)
    judged = missing_test(seen, tau_squared, tested)
    return tuple(
        _missing_verdict(series[row], seen, judged, row, limit=limit, rules=limits.rules)
        for row in np.flatnonzero(tested).tolist()
    )


def _missing_verdict(
    one: Series, seen: Comparison, judged: MissingTest, row: int, *, limit: Limit, rules: Rules
) -> Verdict:
    n = int(seen.current[row].sum())
    start = seen.end - timedelta(days=int(seen.width[row]))
    if seen.reason[row]:
        reason = str(seen.reason[row])
        return not_applicable(
            limit, reason, n=n, window_start=start, window_end=seen.end, feature=one.feature, segment=one.segment
        )
    before, after, error = float(judged.before[row]), float(judged.after[row]), float(judged.error[row])
    difference, adjusted = after - before, float(judged.adjusted_p[row])
    significant = adjusted <= rules.significance
    state = share_state(abs(difference), limit) if significant else State.HEALTHY
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=one.segment,
        feature=one.feature,
        state=state,
        raw_state=state,
        value=number(difference),
        limit=limit_shown(limit, state),
        ci_low=number(difference - Z95 * error),
        ci_high=number(difference + Z95 * error),
        n=n,
        window_start=start,
        window_end=seen.end,
        reason=f"missing {percent(before)} % in the reference, {percent(after)} % now "
        f"({p_words(adjusted)} adjusted, n = {n:,})",
        detail=f"{percent(before)} → {percent(after)} %",
        significant=significant,
        adjusted_p=number(adjusted),
        false_alarms_month=_missing_false_alarms(limit, rules, error),
    )


def _missing_false_alarms(limit: Limit, rules: Rules, error: float) -> float | None:
    """Return the false alarms to expect in 30 windows: 2 of 3 at P(|difference| >= limit | no change)."""
    if limit.warning is None:
        return None
    crossing = 0.0 if error == 0 else float(two_sided_p(limit.warning / error))
    return WINDOWS_A_MONTH * 2 * min(crossing, rules.significance) ** 2


def share_state(share: float, limit: Limit) -> State:
    """Return the raw state of a share or of the size of a change against its two limits.

    >>> from core.checks.limits import load_limits
    >>> share_state(0.06, load_limits()["missing_share"])
    <State.CRITICAL: 'critical'>
    """
    if limit.critical is not None and share >= limit.critical:
        return State.CRITICAL
    if limit.warning is not None and share >= limit.warning:
        return State.WARNING
    return State.HEALTHY


def share_verdicts(
    code: str,
    features: Sequence[str],
    log: DailyCells,
    window: Window,
    limits: Limits,
    *,
    without_verdict: Sequence[str] = (),
    inapplicable: Mapping[str, str] | None = None,
    grain: Grain = Grain.DAY,
) -> tuple[Verdict, ...]:
    """Return the raw verdicts of ``unseen_share`` or ``out_of_range_share`` of one unit.

    Warning from a share of .5 % and 3 rows on, critical from 5 % on. Shares are of all rows.

    Parameters
    ----------
    code : ``unseen_share`` or ``out_of_range_share``
    features : length n_features; categorical for the first, numeric for the second
    log : DailyCells with cells ``(n_days, n_features, 2)``: rows that are concerned, all other rows
    without_verdict : features that are reported, never judged: ``out_of_range_share`` of seasonal ones
    inapplicable : features to which the share does not apply at all, each with the reason
    """
    limit, rules = limits[code], limits.rules
    widest = rules.widen_days if grain is Grain.DAY else 1
    cells, width = widened(log, window.start, window.end, minimum_n=limit.minimum_n, widest=widest)
    verdicts = []
    for row, feature in enumerate(features):
        start = window.end - timedelta(days=int(width[row]))
        concerned, n = int(cells[row, 0]), int(cells[row].sum())
        why = (inapplicable or {}).get(feature) or _why_not(n, limit, concerned, seasonal=feature in without_verdict)
        if why:
            found = not_applicable(limit, why, n=n, window_start=start, window_end=window.end, feature=feature)
        else:
            found = _share_verdict(feature, concerned, n, limit, Window(start, window.end))
        verdicts.append(found)
    return tuple(verdicts)


def _why_not(n: int, limit: Limit, concerned: int, *, seasonal: bool) -> str:
    if n < limit.minimum_n:
        return f"fewer than {limit.minimum_n} rows"
    if seasonal:
        return (
            f"seasonal: {percent(concerned / n)} % of rows lie outside the reference's range, shown without a verdict"
        )
    return ""


def _share_verdict(feature: str, concerned: int, n: int, limit: Limit, window: Window) -> Verdict:
    state = share_state(concerned / n, limit) if concerned >= limit.minimum_rows else State.HEALTHY
    interval = wilson(concerned, n)
    words = {"unseen_share": "hold a level that is not in the reference"}
    what = words.get(limit.code, "lie outside the reference's range")
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=feature,
        state=state,
        raw_state=state,
        value=concerned / n,
        limit=limit_shown(limit, state),
        ci_low=number(float(interval.low)),
        ci_high=number(float(interval.high)),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=f"{concerned:,} of {n:,} rows {what}",
        detail=f"{percent(concerned / n)} %",
    )
