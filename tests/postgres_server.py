"""A PostgreSQL server for the tests: the distribution's own where it is installed, else that of the package pgserver.

It listens on a socket in a folder of its own, keeps nothing safe from a power cut, sorts texts in a language's order
(so that a query which leaves the order to the database is found), and ends with the tests. PostgreSQL refuses to run
as root: then it runs as the distribution's user, else as nobody.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

OWNER, PROGRAM, PASSWORD = "watchroom_owner", "watchroom_app", "word"
SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
    "autovacuum=off",
    "log_min_messages=fatal",
)
START_SECONDS = 20
MEMORY = "/dev/shm"
ROOM = 2**30


def binaries() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres``, or None."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin")]
    found = sorted((one for one in folders if (one / "initdb").exists()), key=lambda one: int(one.parent.name))
    if found:
        return found[-1]
    package = importlib.util.find_spec("pgserver")
    if package is None or package.origin is None:
        return None
    own = Path(package.origin).parent / "pginstall" / "bin"
    return own if (own / "initdb").exists() else None


class Server:
    """A running server; `url` names one of its databases for a role."""

    def __init__(self, folder: Path) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="watchroom-pg-", dir=_memory()))
        self._folder, self._made = folder, 0
        self._user = _user()
        if self._user is not None:
            shutil.chown(self.place, self._user)
        atexit.register(self.stop)
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", *self._language())
        arguments = [str(folder / "postgres"), "-D", str(self.data), "-k", str(self.place)]
        self._process = subprocess.Popen(
            [*arguments, *(part for setting in SETTINGS for part in ("-c", setting))],
            user=self._user,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=(self.place / "log").open("wb"),
        )
        self._wait()
        self.run(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{PASSWORD}'")

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def version(self) -> int:
        return int((self.data / "PG_VERSION").read_text())

    def url(self, database: str, role: str = PROGRAM) -> str:
        return f"postgresql+psycopg://{role}:{PASSWORD}@/{database}?host={self.place}"

    def database(self, *, template: str = "template1") -> str:
        """Make a database that belongs to the owner's role, empty or a copy, and return its name."""
        self._made += 1
        name = f"store_{self._made}"
        # Copying files is quicker than writing a log of them; before 15 there was no other way.
        copying = "STRATEGY FILE_COPY" if self.version >= 15 else ""
        self.run(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'",
            f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} {copying}",
        )
        return name

    def drop(self, database: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def run(self, *statements: str, database: str = "postgres", role: str = "postgres") -> None:
        """Run statements, each on its own, as the superuser or another role."""
        with self.connect(database=database, role=role) as connection:
            for statement in statements:
                connection.execute(statement)

    def connect(self, *, database: str = "postgres", role: str = "postgres") -> "psycopg.Connection[Any]":
        import psycopg

        return psycopg.connect(f"host={self.place} user={role} dbname={database}", autocommit=True)

    def stop(self) -> None:
        process = getattr(self, "_process", None)
        if process is not None and process.poll() is None:
            process.send_signal(3)  # SIGQUIT: at once, nothing here is worth keeping
            process.wait(10)
        shutil.rmtree(self.place, ignore_errors=True)

    def _language(self) -> tuple[str, ...]:
        """Return the options of a language's order where this server knows any: neither C nor code points."""
        known = subprocess.run([self._folder / "pg_config", "--configure"], capture_output=True, text=True, check=False)
        icu = "--with-icu" in known.stdout
        return ("--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8") if icu else ("--locale=C",)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._folder / program, "-D", str(self.data), *arguments],
            user=self._user,
            env=_environment(),
            cwd=self.place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _wait(self) -> None:
        import psycopg

        until = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(f"host={self.place} user=postgres dbname=postgres").close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.place / "log").read_text()
                assert time.monotonic() < until, (self.place / "log").read_text()
                time.sleep(0.02)
            else:
                return


def _memory() -> str | None:
    """Return a folder in memory with room for a server, where making a database is ten times as quick; None: none."""
    if not os.access(MEMORY, os.W_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", ""), "TZ": "UTC"}
