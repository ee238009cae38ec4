"""A real server on a filled home, and the homes of the page tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright

from app import demo
from tests.browser.watched import Watched
from tests.pages.conftest import bare_home, filled_home

__all__ = ["bare_home", "filled_home"]
PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(home: Path, port: int, *options: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--home", str(home), "--port", str(port), *options],
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
def serve() -> Iterator[Callable[..., str]]:
    """Return a function that serves a home and gives its address; servers end with the session.

    It takes options of `watchroom serve`; unless told otherwise, nobody works on jobs.
    """
    processes: list[subprocess.Popen[bytes]] = []

    def start(home: Path, options: tuple[str, ...] = ("--no-worker",)) -> str:
        port = free_port()
        processes.append(started(home, port, *options))
        return f"http://127.0.0.1:{port}"

    yield start
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def filled(serve: Callable[[Path], str], filled_home: Path) -> str:
    return serve(filled_home)


@pytest.fixture(scope="session")
def working(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Serve a copy of the sample fleet, with its worker; tests/sample_data shares what is copied."""
    own = tmp_path_factory.getbasetemp()
    built = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demo" / "home"
    demo.build(built, say=lambda text: None)
    return serve(Path(shutil.copytree(built, own / "working")), options=())


@pytest.fixture(scope="session")
def chromium(browser: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    seen = Watched(context.new_page())
    yield seen
    context.close()
    assert seen.wrong == []
