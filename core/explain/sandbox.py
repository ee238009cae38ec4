"""The limited child in which a model file is opened: started, asked, and ended.

A new interpreter (no fork) that first gives up network, files, other processes and privileges, and lives within
limits of memory and time (`core.explain.confine`). The file is handed over by descriptor after its digest was checked,
and the child checks the digest of the very bytes that it opens. It goes when its parent goes, and it is not trusted:
what it answers is measured, parsed as Arrow and validated.
"""

import contextlib
import hashlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from core.errors import BadInputError, CoreError
from core.explain import wire
from core.explain.additivity import NotAdditiveError
from core.explain.artifact import LARGEST
from core.explain.limits import Confinement, Limits, environment
from core.explain.values import ScoredModel

Report = Callable[[float, str], None]
START = "import sys; from core.explain.child import main; main(sys.argv[1:])"
CHUNK = 2**16
TAIL_BYTES = 8_192
GRACE_SECONDS = 2.0
EMPTY = pa.table({})


class SandboxError(CoreError):
    """The child ended, or refused, without a result: the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxTask:
    """One thing to do with a model file.

    Attributes
    ----------
    kind : ``shap``, ``predict``, or ``probe`` (what the child may not do; no model is opened)
    model : ScoredModel or None
    rows, background : Table
    settings : mapping
        ``of_class`` and ``sampled`` of ``shap``; ``port`` and ``folder`` of ``probe``.
    """

    kind: str
    model: ScoredModel | None = None
    rows: pa.Table = field(default_factory=lambda: EMPTY)
    background: pa.Table = field(default_factory=lambda: EMPTY)
    settings: Mapping[str, Any] = field(default_factory=dict)


def run(
    artifact: Path, sha256: str, task: SandboxTask, *, limits: Limits | None = None, report: Report | None = None
) -> pa.Table:
    """Return the answer of a limited child to one task; the child is gone afterwards.

    Raises
    ------
    BadInputError
        When the file is not what was registered, or is refused.
    SandboxError
        When a limit was reached, or the child ended without an answer.
    NotAdditiveError
        When SHAP values do not add up.
    """
    with Sandbox(artifact, sha256, limits=limits, report=report) as child:
        if task.model is not None:
            child.open_model(task.model, task.background)
        return child.ask(task.kind, task.settings, task.rows)


class Sandbox:
    """A limited child with one model file: a context manager.

    Parameters
    ----------
    artifact : Path
    sha256 : str
        The digest that the inventory has pinned.
    limits : Limits, optional
    report : callable, optional
        Called with the share done of the request at hand, and a sentence.
    """

    def __init__(
        self, artifact: Path, sha256: str, *, limits: Limits | None = None, report: Report | None = None
    ) -> None:
        self._artifact, self._sha256 = artifact, sha256
        self._limits, self._report = limits or Limits(), report
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._unread, self._said = bytearray(), bytearray()
        self.confinement: Confinement | None = None

    def __enter__(self) -> "Sandbox":
        """Check the file's digest and start the child."""
        descriptor = checked_descriptor(self._artifact, self._sha256)
        reading, writing = os.pipe()
        arguments = [descriptor, writing, os.getpid(), self._limits.memory, self._limits.cpu_seconds]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-c", START, *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment(),
                pass_fds=(descriptor, writing),
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(descriptor)
            os.close(writing)
        self._answers = reading
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # it is gone already, with what was not sent
                process.stdin.close()
        try:
            process.wait(0 if kind is not None else GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
        os.close(self._answers)
        self._process = None

    @property
    def pid(self) -> int:
        """The child's process id."""
        assert self._process is not None
        return self._process.pid

    def open_model(self, model: ScoredModel, background: pa.Table | None = None) -> pa.Table:
        """Let the child open the file; returns what it says of the model, one row."""
        described = {
            "task": model.task,
            "features": list(model.features),
            "categorical": sorted(model.categorical),
            "classes": list(model.classes),
            "positive": model.positive,
        }
        settings = {"sha256": self._sha256, "name": f"{self._sha256[:12]}…", "model": described}
        return self.ask("open", settings, EMPTY if background is None else background)

    def ask(self, kind: str, settings: Mapping[str, Any], rows: pa.Table) -> pa.Table:
        """Return the child's answer to one request.

        Raises
        ------
        BadInputError, NotAdditiveError
            What the child refused.
        SandboxError
            When a limit was reached, the child ended, or what it says cannot be read.
        """
        request = wire.said(wire.ASKED, {"kind": kind, **settings}) + wire.rows(rows)
        deadline = time.monotonic() + self._limits.seconds
        for told, payload in self._exchange(request, deadline):
            if told == wire.RESULT:
                return self._table(payload)
            self._take(told, payload)
        raise SandboxError(self._ending())

    def _table(self, payload: bytes) -> pa.Table:
        try:
            return wire.read_rows(payload)
        except ValueError as error:
            raise SandboxError(f"The limited process gave an answer that cannot be read ({error}).") from None

    def _take(self, told: bytes, payload: bytes) -> None:
        """Take in what is not the result: how the child is confined, progress, or a refusal."""
        try:
            document = json.loads(payload)
            if told == wire.CONFINED:
                self.confinement = Confinement(
                    isolated=bool(document["isolated"]),
                    reason=str(document["reason"])[: wire.WORDS_LENGTH],
                    filtered=bool(document["filtered"]),
                    exposed=str(document["exposed"])[: wire.WORDS_LENGTH],
                )
                return
            if told == wire.PROGRESS:
                if self._report is not None:
                    self._report(min(1.0, max(0.0, float(document["share"]))), str(document["words"])[:200])
                return
            code, why = str(document["code"]), str(document["why"])[: wire.WORDS_LENGTH]
        except (ValueError, KeyError, TypeError):
            raise SandboxError("The limited process said something that cannot be read.") from None
        self._raise(code, why)

    def _raise(self, code: str, why: str) -> None:
        if code == "not_additive":
            raise NotAdditiveError(why)
        if code == "bad_input":
            raise BadInputError(why)
        if code == "memory":
            raise SandboxError(self._too_much_memory())
        raise BadInputError(f"The model file cannot be used: {why.rstrip('.')}.")

    def _too_much_memory(self) -> str:
        return (
            f"The model needs more than the {self._limits.memory / 2**30:.3g} GiB of memory that its limited process "
            "may use; explain fewer rows."
        )

    def _exchange(self, request: bytes, deadline: float) -> "Exchange":
        assert self._process is not None
        kept = (self._unread, self._said)
        return Exchange(self._process, self._answers, request, deadline=deadline, kept=kept, late=self._late)

    def _late(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        raise SandboxError(
            f"The model took longer than the {self._limits.seconds:g} seconds that its limited process may take; "
            "explain fewer rows."
        )

    def _ending(self) -> str:
        """Return how the child ended, in one sentence; one that says nothing more and lives on is ended."""
        process = self._process
        assert process is not None
        assert process.stderr is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        process.kill()
        code = process.wait()
        self._said += process.stderr.read()
        words = bytes(self._said).decode(errors="replace").strip().rpartition("\n")[2][:300]
        if code == -signal.SIGXCPU:
            return f"The model used more than the {self._limits.cpu_seconds} CPU seconds that its process may use."
        is_memory = any(sign in words for sign in ("MemoryError", "bad_alloc", "allocate", "out of memory"))
        if is_memory or (code in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS) and not words):
            return self._too_much_memory()
        if code < 0:
            return f"The limited process was ended by signal {-code} ({signal.strsignal(-code)}) before it answered."
        return f"The limited process ended with code {code} before it answered: {words or 'no message'}"


class Exchange:
    """Sends one request and gives the frames that come back, until one is a result or a refusal.

    Parameters
    ----------
    process : the child
    answers : int
        Descriptor on which its frames come.
    request : bytes
    deadline : float
        On the monotonic clock.
    kept : pair of bytearray
        Bytes of frames not read yet, and the end of what it wrote on its standard error.
    late : callable
        Called, and raises, when the deadline has passed.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        answers: int,
        request: bytes,
        *,
        deadline: float,
        kept: tuple[bytearray, bytearray],
        late: Callable[[], None],
    ) -> None:
        assert process.stdin is not None
        assert process.stderr is not None
        self._request, self._deadline, self._late = memoryview(request), deadline, late
        self._unread, self._said = kept
        self._input, self._answers, self._errors = process.stdin.fileno(), answers, process.stderr.fileno()
        os.set_blocking(self._input, False)
        self._watched = selectors.DefaultSelector()
        self._watched.register(self._input, selectors.EVENT_WRITE)
        self._watched.register(self._answers, selectors.EVENT_READ)
        self._watched.register(self._errors, selectors.EVENT_READ)

    def __iter__(self) -> "Exchange":
        """Return itself."""
        return self

    def __next__(self) -> tuple[bytes, bytes]:
        """Return the next frame: its kind and payload.

        Raises
        ------
        StopIteration
            When the child will say nothing more.
        SandboxError
            When the deadline passed, or a frame is larger than may be.
        """
        while (found := self._frame()) is None:
            if self._answers not in self._watched.get_map():
                self._watched.close()
                raise StopIteration
            left = self._deadline - time.monotonic()
            if left <= 0:
                self._late()
            for key, _ in self._watched.select(left):
                self._serve(key.fd)
        if found[0] in (wire.RESULT, wire.REFUSAL):
            self._watched.close()
        return found

    def _frame(self) -> tuple[bytes, bytes] | None:
        size = wire.HEADER.size
        if len(self._unread) < size:
            return None
        try:
            kind, length = wire.header(bytes(self._unread[:size]))
        except (ValueError, TypeError) as error:
            raise SandboxError(f"The limited process said something that cannot be read ({error}).") from None
        if len(self._unread) < size + length:
            return None
        payload = bytes(self._unread[size : size + length])
        del self._unread[: size + length]
        return kind, payload

    def _serve(self, descriptor: int) -> None:
        if descriptor == self._input:
            self._write()
            return
        read = os.read(descriptor, CHUNK)
        if not read:
            self._watched.unregister(descriptor)
        elif descriptor == self._errors:
            self._said += read
            del self._said[:-TAIL_BYTES]
        else:
            self._unread += read

    def _write(self) -> None:
        try:
            self._request = self._request[os.write(self._input, self._request[:CHUNK]) :]
        except BrokenPipeError:
            self._request = memoryview(b"")
        if not self._request:
            self._watched.unregister(self._input)


def checked_descriptor(artifact: Path, sha256: str) -> int:
    """Return an open descriptor of the file after its digest was checked; positioned at the beginning.

    Raises
    ------
    BadInputError
        When there is no such file, it is a link or too large, or its digest is another.
    """
    try:
        descriptor = os.open(artifact, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise BadInputError(f"The model file {artifact.name[:12]}… cannot be read: {error.strerror}.") from None
    try:
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
            found = hashlib.file_digest(stream, "sha256").hexdigest() if size <= LARGEST else ""
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:
        os.close(descriptor)
        raise
    if found != sha256:
        os.close(descriptor)
        raise BadInputError(
            f"The model file {artifact.name[:12]}… is not the one that was registered: its sha256 is "
            f"{found[:12] or 'not computed, it is too large'}…; restore it, or add it as a new version."
        )
    return descriptor
