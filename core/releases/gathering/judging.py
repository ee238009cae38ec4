"""All gates of a release from what was compared, tried and read; those its tier does not ask for stand apart."""

from datetime import date

from core.inventory.controls import needs_gate
from core.releases.gates.calibration import calibration_gate
from core.releases.gates.fairness import fairness_gate
from core.releases.gates.fit import (
    documentation_gate,
    findings_gate,
    latency_gate,
    rollout_gate,
    schema_gate,
    validation_gate,
)
from core.releases.gates.gate import GATES, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.performance import performance_gate
from core.releases.gates.robustness import robustness_gate
from core.releases.gates.training_drift import feature_shifts, training_drift_gate
from core.releases.gates.worst_segment import worst_segment_gate
from core.releases.gathering.compared import ComparedVersion
from core.releases.gathering.comparing import Comparison
from core.releases.gathering.facts import Facts, Handed
from core.releases.gathering.tables import latency_of
from core.releases.gathering.trying import Tried
from core.releases.target import schema_gaps
from core.windows import Grain, following, label

BY_TIER = frozenset({"calibration", "worst_segment", "fairness"})
"""Gates that only some tiers ask for; every other is asked for of all."""


def judged_gates(
    facts: Facts, handed: Handed, found: Comparison, shaken: Tried, *, empty: tuple[str, ...], limits: GateLimits
) -> tuple[tuple[GateResult, ...], tuple[GateResult, ...]]:
    """Return the gates that decide, and those that the tier does not ask for, in the order of `GATES`."""
    made = {one.gate: one for one in (*_compared(handed, found, limits), *_read(facts, handed, shaken, empty, limits))}
    asked = [gate for gate in GATES if gate not in BY_TIER or needs_gate(facts.controls, gate)]
    return tuple(made[gate] for gate in asked), tuple(made[gate] for gate in GATES if gate not in asked)


def _compared(handed: Handed, found: Comparison, limits: GateLimits) -> tuple[GateResult, ...]:
    why_not = "" if handed.protected else handed.why_no_fairness
    return (
        performance_gate(found.pairs, found.changes, limits),
        calibration_gate(found.pairs, found.calibration, limits, why_not=found.why_no_calibration),
        worst_segment_gate(found.pairs, found.segments, limits),
        fairness_gate(found.pairs, found.gaps, limits, why_not=why_not),
    )


def _read(
    facts: Facts, handed: Handed, shaken: Tried, empty: tuple[str, ...], limits: GateLimits
) -> tuple[GateResult, ...]:
    consumers = facts.record.get("consumers") or ()
    gaps = None if facts.arriving is None else schema_gaps(facts.challenger.schema, facts.arriving)
    days, n_rows = exposure(facts.challenger)
    return (
        robustness_gate(shaken.flips, limits, why_not=shaken.why_not),
        _training_drift(facts, limits),
        schema_gate(gaps, empty, [str(one) for one in consumers]),
        latency_gate(
            latency_of(facts.counts.get("champion.window")), latency_of(facts.counts.get("challenger.window")), limits
        ),
        documentation_gate(facts.missing_fields, handed.card, facts.controls.tier),
        findings_gate(facts.findings, facts.controls),
        validation_gate(
            facts.validation, facts.validated_by, facts.developers, facts.controls, duty=facts.validation_duty
        ),
        rollout_gate(days, n_rows, facts.controls),
    )


def _training_drift(facts: Facts, limits: GateLimits) -> GateResult:
    before, now = (facts.counts.get(f"challenger.{name}") for name in ("reference", "now"))
    if before is None or now is None or not facts.now:
        return training_drift_gate((), "", limits)
    seasonal = frozenset(name for name, feature in facts.challenger.schema.features.items() if feature.seasonal)
    counts = (before.ints, before.floats), (now.ints, now.floats)
    shifts = feature_shifts(now.layout, *counts, seasonal=seasonal, protected=facts.hidden)
    return training_drift_gate(shifts, window_words(facts.now, facts.challenger.schema.grain), limits)


def window_words(days: tuple[date, ...], grain: Grain) -> str:
    """Return a window as a person would name it: ``2013-12-04..2014-01-01``."""
    return f"{label(days[0], grain)}..{label(following(days[-1], grain), grain)}"


def exposure(side: ComparedVersion) -> tuple[int, int]:
    """Return the days on which a version was scored beside the champion, and its rows.

    A month or a year counts with its days, a numbered batch as one day.
    """
    grain = side.schema.grain
    if grain in (Grain.MONTH, Grain.YEAR):
        days = sum((following(one.day, grain) - one.day).days for one in side.units)
    else:
        days = len(side.units)
    return days, sum(one.n_rows for one in side.units)
