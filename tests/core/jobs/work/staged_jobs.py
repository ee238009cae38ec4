"""What the jobs of the tests do, each in the worker's child process."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.errors import BadInputError
from core.jobs.job import Job


def run(home: Path, job: Job, report: Callable[[float, str], None]) -> str | None:
    (home / "pids").mkdir(exist_ok=True)
    (home / "pids" / f"{job.id}-{job.attempts}").write_text(str(os.getpid()))
    return WORK[job.kind](job, report)


def greet(job: Job, report: Callable[[float, str], None]) -> str:
    report(0.5, "half way")
    return f"hello {job.parameters['name']}"


def silent(job: Job, report: Callable[[float, str], None]) -> None:
    return None


def refuse(job: Job, report: Callable[[float, str], None]) -> None:
    raise BadInputError("The file is empty.")


def crash(job: Job, report: Callable[[float, str], None]) -> None:
    raise ZeroDivisionError("a mistake of ours")


def die(job: Job, report: Callable[[float, str], None]) -> str:
    if job.attempts <= int(job.parameters["times"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return f"done at attempt {job.attempts}"


def leave(job: Job, report: Callable[[float, str], None]) -> None:
    sys.exit(0)


def wait(job: Job, report: Callable[[float, str], None]) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        report(0.1, "waiting")
        time.sleep(0.05)
    return "waited to the end"


WORK = {f.__name__: f for f in (greet, silent, refuse, crash, die, leave, wait)}
