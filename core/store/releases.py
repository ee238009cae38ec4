"""Reading and writing of releases, of what people decided on them, and of their frozen evidence."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, aliased

from core.errors import ConflictError, NotFoundError
from core.releases.release import Decision, EvidencePack, Release, ReleaseDecision
from core.releases.states import OPEN, TERMINAL, ReleaseState, must_move
from core.store.governed_tables import EvidencePackRow, ReleaseDecisionRow, ReleaseRow
from core.store.tables import ModelRow, VersionRow

LARGEST_ID = 2**31 - 1
_Champion = aliased(VersionRow)


def _release(row: ReleaseRow, model: str, version: str, champion: str | None) -> Release:
    return Release(
        id=row.id,
        model_id=row.model_id,
        model=model,
        version_id=row.version_id,
        version=version,
        champion_id=row.champion_id,
        champion=champion,
        environment=row.environment,
        state=ReleaseState(row.state),
        step=row.step,
        plan=row.plan,
        tier=row.tier,
        policy=row.policy,
        round=row.round,
        reason=row.reason,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        digest=row.digest,
        why=row.why,
        expires_at=row.expires_at,
        approved_at=row.approved_at,
        executing_since=row.executing_since,
        live_since=row.live_since,
        broken_glass=row.broken_glass,
        rollback_to_id=row.rollback_to_id,
        ended_at=row.ended_at,
        row_version=row.row_version,
    )


def _select() -> Select[ReleaseRow, str, str, str | None]:
    return (
        select(ReleaseRow, ModelRow.name, VersionRow.name, _Champion.name)
        .join(ModelRow, ModelRow.id == ReleaseRow.model_id)
        .join(VersionRow, VersionRow.id == ReleaseRow.version_id)
        .outerjoin(_Champion, _Champion.id == ReleaseRow.champion_id)
    )


def add_release(
    session: Session,
    *,
    model_id: int,
    version_id: int,
    champion_id: int | None,
    environment: str,
    state: ReleaseState,
    plan: Mapping[str, Any],
    tier: int,
    policy: Mapping[str, Any],
    reason: str,
    by: str,
    at: datetime,
    rollback_to_id: int | None = None,
) -> Release:
    """Insert a release in the state it is born in: DRAFT, or ROLLBACK_REQUESTED for a drill or a bare champion."""
    row = ReleaseRow(
        model_id=model_id,
        version_id=version_id,
        champion_id=champion_id,
        environment=environment,
        state=state.value,
        is_open=is_open(state, rollback_to_id),
        step=0,
        plan=dict(plan),
        tier=tier,
        policy=dict(policy),
        round=1,
        reason=reason,
        requested_by=by,
        requested_at=at,
        broken_glass=False,
        rollback_to_id=rollback_to_id,
        row_version=1,
    )
    session.add(row)
    session.flush()
    return release_by_id(session, row.id)


def is_open(state: ReleaseState, rollback_to_id: int | None) -> bool:
    """Whether a release holds its place in its environment: on its way in, not on its way back.

    A rollback never waits for a place: the next challenger may be under review meanwhile.
    """
    return state in OPEN and rollback_to_id is None


def release_by_id(session: Session, release_id: int, *, lock: bool = False) -> Release:
    """Return one release; with `lock` its row stays ours until the transaction ends (PostgreSQL).

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    statement = _select().where(ReleaseRow.id == release_id)
    if lock:
        statement = statement.with_for_update(of=ReleaseRow)
    found = session.execute(statement).first() if 0 < release_id <= LARGEST_ID else None
    if found is None:
        raise NotFoundError(f"There is no release {release_id}; watchroom release list shows them.")
    return _release(*found)


def releases(
    session: Session,
    *,
    model_id: int | None = None,
    environment: str | None = None,
    states: Collection[ReleaseState] | None = None,
) -> tuple[Release, ...]:
    """Return releases, newest first: of one model, in one environment, in some states, where given."""
    statement = _select().order_by(ReleaseRow.id.desc())
    if model_id is not None:
        statement = statement.where(ReleaseRow.model_id == model_id)
    if environment is not None:
        statement = statement.where(ReleaseRow.environment == environment)
    if states is not None:
        statement = statement.where(ReleaseRow.state.in_(sorted(state.value for state in states)))
    return tuple(_release(*found) for found in session.execute(statement))


