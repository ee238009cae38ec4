"""One round of deliveries in a process of its own that is killed at a counted point; and a server that starts them.

A point is a statement, a commit, a connection, a rename or a removal of a file, and the moment before and after a
request is sent: everything that can stand or be missing after a kill -9.
"""

import os
import signal
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from app.delivering import deliver_due
from core.store.database import open_store

FILE_EVENTS = frozenset({"os.rename", "os.remove", "socket.connect"})


class Points:
    """Counts points, and kills this process at one of them (0: at none)."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.passed = 0

    def passing(self, *_: object, **__: object) -> None:
        """Pass a point."""
        self.passed += 1
        if self.passed == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(points: Points) -> None:
    """Count every point of this process from now on."""
    event.listen(Engine, "before_cursor_execute", points.passing)
    event.listen(Engine, "commit", points.passing)
    sys.addaudithook(lambda name, _: points.passing() if name in FILE_EVENTS else None)
    ssl.SSLSocket.sendall = _around(ssl.SSLSocket.sendall, points)  # type: ignore[method-assign]


def _around(sending: Callable[..., None], points: Points) -> Callable[..., None]:
    def sendall(self: ssl.SSLSocket, content: bytes, *more: Any) -> None:
        points.passing()
        sending(self, content, *more)
        points.passing()

    return sendall


def run_and_kill(home: Path, point: int) -> str:
    """Deliver in a process of its own; returns its exit code (-9: killed) and how many points it passed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            points = Points(point)
            watch(points)
            deliver_due(open_store(home))
            os.write(write, str(points.passed).encode())
            os._exit(0)
        finally:  # only an error comes here: it is this process that ends, not the server's loop that goes on
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    os.close(write)
    passed = os.read(read, 32).decode()
    os.close(read)
    return f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\t{passed or point}"


def main() -> None:
    """Answer each line "home, database, point" (by tabs) with the exit code and the number of points."""
    for line in sys.stdin:
        home, database, point = line.rstrip("\n").split("\t")
        os.environ.pop("WATCHROOM_STORE", None)
        if database:
            os.environ["WATCHROOM_STORE"] = database
        print(run_and_kill(Path(home), int(point)), flush=True)


if __name__ == "__main__":
    main()
