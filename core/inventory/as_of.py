"""The inventory on any past day, replayed from what the audit trail says happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from core.inventory.fields import FIELDS, missing
from core.inventory.record import from_audit
from core.inventory.records import ModelState
from core.inventory.tiers import TierOverride, TierStanding, tier_standing


class EventKind(StrEnum):
    """What can happen to a model of the inventory."""

    ADDED = "added"
    REVISED = "revised"
    RETIRED = "retired"
    EDITED = "edited"
    OVERRIDDEN = "overridden"
    RESTORED = "restored"
    CHAMPION = "champion"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryEvent:
    """One audit entry about a model: `after` is what it became, `at` when, by the clock of the store."""

    seq: int
    at: datetime
    by: str
    kind: EventKind
    model: str
    after: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsOf:
    """A model as it stood: who owned it, its record and tier, whether it was watched, and which version was live."""

    model: str
    owner: str
    declared_tier: int
    state: ModelState
    document: Mapping[str, Any]
    override: TierOverride | None
    champion: str | None
    champion_since: datetime | None
    at: datetime

    @property
    def tier(self) -> TierStanding:
        """The tiers at that time, and which of them was in force."""
        return tier_standing(self.declared_tier, self.document, self.override, self.at)

    @property
    def missing(self) -> tuple[str, ...]:
        """Codes of the fields that its tier asked for and that said nothing."""
        return tuple(field.code for field in missing(self.document, self.tier.in_force))


def end_of(day: date) -> datetime:
    """Return the last instant of a day in UTC: what happened on it counts."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1)


def when(after: Mapping[str, Any], written_at: datetime) -> datetime:
    """Return when an entry happened: by the clock of the store where it says so, else when it was written.

    The two differ where the store's clock stands still, as in a demo.
    """
    told = after.get("at")
    return datetime.fromisoformat(told) if isinstance(told, str) else written_at


def replay(events: Iterable[InventoryEvent], at: datetime) -> dict[str, ModelAsOf]:
    """Return every model as it stood at `at`, by name.

    Parameters
    ----------
    events : in the order of the audit trail; those later than `at` are passed over
    """
    found: dict[str, ModelAsOf] = {}
    for event in events:
        if event.at <= at:
            before = found.get(event.model) or _unknown(event.model, at)
            found[event.model] = _after(before, event)
    return dict(sorted(found.items()))


def _unknown(model: str, at: datetime) -> ModelAsOf:
    return ModelAsOf(
        model=model,
        owner="",
        declared_tier=4,
        state=ModelState.ACTIVE,
        document={},
        override=None,
        champion=None,
        champion_since=None,
        at=at,
    )


def _after(before: ModelAsOf, event: InventoryEvent) -> ModelAsOf:
    after = event.after
    match event.kind:
        case EventKind.ADDED | EventKind.REVISED:
            # entries of stores of an earlier Watchroom do not say the owner and tier of a revision
            owner, tier = after.get("owner", before.owner), after.get("risk_tier", before.declared_tier)
            return replace(before, owner=owner, declared_tier=int(tier))
        case EventKind.RETIRED:
            return replace(before, state=ModelState.RETIRED)
        case EventKind.EDITED:
            return replace(before, document=_edited(before.document, after["fields"]))
        case EventKind.OVERRIDDEN:
            return replace(before, override=_override(event))
        case EventKind.RESTORED:
            return replace(before, override=None)
        case EventKind.CHAMPION:
            return replace(before, champion=after["champion"], champion_since=event.at)


def _edited(document: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**document, **{code: from_audit(code, value) for code, value in fields.items()}}
    return {field.code: merged[field.code] for field in FIELDS if merged.get(field.code) is not None}


def _override(event: InventoryEvent) -> TierOverride:
    return TierOverride(
        id=int(event.after["id"]),
        model_id=int(event.after["model_id"]),
        tier=int(event.after["tier"]),
        reason=event.reason,
        set_by=event.by,
        set_at=event.at,
        expires_at=datetime.fromisoformat(event.after["expires_at"]),
    )
