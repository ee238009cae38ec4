"""The gate "performance": the challenger is not worse than the champion on the same rows by more than the margins."""

from collections.abc import Mapping
from typing import Any

from core.releases.gates.change import Change
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits, Margin
from core.releases.gates.outcome import judged, unanswered, worst
from core.releases.gates.pairs import Pairs, too_few
from core.releases.gates.units import FEWEST_UNITS

GATE = "performance"
NET_VALUE, ALIKE = "net_value", frozenset({"accuracy", "f1"})
"""Metrics of decisions: by their worth, or counting every mistake alike."""

NOTED = 1.5
"""Factor of an interval from which on the reason tells it."""
SAME = "both versions give every pair the same score: make sure that the challenger is what was scored"

WORDS: Mapping[str, str] = {
    "roc_auc": "area under the ROC curve",
    "log_loss": "log loss",
    "brier_score": "Brier score",
    "accuracy": "accuracy",
    "f1": "F1",
    "net_value": "net value of a decision",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
}
"""What a person calls the metrics that are held to a margin."""


def performance_gate(pairs: Pairs | None, found: tuple[Change, ...], limits: GateLimits) -> GateResult:
    """Return whether the challenger is shown not to be worse than the champion, metric by metric of the task.

    Each metric passes when its 95 % interval lies within the margin, fails when it lies wholly beyond, and is
    inconclusive between; the worst of them is the gate's outcome, and the one nearest to its margin (as a share of
    it) its number. That every one must pass needs no correction for several looks. A metric that fewer pairs hold than
    are needed (no decision, no amount) is inconclusive, whatever its interval. Where money is declared, decisions
    are judged by their worth: accuracy and F1 then count a miss and a false alarm alike, which the declaration does
    not, and are shown only.

    Parameters
    ----------
    pairs : None when the challenger replaces nobody
    found : `changes` of the pairs

    References
    ----------
    DeLong, DeLong & Clarke-Pearson 1988; McNemar 1947; Efron & Tibshirani 1993; Berger 1982 (intersection-union).
    """
    if pairs is None:
        return unanswered(GATE, "difference to the champion", "there is no champion to compare with")
    why = too_few(pairs, limits.pairs)
    if why:
        return unanswered(GATE, "difference to the champion", why, n=pairs.n)
    margins = limits.performance[pairs.task]
    by_worth = any(one.metric == NET_VALUE for one in found)
    held = [
        (one, margins[one.metric].of(one.champion))
        for one in found
        if one.metric in margins and not (by_worth and one.metric in ALIKE)
    ]
    if not held:
        return unanswered(GATE, "difference to the champion", "neither decisions nor scores can be compared", n=pairs.n)
    fewest = limits.pairs.fewest
    outcomes = {
        one.metric: judged(one.low, one.high, margin) if one.n >= fewest else GateOutcome.INCONCLUSIVE
        for one, margin in held
    }
    outcome = worst(outcomes.values())
    told, margin = max(
        ((one, margin) for one, margin in held if outcomes[one.metric] is outcome), key=lambda pair: _share(*pair)
    )
    return GateResult(
        gate=GATE,
        outcome=outcome,
        measure=f"{WORDS[told.metric]} worse by",
        value=told.harm,
        limit=margin,
        limit_kind="at most",
        ci_low=told.low,
        ci_high=told.high,
        n=told.n,
        reason=_reason(outcome, told, len(held), pairs, fewest=fewest),
        details=_details(held, outcomes, margins, pairs),
    )


def _share(change: Change, margin: float) -> float:
    return change.high / margin if margin > 0 else change.high


def _of_units(told: Change, pairs: Pairs) -> str:
    if pairs.n_units < FEWEST_UNITS:
        return f"fewer than {FEWEST_UNITS} windows do not tell how far one differs from the next"
    if told.widened < NOTED:
        return ""
    return f"rows of one window err together: the interval is {told.widened:.1f} times that of independent rows"


def _reason(outcome: GateOutcome, told: Change, n_metrics: int, pairs: Pairs, *, fewest: int) -> str:
    name = WORDS[told.metric]
    notes = [note for note in (pairs.sampled, _of_units(told, pairs), SAME if pairs.scored_alike else "") if note]
    beside = f" ({'; '.join(notes)})" if notes else ""
    if told.n < fewest:
        return f"{name}: {told.n:,} pairs hold what it needs, {fewest:,} are needed{beside}"
    if outcome is GateOutcome.PASSED:
        return f"not worse than the champion by more than the margin in {n_metrics} of {n_metrics} metrics{beside}"
    if outcome is GateOutcome.FAILED:
        return f"{name} is worse than the champion's by more than the margin{beside}"
    return f"{name}: the interval holds the margin, more pairs would tell{beside}"


def _details(
    held: list[tuple[Change, float]],
    outcomes: Mapping[str, GateOutcome],
    margins: Mapping[str, Margin],
    pairs: Pairs,
) -> dict[str, Any]:
    return {
        "metrics": [
            {"metric": one.metric, "outcome": outcomes[one.metric].value, "worse_by": one.harm, "limit": margin}
            | {"ci_low": one.low, "ci_high": one.high, "n": one.n, "method": one.method, "p_value": one.p_value}
            for one, margin in held
        ],
        "margins": {metric: [one.margin, one.relative] for metric, one in margins.items()},
        "pairs": {"joined": pairs.n_joined, "known": pairs.n_known, "compared": pairs.n},
        "coverage": [{"decision": one.decision, "n": one.n, "known": one.n_known} for one in pairs.coverage],
    }
