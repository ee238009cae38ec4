"""Changes of the governance of a model: its record, an override of its tier, and the policy of the store."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.chain import AuditEntry
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.inventory.as_of import EventKind, InventoryEvent, ModelAsOf, end_of, replay, when
from core.inventory.controls import Policy, policy
from core.inventory.fields import TIERS, checked, not_editable
from core.inventory.record import Edit, FieldChange, GovernedModel, edit, from_audit, may_lower_tier, must_stay_complete
from core.inventory.records import ModelInfo
from core.inventory.tiers import TierOverride, TierStanding, lowers, tier_standing
from core.plain_text import text_fault
from core.store import models as stored_models
from core.store import records as stored
from core.store.database import Session, Store
from core.store.repeats import done_before

LONGEST_OVERRIDE = timedelta(days=366)
LONGEST_REASON = 2_000
EVENTS: Mapping[AuditAction, EventKind] = MappingProxyType(
    {
        AuditAction.MODEL_ADDED: EventKind.ADDED,
        AuditAction.SCHEMA_REVISED: EventKind.REVISED,
        AuditAction.MODEL_RETIRED: EventKind.RETIRED,
        AuditAction.RECORD_EDITED: EventKind.EDITED,
        AuditAction.TIER_OVERRIDDEN: EventKind.OVERRIDDEN,
        AuditAction.TIER_OVERRIDE_ENDED: EventKind.RESTORED,
        AuditAction.CHAMPION_SET: EventKind.CHAMPION,
    }
)


@refusals_recorded
def edit_record(
    store: Store,
    principal: Principal,
    *,
    model: str,
    changes: Mapping[str, Any],
    row_version: int | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> GovernedModel:
    """Change fields of a model's record; those not named stay, None takes one out. No change writes nothing.

    Parameters
    ----------
    row_version : int, optional
        Of the record that the person saw; None: whatever stands now.

    Raises
    ------
    RefusedError
        ``not_allowed``: a field is for other roles, or the edit lowers the tier and the person is no validator.
    BadInputError
        When a field is unknown or holds what it may not, or the record would not be as complete as its status says.
    ConflictError
        When somebody else changed the record since.
    """
    authorize(principal, Action.RECORD_EDIT)
    wanted, told = checked(changes), _reason(reason, needed=False)
    with store.write() as session:
        known, at = stored_models.model_by_name(session, model), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.RECORD_EDITED, about=known.name):
            return stored.governed(session, [known], at)[0]
        read = stored.record_of(session, known.id)
        if row_version is not None and row_version != read.row_version:
            raise ConflictError(
                f"The record of '{model}' was changed by {read.updated_by} since you opened it; look at it and repeat."
            )
        made = edit(read.document, wanted)
        if not made.after:
            return stored.governed(session, [known], at)[0]
        _must_be_editable(principal, made)
        _must_fit_the_tier(session, principal, known, read.document, made, at=at)
        stored.put_record(session, read, made.document, by=principal.name, at=at)
        record(
            session,
            principal,
            AuditAction.RECORD_EDITED,
            object_type="model",
            object_id=known.name,
            before={"fields": made.before},
            after={"at": at, "fields": made.after},
            reason=told,
            idempotency_key=idempotency_key,
        )
        return stored.governed(session, [known], at)[0]


def _must_be_editable(principal: Principal, made: Edit) -> None:
    closed = not_editable(made.after, principal.roles)
    if closed:
        told = "; ".join(f"{field.code} is for {', '.join(field.editors)}" for field in closed)
        raise RefusedError("not_allowed", f"{principal.name} may not write every field of this edit: {told}.")


def _must_fit_the_tier(
    session: Session, principal: Principal, model: ModelInfo, document: Mapping[str, Any], made: Edit, *, at: datetime
) -> None:
    override = stored.override_of(session, model.id)
    before = tier_standing(model.risk_tier, document, override, at)
    after = tier_standing(model.risk_tier, made.document, override, at)
    lowered = lowers(_without_override(after), below=_without_override(before))
    if lowered and not may_lower_tier(principal.name, principal.roles, document):
        raise RefusedError(
            "not_allowed",
            f"These risk fields lower '{model.name}' from tier {_without_override(before)} to "
            f"{_without_override(after)}: a validator who did not build it makes that edit.",
        )
    must_stay_complete(made, after.in_force)


def _may_lower(session: Session, principal: Principal, model: ModelInfo) -> bool:
    return may_lower_tier(principal.name, principal.roles, stored.record_of(session, model.id).document)


def _without_override(standing: TierStanding) -> int:
    return standing.declared if standing.computed is None else standing.computed.tier


@refusals_recorded
def override_tier(
    store: Store,
    principal: Principal,
    *,
    model: str,
    tier: int,
    expires: date,
    reason: str,
    idempotency_key: str | None = None,
) -> TierOverride:
    """Put a tier in the place of the computed one until the end of a day, at most a year away.

    It takes the place of an override that stands. Lowering needs a validator, raising does not; lower is what is less
    strict than the tier without an override, or than the one in force.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person may not override, or not lower.
    BadInputError
        When there is no such tier, no reason, or the day is past or too far.
    """
    authorize(principal, Action.TIER_OVERRIDE)
    told = _reason(reason, needed=True)
    with store.write() as session:
        known, at = stored_models.model_by_name(session, model), store.clock.now()
        first = done_before(session, principal, idempotency_key, AuditAction.TIER_OVERRIDDEN, about=known.name)
        if first is not None:
            return stored.override_by_id(session, json.loads(first.after)["id"])
        standing = stored.tier_of(session, known, at)
        strictest = min(_without_override(standing), standing.in_force)
        _must_be_possible(tier, end_of(expires), at)
        if lowers(tier, below=strictest) and not _may_lower(session, principal, known):
            raise RefusedError(
                "not_allowed",
                f"Lowering '{model}' from tier {strictest} to {tier} needs a validator who did not build it.",
            )
        made = stored.add_override(
            session,
            TierOverride(
                id=0,
                model_id=known.id,
                tier=tier,
                reason=told,
                set_by=principal.name,
                set_at=at,
                expires_at=end_of(expires),
            ),
        )
        record(
            session,
            principal,
            AuditAction.TIER_OVERRIDDEN,
            object_type="model",
            object_id=known.name,
            before={"tier": standing.in_force, "source": standing.source},
            after={"at": at, "tier": tier, "expires_at": made.expires_at, "id": made.id, "model_id": known.id},
            reason=told,
            idempotency_key=idempotency_key,
        )
        return made


def _must_be_possible(tier: int, expires_at: datetime, at: datetime) -> None:
    if tier not in TIERS:
        raise BadInputError(f"There is no tier {tier}: choose from {', '.join(map(str, TIERS))}.")
    if not at < expires_at <= at + LONGEST_OVERRIDE:
        raise BadInputError(
            f"An override ends between today and {LONGEST_OVERRIDE.days} days from now, not on "
            f"{expires_at.date().isoformat()}; it can be set again then."
        )


@refusals_recorded
def end_override(
    store: Store, principal: Principal, *, model: str, reason: str, idempotency_key: str | None = None
) -> TierStanding:
    """End the override of a model's tier; where that lowers the tier it needs a validator.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person may not override, or ending it lowers the tier.
    NotFoundError
        When no override stands.
    """
    authorize(principal, Action.TIER_OVERRIDE)
    told = _reason(reason, needed=True)
    with store.write() as session:
        known, at = stored_models.model_by_name(session, model), store.clock.now()
        standing = stored.tier_of(session, known, at)
        if done_before(session, principal, idempotency_key, AuditAction.TIER_OVERRIDE_ENDED, about=known.name):
            return standing
        if standing.override is None:
            raise NotFoundError(f"No override of the tier of '{model}' stands.")
        base = _without_override(standing)
        if lowers(base, below=standing.in_force) and not _may_lower(session, principal, known):
            raise RefusedError(
                "not_allowed",
                f"Ending it lowers '{model}' from tier {standing.in_force} to {base}: a validator who "
                "did not build it ends it.",
            )
        stored.end_override(session, known.id, at=at)
        record(
            session,
            principal,
            AuditAction.TIER_OVERRIDE_ENDED,
            object_type="model",
            object_id=known.name,
            before={"tier": standing.in_force, "source": standing.source},
            after={"at": at, "tier": base},
            reason=told,
            idempotency_key=idempotency_key,
        )
        return stored.tier_of(session, known, at)


@refusals_recorded
def set_policy(store: Store, principal: Principal, name: str, *, reason: str = "") -> Policy:
    """Let the store use the control matrix of this name; the same again changes nothing.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person is no administrator.
    BadInputError
        When there is no policy of this name.
    """
    authorize(principal, Action.POLICY_SET)
    wanted, told = policy(name), _reason(reason, needed=False)
    with store.write() as session:
        before = stored.release_policy(session)
        if before.name == wanted.name:
            return before
        stored.put_release_policy(session, wanted.name)
        record(
            session,
            principal,
            AuditAction.POLICY_SET,
            object_type="store",
            object_id="release_policy",
            before=before.as_json(),
            after={"at": store.clock.now(), **wanted.as_json()},
            reason=told,
        )
    return wanted


def release_policy(store: Store) -> Policy:
    """Return the policy that the store uses."""
    with store.read() as session:
        return stored.release_policy(session)


def governed_model(store: Store, model: str) -> GovernedModel:
    """Return a model's record, its tiers and what its record misses.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        return stored.governed(session, [stored_models.model_by_name(session, model)], store.clock.now())[0]


