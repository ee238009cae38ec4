import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.access.principal import LOCAL, WORKER, Principal, Role
from core.clock import SYSTEM
from core.errors import BadInputError, BusyError, ConflictError, NotFoundError, RefusedError
from core.jobs import service as jobs
from core.jobs.job import LEASE, Job, JobState
from core.store import jobs as stored
from core.store.database import Store
from tests.audited import newest

TARGET = "staged_jobs:run"
WORK = str(Path(__file__).parent / "work")
START_WORKER = (
    "import sys; from pathlib import Path; from core.jobs.service import run_worker; "
    "run_worker(Path(sys.argv[1]), sys.argv[2])"
)


@pytest.fixture(autouse=True)
def _work_can_be_imported(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", WORK)
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.05)


def expire(store: Store, job: Job) -> None:
    with store.write() as session:
        stored.change_job(session, jobs.find_job(store, job.id), {"lease_until": SYSTEM.now() - timedelta(seconds=1)})


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def actions(store: Store) -> list[str]:
    return [entry.action.removeprefix("jobs:job:") for entry in reversed(newest(store))]


# The life of a job


def test_a_job_goes_from_queued_over_running_to_done_and_each_step_is_audited(store):
    job = jobs.submit(store, LOCAL, "profile", {"model": "flights"})
    assert (job.state, job.parameters, job.submitted_by) == (JobState.QUEUED, {"model": "flights"}, "local")
    running = jobs.claim(store, WORKER, "w1")
    assert (running.id, running.state, running.worker, running.attempts) == (job.id, JobState.RUNNING, "w1", 1)
    assert LEASE / 2 < running.lease_until - SYSTEM.now() <= LEASE
    assert jobs.beat(store, WORKER, running, progress=0.4, message="day 4 of 10")
    assert (jobs.find_job(store, job.id).progress, jobs.find_job(store, job.id).message) == (0.4, "day 4 of 10")
    done = jobs.finish(store, WORKER, running, message="10 days")
    assert (done.state, done.progress, done.message, done.lease_until) == (JobState.DONE, 1.0, "10 days", None)
    assert jobs.open_jobs(store) == ()
    assert jobs.newest_jobs(store) == (done,)
    assert actions(store) == ["submit", "claim", "finish"]


def test_the_same_work_is_queued_once_while_it_is_open(store):
    first = jobs.submit(store, LOCAL, "profile", {"model": "flights", "days": [1, 2]})
    assert jobs.submit(store, LOCAL, "profile", {"days": [1, 2], "model": "flights"}) == first
    assert jobs.submit(store, LOCAL, "check", {"model": "flights", "days": [1, 2]}).id != first.id
    jobs.finish(store, WORKER, jobs.claim(store, WORKER, "w1"))
    assert jobs.submit(store, LOCAL, "profile", {"model": "flights", "days": [1, 2]}).id > first.id


