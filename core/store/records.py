"""Reading and writing of governance records, tier overrides and the policy of a store."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from core.audit.actions import AuditAction
from core.audit.chain import AuditEntry
from core.errors import ConflictError
from core.inventory.controls import STANDARD, Policy, policy
from core.inventory.fields import missing
from core.inventory.record import GovernedModel, ModelRecord
from core.inventory.records import ModelInfo
from core.inventory.tiers import TierOverride, TierStanding, tier_standing
from core.store import settings
from core.store.governed_tables import ModelRecordRow, TierOverrideRow
from core.store.tables import AuditRow

RELEASE_POLICY = "release_policy"


def record_of(session: Session, model_id: int) -> ModelRecord:
    """Return the record of a model; an empty one with `row_version` 0 when nobody wrote any."""
    row = session.get(ModelRecordRow, model_id)
    return _record(row) if row is not None else _nothing(model_id)


def put_record(session: Session, read: ModelRecord, document: Mapping[str, Any], *, by: str, at: datetime) -> None:
    """Write a record that is still as it was read.

    Raises
    ------
    ConflictError
        When somebody else wrote it since.
    """
    values = {"document": dict(document), "updated_by": by, "updated_at": at, "row_version": read.row_version + 1}
    if read.row_version == 0 and session.get(ModelRecordRow, read.model_id) is None:
        session.execute(insert(ModelRecordRow).values(model_id=read.model_id, **values))
        return
    unchanged = (ModelRecordRow.model_id == read.model_id, ModelRecordRow.row_version == read.row_version)
    if session.execute(update(ModelRecordRow).where(*unchanged).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError("The record was changed by somebody else a moment ago; read it and repeat.")


def override_of(session: Session, model_id: int) -> TierOverride | None:
    """Return the override of a model that nobody ended, or None; it may have lapsed (`TierOverride.stands`)."""
    row = session.scalar(
        select(TierOverrideRow).where(TierOverrideRow.model_id == model_id, TierOverrideRow.ended_at.is_(None))
    )
    return None if row is None else _override(row)


def override_by_id(session: Session, override_id: int) -> TierOverride:
    """Return an override by its number, whether or not it still stands."""
    return _override(session.execute(select(TierOverrideRow).where(TierOverrideRow.id == override_id)).scalar_one())


def add_override(session: Session, override: TierOverride) -> TierOverride:
    """Insert an override (its `id` is given here) in the place of the one that stands."""
    end_override(session, override.model_id, at=override.set_at)
    row = TierOverrideRow(
        model_id=override.model_id,
        tier=override.tier,
        reason=override.reason,
        set_by=override.set_by,
        set_at=override.set_at,
        expires_at=override.expires_at,
    )
    session.add(row)
    session.flush()
    return _override(row)


def end_override(session: Session, model_id: int, *, at: datetime) -> bool:
    """End the override that stands; False when there was none."""
    standing = (TierOverrideRow.model_id == model_id, TierOverrideRow.ended_at.is_(None))
    statement = update(TierOverrideRow).where(*standing).values(ended_at=at)
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def tier_of(session: Session, model: ModelInfo, at: datetime) -> TierStanding:
    """Return the tiers of a model and which of them is in force at `at`."""
    document = record_of(session, model.id).document
    return tier_standing(model.risk_tier, document, override_of(session, model.id), at)


def governed(session: Session, models: Collection[ModelInfo], at: datetime) -> tuple[GovernedModel, ...]:
    """Return the records and tiers of models, in their order, in two queries however many there are."""
    ids = [model.id for model in models]
    records = session.scalars(select(ModelRecordRow).where(ModelRecordRow.model_id.in_(ids)))
    standing = session.scalars(
        select(TierOverrideRow).where(TierOverrideRow.model_id.in_(ids), TierOverrideRow.ended_at.is_(None))
    )
    by_model = {row.model_id: _record(row) for row in records}
    overrides = {row.model_id: _override(row) for row in standing}
    return tuple(
        _governed(model, by_model.get(model.id, _nothing(model.id)), overrides.get(model.id), at) for model in models
    )


def release_policy(session: Session) -> Policy:
    """Return the policy that this store uses: the standard one until another was chosen."""
    return policy(settings.get(session, RELEASE_POLICY) or STANDARD)


def put_release_policy(session: Session, name: str) -> None:
    """Let this store use the policy of this name."""
    settings.put(session, RELEASE_POLICY, name)


def _governed(model: ModelInfo, record: ModelRecord, override: TierOverride | None, at: datetime) -> GovernedModel:
    tier = tier_standing(model.risk_tier, record.document, override, at)
    lacking = tuple(field.code for field in missing(record.document, tier.in_force))
    return GovernedModel(model=model.name, model_id=model.id, record=record, tier=tier, missing=lacking)


def _nothing(model_id: int) -> ModelRecord:
    return ModelRecord(model_id=model_id, document={}, updated_by="", updated_at=None, row_version=0)


def _record(row: ModelRecordRow) -> ModelRecord:
    return ModelRecord(
        model_id=row.model_id,
        document=row.document,
        updated_by=row.updated_by,
        updated_at=row.updated_at,
        row_version=row.row_version,
    )


def _override(row: TierOverrideRow) -> TierOverride:
    return TierOverride(
        id=row.id,
        model_id=row.model_id,
        tier=row.tier,
        reason=row.reason,
        set_by=row.set_by,
        set_at=row.set_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )


def entries_of(session: Session, actions: Collection[AuditAction], model: str | None = None) -> list[AuditEntry]:
    """Return the audit entries of these actions about a model, or about all, in their order."""
    wanted: list[ColumnElement[bool]] = [AuditRow.action.in_([action.value for action in actions])]
    if model is not None:
        wanted.append(AuditRow.object_id == model)
    rows = session.scalars(select(AuditRow).where(*wanted).order_by(AuditRow.seq))
    return [AuditEntry(**{field.name: getattr(row, field.name) for field in fields(AuditEntry)}) for row in rows]
