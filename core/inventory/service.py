"""Changes of the inventory: models, schema revisions, versions, contracts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.checks.limits import load_limits
from core.errors import BadInputError, RefusedError
from core.explain.artifact import keep
from core.inventory.record import may_lower_tier
from core.inventory.records import AcceptedContract, ModelInfo, ModelState, VersionInfo
from core.inventory.tiers import lowers, tier_standing
from core.log.by_task import refuse_other_answers
from core.log.columns import storage_keys
from core.log.schema import ModelSchema
from core.profile.binning import Segment
from core.releases.release import PRODUCTION
from core.store import contracts as stored_contracts
from core.store import models as stored
from core.store import profiles as stored_profiles
from core.store import records as stored_records
from core.store import releases as stored_releases
from core.store.columns import ensure_columns
from core.store.database import Session, Store
from core.store.series import is_closed, profiled_days, roles_of, shown_role, state_token


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAdded:
    """What `add_model` did: `outcome` is ``added``, ``revised`` or ``unchanged``."""

    model: ModelInfo
    schema_revision: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDetail:
    """A model with its current schema and its versions, oldest first."""

    model: ModelInfo
    schema: ModelSchema
    schema_revision: int
    versions: tuple[VersionInfo, ...]

    @property
    def champion(self) -> VersionInfo | None:
        """The live version, if there is one."""
        return next((v for v in self.versions if v.id == self.model.champion_id), None)


@refusals_recorded
def add_model(store: Store, principal: Principal, schema: ModelSchema) -> ModelAdded:
    """Add a model, or give a known one a new schema revision; the same file again changes nothing.

    A new revision counts for versions added from now on; a version keeps the one it was added with.

    Raises
    ------
    BadInputError
        When the task or the classes of a model that has versions would change, or an entry of `limits` names
        no check or no limit.
    RefusedError
        ``not_allowed``: the file lowers the tier of a known model, and the person is no independent validator.
    """
    authorize(principal, Action.MODEL_ADD)
    load_limits(schema.limits)
    with store.write() as session:
        known = stored.find_model(session, schema.model)
        if known is None:
            return _add_new_model(session, store, principal, schema)
        latest = stored.latest_schema(session, known.id)
        if latest is not None and latest[2] == schema.digest:
            return ModelAdded(model=known, schema_revision=latest[1], outcome="unchanged")
        if latest is not None and stored.versions(session, known.id):
            refuse_other_answers(stored.schema(session, latest[0]), schema)
        _must_not_lower(session, principal, known, schema.risk_tier, at=store.clock.now())
        schema_id, revision = stored.add_schema(
            session, model_id=known.id, document=schema.document(), digest=schema.digest, at=store.clock.now()
        )
        ensure_columns(session, known.id, storage_keys(schema))
        changes = {"schema_id": schema_id, "owner": schema.owner, "risk_tier": schema.risk_tier}
        stored.change_model(session, known, changes)
        record(
            session,
            principal,
            AuditAction.SCHEMA_REVISED,
            object_type="model",
            object_id=known.name,
            before={"revision": latest[1] if latest else 0, "digest": latest[2] if latest else ""},
            after={
                "at": store.clock.now(),
                "revision": revision,
                "digest": schema.digest,
                "owner": schema.owner,
                "risk_tier": schema.risk_tier,
            },
        )
        return ModelAdded(model=stored.model_by_id(session, known.id), schema_revision=revision, outcome="revised")


def _must_not_lower(session: Session, principal: Principal, model: ModelInfo, declared: int, *, at: datetime) -> None:
    """Let a revision pass that leaves the tier where it is, or raises it; lowering is a validator's, as in the record.

    Where the tier is computed from the record, what the file declares does not count.
    """
    document = stored_records.record_of(session, model.id).document
    before = tier_standing(model.risk_tier, document, None, at).in_force
    after = tier_standing(declared, document, None, at).in_force
    if lowers(after, below=before) and not may_lower_tier(principal.name, principal.roles, document):
        raise RefusedError(
            "not_allowed",
            f"This model.yaml lowers '{model.name}' from tier {before} to {after}, and that is a validator's: keep "
            f"risk_tier: {model.risk_tier}, and have the tier lowered by the record's risk fields or an override.",
        )


def _add_new_model(session: Session, store: Store, principal: Principal, schema: ModelSchema) -> ModelAdded:
    at = store.clock.now()
    model = stored.add_model(session, name=schema.model, owner=schema.owner, risk_tier=schema.risk_tier, at=at)
    schema_id, revision = stored.add_schema(
        session, model_id=model.id, document=schema.document(), digest=schema.digest, at=at
    )
    ensure_columns(session, model.id, storage_keys(schema))
    stored.change_model(session, model, {"schema_id": schema_id})
    record(
        session,
        principal,
        AuditAction.MODEL_ADDED,
        object_type="model",
        object_id=model.name,
        after={"at": at, "owner": model.owner, "risk_tier": model.risk_tier, "schema": schema.digest},
    )
    return ModelAdded(model=stored.model_by_id(session, model.id), schema_revision=revision, outcome="added")


@refusals_recorded
def retire_model(store: Store, principal: Principal, model: str) -> ModelInfo:
    """Stop watching a model; its log and records stay. Retiring twice changes nothing.

    Raises
    ------
    BadInputError
        While a release of it is on its way: it would put a version live of a model that nobody watches.
    """
    authorize(principal, Action.MODEL_RETIRE)
    with store.write() as session:
        known = stored.model_by_name(session, model)
        if known.state is ModelState.RETIRED:
            return known
        _must_have_no_release(session, known)
        stored.change_model(session, known, {"state": ModelState.RETIRED.value})
        record(
            session,
            principal,
            AuditAction.MODEL_RETIRED,
            object_type="model",
            object_id=known.name,
            before={"state": known.state.value},
            after={"at": store.clock.now(), "state": ModelState.RETIRED.value},
        )
        return stored.model_by_id(session, known.id)


def _must_have_no_release(session: Session, model: ModelInfo) -> None:
    on_its_way = stored_releases.open_release(session, model.id, PRODUCTION)
    if on_its_way is not None:
        raise BadInputError(
            f"Release {on_its_way.id} of {model.name} {on_its_way.version} is {on_its_way.state}: cancel it, or let it "
            "end, before the model is retired."
        )


@refusals_recorded
def add_version(
    store: Store, principal: Principal, *, model: str, version: str, artifact_sha256: str | None, has_reference: bool
) -> VersionInfo:
    """Add a version under the model's current schema; the first one becomes the champion.

    A version that exists may be given a (new) reference under the same artefact; nothing else of it changes.

    Raises
    ------
    BadInputError
        When the name is empty or too long, or when the version exists and nothing about it would change.
    """
    authorize(principal, Action.VERSION_ADD)
    if not version.strip() or len(version) > 200:
        raise BadInputError("A version needs a name of 1 to 200 characters, for example v1.")
    with store.write() as session:
        known = stored.model_by_name(session, model)
        if known.state is ModelState.RETIRED:
            raise BadInputError(f"The model '{model}' is retired; it takes no new versions.")
        for existing in stored.versions(session, known.id):
            if existing.name == version:
                return _existing(existing, artifact_sha256, has_reference=has_reference)
        if known.schema_id is None:
            raise BadInputError(f"The model '{model}' has no schema; run watchroom model add model.yaml first.")
        added = stored.add_version(
            session,
            model_id=known.id,
            name=version,
            schema_id=known.schema_id,
            artifact_sha256=artifact_sha256,
            by=principal.name,
            at=store.clock.now(),
        )
        record(
            session,
            principal,
            AuditAction.VERSION_ADDED,
            object_type="version",
            object_id=f"{known.name}/{version}",
            after={"schema_revision": added.schema_revision, "artifact_sha256": artifact_sha256 or ""},
        )
        if known.champion_id is None:
            _first_champion(session, store, principal, known, added)
        return added


@refusals_recorded
def keep_artifact(store: Store, principal: Principal, *, model: str, file: Path) -> str:
    """Keep a model file by its content beside the model's log; returns its sha256. The same file again changes nothing.

    The database is not touched: `add_version` pins the digest, and writes it down.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    BadInputError
        When the file is none of the formats that are opened, or damaged.
    """
    authorize(principal, Action.VERSION_ADD)
    with store.read() as session:
        known = stored.model_by_name(session, model)
    return keep(file, store.log_dir(known.key)).sha256


def _existing(existing: VersionInfo, artifact_sha256: str | None, *, has_reference: bool) -> VersionInfo:
    if artifact_sha256 is not None and artifact_sha256 != existing.artifact_sha256:
        raise BadInputError(
            f"The version '{existing.name}' exists with another artefact; a changed artefact needs a new version name."
        )
    if not has_reference:
        raise BadInputError(f"The version '{existing.name}' exists already; only a new reference can be given to it.")
    return existing


def _first_champion(
    session: Session, store: Store, principal: Principal, model: ModelInfo, version: VersionInfo
) -> None:
    at = store.clock.now()
    stored.change_model(session, model, {"champion_id": version.id, "champion_since": at})
    record(
        session,
        principal,
        AuditAction.CHAMPION_SET,
        object_type="model",
        object_id=model.name,
        after={"at": at, "champion": version.name},
        reason="first version of the model",
    )


@refusals_recorded
def accept_contract(
    store: Store, principal: Principal, *, model: str, version: str, document: Mapping[str, Any]
) -> int:
    """Put a contract in force for a version; returns its revision. The same contract again changes nothing."""
    authorize(principal, Action.CONTRACT_ACCEPT)
    with store.write() as session:
        known = stored.model_by_name(session, model)
        pinned = stored.version_by_name(session, known.id, version)
        latest = stored_contracts.latest_contract(session, pinned.id)
        if latest is not None and latest[1] == dict(document):
            return latest[0]
        revision = stored_contracts.add_contract(
            session, version_id=pinned.id, document=document, accepted_by=principal.name, at=store.clock.now()
        )
        record(
            session,
            principal,
            AuditAction.CONTRACT_ACCEPTED,
            object_type="version",
            object_id=f"{known.name}/{pinned.name}",
            before={"revision": latest[0] if latest else 0},
            after={"revision": revision},
        )
        return revision


def models(store: Store) -> tuple[ModelInfo, ...]:
    """Return every model of the store, by name."""
    with store.read() as session:
        return stored.models(session)


def model_detail(store: Store, model: str) -> ModelDetail:
    """Return a model with its current schema and versions.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        known = stored.model_by_name(session, model)
        latest = stored.latest_schema(session, known.id)
        if latest is None:
            raise BadInputError(f"The model '{model}' has no schema; run watchroom model add model.yaml.")
        return ModelDetail(
            model=known,
            schema=stored.schema(session, latest[0]),
            schema_revision=latest[1],
            versions=stored.versions(session, known.id),
        )


