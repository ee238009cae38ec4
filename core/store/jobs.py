"""Reading and writing of jobs. Every change names the state and claim it starts from (compare and swap)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError
from core.jobs.job import OPEN, Job, JobState
from core.store.tables import JobRow


def job_by_id(session: Session, job_id: int) -> Job:
    """Return the job with this id.

    Raises
    ------
    NotFoundError
        When the store has no such job.
    """
    row = session.get(JobRow, job_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"There is no job {job_id}.")
    return _job(row)


def find_open(session: Session, kind: str, parameters_hash: str) -> Job | None:
    """Return the open job of this kind with these parameters, or None; there is at most one."""
    row = session.scalar(
        select(JobRow).where(
            JobRow.kind == kind, JobRow.parameters_hash == parameters_hash, JobRow.state.in_(sorted(OPEN))
        )
    )
    return None if row is None else _job(row)


def jobs(session: Session, *, states: Collection[JobState], limit: int) -> tuple[Job, ...]:
    """Return the oldest `limit` jobs in one of `states`, in the order in which they were submitted."""
    rows = session.scalars(select(JobRow).where(JobRow.state.in_(sorted(states))).order_by(JobRow.id).limit(limit))
    return tuple(_job(row) for row in rows)


def newest(session: Session, *, limit: int) -> tuple[Job, ...]:
    """Return the last `limit` jobs in any state, newest first."""
    return tuple(_job(row) for row in session.scalars(select(JobRow).order_by(JobRow.id.desc()).limit(limit)))


def newest_of(session: Session, kind: str, parameters_hash: str) -> Job | None:
    """Return the last job of a kind with these parameters in any state; None: there never was one."""
    statement = select(JobRow).where(JobRow.kind == kind, JobRow.parameters_hash == parameters_hash)
    row = session.scalars(statement.order_by(JobRow.id.desc()).limit(1)).first()
    return None if row is None else _job(row)


def add_job(
    session: Session, *, kind: str, parameters: Mapping[str, Any], parameters_hash: str, by: str, at: datetime
) -> Job:
    """Insert a waiting job."""
    row = JobRow(
        kind=kind,
        parameters=dict(parameters),
        parameters_hash=parameters_hash,
        state=JobState.QUEUED.value,
        submitted_by=by,
        submitted_at=at,
    )
    session.add(row)
    session.flush()
    return _job(row)


def change_job(session: Session, job: Job, changes: Mapping[str, Any]) -> Job:
    """Change a job that is still in the state and under the claim in which it was read; returns it anew.

    Raises
    ------
    ConflictError
        When another worker or person changed it since.
    """
    statement = (
        update(JobRow)
        .where(JobRow.id == job.id, JobRow.state == job.state.value, JobRow.attempts == job.attempts)
        .values(**changes)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise ConflictError(f"Job {job.id} was changed by somebody else a moment ago.")
    return job_by_id(session, job.id)


def _job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        parameters=row.parameters,
        parameters_hash=row.parameters_hash,
        state=JobState(row.state),
        progress=row.progress,
        message=row.message,
        lease_until=row.lease_until,
        worker=row.worker,
        attempts=row.attempts,
        error=row.error,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        finished_at=row.finished_at,
    )
