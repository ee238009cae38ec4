from datetime import UTC, datetime, timedelta

import pytest

from core.jobs.job import LEASE, OPEN, Job, JobState, is_claimable

AT = datetime(2014, 1, 1, tzinfo=UTC)


def job(state: JobState, lease_until: datetime | None = None) -> Job:
    return Job(
        id=1,
        kind="profile",
        parameters={},
        parameters_hash="",
        state=state,
        progress=0.0,
        message="",
        lease_until=lease_until,
        worker=None,
        attempts=1,
        error=None,
        submitted_by="ana",
        submitted_at=AT,
        finished_at=None,
    )


@pytest.mark.parametrize("state", list(JobState))
def test_only_waiting_and_running_jobs_are_open(state):
    assert job(state).is_open is (state in OPEN) is (state.value in ("QUEUED", "RUNNING"))


@pytest.mark.parametrize(
    ("state", "lease_until", "claimable"),
    [
        (JobState.QUEUED, None, True),
        (JobState.RUNNING, AT + timedelta(seconds=1), False),
        (JobState.RUNNING, AT, True),
        (JobState.RUNNING, AT - LEASE, True),
        (JobState.DONE, None, False),
        (JobState.FAILED, AT - LEASE, False),
        (JobState.CANCELLED, None, False),
    ],
)
def test_a_job_can_be_claimed_when_it_waits_or_its_lease_has_ended(state, lease_until, claimable):
    assert is_claimable(job(state, lease_until), AT) is claimable
