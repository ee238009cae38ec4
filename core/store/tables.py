"""The tables of the state database but those of governance (`core/store/governed_tables.py`).

A change needs one Alembic revision.

Times are UTC (`UtcDateTime`). Blobs are packed by their own module. Names that users chose
(models, columns, versions) live here; files and partitions use the internal keys only.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetime, stored as naive UTC so that SQLite and PostgreSQL sort it alike."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A stored time must know its zone, got {value!r}.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        int: Integer().with_variant(BigInteger(), "postgresql"),  # 64 bits in both (`core/store/postgres_schema.py`)
    }


class SettingRow(Base):
    """One named setting of this store, e.g. the frozen clock of the demo."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class PersonRow(Base):
    """A named person and their roles (local mode: chosen with ``--as``)."""

    __tablename__ = "people"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    roles: Mapped[list[str]]
    added_at: Mapped[datetime]


class ModelRow(Base):
    """A monitored model. `key` names its folder; `champion_id` is its live version."""

    __tablename__ = "models"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    owner: Mapped[str] = mapped_column(String(200))
    risk_tier: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    schema_id: Mapped[int | None] = mapped_column(ForeignKey("schemas.id", use_alter=True))
    champion_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id", use_alter=True))
    champion_since: Mapped[datetime | None]
    champion_release_id: Mapped[int | None]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)


