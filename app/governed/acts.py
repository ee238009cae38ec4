"""What people change on the governance pages: each act is one call of a service, on behalf of whoever acts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app import persona, words
from app.governed import told
from app.governed.panel import Panel
from app.reading import opened
from core.cards.service import edit_card
from core.findings import service as findings
from core.findings.finding import Finding
from core.inventory.recording import service as recording
from core.reviews import service as reviews


def edit_record(home: str, asked: Panel, changes: Mapping[str, Any], reason: str) -> str:
    """Change fields of a record as it stood on the screen."""
    made = recording.edit_record(
        opened(home),
        persona.acting(home),
        model=asked.about,
        changes=changes,
        row_version=asked.seen,
        reason=reason,
        idempotency_key=asked.key,
    )
    if not changes:
        return "Nothing was different: nothing was written."
    names = ", ".join(told.label(code) for code in changes)
    return f"The record of {made.model} has its new {names}; tier {told.tier(made.tier)}."


def override_tier(home: str, asked: Panel, *, tier: int, expires: date, reason: str) -> str:
    """Put a tier in the place of the computed one for a while."""
    made = recording.override_tier(
        opened(home),
        persona.acting(home),
        model=asked.about,
        tier=tier,
        expires=expires,
        reason=reason,
        idempotency_key=asked.key,
    )
    return f"Tier {made.tier} is in force until {words.day(made.expires_at.date())}."


def end_override(home: str, asked: Panel, *, reason: str) -> str:
    """End the override of a tier."""
    standing = recording.end_override(
        opened(home), persona.acting(home), model=asked.about, reason=reason, idempotency_key=asked.key
    )
    return f"The override has ended: tier {told.tier(standing)}."


def write_card(home: str, asked: Panel, *, version: str, changes: Mapping[str, Any]) -> str:
    """Write texts of a card as it stood on the screen."""
    edit_card(
        opened(home),
        persona.acting(home),
        model=asked.about,
        version=version,
        changes=changes,
        row_version=asked.seen,
        idempotency_key=asked.key,
    )
    return f"The card of {asked.about} {version} is written." if changes else "Nothing was different."


def raise_finding(home: str, asked: Panel, *, model: str, said: Mapping[str, Any]) -> str:
    """Raise a finding about a model or a version."""
    made = findings.raise_finding(opened(home), persona.acting(home), model=model, **said, idempotency_key=asked.key)
    return f"Finding {made.id} is raised by the {made.line} line, due {words.day(made.due)}."


def extend(home: str, asked: Panel, *, until: date, why: str) -> str:
    """Give a finding longer."""
    made = findings.extend_finding(
        opened(home),
        persona.acting(home),
        int(asked.about),
        until=until,
        why=why,
        row_version=asked.seen,
        idempotency_key=asked.key,
    )
    return f"Finding {made.id} is due {words.day(made.due)} now."


def close(home: str, asked: Panel, *, closure: str) -> str:
    """Close a finding with what shows that it is mended."""
    made = findings.close_finding(
        opened(home),
        persona.acting(home),
        int(asked.about),
        closure=closure,
        row_version=asked.seen,
        idempotency_key=asked.key,
    )
    return f"Finding {made.id} is closed."


def reopen(home: str, asked: Panel, *, why: str) -> str:
    """Open a closed finding again."""
    made: Finding = findings.reopen_finding(
        opened(home), persona.acting(home), int(asked.about), why=why, idempotency_key=asked.key
    )
    return f"Finding {made.id} is open again, due {words.day(made.due)}."


def record_review(home: str, asked: Panel, *, said: Mapping[str, Any]) -> str:
    """Record a validation of a version, or an owner's review."""
    made = reviews.record_review(
        opened(home), persona.acting(home), model=asked.about, **said, idempotency_key=asked.key
    )
    return f"{told.kind(made.kind)} of {made.model}: {str(made.outcome).replace('_', ' ')}."


def finish_review(home: str, asked: Panel, *, outcome: str, notes: str) -> str:
    """Do a review that is owed."""
    made = reviews.finish_review(
        opened(home), persona.acting(home), int(asked.about), outcome=outcome, notes=notes, idempotency_key=asked.key
    )
    return f"{told.kind(made.kind)} of {made.model}: {str(made.outcome).replace('_', ' ')}."


def except_validation(home: str, asked: Panel, *, until: date, why: str) -> str:
    """Let a model be live for a while with its validation overdue."""
    made = reviews.except_validation(
        opened(home), persona.acting(home), model=asked.about, until=until, why=why, idempotency_key=asked.key
    )
    return f"{made.model} is excepted from its validation until {words.day(made.due)}."
