"""What may stand in the way of an installation, each with its fix: checked before anything is downloaded.

Standard library only, and nothing newer than Python 3.6: see `app.bootstrap`.
"""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

OLDEST = (3, 11)
NEWER_PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
MEGABYTE = 1_000_000
PORTS_TRIED = 50


class SetupError(Exception):
    """The environment cannot be prepared; the message is one sentence with the fix."""


def check_system() -> None:
    """Refuse a system without POSIX file locks and paths (Windows outside WSL)."""
    if os.name != "posix":
        raise SetupError("Watchroom runs on Linux and macOS: on Windows, run it inside WSL.")


def check_python(version: Tuple[int, int], executable: str) -> None:
    """Refuse a Python older than 3.11."""
    if version < OLDEST:
        raise SetupError(
            f"Python 3.11 or newer is needed, and {executable} is {version[0]}.{version[1]}. Install one (Debian 12, "
            "Ubuntu 24.04: sudo apt install python3 python3-venv), or name another: make demo PYTHON=python3.11"
        )


def check_venv(version: Tuple[int, int], executable: str) -> None:
    """Refuse a Python whose ``venv`` cannot make an environment with pip (Debian packages it apart)."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = "python3-venv" if Path(executable).name == "python3" else f"python{version[0]}.{version[1]}-venv"
        raise SetupError(f"{executable} has no venv module. On Debian and Ubuntu: sudo apt install {package}") from None


def check_disk(needs: Sequence[Tuple[Path, int]]) -> None:
    """Refuse when a disk has less free space than the folders on it need.

    Parameters
    ----------
    needs : sequence of (folder, megabytes)
        Folders that may not exist yet; those on the same disk are added up.
    """
    by_disk: Dict[int, List[Tuple[Path, int]]] = {}
    for folder, megabytes in needs:
        place = existing(folder)
        by_disk.setdefault(place.stat().st_dev, []).append((place, megabytes))
    for group in by_disk.values():
        wanted, place = sum(megabytes for _, megabytes in group), group[0][0]
        free = shutil.disk_usage(str(place)).free // MEGABYTE
        if free < wanted:
            raise SetupError(
                f"Too little disk space: about {wanted:,} MB are needed on the disk of {place}, and {free:,} MB are "
                f"free. Free {wanted - free:,} MB there and run the same command again."
            )


def existing(folder: Path) -> Path:
    """Return the folder itself, or the nearest parent that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def pip_cache() -> Path:
    """Return the folder where pip keeps its downloads."""
    named = os.environ.get("PIP_CACHE_DIR")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(named) if named else Path(base) / "pip"


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on this port of the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(port: int) -> int:
    """Return the port, or the next free one when a person at a terminal agrees to it; otherwise refuse with the fix."""
    if port_is_free(port):
        return port
    candidates = range(port + 1, min(port + 1 + PORTS_TRIED, 65536))
    offered = next((candidate for candidate in candidates if port_is_free(candidate)), None)
    taken = f"Port {port} of 127.0.0.1 is in use"
    if offered is None:
        raise SetupError(f"{taken}, and so are the next {PORTS_TRIED}. Name a free one: make demo PORT=8601")
    if sys.stdin.isatty() and sys.stdout.isatty() and agreed(f"{taken}. Use {offered} instead? [Y/n] "):
        return offered
    raise SetupError(
        f"{taken}, perhaps by a dashboard that already runs (open http://127.0.0.1:{port} to see). "
        f"The next free one: make demo PORT={offered}"
    )


def agreed(question: str) -> bool:
    """Ask at the terminal; an empty answer agrees."""
    return input(question).strip().lower() in ("", "y", "yes")


def better_python() -> Optional[str]:
    """Return a Python of 3.11 or newer on PATH that can make environments, when there is one."""
    probe = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {OLDEST})"
    for name in NEWER_PYTHONS:
        path = shutil.which(name)
        if path and quiet_call([path, "-I", "-c", probe]) == 0:
            return path
    return None


def quiet_call(command: Sequence[str]) -> int:
    """Run a command without showing its words; returns its exit code."""
    return subprocess.call(list(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def install_browser() -> None:
    """Install the distribution's Chromium through apt unless one is on PATH."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        print(f"Chromium is there: {found}")
        return
    if not shutil.which("apt-get"):
        raise SetupError("This system has no apt-get: install Chromium its own way, so that `chromium` is on PATH.")
    prefix: List[str] = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and not shutil.which("sudo"):
        raise SetupError("Installing Chromium needs root and there is no sudo: as root, run apt-get install chromium.")
    for words in (["update"], ["install", "-y", "chromium"]):
        if subprocess.call([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *words]):
            raise SetupError(f"apt-get {' '.join(words)} failed: its own words stand above. Mend that and try again.")
    print("Chromium is installed.")
