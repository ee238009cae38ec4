"""The process in which one job runs: starting it, watching it, ending it."""

import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import FrameType
from typing import IO, Any

from core.errors import BadInputError
from core.jobs.job import Job

STOPPED = 3
"""Exit code of a job that was cancelled."""
GRACE_SECONDS = 5.0
TAIL_BYTES = 8_192
WORDS_LENGTH = 500
# A new interpreter, and not a fork: it inherits no thread, lock or connection of the worker.
START = (
    "import sys; from pathlib import Path; from core.jobs.service import run_claimed; "
    "run_claimed(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))"
)


@dataclass(frozen=True, slots=True)
class Child:
    """A job's process and the file with what it wrote."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def has_ended(self, seconds: float) -> bool:
        """Wait at most `seconds`; whether the process has ended."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> str:
        """End the process if it still runs; returns how it ended, in one line, and passes on what it wrote last."""
        self.process.terminate()
        if not self.has_ended(GRACE_SECONDS):
            self.process.kill()
            self.process.wait()
        written = self._tail()
        sys.stderr.write(written and f"{written}\n")
        return _last_words(self.process.returncode, written)[:WORDS_LENGTH]

    def _tail(self) -> str:
        size = self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, size - TAIL_BYTES))
        return self.log.read().decode(errors="replace").strip()


@contextmanager
def started(home: Path, target: str, job: Job) -> Iterator[Child]:
    """Start the process of a claimed job."""
    arguments = [sys.executable, "-P", "-c", START, str(home), target, str(job.id), str(job.attempts)]
    with TemporaryFile() as log, subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=log, stderr=log) as process:
        yield Child(process, log)


def _last_words(code: int, written: str) -> str:
    if code < 0:
        return f"its process was ended by signal {-code} ({signal.strsignal(-code)})"
    if code == 0:
        return "its process ended without a result"
    return f"its process ended with code {code}: {written.rpartition(chr(10))[2] or 'no message'}"


def load(target: str) -> Callable[..., Any]:
    """Return the function that ``module:function`` names.

    Raises
    ------
    BadInputError
        When there is none.
    """
    module, _, name = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadInputError(f"The work of jobs is not at '{target}': {error}.") from None
    if not callable(found):
        raise BadInputError(f"The work of jobs at '{target}' is not a function.")
    return found  # type: ignore[no-any-return]


def worker_name() -> str:
    """Return a name that no other worker has, within 64 characters."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def leave_with_parent() -> None:
    """End this process when the one that started it is gone, however it went: its pipe closes."""

    def watch() -> None:
        while os.read(0, 1):  # not sys.stdin: its lock would abort an interpreter that ends meanwhile
            pass
        os._exit(STOPPED)

    threading.Thread(target=watch, daemon=True).start()


def leave_on_terminate() -> None:
    """Turn SIGTERM into an orderly exit, so that the job in hand is handed back."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)
