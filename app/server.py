"""The dashboard's server: Streamlit under uvicorn on the loopback, with one worker beside it."""

import importlib
import ipaddress
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.chosen import HOME_VARIABLE
from app.preflight import agreed, port_is_free
from core.errors import BadInputError

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
PORTS_TRIED = 50
WORKER_PATIENCE_SECONDS = 10
START_WORKER = "import sys; from app.server import run_worker_of; run_worker_of(sys.argv[1])"
FIXED_SETTINGS: dict[str, object] = {
    "browser.gatherUsageStats": False,
    "browser.serverAddress": LOOPBACK,
    "client.showErrorLinks": False,
    "server.address": LOOPBACK,
    "server.allowedHosts": [LOOPBACK, "localhost"],
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
}
# Slow to import; the first visitor should not wait. Not the queries of pages: their caches want a running server.
HEAVY = (
    "pandas",
    "plotly.graph_objects",
    "streamlit.elements.plotly_chart",
    "core.drift.service",
    "core.performance.service",
    "core.checks.service",
)


def serve(home: Path, port: int, *, worker: bool, address: str = LOOPBACK) -> None:
    """Serve the dashboard of the store in `home` until it is stopped.

    Parameters
    ----------
    home : Path
    port : int
        When it is taken, the next free one is offered (at a terminal) or named.
    worker : bool
        Start one ``watchroom worker`` beside the server, and end it with it.
    address : str
        Only the loopback: there is no log-in yet.

    Raises
    ------
    BadInputError
        When the address is not the loopback, or the port is taken.
    """
    check_address(address)
    folder = home.resolve()
    free = choose_port(port)
    prepare(folder, free)
    import streamlit as st
    import uvicorn

    with _listening(address, free) as door, _worker_beside(folder, wanted=worker):
        threading.Thread(target=_warm, daemon=True).start()
        sys.stdout.write(f"Watchroom shows {folder} at http://{_host(address)}:{free} (stop with Ctrl+C)\n")
        sys.stdout.flush()
        config = uvicorn.Config(st.App(ROOT / "app" / "main.py"), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[door])


def check_address(address: str) -> None:
    """Refuse every address but the loopback, also the one that Streamlit's own variable names.

    Raises
    ------
    BadInputError
        When others could reach the dashboard.
    """
    for named in (address, os.environ.get("STREAMLIT_SERVER_ADDRESS", LOOPBACK)):
        if named == "localhost":
            continue
        try:
            local = ipaddress.ip_address(named).is_loopback
        except ValueError:
            local = False
        if not local:
            raise BadInputError(
                f"Watchroom serves only on this machine (127.0.0.1), not on '{named}': it has no log-in. "
                "To reach it from elsewhere use an SSH tunnel: ssh -L 8501:127.0.0.1:8501 HOST"
            )


def choose_port(port: int) -> int:
    """Return the port, or the next free one when a person at a terminal agrees to it.

    Raises
    ------
    BadInputError
        When the port is taken and nobody can be asked; the sentence names the next free one.
    """
    if port_is_free(port):
        return port
    following = range(port + 1, min(port + 1 + PORTS_TRIED, 65_536))
    offered = next((candidate for candidate in following if port_is_free(candidate)), None)
    taken = f"Port {port} of {LOOPBACK} is in use"
    if offered is None:
        raise BadInputError(f"{taken}, and so are the next {PORTS_TRIED}; name a free one with --port.")
    if sys.stdin.isatty() and sys.stdout.isatty() and agreed(f"{taken}. Use {offered} instead? [Y/n] "):
        return offered
    raise BadInputError(f"{taken}; the next free one is {offered}: repeat with --port {offered}.")


def prepare(folder: Path, port: int) -> None:
    """Go to the root, where ``.streamlit/config.toml`` is found, and set what must never depend on it."""
    os.chdir(ROOT)
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    os.environ[HOME_VARIABLE] = str(folder)
    os.environ["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"
    # Imported late: Streamlit reads its settings from the folder it is started in.
    from streamlit import config
    from streamlit.logger import set_log_level

    # Under uvicorn Streamlit reads its settings from files only, not from variables; a user's own
    # ~/.streamlit must not open the server or switch the telemetry on.
    for name, value in FIXED_SETTINGS.items():
        config.set_option(name, value)
    config.set_option("server.port", port)
    set_log_level("WARNING")


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@contextmanager
def _listening(address: str, port: int) -> Iterator[socket.socket]:
    """Hold the port from now on: nobody can take it between the check and the start."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((address, port))
        door.listen(128)
        yield door


@contextmanager
def _worker_beside(folder: Path, *, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    # Its pipe to this process closes however this one ends, and the worker leaves.
    process = subprocess.Popen([sys.executable, "-c", START_WORKER, str(folder)], cwd=ROOT, stdin=subprocess.PIPE)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(WORKER_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_worker_of(home: str) -> None:
    """Run the jobs of a home as the worker beside a server, and leave when that server is gone."""
    from app.delivering import between_jobs
    from core.jobs.child import leave_with_parent
    from core.jobs.service import run_worker

    leave_with_parent()
    run_worker(Path(home), target="app.jobs:run", meanwhile=between_jobs)


def _warm() -> None:
    for name in HEAVY:
        importlib.import_module(name)
