"""A release as the command line prints it: as JSON and as lines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.commands.options import table

if TYPE_CHECKING:
    from core.releases.service import ReleaseDetail, ReleaseSummary


def summary_document(summary: "ReleaseSummary") -> dict[str, Any]:
    """Return a release as `release list --json` holds it."""
    release = summary.release
    return {
        "id": release.id,
        "model": release.model,
        "version": release.version,
        "state": release.state.value,
        "digest": release.digest,
        "quorum": {
            "rules": list(summary.rules),
            "needed": len(summary.rules),
            "given": len(summary.rules) - len(summary.waits_for),
            "waits_for": list(summary.waits_for),
        },
        "approvals": [
            {"by": one.by, "rule": one.rule, "at": one.at.isoformat(), "digest": one.digest}
            for one in summary.approvals
        ],
        "champion": release.champion,
        "environment": release.environment,
        "tier": release.tier,
        "policy": dict(release.policy),
        "plan": dict(release.plan),
        "step": release.step,
        "round": release.round,
        "requested_by": release.requested_by,
        "requested_at": release.requested_at.isoformat(),
        "expires_at": _moment(release.expires_at),
        "approved_at": _moment(release.approved_at),
        "live_since": _moment(release.live_since),
        "broken_glass": release.broken_glass,
        "why": release.why,
    }


def detail_document(detail: "ReleaseDetail") -> dict[str, Any]:
    """Return what `release show --json` holds beside the summary: gates, evidence, decisions, what can be done."""
    return {
        "gates": gates_of(detail),
        "evidence": None if detail.pack is None else dict(detail.pack.document),
        "differences": [one.as_json() for one in detail.differences],
        "decisions": [
            {
                "decision": one.decision.value,
                "by": one.by,
                "at": one.at.isoformat(),
                "round": one.round,
                "reason": one.reason,
                "notes": dict(one.notes),
            }
            for one in detail.decisions
        ],
        "comments": [
            {"id": one.id, "by": one.by, "at": one.at.isoformat(), "text": one.text, "file": one.file}
            for one in detail.comments
        ],
        "moves": [{"move": one.move.value, "refused": one.code or None, "why": one.why} for one in detail.offers],
        "executable_from": _moment(detail.executable_from),
        "rollback_to": detail.rollback_to,
    }


def gates_of(detail: "ReleaseDetail") -> list[Mapping[str, Any]]:
    """Return the gates of the frozen evidence; none before it is gathered."""
    return [] if detail.pack is None else list(detail.pack.document["gates"])


def detail_lines(detail: "ReleaseDetail") -> list[str]:
    """Return a release as a person reads it."""
    release, summary = detail.release, detail.summary
    approvals = [f"{one.by} ({one.rule or 'counts no longer'})" for one in summary.approvals]
    lines = [
        f"Release {release.id}: {release.model} {release.version} in the place of {release.champion or 'nothing'}",
        f"state {release.state.value}" + (f": {release.why}" if release.why else ""),
        f"tier {release.tier}, policy {release.policy['name']}/{release.policy['version']}, round {release.round}",
        f"approved by {', '.join(approvals) or 'nobody'}; waits for {', '.join(summary.waits_for) or 'nobody'}",
    ]
    if release.digest:
        lines.append(f"evidence {release.digest}")
    return [
        *lines,
        *gate_lines(gates_of(detail)),
        *(f"{one.move.value}: {one.why or 'you can'}" for one in detail.offers),
    ]


def gate_lines(gates: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the gates as a table."""
    rows = [
        [
            gate["gate"],
            gate["outcome"],
            _number(gate["value"]),
            _number(gate["limit"]),
            _interval(gate),
            gate["n"] or "",
        ]
        for gate in gates
    ]
    header = ["gate", "outcome", "value", "limit", "95 % interval", "n"]
    reasons = [f"{gate['gate']}: {gate['reason']}" for gate in gates if gate["outcome"] != "pass"]
    return [*table(rows, header), *reasons] if rows else ["No evidence yet."]


def _interval(gate: Mapping[str, Any]) -> str:
    return "" if gate["ci_low"] is None else f"{_number(gate['ci_low'])} … {_number(gate['ci_high'])}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