def model_details(store: Store) -> tuple[ModelDetail, ...]:
    """Return every model with its current schema and versions, by name, in three queries however many there are."""
    with store.read() as session:
        schemas, versions = stored.newest_schemas(session), stored.all_versions(session)
        return tuple(
            ModelDetail(
                model=model,
                schema=schemas[model.id][1],
                schema_revision=schemas[model.id][0],
                versions=versions.get(model.id, ()),
            )
            for model in stored.models(session)
            if model.id in schemas
        )


def change_token(store: Store) -> int:
    """Return a number that grows with every change of the store: part of every cache key."""
    with store.read() as session:
        return state_token(session)


def role_of(store: Store, model: str, version: str) -> str | None:
    """Return in which role a version's rows are looked at: None for what was live, else shadow, else replay."""
    with store.read() as session:
        return shown_role(session, stored.version_by_name(session, stored.model_by_name(session, model).id, version))


def closed_units(store: Store, model: str, version: str, role: str | None) -> tuple[date, ...]:
    """Return the closed units of a version in a role (None: of what was live), oldest first."""
    with store.read() as session:
        known = stored.version_by_name(session, stored.model_by_name(session, model).id, version)
        schema, at = stored.schema(session, known.schema_id), store.clock.now()
        return tuple(day for day in profiled_days(session, known, roles_of(role)) if is_closed(day, schema, at))


def champion_segments(store: Store, model: str) -> tuple[Segment, ...]:
    """Return the segments that the champion is profiled by; empty without a reference.

    Those of a column that a later revision protects are left out.
    """
    with store.read() as session:
        known = stored.model_by_name(session, model)
        if known.champion_id is None:
            return ()
        binning_id = stored.version_by_id(session, known.champion_id).binning_id
        if binning_id is None:
            return ()
        hidden = () if known.schema_id is None else stored.schema(session, known.schema_id).protected
        found = stored_profiles.binning(session, binning_id).segments
    return tuple(one for one in found if one.column not in hidden)


def version_schema(store: Store, version: VersionInfo) -> ModelSchema:
    """Return the schema revision that a version is pinned to."""
    with store.read() as session:
        return stored.schema(session, version.schema_id)


def version_contract(store: Store, version: VersionInfo) -> AcceptedContract | None:
    """Return the contract in force for a version; None when no person accepted one yet."""
    with store.read() as session:
        return stored_contracts.accepted_contract(session, version.id)
