"""The gates of what must be there or agreed: schema, latency, documentation, findings, validation, rollout."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.findings.finding import Finding
from core.inventory.controls import BLOCK, CONDITION, Controls, finding_effect
from core.profile.bins import Ints
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.outcome import unanswered
from core.reviews.calendar import Duty, ValidationStanding
from core.serving.latency import latency_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStanding:
    """The model card of a version: its Markdown, what it lacks by name, and the share of it that is filled."""

    markdown: str
    missing: tuple[str, ...]
    completeness: float


def schema_gate(gaps: Sequence[str] | None, empty: Sequence[str], consumers: Sequence[str]) -> GateResult:
    """Return whether the version finds its features in what arrives, and whether it is known who reads its output.

    Parameters
    ----------
    gaps : what it would miss in the rows that arrive today, in words; None: nothing has arrived yet
    empty : features that arrive without a single value
    consumers : who reads the output by the record; empty: unknown
    """
    measure = "features missing or changed"
    if gaps is None:
        return unanswered("schema", measure, "no rows of a live version have arrived yet")
    faults = [*gaps, *(f"'{name}' arrives empty" for name in empty)]
    unknown = [] if consumers else ["who reads the output is unknown (record field 'consumers')"]
    told = "; ".join([*faults[:5], *unknown])
    return GateResult(
        gate="schema",
        outcome=GateOutcome.FAILED if faults or unknown else GateOutcome.PASSED,
        measure=measure,
        value=float(len(faults)),
        limit=0.0,
        limit_kind="at most",
        reason=told or f"every feature arrives as it is needed; read by {', '.join(consumers[:5])}",
        details={"gaps": [*gaps], "empty": [*empty], "consumers": [*consumers]},
    )


def latency_gate(champion: Ints | None, challenger: Ints | None, limits: GateLimits) -> GateResult:
    """Return whether the 95th percentile of the challenger's latency stays within a ratio of the champion's.

    The interval of the ratio combines the logarithms of both order-statistic intervals (square and add). A difference
    below the floor never fails.

    Parameters
    ----------
    champion, challenger : (353,) rows by latency as `core.profile.totals.latency_counts` gives them; None: not logged

    References
    ----------
    David & Nagaraja 2003, section 7.1; Zou & Donner 2008.
    """
    measure = "95th percentile of the latency, ratio"
    if champion is None or challenger is None:
        return unanswered("latency", measure, "latency is not logged: model.yaml names no latency_ms column")
    first, second = (latency_quantile(counts, 0.95) for counts in (champion, challenger))
    for whose, found in (("champion", first), ("challenger", second)):
        if not int(found.n) or found.interval.high != found.interval.high:
            return unanswered("latency", measure, f"the {whose}'s rows hold too few latencies", n=int(found.n))
    ratio = float(second.value / first.value)
    spread = 1.96 * float((first.log_error**2 + second.log_error**2) ** 0.5)
    low, high = ratio * 2.718281828459045**-spread, ratio * 2.718281828459045**spread
    limit = max(limits.latency.ratio, 1 + limits.latency.floor_ms / float(first.value))
    outcome = GateOutcome.INCONCLUSIVE
    if high <= limit:
        outcome = GateOutcome.PASSED
    elif low > limit:
        outcome = GateOutcome.FAILED
    return GateResult(
        gate="latency",
        outcome=outcome,
        measure=measure,
        value=ratio,
        limit=limit,
        limit_kind="at most",
        ci_low=low,
        ci_high=high,
        n=int(second.n),
        reason=f"p95 {float(first.value):.1f} ms of the champion, {float(second.value):.1f} ms of the challenger",
        details={"champion_ms": float(first.value), "challenger_ms": float(second.value)},
    )


def documentation_gate(missing_fields: Sequence[str], card: CardStanding | None, tier: int) -> GateResult:
    """Return whether record and model card hold what the tier asks for; what lacks is named."""
    lacking = [f"record: {name}" for name in missing_fields]
    lacking += ["model card: none"] if card is None else [f"model card: {name}" for name in card.missing]
    few = ", ".join(lacking[:8]) + (f" and {len(lacking) - 8} more" if len(lacking) > 8 else "")
    return GateResult(
        gate="documentation",
        outcome=GateOutcome.FAILED if lacking else GateOutcome.PASSED,
        measure="required entries that are missing",
        value=float(len(lacking)),
        limit=0.0,
        limit_kind="at most",
        reason=f"missing at tier {tier}: {few}" if lacking else f"record and card hold what tier {tier} asks for",
        details={"missing": lacking, "completeness": None if card is None else card.completeness},
    )


def findings_gate(found: Iterable[Finding], controls: Controls) -> GateResult:
    """Return what the open findings of a model do to a release at its tier: block, ask for a condition, or be noted."""
    effects = [(one, finding_effect(controls, one.severity.value)) for one in found if one.is_open]
    blocking = [one for one, effect in effects if effect == BLOCK]
    asking = [one for one, effect in effects if effect == CONDITION]
    outcome = GateOutcome.FAILED if blocking else GateOutcome.INCONCLUSIVE if asking else GateOutcome.PASSED
    named = ", ".join(f"{one.id} ({one.severity.value}: {one.title})" for one in (blocking or asking)[:5])
    if blocking:
        reason = f"open findings block at tier {controls.tier}: {named}"
    elif asking:
        reason = f"a condition must be agreed for {named}"
    else:
        reason = f"{len(effects)} open, none of them blocks at tier {controls.tier}" if effects else "no open finding"
    return GateResult(
        gate="findings",
        outcome=outcome,
        measure="open findings that block",
        value=float(len(blocking)),
        limit=0.0,
        limit_kind="at most",
        n=len(effects),
        reason=reason,
        details={"open": [{"id": one.id, "severity": one.severity.value, "effect": effect} for one, effect in effects]},
    )


def validation_gate(
    standing: ValidationStanding,
    by: str | None,
    developers: Container[str],
    controls: Controls,
    *,
    duty: Duty | None = None,
) -> GateResult:
    """Return whether this very version was validated as its tier asks, and the model as often as it asks.

    Parameters
    ----------
    by : who did the validation that counts; whoever developed the version does not validate it
    duty : the periodic validation of the model; None while nothing of it is live
    """
    fault = ""
    if not standing.enough:
        fault = standing.why
    elif controls.validation.scope != "self_attest" and by is not None and by in developers:
        fault = f"{by} developed this version and cannot validate it"
    elif duty is not None and duty.blocks:
        fault = f"the model is live with its validation overdue: {duty.why}"
    return GateResult(
        gate="validation",
        outcome=GateOutcome.FAILED if fault else GateOutcome.PASSED,
        measure="validation of this version",
        reason=fault or standing.why,
        details={"review": standing.review_id, "by": by, "scope": controls.validation.scope},
    )


def rollout_gate(days: int, n_rows: int, controls: Controls) -> GateResult:
    """Return whether the challenger was scored beside the champion for as many days as its tier asks for."""
    needed = controls.rollout.shadow_days
    reason = f"{n_rows:,} rows on {days} days in shadow or canary, tier {controls.tier} asks for {needed} days"
    outcome = GateOutcome.PASSED if days >= needed else GateOutcome.FAILED
    if days < needed:
        reason += ": score the challenger in shadow"
    details: dict[str, Any] = {"days": days, "rows": n_rows, "shares": [*controls.rollout.shares]}
    return GateResult(
        gate="rollout",
        outcome=outcome,
        measure="days in shadow",
        value=float(days),
        limit=float(needed),
        limit_kind="at least",
        n=n_rows,
        reason=reason,
        details=details,
    )
