"""Reading and writing of models, schema revisions and versions."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, and_, cast, func, select, update
from sqlalchemy.orm import Session

from core.errors import BadInputError, ConflictError, NotFoundError
from core.inventory.records import ModelInfo, ModelState, VersionInfo
from core.log.schema import ModelSchema, from_document
from core.store.tables import ModelRow, SchemaRow, VersionRow


def _model(row: ModelRow) -> ModelInfo:
    return ModelInfo(
        id=row.id,
        key=row.key,
        name=row.name,
        owner=row.owner,
        risk_tier=row.risk_tier,
        state=ModelState(row.state),
        schema_id=row.schema_id,
        champion_id=row.champion_id,
        champion_since=row.champion_since,
        champion_release_id=row.champion_release_id,
        created_at=row.created_at,
        row_version=row.row_version,
    )


def _version(row: VersionRow, revision: int) -> VersionInfo:
    return VersionInfo(
        id=row.id,
        model_id=row.model_id,
        name=row.name,
        schema_id=row.schema_id,
        schema_revision=revision,
        artifact_sha256=row.artifact_sha256,
        binning_id=row.binning_id,
        reference_sha256=row.reference_sha256,
        reference_rows=row.reference_rows,
        provisional=row.provisional,
        added_by=row.added_by or "",
        created_at=row.created_at,
        row_version=row.row_version,
    )


def models(session: Session) -> tuple[ModelInfo, ...]:
    """Return every model, by name."""
    return tuple(_model(row) for row in session.scalars(select(ModelRow).order_by(ModelRow.name)))


def find_model(session: Session, name: str) -> ModelInfo | None:
    """Return the model of this name, or None."""
    row = session.scalar(select(ModelRow).where(ModelRow.name == name))
    return None if row is None else _model(row)


def model_by_name(session: Session, name: str) -> ModelInfo:
    """Return the model of this name.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    found = find_model(session, name)
    if found is None:
        known = [row.name for row in models(session)]
        hint = f"known models: {', '.join(known[:10])}" if known else "add one with watchroom model add model.yaml"
        raise NotFoundError(f"There is no model '{name[:100]}'; {hint}.")
    return found


def model_by_id(session: Session, model_id: int) -> ModelInfo:
    """Return the model with this id."""
    row = session.get(ModelRow, model_id)
    if row is None:
        raise NotFoundError(f"There is no model with id {model_id}.")
    return _model(row)


def add_model(session: Session, *, name: str, owner: str, risk_tier: int, at: datetime) -> ModelInfo:
    """Insert a model; its key is minted from its number, so that no name reaches the file system."""
    row = ModelRow(
        key="", name=name, owner=owner, risk_tier=risk_tier, state=ModelState.ACTIVE.value, created_at=at, row_version=1
    )
    row.key = f"m{session.scalar(select(func.coalesce(func.max(ModelRow.id), 0))) + 1:04d}"  # type: ignore[operator]
    session.add(row)
    session.flush()
    return _model(row)


def change_model(session: Session, model: ModelInfo, changes: Mapping[str, Any]) -> None:
    """Change a model that is still as it was read.

    Raises
    ------
    ConflictError
        When somebody else changed it since.
    """
    statement = (
        update(ModelRow)
        .where(ModelRow.id == model.id, ModelRow.row_version == model.row_version)
        .values(**changes, row_version=model.row_version + 1)
    )
    if session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"The model '{model.name}' was changed by somebody else a moment ago; read it and repeat.")


def latest_schema(session: Session, model_id: int) -> tuple[int, int, str] | None:
    """Return (schema id, revision, digest) of a model's newest schema, or None."""
    row = session.scalar(
        select(SchemaRow).where(SchemaRow.model_id == model_id).order_by(SchemaRow.revision.desc()).limit(1)
    )
    return None if row is None else (row.id, row.revision, row.digest)


def add_schema(
    session: Session, *, model_id: int, document: Mapping[str, Any], digest: str, at: datetime
) -> tuple[int, int]:
    """Insert the next schema revision; returns (schema id, revision)."""
    latest = latest_schema(session, model_id)
    revision = 1 if latest is None else latest[1] + 1
    row = SchemaRow(model_id=model_id, revision=revision, digest=digest, document=dict(document), created_at=at)
    session.add(row)
    session.flush()
    return row.id, revision


