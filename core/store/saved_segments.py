"""Reading and writing of saved segments and of their profiles; nothing else touches these tables."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import NotEnoughDataError, NotFoundError
from core.inventory.records import ModelInfo, VersionInfo
from core.log.columns import bind
from core.log.names import same_name, shown
from core.log.schema import ModelSchema
from core.profile.binning_format import pack_binning
from core.profile.packed import pack, unpack_all
from core.profile.profile import ProfileStack
from core.profile.records import DAY_GRAIN, REFERENCE_ROLE, ROLES
from core.profile.segment_rows import Lacking, SegmentCounts, SegmentTask
from core.segments.saved import Progress, SavedSegment, filter_of
from core.store import models as stored_models
from core.store.columns import column_ids
from core.store.profiles import binning as stored_binning
from core.store.profiles import binning_is_current
from core.store.tables import ProfileRow, SavedSegmentRow, SegmentProfileRow

Unit = tuple[str, date]
"""Role and first day."""


def add(
    session: Session, *, model_id: int, name: str, conditions: Sequence[Mapping[str, Any]], by: str, at: datetime
) -> SavedSegment:
    """Store a new segment."""
    row = SavedSegmentRow(
        model_id=model_id, name=name, filter={"conditions": list(conditions)}, created_by=by, created_at=at
    )
    session.add(row)
    session.flush()
    return _saved(row)


def standing(session: Session, model_id: int) -> tuple[SavedSegment, ...]:
    """Return the segments of a model that are not retired, by name."""
    statement = select(SavedSegmentRow).where(
        SavedSegmentRow.model_id == model_id, SavedSegmentRow.retired_at.is_(None)
    )
    return tuple(_saved(row) for row in session.scalars(statement.order_by(SavedSegmentRow.name)))


def by_name(session: Session, model: ModelInfo, name: str) -> SavedSegment:
    """Return the segment of a model that stands under a name.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = standing(session, model.id)
    for one in found:
        if one.name == same_name(name):
            return one
    known = ", ".join(one.label for one in found[:10]) or "none"
    raise NotFoundError(f"The model '{model.name}' has no saved segment {shown(name)}; saved: {known}.")


def retire(session: Session, saved: SavedSegment, *, at: datetime) -> None:
    """Let a segment stand no longer and delete its counts."""
    row = session.get_one(SavedSegmentRow, saved.id)
    row.retired_at = at
    session.execute(delete(SegmentProfileRow).where(SegmentProfileRow.segment_id == saved.id))
    session.flush()


def tasks_of(session: Session, model: ModelInfo, version: VersionInfo) -> tuple[SegmentTask, ...]:
    """Return the standing segments that fit a version, with the internal ids of their columns."""
    found = standing(session, model.id)
    if not found:
        return ()
    schema = stored_models.schema(session, version.schema_id)
    ids = bind(schema, column_ids(session, model.id))
    made = []
    for one in found:
        try:
            wanted = filter_of(one, schema, newest_schema(session, model), version=version.name)
        except NotEnoughDataError:
            continue
        columns = {name: ids[name] for name in wanted.columns}
        made.append(SegmentTask(segment_id=one.id, wanted=wanted, columns=columns))
    return tuple(made)


def newest_schema(session: Session, model: ModelInfo) -> ModelSchema:
    """Return a model's newest schema.

    Raises
    ------
    NotFoundError
        When it has none.
    """
    if model.schema_id is None:
        raise NotFoundError(f"The model '{model.name}' has no schema; run watchroom model add model.yaml.")
    return stored_models.schema(session, model.schema_id)


def put(
    session: Session,
    unit: tuple[int, str, date],
    counted: Iterable[tuple[SegmentCounts, str]],
    *,
    at: datetime,
) -> None:
    """Store the counts of segments in a unit in place of any other of the same segment and unit.

    Parameters
    ----------
    unit : (version id, role, day)
    counted : iterable of (counts, provenance id)
    """
    version_id, role, day = unit
    for one, provenance_id in counted:
        session.execute(_of_unit(version_id, role, day).where(SegmentProfileRow.segment_id == one.segment_id))
        row = SegmentProfileRow(
            segment_id=one.segment_id,
            version_id=version_id,
            role=role,
            binning_id=one.profile.binning_id,
            grain=DAY_GRAIN,
            day=day,
            blob=pack(one.profile.ints, one.profile.floats),
            n_rows=one.n_rows,
            n_labelled=one.n_labelled,
            provenance_id=provenance_id,
            built_at=at,
        )
        session.add(row)
    session.flush()


