"""The document of a release's evidence: everything a reviewer reads, as plain values, in one place."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.checks.limits import load_limits
from core.findings.finding import as_json as finding_json
from core.inventory.controls import as_json as controls_json
from core.inventory.controls import finding_effect
from core.releases.gates.gate import GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.pairs import SEED
from core.releases.gates.plain import plain_values
from core.releases.gathering.comparing import Comparison
from core.releases.gathering.facts import Facts, Handed, Importances
from core.releases.gathering.tables import curves, metric_table
from core.releases.gathering.worse import changed_importance, worse_first
from core.windows import following, label

RECOMPUTABLE: Mapping[str, str] = {
    "metrics": "the two columns of each version: from the packed profiles, without the log",
    "curves": "from the packed profiles",
    "training_drift": "from the packed profiles, but for protected features, whose counts are told to nobody",
    "latency": "from the packed profiles",
    "change": "AUC, accuracy, mean losses, F1, net value of a decision: from the sums and the factor beside them; that "
    "factor, the bootstrap of a mean loss, RMSE and the value by amount need the rows (seed 0)",
    "calibration": "the errors from the points beside them; the interval of the change needs the rows (seed 0)",
    "segments": "every test, correction and interval from growth and error of each segment that was searched",
    "fairness": "the rates from the released counts; the change of the gaps needs the rows, whose counts by group are "
    "told to nobody",
    "robustness": "shares and intervals from the counts beside them; these need the model file and the rows (seed 0)",
    "importance": "needs the model files and the rows",
}
"""Which numbers can be worked out again from what."""


def document_of(
    facts: Facts,
    handed: Handed,
    found: Comparison,
    *,
    importances: Mapping[str, Importances],
    further: Sequence[GateResult],
    limits: GateLimits,
) -> dict[str, Any]:
    """Return the document of a release's evidence without its gates, which are added when it is frozen.

    Parameters
    ----------
    importances : of ``champion`` and ``challenger``
    further : gates that the tier does not ask for: shown, never deciding
    """
    sides = {name: facts.counts.get(f"{name}.window") for name in ("champion", "challenger")}
    whole = {
        **_named(facts, limits),
        "window": _window(facts),
        "pairs": _pairs(found),
        "worse_first": worse_first(found.changes, found.segments, found.gaps, facts.challenger.schema.task, limits),
        "metrics": metric_table(sides["champion"], sides["challenger"], found.changes),
        "curves": {name: curves(counts) for name, counts in sides.items()},
        "segments": [] if found.segments is None else [one.as_json() for one in found.segments.segments],
        "segment_search": _search(found),
        "fairness": _fairness(handed, found),
        "importance": _importance(importances),
        "changed": _changed(facts),
        "card": None if handed.card is None else _card(handed),
        "record": dict(facts.record),
        "findings": _findings(facts),
        "further_gates": [gate.as_json() for gate in further],
        "recomputable": dict(RECOMPUTABLE),
    }
    plain: dict[str, Any] = plain_values(whole)
    return plain


def _named(facts: Facts, limits: GateLimits) -> dict[str, Any]:
    release, challenger, champion = facts.release, facts.challenger, facts.champion
    return {
        "model": facts.model.name,
        "task": challenger.schema.task,
        "staged": challenger.schema.staged or facts.record.get("staged") is True,
        "version": challenger.version.name,
        "champion": None if champion is None else champion.version.name,
        "environment": release.environment,
        "requested_by": release.requested_by,
        "requested_at": release.requested_at,
        "reason": release.reason,
        "tier": facts.controls.tier,
        "policy": dict(facts.policy),
        "controls": controls_json(facts.controls),
        "plan": dict(release.plan),
        "limits": {"gates": limits.version, "checks": load_limits().version},
        "gathered_at": facts.at,
        "artifact_sha256": challenger.version.artifact_sha256,
        "schemas": {
            "challenger": challenger.schema.digest,
            "champion": None if champion is None else champion.schema.digest,
        },
        "datasets": {name: _dataset(facts, name) for name in ("champion", "challenger")},
    }


def _dataset(facts: Facts, name: str) -> dict[str, Any] | None:
    side = facts.champion if name == "champion" else facts.challenger
    if side is None:
        return None
    return {
        "reference_sha256": side.version.reference_sha256,
        "reference_rows": side.version.reference_rows,
        "binning": side.version.binning_id,
        "rows": sum(one.n_rows for one in side.units),
        "roles": list(side.roles),
    }


def _window(facts: Facts) -> dict[str, Any]:
    if not facts.days:
        return {"start": None, "end": None, "last": None, "units": 0}
    grain = facts.challenger.schema.grain
    first, last = facts.days[0], facts.days[-1]
    ends = {"end": label(following(last, grain), grain), "last": label(last, grain)}
    return {"start": label(first, grain), **ends, "units": len(facts.days)}


def _pairs(found: Comparison) -> dict[str, Any] | None:
    pairs = found.pairs
    if pairs is None:
        return None
    return {
        "joined": pairs.n_joined,
        "known": pairs.n_known,
        "compared": pairs.n,
        "units": pairs.n_units,
        "sampled": pairs.sampled,
        "seed": SEED,
        "coverage": [{"decision": one.decision, "n": one.n, "known": one.n_known} for one in pairs.coverage],
    }


def _search(found: Comparison) -> dict[str, Any] | None:
    one = found.segments
    if one is None:
        return None
    numbers = {"searched": one.n_searched, "detectable": one.detectable, "limit": one.limit, "champion": one.overall}
    return {"loss": one.loss, **numbers, "tested": one.tested}


def _fairness(handed: Handed, found: Comparison) -> dict[str, Any]:
    why = "" if handed.protected else handed.why_no_fairness
    return {**handed.fairness, "gaps": [one.as_json() for one in found.gaps], "why": why}


def _importance(importances: Mapping[str, Importances]) -> dict[str, Any]:
    told = {
        name: {
            "n": one.n,
            "unit": one.unit,
            "explainer": one.explainer,
            "why": one.why,
            "points": [
                {"feature": feature, "value": value, "share": one.shares.get(feature)} for feature, value in one.points
            ],
        }
        for name, one in importances.items()
    }
    shares = {name: one.shares for name, one in importances.items()}
    both = shares.get("champion") and shares.get("challenger")
    return {**told, "changes": changed_importance(shares["champion"], shares["challenger"]) if both else []}


def _changed(facts: Facts) -> dict[str, Any]:
    ours, theirs = facts.champion, facts.challenger
    before = set() if ours is None else set(ours.schema.features)
    after = set(theirs.schema.features)
    old = None if ours is None else ours
    return {
        "features": {"added": sorted(after - before), "removed": sorted(before - after), "kept": len(before & after)},
        "training": {name: _dataset(facts, name) for name in ("champion", "challenger")},
        "training_data": facts.record.get("training_data"),
        "artifact": {
            "champion": None if old is None else old.version.artifact_sha256,
            "challenger": theirs.version.artifact_sha256,
        },
        "threshold": {"champion": None if old is None else old.schema.threshold, "challenger": theirs.schema.threshold},
        "code": facts.record.get("code_reference"),
    }


def _card(handed: Handed) -> dict[str, Any]:
    assert handed.card is not None
    card = handed.card
    return {"markdown": card.markdown, "missing": list(card.missing), "completeness": card.completeness}


def _findings(facts: Facts) -> list[dict[str, Any]]:
    return [
        {**finding_json(one), "effect": finding_effect(facts.controls, one.severity.value) if one.is_open else "none"}
        for one in facts.findings
    ]
