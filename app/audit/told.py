"""Entries of the audit chain in words."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.audit.views import Change, EntryRow
from core.audit.actions import AuditAction
from core.audit.chain import AuditEntry

SAID = {
    "store:store:init": "made the store or brought it up to date",
    "store:clock:freeze": "set the store's clock",
    "access:person:add": "gave a person roles",
    "model:schema:revise": "revised the schema",
    "model:columns:add": "added columns",
    "model:version:reference": "set the training reference",
    "model:version:champion": "made it the live version",
    "contract:contract:accept": "accepted the contract",
    "log:batch:ingest": "took in a file of predictions",
    "log:batch:revert": "took a file back out",
    "log:actuals:ingest": "took in a file of actuals",
    "log:days:compact": "rewrote closed days",
    "profile:days:build": "profiled days",
    "checks:days:evaluate": "judged days",
    "jobs:job:submit": "queued a job",
    "jobs:job:claim": "began a job",
    "jobs:job:finish": "finished a job",
    "jobs:job:fail": "gave up a job",
    "analysis:analysis:store": "stored an analysis",
    "analysis:units:sum": "stored sums of units",
    "fairness:groups:read": "read what is released about groups",
    "fairness:group:choose": "chose the reference group",
    "audit:chain:export": "took the audit chain away",
    "access:attempt:deny": "was refused",
    "inventory:tier:override": "set another risk tier than the computed one",
    "inventory:tier:restore": "ended the override of the risk tier",
    "inventory:policy:set": "chose the release policy",
    "releases:evidence:freeze": "froze the evidence",
    "releases:release:changes": "asked for changes",
    "releases:release:accept": "accepted what the gates could not decide",
    "releases:release:break_glass": "broke the glass: released without the quorum",
    "releases:release:stale": "found the approvals out of date",
    "releases:release:expire": "let the release expire",
    "releases:release:send": "handed the release to the executor",
    "releases:release:time_out": "waited in vain for the executor",
    "releases:release:supersede": "replaced the live release",
    "releases:rollback:request": "requested a rollback",
    "releases:rollback:drill": "drilled a rollback",
    "releases:comment:add": "commented",
    "releases:attachment:add": "attached a file",
}
"""Actions whose name does not say it; the others are read from their name."""

IRREGULAR = {
    "set": "set",
    "submit": "submitted",
    "put": "put",
    "begin": "began",
    "send": "sent",
    "withdraw": "withdrew",
}
EVIDENCE = "evidence_digest"
LONGEST_VALUE = 2_000


def did(action: str) -> str:
    """Return what an action of the chain is in words.

    >>> did("fairness:group:choose"), did("model:model:retire"), did("release:release:approve"), did("x:y")
    ('chose the reference group', 'retired the model', 'approved the release', 'x:y')
    """
    said = SAID.get(action)
    parts = action.split(":")
    if said is not None or len(parts) != 3:
        return said or action
    return f"{_past(parts[2])} the {parts[1]}"


def row(entry: AuditEntry) -> EntryRow:
    """Return an entry in words; only the fields that changed are told."""
    before, after = _fields(entry.before), _fields(entry.after)
    denied = entry.action == AuditAction.ATTEMPT_DENIED.value
    asked = str(after.get("asked", "")).rpartition(".")[2].replace("_", " ")
    return EntryRow(
        seq=entry.seq,
        at=datetime.fromisoformat(entry.at),
        who=entry.actor,
        roles=entry.roles.replace(",", ", "),
        did=f"{did(entry.action)} ({asked})" if denied and asked else did(entry.action),
        action=entry.action,
        kind=entry.object_type,
        name=entry.object_id,
        changes=changes(before, {name: after[name] for name in after if not (denied and name == "why")}),
        why=entry.reason or (str(after.get("why", "")) if denied else ""),
        evidence=str(after.get(EVIDENCE) or before.get(EVIDENCE) or ""),
        key=entry.idempotency_key or "",
        app_version=entry.app_version,
        digest=entry.hash,
        previous=entry.prev_hash,
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the fields that differ, in the order of their names; parts of a mapping each by itself.

    >>> [(one.field, one.before, one.after) for one in changes({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}})]
    [('b.c', '2', '3')]
    """
    old, new = _flat(before), _flat(after)
    return tuple(
        Change(field=name, before=old.get(name), after=new.get(name))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )


def _flat(fields: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            found.update({f"{name}.{part}": told for part, told in _flat(value).items()})
        else:
            found[str(name)] = _value(value)
    return found


def _value(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str():
            return value[:LONGEST_VALUE]
        case list() if all(isinstance(part, str | int) for part in value):
            return ", ".join(map(str, value))[:LONGEST_VALUE]
    return json.dumps(value, ensure_ascii=False)[:LONGEST_VALUE]


def _fields(text: str) -> Mapping[str, Any]:
    """Return the fields of a `before` or `after`; an entry that was tampered with is shown as the text it holds."""
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    return fields if isinstance(fields, dict) else {"unreadable": text}


def _past(verb: str) -> str:
    """Return a verb as something that was done.

    >>> _past("approve"), _past("deny"), _past("cancel"), _past("set"), _past("request")
    ('approved', 'denied', 'cancelled', 'set', 'requested')
    """
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}led" if verb.endswith("el") else f"{verb}ed"
