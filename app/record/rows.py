"""Rows of the tables of a model's record, as they are shown and downloaded."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from app import words
from app.record.views import Row
from core.audit.chain import AuditEntry
from core.inventory.records import AcceptedContract, VersionInfo
from core.inventory.service import ModelDetail
from core.log.contract import QUARANTINE
from core.log.outcomes import BatchInfo, BatchState, Kind
from core.log.schema import ModelSchema
from core.windows import Window, following, parse_unit, unit_noun

LONGEST_CHANGE = 160
SHA_SHOWN = 12


def version_rows(detail: ModelDetail) -> tuple[Row, ...]:
    """Return the versions, newest first."""
    return tuple(
        {
            "version": one.name,
            "live": "live" if one.id == detail.model.champion_id else "",
            "added": words.day(one.created_at.date()),
            "schema": f"revision {one.schema_revision}",
            "reference": "provisional" if one.provisional else _count(one.reference_rows),
            "model file": _sha(one.artifact_sha256) or "not handed in",
        }
        for one in reversed(detail.versions)
    )


def _count(n: int | None) -> str:
    return "none yet" if n is None else f"{n:,} rows"


def _sha(digest: str | None) -> str:
    return f"{digest[:SHA_SHOWN]}…" if digest else ""


def schema_facts(schema: ModelSchema) -> dict[str, str]:
    """Return which column plays which part."""
    return {
        "prediction id": schema.prediction_id,
        "time": schema.timestamp or schema.time_column or words.NONE,
        "score": schema.score,
        "decision": schema.decision or "derived from the score",
        "actual": schema.actual or "not declared",
        "task": schema.task,
        "grain": schema.grain.value,
        "zone": schema.zone.key,
        "segments": ", ".join(schema.segments) or "none",
        "protected": ", ".join(schema.protected) or "none",
    }


def schema_rows(schema: ModelSchema) -> tuple[Row, ...]:
    """Return the features with meaning and unit, in order of declaration."""
    return tuple(
        {
            "feature": name,
            "kind": one.kind,
            "unit": one.unit or "",
            "meaning": one.meaning or "not described",
            "owner": one.owner or "",
            "importance": None if one.importance is None else round(one.importance, 3),
            "seasonal": one.seasonal,
            "immutable": one.immutable,
            "sensitive": one.sensitive,
            "monotone": one.monotone or "",
        }
        for name, one in schema.features.items()
    )


def contract_rows(found: AcceptedContract | None) -> tuple[Row, ...]:
    """Return the rules of a contract by feature; none without one."""
    return tuple(
        {
            "feature": name,
            "from": rule.low,
            "to": rule.high,
            "categories": len(rule.levels) if rule.levels is not None else None,
            "missing at most": None if rule.max_missing_share is None else words.percent(rule.max_missing_share),
            "a broken rule": "keeps the row out" if rule.on_violation == QUARANTINE else "is counted",
        }
        for name, rule in (found.contract.rules.items() if found else ())
    )


def batch_rows(taken: Sequence[BatchInfo]) -> tuple[Row, ...]:
    """Return the files taken in, newest first."""
    return tuple(
        {
            "file": batch.file,
            "holds": batch.kind.value,
            "version": batch.version or "every version",
            "role": batch.role or "",
            "state": batch.state.value.lower(),
            "rows": batch.accepted,
            "kept out": batch.quarantined,
            "taken in": words.moment(batch.created_at),
            "by": batch.created_by,
            "reason of the revert": batch.reverted_reason or "",
        }
        for batch in sorted(taken, key=lambda batch: batch.id, reverse=True)
    )


def audit_rows(entries: Sequence[AuditEntry]) -> tuple[Row, ...]:
    """Return entries of the audit chain as they came, before and after shortened."""
    return tuple(
        {
            "entry": entry.seq,
            "when": words.moment(datetime.fromisoformat(entry.at)),
            "who": entry.actor,
            "did": entry.action,
            "to": f"{entry.object_type} {entry.object_id}",
            "change": _change(json.loads(entry.before or "{}") or {}, json.loads(entry.after or "{}") or {}),
            "why": entry.reason,
        }
        for entry in entries
    )


def _change(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    names = [*before, *(name for name in after if name not in before)]
    told = [
        f"{name}: {before[name]} → {after[name]}"
        if name in before and name in after
        else f"{name}: {after.get(name, before.get(name))}"
        for name in names
        if before.get(name) != after.get(name)
    ]
    text = ", ".join(told)
    return text if len(text) <= LONGEST_CHANGE else f"{text[: LONGEST_CHANGE - 1]}…"


def landed(taken: Sequence[BatchInfo], kind: Kind, version_id: int | None = None) -> list[BatchInfo]:
    """Return the batches of a kind that count, of one version or (None) of all."""
    return [
        batch
        for batch in taken
        if batch.state is BatchState.LANDED and batch.kind is kind and version_id in (None, batch.version_id)
    ]


def lineage(detail: ModelDetail, chosen: VersionInfo, taken: Sequence[BatchInfo]) -> dict[str, str]:
    """Return what is known of where a version comes from and what came of it; what is not known says so."""
    mine = landed(taken, Kind.PREDICTIONS, chosen.id)
    grain = detail.schema.grain
    days = sorted(parse_unit(str(day), grain) for batch in mine for day in batch.details.get("days", ()))
    span = words.window(Window(days[0], following(days[-1], grain)), grain) if days else words.NONE
    actuals = landed(taken, Kind.ACTUALS)
    reference = "provisional: the first windows of the log, not training data" if chosen.provisional else "none yet"
    if chosen.reference_sha256:
        reference = f"{_count(chosen.reference_rows)}, sha256 {_sha(chosen.reference_sha256)}"
    return {
        "model file": f"sha256 {_sha(chosen.artifact_sha256)}" if chosen.artifact_sha256 else "not handed in",
        "training reference": reference,
        "schema": f"revision {chosen.schema_revision} of {detail.schema_revision}",
        "binning": _sha(chosen.binning_id) or "none without a reference",
        "prediction files": f"{len(mine)} with {sum(batch.accepted for batch in mine):,} rows" if mine else "none yet",
        f"{unit_noun(grain)}s of the log": span,
        "files of actuals": f"{len(actuals)} with {sum(batch.accepted for batch in actuals):,} rows, for every version",
        "training run, code": "not recorded",
    }
