"""Reading and writing of packed profiles and of binnings; nothing else touches these tables."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import CoreError, NotFoundError
from core.profile.binning import KERNEL_VERSION, Binning
from core.profile.binning_format import pack_binning, unpack_binning
from core.profile.packed import unpack_all
from core.profile.profile import ProfileStack
from core.profile.records import DAY_GRAIN, DayProfile, DaySummary
from core.store.tables import BinningRow, ModelRow, ProfileRow, VersionRow


def put_binning(session: Session, binning: Binning, *, at: datetime) -> None:
    """Store a binning; one that stands already is left as it is (its id is its content)."""
    if session.get(BinningRow, binning.id) is None:
        row = BinningRow(id=binning.id, blob=pack_binning(binning), kernel_version=KERNEL_VERSION, created_at=at)
        session.add(row)
        session.flush()


def binning_is_current(session: Session, binning_id: str) -> bool:
    """Whether the binning stands and was made for this kernel, so that new rows are counted the same way."""
    found = session.scalar(select(BinningRow.kernel_version).where(BinningRow.id == binning_id))
    return found == KERNEL_VERSION


def outdated_models(session: Session) -> tuple[str, ...]:
    """Return the names of the models that have a version counted by an earlier kernel, oldest first."""
    old = select(BinningRow.id).where(BinningRow.kernel_version != KERNEL_VERSION)
    counted_so = select(VersionRow.model_id).where(VersionRow.binning_id.in_(old))
    return tuple(session.scalars(select(ModelRow.name).where(ModelRow.id.in_(counted_so)).order_by(ModelRow.id)))


def binning_blob(session: Session, binning_id: str) -> bytes:
    """Return the packed binning.

    Raises
    ------
    NotFoundError
        When the store does not hold it.
    """
    blob = session.scalar(select(BinningRow.blob).where(BinningRow.id == binning_id))
    if blob is None:
        raise NotFoundError(f"The binning {binning_id[:12]} is not in this store; run watchroom profile.")
    return blob


def binning(session: Session, binning_id: str) -> Binning:
    """Return a stored binning.

    Raises
    ------
    NotFoundError
        When the store does not hold it.
    CoreError
        When what is stored is not what the id names.
    """
    found = unpack_binning(binning_blob(session, binning_id))
    if found.id != binning_id:
        raise CoreError(f"The stored binning {binning_id[:12]} was changed; set the version's reference again.")
    return found


def put(session: Session, made: DayProfile) -> None:
    """Store a day's profile in place of any other of the same version, role and day."""
    remove(session, version_id=made.version_id, role=made.role, day=made.day)
    row = ProfileRow(
        version_id=made.version_id,
        role=made.role,
        binning_id=made.profile.binning_id,
        grain=DAY_GRAIN,
        day=made.day,
        blob=made.packed,
        n_rows=made.n_rows,
        n_labelled=made.n_labelled,
        log_version=made.log_version,
        batches_hash=made.batches_hash,
        kernel_version=KERNEL_VERSION,
        provenance_id=made.provenance_id,
        built_at=made.built_at,
    )
    session.add(row)
    session.flush()


def remove(session: Session, *, version_id: int, role: str, day: date | None = None) -> None:
    """Delete the profiles of a day (None: of every day) of a version and role, whatever their binning."""
    statement = delete(ProfileRow).where(ProfileRow.version_id == version_id, ProfileRow.role == role)
    session.execute(statement if day is None else statement.where(ProfileRow.day == day))


def load(
    session: Session,
    *,
    version_id: int,
    role: str,
    binning_id: str,
    start: date | None = None,
    end: date | None = None,
) -> ProfileStack:
    """Return the profiles of the days ``[start, end)`` (None: open) in order of days.

    Raises
    ------
    CoreError
        When a stored profile is damaged.
    """
    statement = select(ProfileRow.day, ProfileRow.blob, ProfileRow.provenance_id).where(
        ProfileRow.version_id == version_id,
        ProfileRow.role == role,
        ProfileRow.binning_id == binning_id,
        ProfileRow.grain == DAY_GRAIN,
    )
    if start is not None:
        statement = statement.where(ProfileRow.day >= start)
    if end is not None:
        statement = statement.where(ProfileRow.day < end)
    found = session.execute(statement.order_by(ProfileRow.day)).all()
    ints, floats = unpack_all([row.blob for row in found])
    return ProfileStack(
        binning_id=binning_id,
        days=tuple(row.day for row in found),
        ints=ints,
        floats=floats,
        provenance_ids=tuple(row.provenance_id for row in found),
    )


def summaries(
    session: Session, *, version_id: int, binning_id: str | None = None, roles: Sequence[str] | None = None
) -> tuple[DaySummary, ...]:
    """Return what is known of a version's profiled days without opening them, by role and day.

    Parameters
    ----------
    binning_id : str or None
        None: under any binning.
    roles : sequence of str or None
        None: every role, the reference too.
    """
    columns = (ProfileRow.role, ProfileRow.day, ProfileRow.n_rows, ProfileRow.n_labelled)
    statement = select(*columns, ProfileRow.provenance_id, ProfileRow.built_at).where(
        ProfileRow.version_id == version_id
    )
    if binning_id is not None:
        statement = statement.where(ProfileRow.binning_id == binning_id)
    if roles is not None:
        statement = statement.where(ProfileRow.role.in_(roles))
    return tuple(
        DaySummary(
            role=row.role,
            day=row.day,
            n_rows=row.n_rows,
            n_labelled=row.n_labelled,
            provenance_id=row.provenance_id,
            built_at=row.built_at,
        )
        for row in session.execute(statement.order_by(ProfileRow.role, ProfileRow.day))
    )
