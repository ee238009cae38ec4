"""Submitting, claiming, finishing and cancelling of jobs, and the worker that runs them."""

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import WORKER, Principal
from core.audit.actions import AuditAction
from core.audit.chain import content_hash
from core.audit.service import record, refusals_recorded
from core.clock import SYSTEM
from core.errors import BadInputError, BusyError, ConflictError, CoreError, RefusedError
from core.jobs import child
from core.jobs.job import LEASE, MAX_ATTEMPTS, OPEN, Job, JobState, is_claimable
from core.store import jobs as stored
from core.store.database import Session, Store, open_store

POLL_SECONDS = 1.0
KIND_LENGTH = 32
MESSAGE_LENGTH = 500
Report = Callable[[float, str], None]
"""What a running job calls with its progress (share in [0, 1]) and one sentence."""
Meanwhile = Callable[[], int]
"""What a worker does between its jobs and beside a running one: a little at a time; returns how much it did."""


@refusals_recorded
def submit(store: Store, principal: Principal, kind: str, parameters: Mapping[str, Any]) -> Job:
    """Queue a job; while one of the same kind and parameters is open, that one is returned instead.

    Raises
    ------
    RefusedError
        When the principal may not submit jobs.
    BadInputError
        When the kind has no or more than 32 characters.
    """
    authorize(principal, Action.JOB_SUBMIT)
    if not 0 < len(kind) <= KIND_LENGTH:
        raise BadInputError(f"The kind of a job is a word of at most {KIND_LENGTH} characters, got {kind[:80]!r}.")
    digest = content_hash(parameters)
    with store.write() as session:
        known = stored.find_open(session, kind, digest)
        if known is not None:
            return known
        job = stored.add_job(
            session, kind=kind, parameters=parameters, parameters_hash=digest, by=principal.name, at=SYSTEM.now()
        )
        _record(session, principal, AuditAction.JOB_SUBMITTED, job, after={"kind": kind, "parameters_hash": digest})
        return job


def open_jobs(store: Store) -> tuple[Job, ...]:
    """Return the jobs that wait or run, oldest first (at most 1,000)."""
    with store.read() as session:
        return stored.jobs(session, states=OPEN, limit=1_000)


def newest_jobs(store: Store, *, n: int = 50) -> tuple[Job, ...]:
    """Return the last `n` jobs in any state, newest first."""
    with store.read() as session:
        return stored.newest(session, limit=n)


def latest_job(store: Store, kind: str, parameters: Mapping[str, Any]) -> Job | None:
    """Return the last job of a kind with exactly these parameters, in any state; None: there never was one."""
    with store.read() as session:
        return stored.newest_of(session, kind, content_hash(parameters))


def find_job(store: Store, job_id: int) -> Job:
    """Return one job as it stands now.

    Raises
    ------
    NotFoundError
        When the store has no such job.
    """
    with store.read() as session:
        return stored.job_by_id(session, job_id)


@refusals_recorded
def claim(store: Store, principal: Principal, worker: str) -> Job | None:
    """Take the oldest job that waits, or whose worker fell silent, for `worker`; None when there is none.

    A job that was claimed three times and never ended is failed instead: it would take the
    next worker down as well.
    """
    authorize(principal, Action.JOB_RUN)
    with store.read() as session:
        if not _claimable(session, SYSTEM.now()):
            return None
    with store.write() as session:
        now = SYSTEM.now()
        for job in _claimable(session, now):
            if job.attempts < MAX_ATTEMPTS:
                return _take(session, principal, job, worker, now)
            _fail(session, principal, job, job.error or "its worker fell silent", now)
    return None


def _claimable(session: Session, at: datetime) -> list[Job]:
    return [job for job in stored.jobs(session, states=OPEN, limit=1_000) if is_claimable(job, at)]


def _take(session: Session, principal: Principal, job: Job, worker: str, at: datetime) -> Job:
    changes = {
        "state": JobState.RUNNING.value,
        "worker": worker,
        "attempts": job.attempts + 1,
        "lease_until": at + LEASE,
        "progress": 0.0,
        "message": "",
    }
    taken = stored.change_job(session, job, changes)
    _record(session, principal, AuditAction.JOB_CLAIMED, taken, after={"worker": worker, "attempt": taken.attempts})
    return taken


@refusals_recorded
def beat(
    store: Store, principal: Principal, job: Job, *, progress: float | None = None, message: str | None = None
) -> bool:
    """Keep a claimed job for another lease; False when it was cancelled or taken over, and must stop.

    A lease is bookkeeping, not a decision: this alone writes no audit entry.
    """
    authorize(principal, Action.JOB_RUN)
    changes: dict[str, Any] = {"lease_until": SYSTEM.now() + LEASE}
    if progress is not None:
        changes["progress"] = min(max(progress, 0.0), 1.0)
    if message is not None:
        changes["message"] = message[:MESSAGE_LENGTH]
    try:
        with store.write() as session:
            stored.change_job(session, job, changes)
    except BusyError:
        return True  # the lease is longer than the wait: there is time for the next beat
    except ConflictError:
        return False
    return True


@refusals_recorded
def finish(store: Store, principal: Principal, job: Job, *, message: str = "") -> Job:
    """Mark a claimed job as done.

    Raises
    ------
    ConflictError
        When it was cancelled or taken over meanwhile.
    """
    authorize(principal, Action.JOB_RUN)
    changes = {
        "state": JobState.DONE.value,
        "progress": 1.0,
        "message": message[:MESSAGE_LENGTH],
        "lease_until": None,
        "error": None,
        "finished_at": SYSTEM.now(),
    }
    with store.write() as session:
        done = stored.change_job(session, job, changes)
        _record(session, principal, AuditAction.JOB_FINISHED, done, after={"state": done.state})
        return done


