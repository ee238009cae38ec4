import signal
import subprocess
import sys
import time
from tempfile import TemporaryFile

import pytest

from core.errors import BadInputError
from core.jobs.child import Child, load, worker_name


def child(code: str) -> Child:
    log = TemporaryFile()  # noqa: SIM115 - closed with the test
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=log, stderr=log)
    return Child(process, log)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise ValueError('no such thing')", "its process ended with code 1: ValueError: no such thing"),
        ("import os; os._exit(7)", "its process ended with code 7: no message"),
        ("import os; os.kill(os.getpid(), 9)", "its process was ended by signal 9 (Killed)"),
        ("pass", "its process ended without a result"),
    ],
)
def test_how_a_process_ended_is_told_in_one_line(code, words):
    ended = child(code)
    assert ended.has_ended(30)
    assert ended.end() == words


def test_a_process_that_still_runs_is_ended():
    running = child("import time; time.sleep(60)")
    assert not running.has_ended(0.2)
    start = time.monotonic()
    assert "signal 15" in running.end()
    assert time.monotonic() - start < 5


def test_a_process_that_will_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr("core.jobs.child.GRACE_SECONDS", 0.2)
    deaf = child("import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)")
    while not deaf._tail():
        time.sleep(0.05)
    assert f"signal {int(signal.SIGKILL)}" in deaf.end()


def test_a_function_is_found_by_its_import_path():
    assert load("core.jobs.child:load") is load


@pytest.mark.parametrize("target", ["", "nowhere:run", "core.jobs.child:nothing", "core.jobs.child:STOPPED", "core."])
def test_work_that_is_not_there_is_one_sentence(target):
    with pytest.raises(BadInputError, match="work of jobs"):
        load(target)


def test_worker_names_are_never_the_same_and_fit_their_column():
    assert worker_name() != worker_name()
    assert len(worker_name()) <= 64
