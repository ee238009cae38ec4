"""Verdicts on shares of rows: missing values, unseen categories, values out of range, rules of the contract broken."""

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
WHAT = {
    "unseen_share": "hold a level that is not in the reference",
    "out_of_range_share": "lie outside the reference's range",
    "violation_share": "break the rule of the accepted contract",
}
TOLD = {
    "missing_share": "missing {before} % in the reference, {after} % now",
    "completeness": "{before} % of the reference's rows are complete, {after} % now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTest:
    """A share in the reference and in the window, and their test; arrays over (n_series,), NaN if untested."""

    before: Floats
    after: Floats
    error: Floats
    adjusted_p: Floats


def share_test(comparison: Comparison, tau_squared: Floats, tested: Bools) -> ShareTest:
    """Return the two-proportion test of the last cell (missing) of every series, corrected over the family.

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
    return ShareTest(before=before, after=after, error=error, adjusted_p=benjamini_hochberg(p))


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
    tested = tuple(place for place, one in enumerate(series) if one.feature != SCORE)
    return changed_shares("missing_share", reference, log, series, window, limits=limits, grain=grain, tested=tested)


def changed_shares(
    code: str,
    reference: DriftReference | None,
    log: DailyCells,
    series: Sequence[Series],
    window: Window,
    *,
    limits: Limits,
    grain: Grain = Grain.DAY,
    tested: Sequence[int] | None = None,
) -> tuple[Verdict, ...]:
    """Return the raw verdicts of one unit on shares that should stay what they are in the reference: one family.

    The share is that of the last cell. A limit whose side is ``below`` counts a fall only.

    Parameters
    ----------
    code : ``missing_share`` or ``completeness``
    reference, log, series, window : as for `core.checks.drift.drift_verdicts`
    tested : places of the series that are members of the family; None: all
    """
    limit = limits[code]
    seen = compare(reference, log, window.start, window.end, limits.rules, minimum_n=limit.minimum_n, grain=grain)
    tau_squared = np.zeros(len(series)) if reference is None else reference.missing_tau_squared
    members = np.isin(np.arange(len(series)), range(len(series)) if tested is None else tested)
    judged = share_test(seen, tau_squared, members)
    return tuple(
        _changed(series[row], seen, judged, row, limit=limit, rules=limits.rules)
        for row in np.flatnonzero(members).tolist()
    )


def _changed(one: Series, seen: Comparison, judged: ShareTest, row: int, *, limit: Limit, rules: Rules) -> Verdict:
    n = int(seen.current[row].sum())
    start = seen.end - timedelta(days=int(seen.width[row]))
    feature = one.feature or None
    if seen.reason[row]:
        reason = str(seen.reason[row])
        return not_applicable(
            limit, reason, n=n, window_start=start, window_end=seen.end, feature=feature, segment=one.segment
        )
    before, after, error = float(judged.before[row]), float(judged.after[row]), float(judged.error[row])
    difference, adjusted = after - before, float(judged.adjusted_p[row])
    significant = adjusted <= rules.significance
    size = -difference if limit.side == "below" else abs(difference)
    state = share_state(size, limit) if significant else State.HEALTHY
    told = TOLD[limit.code].format(before=percent(before), after=percent(after))
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=one.segment,
        feature=feature,
        state=state,
        raw_state=state,
        value=number(difference),
        limit=limit_shown(limit, state),
        ci_low=number(max(-1.0, difference - Z95 * error)),
        ci_high=number(min(1.0, difference + Z95 * error)),
        n=n,
        window_start=start,
        window_end=seen.end,
        reason=f"{told} ({p_words(adjusted)}{'' if one.feature == '' else ' adjusted'}, n = {n:,})",
        detail=f"{percent(before)} → {percent(after)} %",
        significant=significant,
        adjusted_p=number(adjusted),
        false_alarms_month=share_false_alarms(limit, rules, error),
    )


def share_false_alarms(limit: Limit, rules: Rules, error: float) -> float | None:
    """Return the false alarms in 30 windows from P(|difference| >= limit | no change): 2 of 3, or at once."""
    if limit.warning is None:
        return None
    crossing = 0.0 if error == 0 else float(two_sided_p(limit.warning / error))
    chance = min(crossing, rules.significance)
    return WINDOWS_A_MONTH * (chance if limit.persistence.needed == 1 else 2 * chance**2)


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
    segment: Mapping[str, str] | None = None,
    grain: Grain = Grain.DAY,
) -> tuple[Verdict, ...]:
    """Return the raw verdicts of ``unseen_share``, ``out_of_range_share`` or ``violation_share`` of one unit.

    Warning from a share of .5 % and 3 rows on, critical from 5 % on. Shares are of all rows.

    Parameters
    ----------
    code : ``unseen_share``, ``out_of_range_share`` or ``violation_share``
    features : length n_features; categorical for the first, numeric for the second
    log : DailyCells with cells ``(n_days, n_features, 2)``: rows that are concerned, all other rows
    without_verdict : features that are reported, never judged: ``out_of_range_share`` of seasonal ones
    inapplicable : features to which the share does not apply at all, each with the reason
    segment : where the rows are counted; None: everywhere
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
            found = not_applicable(
                limit, why, n=n, window_start=start, window_end=window.end, feature=feature, segment=segment
            )
        else:
            found = _share_verdict(feature, concerned, n, limit, Window(start, window.end), segment=segment or {})
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


def _share_verdict(
    feature: str, concerned: int, n: int, limit: Limit, window: Window, *, segment: Mapping[str, str]
) -> Verdict:
    state = share_state(concerned / n, limit) if concerned >= limit.minimum_rows else State.HEALTHY
    interval = wilson(concerned, n)
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=segment,
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
        reason=f"{concerned:,} of {n:,} rows {WHAT[limit.code]}",
        detail=f"{percent(concerned / n)} %",
    )
