"""The state database of a store: creating, opening, reading and writing it.

SQLite in WAL mode: readers never wait, one writer at a time. `Store.write` takes the write
lock at its start (``BEGIN IMMEDIATE``), so that what it read stays true until it commits; a
second writer waits up to ten seconds. `Store.read` sees one instant of the database.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from core.clock import Clock
from core.errors import BadInputError, BusyError
from core.store import anchors, audit, settings

__all__ = ["DATABASE", "HEAD", "REVISIONS", "Session", "Store", "init_store", "open_store"]

DATABASE = "state.db"
LOCK = ".init.lock"
BUSY_SECONDS = 10
LOCK_SECONDS = 60
REVISIONS = ("0001", "0002", "0003")
"""Every schema revision this program knows, oldest first; a test holds the last one to Alembic's head."""
HEAD = REVISIONS[-1]

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNUSABLE = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR")
_DESTRUCTIVE = frozenset({sqlite3.SQLITE_ALTER_TABLE, sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_TRIGGER})
_FIXED_PRAGMAS = frozenset({"writable_schema", "recursive_triggers", "foreign_keys", "journal_mode"})


@dataclass(frozen=True)
class Store:
    """A folder with the state database and the logs of its models."""

    home: Path
    engine: Engine
    clock: Clock

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that sees one instant and cannot write."""
        with _plain_errors(self.home / DATABASE), Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open the only transaction that may write: committed at the end, rolled back on any error."""
        with _plain_errors(self.home / DATABASE), Session(_writing(self.engine), expire_on_commit=False) as session:
            with session.begin():
                session.connection()  # the lock is taken now, not at the first statement
                yield session
            anchors.remember(self.home, session)

    def log_dir(self, model_key: str) -> Path:
        """Return the folder of a model's log."""
        return self.home / "log" / model_key


def init_store(home: Path) -> Store:
    """Create the store in `home`, or bring an older one up to date; changes nothing when it is current.

    A crash in between leaves the state before: the whole migration is one transaction. Two
    processes at once take turns.

    Raises
    ------
    BadInputError
        When the folder cannot be written, or holds something that is not a store of this program.
    """
    from filelock import FileLock

    home = home.absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(home / LOCK, timeout=LOCK_SECONDS):
            if _revision(home) != HEAD:
                _migrate(home)
    except OSError as error:
        raise BadInputError(_cannot_use(home, error.strerror or str(error))) from None
    return open_store(home)


def open_store(home: Path) -> Store:
    """Open the store in `home`.

    Raises
    ------
    BadInputError
        When there is none, when it was made by a newer or an older program, or when its database is damaged.
    """
    home = home.absolute()
    revision = _revision(home)
    if revision is None:
        raise BadInputError(f"There is no store in {home}: run watchroom init --home {home} first.")
    if revision != HEAD:
        raise BadInputError(
            f"The store in {home} was made by an earlier Watchroom: copy the folder, then run "
            f"watchroom init --home {home} to bring it up to date."
        )
    store = Store(home=home, engine=_engine(home), clock=Clock())
    with store.read() as session:
        clock = Clock(settings.frozen_at(session))
        seq, digest = audit.head(session)
    anchors.renew(home, seq, digest)
    return replace(store, clock=clock)


def _revision(home: Path) -> str | None:
    """Return the schema revision of the database in `home`; None when there is no finished one."""
    path = home / DATABASE
    try:
        if not path.exists() or path.stat().st_size == 0:
            return None
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            known = "alembic_version" in tables
            found = connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0] if known else None
    except (OSError, sqlite3.DatabaseError) as error:
        raise BadInputError(_cannot_use(path, str(error))) from None
    if tables and not known:
        raise BadInputError(f"The file {path} is a database of another program: choose another folder with --home.")
    if found is not None and found not in REVISIONS:
        raise BadInputError(f"The store in {home} was made by a newer Watchroom (schema {found!s:.40}): update it.")
    return found


def _migrate(home: Path) -> None:
    """Bring the database in `home` to `HEAD` in one transaction."""
    from alembic import command
    from alembic.config import Config

    with _plain_errors(home / DATABASE):
        with closing(sqlite3.connect(home / DATABASE, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        engine = _engine(home, guarded=False)
        config = Config()
        config.set_main_option("script_location", "core.store:migrations")
        with _writing(engine).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        engine.dispose()


def _engine(home: Path, *, guarded: bool = True) -> Engine:
    """Return an engine on an existing database; an unguarded one may change the schema."""
    database = (home / DATABASE).as_uri()
    url = URL.create("sqlite", database=database, query={"mode": "rw", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_up if guarded else _set_up_for_migration)
    event.listen(engine, "begin", _begin)
    return engine


def _writing(engine: Engine) -> Engine:
    return engine.execution_options(watchroom_writes=True)


def _set_up_for_migration(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver opens no transaction of its own: `_begin` does
    cursor = connection.cursor()
    for pragma in ("synchronous = FULL", "recursive_triggers = ON", "foreign_keys = OFF"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _set_up(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    _set_up_for_migration(connection, record)
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
    assert isinstance(connection, sqlite3.Connection)
    connection.set_authorizer(_authorizer)


def _authorizer(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    """Refuse what would take the guards off: dropping or altering anything, writing the schema by hand."""
    if action in _DESTRUCTIVE or (action == sqlite3.SQLITE_PRAGMA and first in _FIXED_PRAGMAS and second is not None):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("watchroom_writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    """Turn what the database says about the machine into a sentence; pass its other errors on."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = getattr(error, "orig", error)
        name = getattr(cause, "sqlite_errorname", "")
        if name.startswith(_BUSY):
            raise BusyError(
                f"The store {path} has been busy for {BUSY_SECONDS} seconds with another program's work; try again."
            ) from error
        if name.startswith(_UNUSABLE):
            raise BadInputError(_cannot_use(path, str(cause))) from error
        raise


def _cannot_use(path: Path, why: str) -> str:
    advice = {
        "file is not a database": "it is not a Watchroom store, or it is encrypted; choose another folder with --home",
        "database disk image is malformed": "it is damaged; restore it from a copy",
        "attempt to write a readonly database": "it cannot be written; look at the permissions of the folder",
        "unable to open database file": "it cannot be opened; look at the permissions of the folder",
        "database or disk is full": "the disk is full; free some space",
    }
    return f"The store {path} cannot be used: {advice.get(why, why)}."