@refusals_recorded
def fail(store: Store, principal: Principal, job: Job, why: str, *, may_retry: bool) -> Job:
    """Mark a claimed job as failed, or queue it again when it may be retried and has attempts left.

    Raises
    ------
    ConflictError
        When it was cancelled or taken over meanwhile.
    """
    authorize(principal, Action.JOB_RUN)
    with store.write() as session:
        if may_retry and job.attempts < MAX_ATTEMPTS:
            changes = {"state": JobState.QUEUED.value, "lease_until": None, "worker": None, "error": why}
            queued = stored.change_job(session, job, changes)
            _record(session, principal, AuditAction.JOB_FAILED, queued, after={"state": queued.state, "error": why})
            return queued
        return _fail(session, principal, job, why, SYSTEM.now())


@refusals_recorded
def cancel(store: Store, principal: Principal, job_id: int, *, reason: str = "") -> Job:
    """Cancel a job that waits or runs; a running one is stopped at its worker's next beat.

    Raises
    ------
    RefusedError
        With ``not_allowed``, or ``illegal_move`` when the job has ended already.
    """
    authorize(principal, Action.JOB_CANCEL)
    with store.write() as session:
        job = stored.job_by_id(session, job_id)
        if job.state is JobState.CANCELLED:
            return job
        if not job.is_open:
            raise RefusedError(
                "illegal_move", f"Job {job.id} has ended ({job.state.value}): there is nothing to cancel."
            )
        changes = {"state": JobState.CANCELLED.value, "lease_until": None, "finished_at": SYSTEM.now()}
        cancelled = stored.change_job(session, job, changes)
        _record(
            session,
            principal,
            AuditAction.JOB_CANCELLED,
            cancelled,
            after={"state": cancelled.state, "was": job.state},
            reason=reason,
        )
        return cancelled


def run_worker(
    home: Path, target: str, *, once: bool = False, meanwhile: Callable[[Store], Meanwhile] | None = None
) -> int:
    """Run jobs one at a time until stopped, or with `once` until none waits; returns how many it took.

    Each job runs in a process of its own, which may crash without taking the worker along.
    A worker that is asked to end (SIGTERM, Ctrl-C) stops its job and hands it back.

    Parameters
    ----------
    target : str
        Where the work is: ``module:function``, called with (home, job, report) in the job's
        process; returns one sentence for the job's message, or None.
    meanwhile : callable, optional
        Called once with the store; returns what is done about every second besides, a few seconds at most.
    """
    child.leave_on_terminate()
    store, worker, taken = open_store(home), child.worker_name(), 0
    beside = meanwhile(store) if meanwhile is not None else _nothing
    while True:
        done = beside()
        job = _claim_patiently(store, worker)
        if job is not None:
            _run(store, job, target, beside)
            taken += 1
        elif done:
            continue
        elif once:
            return taken
        else:
            time.sleep(POLL_SECONDS)


def _nothing() -> int:
    return 0


def _claim_patiently(store: Store, worker: str) -> Job | None:
    """Claim a job, or none while the store is busy or its server is away: a worker outlives both."""
    with suppress(BusyError):
        return claim(store, WORKER, worker)
    return None


def run_claimed(home: Path, target: str, job_id: int, attempt: int) -> None:
    """Run a job inside the process that the worker started for it, and say how it ended.

    A `CoreError` is final: the same input would fail again. Anything else ends the process
    with a traceback, and the worker tries again.
    """
    child.leave_with_parent()
    store = open_store(home)
    job = find_job(store, job_id)
    with suppress(ConflictError):  # cancelled or taken over while it ran
        if job.state is not JobState.RUNNING or job.attempts != attempt:
            return
        try:
            message = child.load(target)(store.home, job, partial(_report, store, job))
        except CoreError as error:
            fail(store, WORKER, job, str(error), may_retry=isinstance(error, ConflictError))
            return
        finish(store, WORKER, job, message=message or "")


def _run(store: Store, job: Job, target: str, beside: Meanwhile) -> None:
    with child.started(store.home, target, job) as process:
        try:
            while not process.has_ended(POLL_SECONDS) and _is_ours(store, job):
                beside()
        finally:
            why = process.end()
            with suppress(ConflictError):  # the usual case: the job itself has said how it ended
                fail(store, WORKER, job, why, may_retry=True)


def _is_ours(store: Store, job: Job) -> bool:
    try:
        now = find_job(store, job.id)
    except BusyError:
        return True  # nobody can say; the lease ends by itself
    ours = now.state is JobState.RUNNING and now.attempts == job.attempts
    due = now.lease_until is None or now.lease_until - SYSTEM.now() < LEASE * 2 / 3
    return beat(store, WORKER, job) if ours and due else ours


def _report(store: Store, job: Job, progress: float, message: str = "") -> None:
    if not beat(store, WORKER, job, progress=progress, message=message):
        sys.exit(child.STOPPED)


def _fail(session: Session, principal: Principal, job: Job, why: str, at: datetime) -> Job:
    changes = {"state": JobState.FAILED.value, "lease_until": None, "error": why, "finished_at": at}
    failed = stored.change_job(session, job, changes)
    _record(session, principal, AuditAction.JOB_FAILED, failed, after={"state": failed.state, "error": why})
    return failed


def _record(
    session: Session, principal: Principal, action: AuditAction, job: Job, *, after: Mapping[str, Any], reason: str = ""
) -> None:
    record(session, principal, action, object_type="job", object_id=str(job.id), after=after, reason=reason)
