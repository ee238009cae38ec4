"""A job as a value: its states, its lease, and what makes two jobs the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

LEASE = timedelta(seconds=60)
"""How long a job belongs to a worker that says nothing."""
MAX_ATTEMPTS = 3


class JobState(StrEnum):
    """Where a job stands; the first two are open."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


OPEN = frozenset({JobState.QUEUED, JobState.RUNNING})

MOVES: Mapping[JobState, frozenset[JobState]] = MappingProxyType(
    {
        JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
        JobState.RUNNING: frozenset({JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
        JobState.DONE: frozenset(),
        JobState.FAILED: frozenset(),
        JobState.CANCELLED: frozenset(),
    }
)
"""The legal moves; RUNNING → QUEUED is a retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Long work that a worker runs; `progress` is a share in [0, 1], `attempts` counts its claims.

    While it runs, (`worker`, `attempts`) name the claim: an earlier claim can no longer change it.
    """

    id: int
    kind: str
    parameters: Mapping[str, Any]
    parameters_hash: str
    state: JobState
    progress: float
    message: str
    lease_until: datetime | None
    worker: str | None
    attempts: int
    error: str | None
    submitted_by: str
    submitted_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the job may still run."""
        return self.state in OPEN


def is_claimable(job: Job, at: datetime) -> bool:
    """Whether a worker may take `job` at the aware moment `at`: it waits, or its worker's lease has ended."""
    if job.state is JobState.RUNNING:
        return job.lease_until is None or job.lease_until <= at
    return job.state is JobState.QUEUED
