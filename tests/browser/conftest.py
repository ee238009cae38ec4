"""A real server on a filled home, and the homes of the page tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.pages.conftest import bare_home, filled_home

__all__ = ["bare_home", "filled_home"]
PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(home: Path, port: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--home", str(home), "--port", str(port), "--no-worker"],
        cwd=home.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server stopped"
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
                assert answer.status == 200
                return process
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not answer in {PATIENCE_SECONDS} s")


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Return a function that serves a home and gives its address; servers end with the session."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(home: Path) -> str:
        port = free_port()
        processes.append(started(home, port))
        return f"http://127.0.0.1:{port}"

    yield start
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def filled(serve: Callable[[Path], str], filled_home: Path) -> str:
    return serve(filled_home)
