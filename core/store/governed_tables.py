"""The tables of governance: records, cards, findings, reviews, releases and what is sent to executors.

A change needs one Alembic revision. Times are UTC, names are the users' own (`core/store/tables.py`).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables import Base


class ModelRecordRow(Base):
    """The governance record of a model: a document of fields by code (`core/inventory/fields.py`)."""

    __tablename__ = "model_records"
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    document: Mapped[dict[str, Any]]
    updated_by: Mapped[str] = mapped_column(String(200))
    updated_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)


class TierOverrideRow(Base):
    """A risk tier that a person put in the place of the computed one; at most one stands for a model."""

    __tablename__ = "tier_overrides"
    __table_args__ = (
        Index(
            "one_standing_override_per_model",
            "model_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    tier: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CardRow(Base):
    """What the owner wrote into the model card of a version; the rest is filled from what is known."""

    __tablename__ = "cards"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    document: Mapped[dict[str, Any]]
    updated_by: Mapped[str] = mapped_column(String(200))
    updated_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)


class FindingRow(Base):
    """A finding of validation, or a condition of an approval; `line` is the side that raised it and may close it."""

    __tablename__ = "findings"
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"), index=True)
    severity: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(String(16))
    raised_by: Mapped[str] = mapped_column(String(200))
    raised_at: Mapped[datetime]
    owner: Mapped[str] = mapped_column(String(200))
    due: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(16), index=True)
    extensions: Mapped[dict[str, Any]]
    closed_by: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None]
    closure: Mapped[str | None] = mapped_column(Text)
    reopened: Mapped[int] = mapped_column(default=0)
    row_version: Mapped[int] = mapped_column(default=1)


class ReviewRow(Base):
    """A review of a model, owed or done: validation, periodic, drill, or after a rollback or a broken glass."""

    __tablename__ = "reviews"
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    kind: Mapped[str] = mapped_column(String(32))
    due: Mapped[date] = mapped_column(Date)
    scope: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str | None] = mapped_column(String(32))
    notes: Mapped[str] = mapped_column(Text, default="")
    done_by: Mapped[str | None] = mapped_column(String(200))
    done_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)


class EvidencePackRow(Base):
    """What an approver saw, frozen: `id` is the digest of the document; `profiles` holds the counts it came from."""

    __tablename__ = "evidence_packs"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), index=True)
    document: Mapped[dict[str, Any]]
    profiles: Mapped[bytes] = mapped_column(LargeBinary)
    validity: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class ReleaseRow(Base):
    """A request to make a version live in an environment, or a drill of taking it back; the states of the design."""

    __tablename__ = "releases"
    __table_args__ = (
        Index(
            "one_open_release_per_environment",
            "model_id",
            "environment",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    champion_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    environment: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(24), index=True)
    is_open: Mapped[bool]
    step: Mapped[int] = mapped_column(default=0)
    plan: Mapped[dict[str, Any]]
    tier: Mapped[int]
    policy: Mapped[dict[str, Any]]
    round: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(Text, default="")
    requested_by: Mapped[str] = mapped_column(String(200))
    requested_at: Mapped[datetime]
    digest: Mapped[str | None] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    executing_since: Mapped[datetime | None]
    live_since: Mapped[datetime | None]
    broken_glass: Mapped[bool] = mapped_column(default=False)
    rollback_to_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    ended_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)


class ReleaseDecisionRow(Base):
    """What a person decided on a release, and the evidence that their screen showed."""

    __tablename__ = "release_decisions"
    __table_args__ = (
        Index(
            "one_approval_per_person_and_round",
            "release_id",
            "round",
            "by",
            unique=True,
            sqlite_where=text("decision = 'approve'"),
            postgresql_where=text("decision = 'approve'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), index=True)
    round: Mapped[int]
    decision: Mapped[str] = mapped_column(String(24))
    by: Mapped[str] = mapped_column(String(200))
    rule: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text)
    notes: Mapped[dict[str, Any]]
    digest: Mapped[str | None] = mapped_column(String(64))
    validity: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ReleaseCommentRow(Base):
    """A comment on a release, or a file beside it (kept by its content; `sha256` names it)."""

    __tablename__ = "release_comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), index=True)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    file: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str | None] = mapped_column(String(64))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)


class ReleaseVisitRow(Base):
    """When a person last looked at a release: what came later is new to them."""

    __tablename__ = "release_visits"
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    person: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[datetime]


class DeliveryRow(Base):
    """What an executor is to do, written with the decision itself and delivered at least once."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    executor: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    row_version: Mapped[int] = mapped_column(default=1)
