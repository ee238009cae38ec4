"""The verdict on attribution drift: whether the model still rests on the features that it rested on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.checks.evidence import Evidence
from core.checks.limits import Limit, Limits
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.explain.attribution_drift import AttributionDrift, ShapSeries, attribution_drift
from core.performance.maturity import Maturity
from core.states import State
from core.windows import Window

CHECK = "attribution_drift"
FINDINGS: Mapping[str, str] = {CHECK: "the model rests on other features than in the reference"}

ROLLING_UNITS = 7
"""Units that are judged together: one alone holds too few explained rows."""
FALSE_ALARMS_MONTH = 0.0
"""Found in 3,600 simulated windows without a change, whatever the number of features (docs/method/verdict.md)."""
NAMED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionEvidence:
    """What any unit of a version is judged with; `shap` None: nothing explains the version, there is no verdict."""

    shap: ShapSeries | None
    limits: Limits
    days: tuple[date, ...]


def prepare(evidence: Evidence) -> AttributionEvidence:
    """Return what is computed once."""
    return AttributionEvidence(
        shap=evidence.shap,
        limits=evidence.limits,
        days=evidence.log.days,
    )


def verdicts(
    prepared: AttributionEvidence,
    row: int,
    window: Window,
    mature: Maturity,  # noqa: ARG001 - every family of checks is asked alike
    *,
    followed: Collection[str] = (),  # noqa: ARG001 - there are no segments here
) -> tuple[Verdict, ...]:
    """Return the raw verdict of the seven units up to ``log.days[row]``; none where nothing explains the version.

    Needs no actuals. A warning when the whole 95 % interval of NDCG lies below its limit; never critical: that the
    model rests on other features is no proof that it is worse.
    """
    if prepared.shap is None:
        return ()
    limit, first = prepared.limits[CHECK], max(0, row + 1 - ROLLING_UNITS)
    days = prepared.days[first : row + 1]
    rolling = Window(days[0], window.end)
    sums, n = prepared.shap.window(days)
    fewest = int(n.min()) if n.size else 0
    why = _why_not(limit, prepared.shap, fewest)
    if why:
        return (not_applicable(limit, why, n=fewest, window_start=rolling.start, window_end=rolling.end),)
    reference = (prepared.shap.reference_sums, prepared.shap.reference_n)
    found = attribution_drift(prepared.shap.features, reference, (sums, n))
    return (judged(limit, found, rolling, level=prepared.limits.rules.significance),)


def _why_not(limit: Limit, shap: ShapSeries, fewest: int) -> str:
    if len(shap.features) < 2:
        return "one feature has no order of importance"
    if int(shap.reference_n.min()) < limit.minimum_n:
        return f"fewer than {limit.minimum_n} explained rows in the reference"
    if not float(shap.reference_sums[:, 0].sum()):
        return "no feature moves the score in the reference"
    if fewest < limit.minimum_n:
        return f"fewer than {limit.minimum_n} explained rows in {ROLLING_UNITS} units ({fewest})"
    return ""


def judged(limit: Limit, found: AttributionDrift, window: Window, *, level: float) -> Verdict:
    """Return the verdict on one window: by the upper end of the interval of NDCG alone.

    The rank correlation is told, not judged: among features that matter alike, ranks are chance.
    """
    over = limit.warning is not None and found.ndcg_high < limit.warning
    critical = limit.critical is not None and found.ndcg_high < limit.critical
    state = State.CRITICAL if critical else State.WARNING if over else State.HEALTHY
    moved = moved_words(found)
    words = (
        f"NDCG {short(found.ndcg, digits=3)} [{short(found.ndcg_low, digits=3)} to {short(found.ndcg_high, digits=3)}]"
    )
    rank = f"rank correlation {short(found.spearman)}"
    return Verdict(
        check=limit.code,
        family=limit.family,
        state=state,
        raw_state=state,
        value=number(found.ndcg),
        limit=limit_shown(limit, state),
        ci_low=number(found.ndcg_low),
        ci_high=number(found.ndcg_high),
        n=found.n,
        window_start=window.start,
        window_end=window.end,
        reason=f"{words}, {rank} ({p_words(found.p)}){f'; {moved}' if moved and over else ''}",
        detail=f"NDCG {short(found.ndcg)}{f', {moved}' if moved else ''}",
        significant=found.p <= level,
        adjusted_p=number(found.p),
        false_alarms_month=FALSE_ALARMS_MONTH,
        inconclusive=not over and limit.warning is not None and found.ndcg < limit.warning,
    )


def moved_words(found: AttributionDrift) -> str:
    """Return the features whose share of all importance moved most: ``distance 12 % → 31 %``."""
    before, now = (one / one.sum() if one.sum() > 0 else one for one in (found.reference, found.importance))
    order = np.argsort(-np.abs(now - before), kind="stable")[:NAMED]
    told = [
        f"{found.features[place]} {100 * before[place]:.0f} % → {100 * now[place]:.0f} %"
        for place in order
        if round(100 * before[place]) != round(100 * now[place])
    ]
    return ", ".join(told)
