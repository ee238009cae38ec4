"""What Watchroom knows itself of a model's record, by the group in which it is shown; nobody writes it."""

from datetime import date

from app import words
from app.governed import queries, told
from app.reading import opened
from core.inventory.fields import DERIVED, Group
from core.inventory.record import GovernedModel
from core.inventory.records import VersionInfo
from core.inventory.service import ModelDetail, model_detail
from core.reviews.calendar import Duty
from core.reviews.review import ReviewKind

SHA_SHOWN = 12


def by_group(home: str, model: str) -> dict[Group, dict[str, str]]:
    """Return what is known, group by group; what is not known is left out."""
    detail, held = model_detail(opened(home), model), queries.governed(home, model)
    due = {duty.kind: duty for duty in queries.duties(home)[model]}
    mine = [one for one in queries.all_findings(home) if one.model == model]
    facts = {
        **_identity(detail),
        **_data(detail),
        **_risk(held),
        **_reviews(due),
        "open findings": told.severities(mine),
    }
    found: dict[Group, dict[str, str]] = {group: {} for group in Group}
    for name, group in DERIVED.items():
        if facts.get(name):
            found[group][name] = facts[name]
    return found


def _identity(detail: ModelDetail) -> dict[str, str]:
    live = detail.champion
    since = detail.model.champion_since
    return {
        "model": detail.model.name,
        "versions": ", ".join(one.name for one in detail.versions),
        "champion": live.name if live else "",
        "artifact sha256": _short(live.artifact_sha256 if live else None),
        "schema revision": str(detail.schema_revision),
        "live since": words.day(since.date()) if since else "",
    }


def _data(detail: ModelDetail) -> dict[str, str]:
    schema = detail.schema
    hours = schema.actual_delay.total_seconds() / 3600
    return {
        "reference": _reference(detail.champion),
        "features": str(len(schema.features)),
        "sensitive features": ", ".join(name for name, one in schema.features.items() if one.sensitive)
        or "none declared",
        "label delay": f"{hours / 24:g} d" if hours >= 24 else f"{hours:g} h",
    }


def _reference(live: VersionInfo | None) -> str:
    if live is None or live.reference_rows is None:
        return ""
    return f"{live.reference_rows:,} rows {_short(live.reference_sha256)}".strip()


def _short(digest: str | None) -> str:
    return f"{digest[:SHA_SHOWN]}…" if digest else ""


def _risk(held: GovernedModel) -> dict[str, str]:
    computed = held.tier.computed
    return {
        "risk score": f"{computed.score} of 100" if computed else "",
        "computed tier": str(computed.tier) if computed else "",
        "tier override": told.tier(held.tier) if held.tier.source == "override" else "",
    }


def _reviews(due: dict[ReviewKind, Duty]) -> dict[str, str]:
    validation, drill = due.get(ReviewKind.VALIDATION), due.get(ReviewKind.DRILL)
    review = due.get(ReviewKind.OWNER_REVIEW)
    return {
        "last validation": _day(validation.last if validation else None),
        "next validation": _day(validation.due if validation else None),
        "last rollback drill": _day(drill.last if drill else None),
        "next review": _day(review.due if review else None),
    }


def _day(when: date | None) -> str:
    return "" if when is None else words.day(when)
