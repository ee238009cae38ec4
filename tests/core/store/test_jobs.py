from datetime import UTC, datetime

import pytest

from core.errors import ConflictError, NotFoundError
from core.jobs.job import OPEN, JobState
from core.store import jobs as stored

AT = datetime(2014, 1, 1, tzinfo=UTC)


@pytest.fixture
def job(store):
    with store.write() as session:
        return stored.add_job(
            session, kind="profile", parameters={"model": "flights"}, parameters_hash="a" * 64, by="ana", at=AT
        )


def test_a_new_job_waits_and_is_found_by_its_parameters(store, job):
    assert (job.state, job.attempts, job.progress, job.submitted_at) == (JobState.QUEUED, 0, 0.0, AT)
    with store.read() as session:
        assert stored.job_by_id(session, job.id) == job == stored.find_open(session, "profile", "a" * 64)
        assert stored.jobs(session, states=OPEN, limit=9) == (job,) == stored.newest(session, limit=9)
        assert stored.find_open(session, "profile", "b" * 64) is None


def test_a_change_starts_from_the_state_and_claim_that_were_read(store, job):
    with store.write() as session:
        running = stored.change_job(session, job, {"state": "RUNNING", "attempts": 1})
        assert running.state is JobState.RUNNING
        with pytest.raises(ConflictError, match=f"Job {job.id} was changed"):
            stored.change_job(session, job, {"state": "CANCELLED"})
        stored.change_job(session, running, {"attempts": 2})
        with pytest.raises(ConflictError):
            stored.change_job(session, running, {"state": "DONE"})


def test_a_job_that_ended_is_no_longer_open(store, job):
    with store.write() as session:
        stored.change_job(session, job, {"state": "DONE"})
        assert stored.find_open(session, "profile", "a" * 64) is None
        assert stored.jobs(session, states=OPEN, limit=9) == ()


def test_an_unknown_job_is_not_found(store):
    with store.read() as session, pytest.raises(NotFoundError, match="no job 7"):
        stored.job_by_id(session, 7)
