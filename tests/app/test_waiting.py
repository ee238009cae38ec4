"""Long work under a page: started once, followed, stopped, tried again."""

import pytest
from streamlit.testing.v1 import AppTest

from core.access.principal import LOCAL, WORKER
from core.jobs.job import JobState
from core.jobs.service import claim, fail, find_job, finish, latest_job, newest_jobs, submit

ASKED = {"model": "churn", "window": "2024-03-01..2024-03-08"}


def page(home: str, seconds: float):
    from app import waiting

    asked = {"model": "churn", "window": "2024-03-01..2024-03-08"}
    waiting.shown_when_ready(home, "shift", asked, seconds=seconds, what="the shift")


@pytest.fixture
def shown(store):
    def run(seconds: float = 3.0) -> AppTest:
        return AppTest.from_function(page, args=(str(store.home), seconds)).run()

    return run


def words(at: AppTest) -> str:
    return " ".join(one.value for one in (*at.markdown, *at.caption))


def test_short_work_starts_by_itself_once_and_its_progress_is_shown(store, shown):
    at = shown()
    assert not at.exception
    job = latest_job(store, "shift", ASKED)
    assert job.state is JobState.QUEUED
    at.run()
    assert "You can leave this page" in words(at)
    assert len(newest_jobs(store)) == 1


def test_long_work_is_offered_with_its_length_and_starts_on_demand(store, shown):
    at = shown(seconds=300.0)
    assert at.button[0].label == "Work it out (about 5 min)"
    assert latest_job(store, "shift", ASKED) is None
    at.button[0].click().run()
    assert latest_job(store, "shift", ASKED).state is JobState.QUEUED


def test_work_can_be_stopped_and_tried_again(store, shown):
    at = shown()
    at.run()
    next(one for one in at.button if one.label == "Stop").click().run()
    stopped = latest_job(store, "shift", ASKED)
    assert stopped.state is JobState.CANCELLED
    at.run()
    assert "It was stopped." in words(at)
    next(one for one in at.button if one.label == "Try again").click().run()
    assert latest_job(store, "shift", ASKED).id > stopped.id


def test_what_went_wrong_is_said_and_escaped(store, shown):
    submit(store, LOCAL, "shift", ASKED)
    job = claim(store, WORKER, "w")
    fail(store, WORKER, job, "The column *income* is gone.", may_retry=False)
    assert "\\*income\\*" in words(shown())


def test_work_whose_result_is_not_found_again_is_not_begun_again_unasked(store, shown):
    at = shown()
    job = claim(store, WORKER, "w")
    finish(store, WORKER, job)
    at.run()
    assert find_job(store, job.id).state is JobState.DONE
    assert any(one.label.startswith("Work it out") for one in at.button)
    assert len(newest_jobs(store)) == 1