def test_jobs_are_claimed_in_their_order_and_each_by_one_worker_only(store):
    ids = [jobs.submit(store, LOCAL, "profile", {"n": n}).id for n in range(8)]
    taken: list[int] = []

    def work(name: str) -> None:
        while (job := jobs.claim(store, WORKER, name)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == ids


def test_a_job_whose_worker_fell_silent_is_taken_over_and_the_silent_one_can_do_nothing_more(store):
    jobs.submit(store, LOCAL, "profile", {})
    silent = jobs.claim(store, WORKER, "w1")
    assert jobs.claim(store, WORKER, "w2") is None
    expire(store, silent)
    second = jobs.claim(store, WORKER, "w2")
    assert (second.id, second.attempts, second.worker) == (silent.id, 2, "w2")
    assert not jobs.beat(store, WORKER, silent)
    for act in (
        lambda: jobs.finish(store, WORKER, silent),
        lambda: jobs.fail(store, WORKER, silent, "x", may_retry=True),
    ):
        with pytest.raises(ConflictError):
            act()
    assert jobs.finish(store, WORKER, second).state is JobState.DONE


def test_a_job_whose_workers_fell_silent_three_times_fails(store):
    jobs.submit(store, LOCAL, "profile", {})
    for attempt in (1, 2, 3):
        job = jobs.claim(store, WORKER, "w1")
        assert job.attempts == attempt
        expire(store, job)
    assert jobs.claim(store, WORKER, "w1") is None
    assert (jobs.find_job(store, job.id).state, jobs.find_job(store, job.id).error) == (
        JobState.FAILED,
        "its worker fell silent",
    )


@pytest.mark.parametrize("may_retry", [True, False])
def test_a_failure_is_retried_at_most_three_times_and_never_when_it_would_fail_again(store, may_retry):
    jobs.submit(store, LOCAL, "profile", {})
    states = []
    while (job := jobs.claim(store, WORKER, "w1")) is not None:
        states.append(jobs.fail(store, WORKER, job, "the disk is full", may_retry=may_retry).state.value)
    assert states == (["QUEUED", "QUEUED", "FAILED"] if may_retry else ["FAILED"])
    assert jobs.newest_jobs(store)[0].error == "the disk is full"


def test_progress_stays_between_nothing_and_all_and_messages_stay_short(store):
    jobs.submit(store, LOCAL, "profile", {})
    job = jobs.claim(store, WORKER, "w1")
    jobs.beat(store, WORKER, job, progress=7.0, message="x" * 9_999)
    assert (jobs.find_job(store, job.id).progress, len(jobs.find_job(store, job.id).message)) == (1.0, 500)


@pytest.mark.parametrize("running", [False, True])
def test_an_open_job_can_be_cancelled_and_its_worker_learns_of_it(store, running):
    job = jobs.submit(store, LOCAL, "profile", {})
    claimed = jobs.claim(store, WORKER, "w1") if running else None
    assert jobs.cancel(store, LOCAL, job.id, reason="wrong model").state is JobState.CANCELLED
    assert jobs.cancel(store, LOCAL, job.id).state is JobState.CANCELLED
    assert claimed is None or not jobs.beat(store, WORKER, claimed)
    assert jobs.claim(store, WORKER, "w2") is None
    last = newest(store)[0]
    assert (last.action, last.reason) == ("jobs:job:cancel", "wrong model")


def test_a_job_that_ended_cannot_be_cancelled(store):
    jobs.submit(store, LOCAL, "profile", {})
    done = jobs.finish(store, WORKER, jobs.claim(store, WORKER, "w1"))
    with pytest.raises(RefusedError, match="DONE") as refused:
        jobs.cancel(store, LOCAL, done.id)
    assert refused.value.code == "illegal_move"


def test_who_may_not_is_refused(store):
    eve = Principal("eve", frozenset({Role.VIEWER}))
    job = jobs.submit(store, LOCAL, "profile", {})
    for act in (
        lambda: jobs.submit(store, eve, "profile", {}),
        lambda: jobs.cancel(store, eve, job.id),
        lambda: jobs.claim(store, eve, "w1"),
        lambda: jobs.beat(store, eve, job),
        lambda: jobs.finish(store, eve, job),
        lambda: jobs.fail(store, eve, job, "x", may_retry=False),
    ):
        with pytest.raises(RefusedError):
            act()
    assert jobs.find_job(store, job.id) == job


@pytest.mark.parametrize("kind", ["", "x" * 33])
def test_a_kind_that_does_not_fit_is_refused(store, kind):
    with pytest.raises(BadInputError, match="kind of a job"):
        jobs.submit(store, LOCAL, kind, {})


def test_a_job_that_does_not_exist_is_not_found(store):
    with pytest.raises(NotFoundError):
        jobs.find_job(store, 5)
    with pytest.raises(NotFoundError):
        jobs.cancel(store, LOCAL, 5)


# The worker


def submit(store: Store, kind: str, **parameters: object) -> int:
    return jobs.submit(store, LOCAL, kind, parameters).id


def test_the_worker_runs_what_waits_in_processes_of_their_own(store):
    first, second = submit(store, "greet", name="Zoë"), submit(store, "silent")
    assert jobs.run_worker(store.home, TARGET, once=True) == 2
    assert (jobs.find_job(store, first).state, jobs.find_job(store, first).message) == (JobState.DONE, "hello Zoë")
    assert jobs.find_job(store, second).state is JobState.DONE
    pids = {(store.home / "pids" / f"{job}-1").read_text() for job in (first, second)}
    assert len(pids) == 2
    assert str(os.getpid()) not in pids


def test_the_worker_survives_the_kill_9_of_a_job_and_tries_it_again(store):
    job, after = submit(store, "die", times=1), submit(store, "greet", name="you")
    assert jobs.run_worker(store.home, TARGET, once=True) == 3
    died = jobs.find_job(store, job)
    assert (died.state, died.attempts, died.message) == (JobState.DONE, 2, "done at attempt 2")
    assert jobs.find_job(store, after).state is JobState.DONE
    failed = next(entry for entry in newest(store) if entry.action == "jobs:job:fail")
    assert "signal 9" in failed.after


def test_a_job_that_dies_every_time_fails_after_three_attempts_and_says_why(store):
    job = submit(store, "die", times=9)
    assert jobs.run_worker(store.home, TARGET, once=True) == 3
    died = jobs.find_job(store, job)
    assert (died.state, died.attempts) == (JobState.FAILED, 3)
    assert died.error == "its process was ended by signal 9 (Killed)"


@pytest.mark.parametrize(
    ("kind", "attempts", "error"),
    [
        ("refuse", 1, "The file is empty."),
        ("crash", 3, "its process ended with code 1: ZeroDivisionError: a mistake of ours"),
        ("leave", 3, "its process ended without a result"),
    ],
)
def test_what_went_wrong_is_kept_with_the_job(store, kind, attempts, error):
    job = submit(store, kind)
    assert jobs.run_worker(store.home, TARGET, once=True) == attempts
    failed = jobs.find_job(store, job)
    assert (failed.state, failed.error) == (JobState.FAILED, error)


def test_work_that_is_not_there_fails_with_one_sentence(store):
    job = submit(store, "greet", name="x")
    jobs.run_worker(store.home, "nowhere:run", once=True)
    assert "not at 'nowhere:run'" in str(jobs.find_job(store, job).error)


def test_between_jobs_and_beside_a_long_one_the_worker_does_what_else_there_is(store):
    job, seen = submit(store, "wait"), []

    def meanwhile(given: Store) -> Callable[[], int]:
        assert given.home == store.home

        def beside() -> int:
            seen.append(jobs.find_job(store, job).state)
            if len(seen) == 4:
                jobs.cancel(store, LOCAL, job)
            return 1 if len(seen) in (1, 7) else 0

        return beside

    assert jobs.run_worker(store.home, TARGET, once=True, meanwhile=meanwhile) == 1
    assert seen[:4] == [JobState.QUEUED, *[JobState.RUNNING] * 3]
    assert seen[-1] is JobState.CANCELLED


def test_a_worker_leaves_only_when_nothing_else_was_left_to_do(store):
    left = iter([1, 1, 0])
    assert jobs.run_worker(store.home, TARGET, once=True, meanwhile=lambda _: lambda: next(left)) == 0
    assert list(left) == []


def start_worker(store: Store) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", START_WORKER, str(store.home), TARGET], stderr=subprocess.DEVNULL)


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def waiting_pid(store: Store, job: int) -> int:
    path = store.home / "pids" / f"{job}-1"
    until(lambda: jobs.find_job(store, job).message == "waiting")
    return int(path.read_text())


def test_a_running_job_stops_when_it_is_cancelled(store):
    job = submit(store, "wait")
    worker = start_worker(store)
    try:
        pid = waiting_pid(store, job)
        jobs.cancel(store, LOCAL, job)
        until(lambda: not is_alive(pid))
        assert jobs.find_job(store, job).state is JobState.CANCELLED
        assert worker.poll() is None
    finally:
        worker.kill()
        worker.wait()


def test_a_worker_outlives_a_server_that_is_away_for_a_while(postgres_store, postgres):
    name = postgres_store.engine.url.database
    worker = start_worker(postgres_store)
    try:
        first = submit(postgres_store, "greet", name="before")
        until(lambda: jobs.find_job(postgres_store, first).state is JobState.DONE)
        postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(BusyError, match="was lost"):
            jobs.find_job(postgres_store, first)
        time.sleep(2.5 * jobs.POLL_SECONDS)
        assert worker.poll() is None
        postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        second = submit(postgres_store, "greet", name="after")
        until(lambda: jobs.find_job(postgres_store, second).state is JobState.DONE)
    finally:
        worker.kill()
        worker.wait()


def test_a_worker_that_is_asked_to_end_stops_its_job_and_hands_it_back(store):
    job = submit(store, "wait")
    worker = start_worker(store)
    pid = waiting_pid(store, job)
    worker.terminate()
    assert worker.wait(20) == 0
    assert not is_alive(pid)
    assert jobs.find_job(store, job).state is JobState.QUEUED


def test_a_job_ends_with_its_killed_worker_and_is_run_by_the_next_when_the_lease_ends(store):
    job = submit(store, "wait")
    worker = start_worker(store)
    pid = waiting_pid(store, job)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    until(lambda: not is_alive(pid))
    assert jobs.find_job(store, job).state is JobState.RUNNING
    assert jobs.claim(store, WORKER, "next") is None
    expire(store, jobs.find_job(store, job))
    assert jobs.claim(store, WORKER, "next").attempts == 2