def schema(session: Session, schema_id: int) -> ModelSchema:
    """Return a schema revision. Revisions are immutable, so that each text is validated once in a process."""
    text = session.scalar(select(cast(SchemaRow.document, Text)).where(SchemaRow.id == schema_id))
    if text is None:
        raise NotFoundError(f"There is no schema with id {schema_id}.")
    return _schema_of(text)


def newest_schemas(session: Session) -> dict[int, tuple[int, ModelSchema]]:
    """Return (revision, schema) of every model's newest schema, by model id."""
    newest = select(SchemaRow.model_id, func.max(SchemaRow.revision).label("revision")).group_by(SchemaRow.model_id)
    last = newest.subquery()
    statement = select(SchemaRow.model_id, SchemaRow.revision, cast(SchemaRow.document, Text)).join(
        last, and_(SchemaRow.model_id == last.c.model_id, SchemaRow.revision == last.c.revision)
    )
    return {model_id: (revision, _schema_of(text)) for model_id, revision, text in session.execute(statement)}


@lru_cache(maxsize=1_024)
def _schema_of(text: str) -> ModelSchema:
    return from_document(json.loads(text))


def versions(session: Session, model_id: int) -> tuple[VersionInfo, ...]:
    """Return the versions of a model, oldest first."""
    statement = (
        select(VersionRow, SchemaRow.revision)
        .join(SchemaRow, SchemaRow.id == VersionRow.schema_id)
        .where(VersionRow.model_id == model_id)
        .order_by(VersionRow.id)
    )
    return tuple(_version(row, revision) for row, revision in session.execute(statement))


def all_versions(session: Session) -> dict[int, tuple[VersionInfo, ...]]:
    """Return the versions of every model, oldest first, by model id."""
    statement = (
        select(VersionRow, SchemaRow.revision)
        .join(SchemaRow, SchemaRow.id == VersionRow.schema_id)
        .order_by(VersionRow.model_id, VersionRow.id)
    )
    found: dict[int, tuple[VersionInfo, ...]] = {}
    for row, revision in session.execute(statement):
        found[row.model_id] = (*found.get(row.model_id, ()), _version(row, revision))
    return found


def version_by_name(session: Session, model_id: int, name: str) -> VersionInfo:
    """Return a version of a model by its name.

    Raises
    ------
    NotFoundError
        When the model has no such version.
    """
    found = versions(session, model_id)
    for version in found:
        if version.name == name:
            return version
    known = ", ".join(version.name for version in found[-10:])
    hint = f"known versions: {known}" if known else "add one with watchroom version add"
    raise NotFoundError(f"The model has no version '{name[:100]}'; {hint}.")


def version_by_id(session: Session, version_id: int) -> VersionInfo:
    """Return the version with this id."""
    row = session.get(VersionRow, version_id)
    if row is None:
        raise NotFoundError(f"There is no version with id {version_id}.")
    revision = session.scalar(select(SchemaRow.revision).where(SchemaRow.id == row.schema_id))
    return _version(row, int(revision or 0))


def add_version(
    session: Session, *, model_id: int, name: str, schema_id: int, artifact_sha256: str | None, by: str, at: datetime
) -> VersionInfo:
    """Insert a version without a reference.

    Raises
    ------
    BadInputError
        When the model has a version of this name.
    """
    if any(version.name == name for version in versions(session, model_id)):
        raise BadInputError(f"The version '{name[:100]}' exists already; a changed model needs a new version name.")
    row = VersionRow(
        model_id=model_id,
        name=name,
        schema_id=schema_id,
        artifact_sha256=artifact_sha256,
        provisional=False,
        added_by=by,
        created_at=at,
        row_version=1,
    )
    session.add(row)
    session.flush()
    return version_by_id(session, row.id)


def change_version(session: Session, version: VersionInfo, changes: Mapping[str, Any]) -> None:
    """Change a version that is still as it was read.

    Raises
    ------
    ConflictError
        When somebody else changed it since.
    """
    statement = (
        update(VersionRow)
        .where(VersionRow.id == version.id, VersionRow.row_version == version.row_version)
        .values(**changes, row_version=version.row_version + 1)
    )
    if session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"The version '{version.name}' was changed by somebody else a moment ago; repeat.")
