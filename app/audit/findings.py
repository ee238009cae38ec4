"""Title, sentences and banner of the Audit page, made from what was checked and found."""

from datetime import datetime

from app import words
from app.audit import told
from app.audit.views import Asked, AuditView, Standing
from core.states import State

TAMPER_EVIDENT = (
    "Tamper-evident: each entry holds the hash of the one before, so that a change is found, not prevented."
)


def title(standing: Standing) -> str:
    """Return whether the chain holds."""
    if standing.ok:
        entries = words.plural(standing.entries, "entry", "entries")
        return f"The audit chain holds: {entries}" if standing.entries else "The audit chain is empty"
    if standing.first_bad is None:
        return "The anchors of the audit chain were changed"
    return f"The audit chain is broken at entry {standing.first_bad:,}"


def state(standing: Standing) -> State:
    """Return the state of the banner: a chain that no anchor holds is no healthy one."""
    if not standing.ok:
        return State.CRITICAL
    return State.HEALTHY if standing.anchored_at is not None else State.NOT_APPLICABLE


def banner(standing: Standing, now: datetime) -> str:
    """Return what was verified and how old the last anchor is, in one line."""
    if standing.anchored_at is None:
        anchor = "no anchor yet"
    else:
        anchor = f"anchor {words.ago(now - standing.anchored_at)}"
        anchor = anchor.replace("anchor now", "anchor less than a minute old").replace(" ago", " old")
    if standing.ok:
        return f"chain verified to entry {standing.entries:,}, {anchor}"
    return f"chain verified to entry {standing.entries:,} only, {anchor}"


def explained(standing: Standing) -> list[str]:
    """Return what stands under the banner: why, what still holds, what was looked at, what the anchors are worth."""
    lines = []
    if standing.why:
        lines.append(f"{standing.why[0].upper()}{standing.why[1:]}.")
    if not standing.ok:
        if standing.intact:
            lines.append(f"By themselves, between anchors, still hold entries {_runs(standing.intact)}.")
        lines.append("Keep the store as it is, compare it with an export or a copy, and ask who had access.")
        return lines
    if standing.checked_before is not None and standing.checked_from > 1:
        first = f"entry {standing.checked_from - 1:,}"
        newer = ", what is newer just now" if standing.entries >= standing.checked_from else ""
        lines.append(f"Up to {first} it was checked on {words.moment(standing.checked_before)}{newer}.")
    elif standing.entries:
        lines.append(f"All of it was checked at {words.moment(standing.checked_at)}.")
    if standing.anchored_at is not None and not standing.outside:
        lines.append(
            "Its anchors lie only beside the database: whoever can cut the end of the chain could cut them too "
            "(watchroom doctor says how to keep them elsewhere)."
        )
    elif standing.outside:
        lines.append("Its anchors lie outside the store too.")
    return lines


def sentence(view: AuditView) -> str:
    """Return what the table holds."""
    asked = view.asked
    if not view.rows:
        return "Nothing fits. Take a filter away." if asked.narrowed else "Nothing was done here yet."
    newest, oldest = view.rows[0].seq, view.rows[-1].seq
    span = f"entry {newest:,}" if newest == oldest else f"entries {newest:,} to {oldest:,}"
    about = words.plain(_about(asked))
    older = ", older ones follow" if view.more else ""
    return f"{words.plural(len(view.rows), 'entry', 'entries')} {about}: {span}{older}. Times are the system's, in UTC."


def _about(asked: Asked) -> str:
    parts = []
    if asked.person:
        parts.append(f"by {asked.person}")
    if asked.kind or asked.name:
        parts.append(f"about {' '.join(part for part in (asked.kind, asked.name) if part)}")
    if asked.text:
        parts.append(f"with “{asked.text}”")
    if asked.start:
        parts.append(f"from {words.day(asked.start)}")
    if asked.end:
        parts.append(f"to {words.day(asked.end)}")
    if asked.action:
        parts.append(f"({told.did(asked.action)})")
    return " ".join(parts) or "newest first"


def _runs(intact: tuple[tuple[int, int], ...]) -> str:
    shown = [f"{first:,} to {last:,}" for first, last in intact]
    return words.enumerate_names(shown, 4)