class SchemaRow(Base):
    """One immutable revision of a model's `model.yaml`."""

    __tablename__ = "schemas"
    __table_args__ = (UniqueConstraint("model_id", "revision"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class ColumnRow(Base):
    """The internal id of a user's column name; the same over all schema revisions."""

    __tablename__ = "columns"
    __table_args__ = (UniqueConstraint("model_id", "name"), UniqueConstraint("model_id", "column_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    name: Mapped[str] = mapped_column(Text)
    column_id: Mapped[str] = mapped_column(String(16))


class VersionRow(Base):
    """A version of a model, pinned to one schema revision; its binning once a reference stands."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("model_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    schema_id: Mapped[int] = mapped_column(ForeignKey("schemas.id"))
    artifact_sha256: Mapped[str | None] = mapped_column(String(64))
    binning_id: Mapped[str | None] = mapped_column(ForeignKey("binnings.id"))
    reference_sha256: Mapped[str | None] = mapped_column(String(64))
    reference_rows: Mapped[int | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    added_by: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)


class ContractRow(Base):
    """A contract (Open Data Contract Standard) as accepted by a person for one version."""

    __tablename__ = "contracts"
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), index=True)
    revision: Mapped[int]
    document: Mapped[dict[str, Any]]
    accepted_by: Mapped[str] = mapped_column(String(200))
    accepted_at: Mapped[datetime]


class BatchRow(Base):
    """One file taken in. `state`: STAGED → LANDED → REVERTED; a revert frees the hash."""

    __tablename__ = "batches"
    __table_args__ = (
        Index(
            "one_landed_batch_per_content",
            "content_hash",
            unique=True,
            sqlite_where=text("state <> 'REVERTED'"),
            postgresql_where=text("state <> 'REVERTED'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    kind: Mapped[str] = mapped_column(String(16))
    role: Mapped[str | None] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    accepted: Mapped[int] = mapped_column(BigInteger)
    quarantined: Mapped[int] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    reverted_reason: Mapped[str | None] = mapped_column(Text)


class QuarantineRow(Base):
    """One row that was kept out, or the count of the further ones that broke the same rule."""

    __tablename__ = "quarantine"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    row_number: Mapped[int | None] = mapped_column(BigInteger)
    column: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(Text)
    fix: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(BigInteger)


class DirtyDayRow(Base):
    """A day of a version whose profile no longer shows what the log holds."""

    __tablename__ = "dirty_days"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    mark: Mapped[int] = mapped_column(default=1)


class BinningRow(Base):
    """An immutable binning, packed; `id` is the hash of its content."""

    __tablename__ = "binnings"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    blob: Mapped[bytes] = mapped_column(LargeBinary)
    kernel_version: Mapped[int]
    created_at: Mapped[datetime]


class ProfileRow(Base):
    """Packed counts of one version, role, unit and binning (`core/store/profiles.py` alone reads it)."""

    __tablename__ = "profiles"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    binning_id: Mapped[str] = mapped_column(ForeignKey("binnings.id"), primary_key=True)
    grain: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    blob: Mapped[bytes] = mapped_column(LargeBinary)
    n_rows: Mapped[int] = mapped_column(BigInteger)
    n_labelled: Mapped[int] = mapped_column(BigInteger)
    log_version: Mapped[int] = mapped_column(BigInteger)
    batches_hash: Mapped[str] = mapped_column(String(64))
    kernel_version: Mapped[int]
    provenance_id: Mapped[str] = mapped_column(String(32))
    built_at: Mapped[datetime]


class AnalysisRow(Base):
    """A result of long work, stored once for its version, parameters and state of the log; `id` is their hash."""

    __tablename__ = "analyses"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), index=True)
    parameters: Mapped[dict[str, Any]]
    data_version: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]]
    table: Mapped[bytes | None] = mapped_column("rows", LargeBinary)
    created_at: Mapped[datetime]
    seconds: Mapped[float]


class UnitSumsRow(Base):
    """Sums over the rows of one unit of what only a model can tell of a row: an expected loss, SHAP values."""

    __tablename__ = "unit_sums"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    basis: Mapped[str] = mapped_column(String(64))
    sums: Mapped[bytes] = mapped_column(LargeBinary)


class SavedSegmentRow(Base):
    """A named filter on the columns of a model's schema."""

    __tablename__ = "saved_segments"
    __table_args__ = (
        Index(
            "one_standing_segment_per_name",
            "model_id",
            "name",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    filter: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class SegmentProfileRow(Base):
    """Packed counts of the rows of a saved segment, as `ProfileRow` has them of all rows."""

    __tablename__ = "segment_profiles"
    segment_id: Mapped[int] = mapped_column(ForeignKey("saved_segments.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    binning_id: Mapped[str] = mapped_column(ForeignKey("binnings.id"), primary_key=True)
    grain: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    blob: Mapped[bytes] = mapped_column(LargeBinary)
    n_rows: Mapped[int] = mapped_column(BigInteger)
    n_labelled: Mapped[int] = mapped_column(BigInteger)
    provenance_id: Mapped[str] = mapped_column(String(32))
    built_at: Mapped[datetime]


class GroupChoiceRow(Base):
    """The group of a protected column that the others are compared with, as a person chose it; the last one counts."""

    __tablename__ = "group_choices"
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    column: Mapped[str] = mapped_column(Text)
    group: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    chosen_by: Mapped[str] = mapped_column(String(200))
    chosen_at: Mapped[datetime]


class DayStateRow(Base):
    """What the checks said of one closed unit: the roll-up, the headline figures, all verdicts packed."""

    __tablename__ = "day_states"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(String(64))
    families: Mapped[dict[str, Any]]
    headline: Mapped[dict[str, Any]]
    verdicts: Mapped[bytes] = mapped_column(LargeBinary)
    evaluated_at: Mapped[datetime]


class JobRow(Base):
    """Long work, claimed by one worker at a time under a lease."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "one_open_job_per_parameters",
            "kind",
            "parameters_hash",
            unique=True,
            sqlite_where=text("state IN ('QUEUED', 'RUNNING')"),
            postgresql_where=text("state IN ('QUEUED', 'RUNNING')"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    parameters: Mapped[dict[str, Any]]
    parameters_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    submitted_by: Mapped[str] = mapped_column(String(200))
    submitted_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class AuditRow(Base):
    """One entry of the append-only, hash-linked audit chain; the database refuses changes."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object", "object_type", "object_id"),)
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    at: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(200), index=True)
    roles: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(64), index=True)
    object_type: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    app_version: Mapped[str] = mapped_column(String(32))
    prev_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