def governed_models(store: Store) -> tuple[GovernedModel, ...]:
    """Return every model with its record and tiers, by name."""
    with store.read() as session:
        return stored.governed(session, stored_models.models(session), store.clock.now())


def record_history(store: Store, model: str) -> tuple[FieldChange, ...]:
    """Return who changed which field of a model's record when, newest first.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        entries = stored.entries_of(session, (AuditAction.RECORD_EDITED,), known.name)
    return tuple(change for entry in reversed(entries) for change in _changes(entry))


def _changes(entry: AuditEntry) -> list[FieldChange]:
    before, after = json.loads(entry.before)["fields"], json.loads(entry.after)
    return [
        FieldChange(
            seq=entry.seq,
            at=when(after, datetime.fromisoformat(entry.at)),
            by=entry.actor,
            code=code,
            before=from_audit(code, before[code]),
            after=from_audit(code, value),
            reason=entry.reason,
        )
        for code, value in after["fields"].items()
    ]


def inventory_as_of(store: Store, day: date) -> dict[str, ModelAsOf]:
    """Return the inventory as it stood at the end of a day (UTC, by the clock of the store), from the audit trail."""
    with store.read() as session:
        events = [_event(entry) for entry in stored.entries_of(session, EVENTS)]
    return replay(events, end_of(day))


def _event(entry: AuditEntry) -> InventoryEvent:
    after = json.loads(entry.after)
    return InventoryEvent(
        seq=entry.seq,
        at=when(after, datetime.fromisoformat(entry.at)),
        by=entry.actor,
        kind=EVENTS[AuditAction(entry.action)],
        model=entry.object_id,
        after=after,
        reason=entry.reason,
    )


def _reason(text: str, *, needed: bool) -> str:
    told = text.strip()
    if needed and not told:
        raise BadInputError("Say why: a reason is kept with this change.")
    fault = text_fault(told, longest=LONGEST_REASON)
    if fault:
        raise BadInputError(f"The reason {fault}.")
    return told