def remove(session: Session, *, version_id: int, role: str | None = None, day: date | None = None) -> None:
    """Delete the counts of all segments of a version: of every unit, or of one."""
    if role is not None and day is not None:
        session.execute(_of_unit(version_id, role, day))
    else:
        session.execute(delete(SegmentProfileRow).where(SegmentProfileRow.version_id == version_id))


def _of_unit(version_id: int, role: str, day: date) -> Any:
    return delete(SegmentProfileRow).where(
        SegmentProfileRow.version_id == version_id, SegmentProfileRow.role == role, SegmentProfileRow.day == day
    )


def lacking(session: Session, model: ModelInfo) -> tuple[Lacking, ...]:
    """Return the profiled units in which standing segments are not counted, by version, role and day."""
    found: list[Lacking] = []
    for version in stored_models.versions(session, model.id):
        tasks = tasks_of(session, model, version)
        if not tasks or version.binning_id is None or not binning_is_current(session, version.binning_id):
            continue
        counted = {one.segment_id: _counted(session, version, one.segment_id) for one in tasks}
        profiled = _profiled(session, version)
        binning = pack_binning(stored_binning(session, version.binning_id))
        schema = stored_models.schema(session, version.schema_id)
        for unit in profiled:
            missing = tuple(one for one in tasks if unit not in counted[one.segment_id])
            if missing:
                one = Lacking(
                    version_id=version.id,
                    binning=binning,
                    schema=schema,
                    role=unit[0],
                    log_role=_log_role(unit, profiled),
                    day=unit[1],
                    reference_sha256=version.reference_sha256,
                    segments=missing,
                )
                found.append(one)
    return tuple(found)


def _log_role(unit: Unit, profiled: Sequence[Unit]) -> str:
    """Return under which role the log holds a unit's rows: a provisional reference is of the first role with them."""
    role, day = unit
    return next((one for one in ROLES if (one, day) in profiled), role) if role == REFERENCE_ROLE else role


def progress(session: Session, version: VersionInfo, saved: SavedSegment) -> Progress:
    """Return in how many of a version's profiled units a segment is counted."""
    profiled = _profiled(session, version)
    done = _counted(session, version, saved.id)
    return Progress(done=sum(unit in done for unit in profiled), total=len(profiled))


def _profiled(session: Session, version: VersionInfo) -> tuple[Unit, ...]:
    statement = select(ProfileRow.role, ProfileRow.day).where(
        ProfileRow.version_id == version.id, ProfileRow.binning_id == version.binning_id
    )
    return tuple((row.role, row.day) for row in session.execute(statement.order_by(ProfileRow.role, ProfileRow.day)))


def _counted(session: Session, version: VersionInfo, segment_id: int) -> frozenset[Unit]:
    statement = select(SegmentProfileRow.role, SegmentProfileRow.day).where(
        SegmentProfileRow.segment_id == segment_id,
        SegmentProfileRow.version_id == version.id,
        SegmentProfileRow.binning_id == version.binning_id,
    )
    return frozenset((row.role, row.day) for row in session.execute(statement))


def load(
    session: Session,
    segment_id: int,
    *,
    version_id: int,
    role: str,
    binning_id: str,
    start: date | None = None,
    end: date | None = None,
) -> ProfileStack:
    """Return the profiles of a segment on the days ``[start, end)`` (None: open), as `core.store.profiles.load`.

    Raises
    ------
    CoreError
        When a stored profile is damaged.
    """
    statement = select(SegmentProfileRow.day, SegmentProfileRow.blob, SegmentProfileRow.provenance_id).where(
        SegmentProfileRow.segment_id == segment_id,
        SegmentProfileRow.version_id == version_id,
        SegmentProfileRow.role == role,
        SegmentProfileRow.binning_id == binning_id,
        SegmentProfileRow.grain == DAY_GRAIN,
    )
    if start is not None:
        statement = statement.where(SegmentProfileRow.day >= start)
    if end is not None:
        statement = statement.where(SegmentProfileRow.day < end)
    found = session.execute(statement.order_by(SegmentProfileRow.day)).all()
    ints, floats = unpack_all([row.blob for row in found])
    return ProfileStack(
        binning_id=binning_id,
        days=tuple(row.day for row in found),
        ints=ints,
        floats=floats,
        provenance_ids=tuple(row.provenance_id for row in found),
    )


def _saved(row: SavedSegmentRow) -> SavedSegment:
    return SavedSegment(
        id=row.id,
        model_id=row.model_id,
        name=row.name,
        conditions=tuple(row.filter["conditions"]),
        created_by=row.created_by,
        created_at=row.created_at,
        retired_at=row.retired_at,
    )
