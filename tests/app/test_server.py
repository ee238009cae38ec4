"""The real server in a process of its own: AppTest would hide a wrong path or a setting that is not read."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from app import server
from core.errors import BadInputError

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--home", str(home), "--port", str(port), *options],
        cwd=home.parent,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stdout.read()
        try:
            with urlopen(url) as answer:
                assert answer.read() == b"ok"
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{url} did not answer in {PATIENCE_SECONDS} s")


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if "run_worker_of" in " ".join(child.cmdline())]


@pytest.fixture
def home(tmp_path: Path, empty_home: Path) -> Path:
    import shutil

    return Path(shutil.copytree(empty_home, tmp_path / "home"))


def test_the_server_answers_on_the_loopback_prints_its_address_and_starts_one_worker(home):
    with serving(home) as (address, process):
        assert process.stdout.readline().startswith(f"Watchroom shows {home} at {address}")
        (worker,) = workers_of(process)
        with urlopen(f"{address}/_stcore/host-config") as answer:
            assert answer.status == 200
    assert psutil.wait_procs([worker], PATIENCE_SECONDS)[1] == []


def test_the_worker_leaves_when_its_server_is_killed(home):
    with serving(home) as (_, process):
        (worker,) = workers_of(process)
        process.kill()
        process.wait(PATIENCE_SECONDS)
        assert psutil.wait_procs([worker], PATIENCE_SECONDS)[1] == []


def test_without_a_worker_none_is_started(home):
    with serving(home, "--no-worker") as (_, process):
        assert psutil.Process(process.pid).children() == []


def test_settings_of_the_repository_hold_wherever_the_server_is_started(home):
    names = ("browser.gatherUsageStats", "theme.baseFontSize", "server.allowedHosts", "client.showErrorDetails")
    code = (
        "from app.server import prepare; from pathlib import Path; import json, sys; prepare(Path(sys.argv[1]), 8999)\n"
        "from streamlit import config\n"
        f"print(json.dumps([config.get_option(name) for name in {names}]))"
    )
    own = home.parent / ".streamlit"
    own.mkdir()
    (own / "config.toml").write_text("[browser]\ngatherUsageStats = true\n[server]\nallowedHosts = ['*']\n")
    shown = subprocess.run(
        [sys.executable, "-c", code, str(home)],
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOME": str(home.parent)},
    )
    assert json.loads(shown.stdout) == [False, 14, ["127.0.0.1", "localhost"], "none"]


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "example.org", "::"])
def test_every_address_but_the_loopback_is_refused(address, tmp_path):
    with pytest.raises(BadInputError, match=r"only on this machine"):
        server.serve(tmp_path, 8501, worker=False, address=address)


def test_an_address_in_the_variable_of_streamlit_is_refused_too(monkeypatch):
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    with pytest.raises(BadInputError, match=r"0\.0\.0\.0"):
        server.check_address("127.0.0.1")


def test_a_taken_port_names_the_next_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInputError, match=rf"Port {port} .* is in use; the next free one is \d+"):
            server.choose_port(port)


def test_a_free_port_is_kept():
    port = free_port()
    assert server.choose_port(port) == port