def open_release(session: Session, model_id: int, environment: str) -> Release | None:
    """Return the release that holds a model's place in an environment, or None."""
    statement = _select().where(
        ReleaseRow.model_id == model_id, ReleaseRow.environment == environment, ReleaseRow.is_open
    )
    found = session.execute(statement).first()
    return None if found is None else _release(*found)


def move(session: Session, release: Release, to: ReleaseState, changes: Mapping[str, Any], *, at: datetime) -> Release:
    """Move a release that is still as it was read, changing columns with it; returns it as it is now.

    Raises
    ------
    RefusedError
        With ``illegal_move``.
    ConflictError
        When somebody else changed it since.
    """
    must_move(release.state, to)
    back = changes.get("rollback_to_id", release.rollback_to_id)
    fixed = {"state": to.value, "is_open": is_open(to, back), "ended_at": at if to in TERMINAL else None}
    return change(session, release, {**changes, **fixed})


def change(session: Session, release: Release, changes: Mapping[str, Any]) -> Release:
    """Change columns of a release that is still as it was read, in the same state; returns it as it is now.

    Raises
    ------
    ConflictError
        When somebody else changed it since.
    """
    statement = (
        update(ReleaseRow)
        .where(
            ReleaseRow.id == release.id,
            ReleaseRow.state == release.state.value,
            ReleaseRow.row_version == release.row_version,
        )
        .values(**changes, row_version=release.row_version + 1)
        .execution_options(synchronize_session=False)
    )
    if session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"Release {release.id} was changed by somebody else a moment ago; read it and repeat.")
    session.expire_all()
    return release_by_id(session, release.id)


def add_decision(
    session: Session,
    release: Release,
    decision: Decision,
    *,
    by: str,
    at: datetime,
    reason: str,
    rule: str = "",
    notes: Mapping[str, str] | None = None,
    digest: str | None = None,
    validity: Mapping[str, Any] | None = None,
) -> ReleaseDecision:
    """Insert what a person decided in the present round of a release."""
    row = ReleaseDecisionRow(
        release_id=release.id,
        round=release.round,
        decision=decision.value,
        by=by,
        rule=rule,
        reason=reason,
        notes=dict(notes or {}),
        digest=digest,
        validity=dict(validity or {}),
        at=at,
    )
    session.add(row)
    session.flush()
    return _decision(row)


def decisions(session: Session, release_id: int) -> tuple[ReleaseDecision, ...]:
    """Return what people decided on a release, oldest first, over all rounds."""
    statement = select(ReleaseDecisionRow).where(ReleaseDecisionRow.release_id == release_id)
    return tuple(_decision(row) for row in session.scalars(statement.order_by(ReleaseDecisionRow.id)))


def _decision(row: ReleaseDecisionRow) -> ReleaseDecision:
    return ReleaseDecision(
        id=row.id,
        release_id=row.release_id,
        round=row.round,
        decision=Decision(row.decision),
        by=row.by,
        rule=row.rule,
        reason=row.reason,
        notes=row.notes,
        digest=row.digest,
        validity=row.validity,
        at=row.at,
    )


def add_pack(session: Session, pack: EvidencePack, profiles: bytes) -> None:
    """Insert frozen evidence with the packed profiles it came from; the same content again changes nothing."""
    if session.get(EvidencePackRow, pack.digest) is not None:
        return
    session.add(
        EvidencePackRow(
            id=pack.digest,
            release_id=pack.release_id,
            document=dict(pack.document),
            profiles=profiles,
            validity=dict(pack.validity),
            created_at=pack.created_at,
        )
    )
    session.flush()


def find_pack(session: Session, digest: str | None) -> EvidencePack | None:
    """Return the evidence of this digest, or None."""
    row = None if digest is None else session.get(EvidencePackRow, digest)
    return None if row is None else _pack(row)


def packed_profiles(session: Session, digest: str) -> bytes:
    """Return the packed profiles beside the evidence of this digest.

    Raises
    ------
    NotFoundError
        When there is no such evidence.
    """
    found = session.scalar(select(EvidencePackRow.profiles).where(EvidencePackRow.id == digest))
    if found is None:
        raise NotFoundError(f"There is no evidence with the digest {digest[:64]}.")
    return found


def _pack(row: EvidencePackRow) -> EvidencePack:
    return EvidencePack(
        digest=row.id,
        release_id=row.release_id,
        document=row.document,
        validity=row.validity,
        created_at=row.created_at,
    )
