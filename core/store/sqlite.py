"""A store's state in SQLite: the file ``state.db`` in the store's folder, and the way it is opened.

WAL mode: readers never wait, one writer at a time. A writing transaction takes the write lock at
its start (``BEGIN IMMEDIATE``), so that what it read stays true until it commits; a second writer
waits up to ten seconds. A reading transaction sees one instant and cannot write.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import BadInputError, BusyError
from core.store import sentences

DATABASE = "state.db"
WRITES = "watchroom_writes"
"""The execution option of an engine whose transactions may write."""

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNUSABLE = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR")
_DESTRUCTIVE = frozenset({sqlite3.SQLITE_ALTER_TABLE, sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_TRIGGER})
_FIXED_PRAGMAS = frozenset({"writable_schema", "recursive_triggers", "foreign_keys", "journal_mode"})


def stands(home: Path) -> bool:
    """Say whether a database lies in `home` that is more than an empty file."""
    path = home / DATABASE
    try:
        return path.exists() and path.stat().st_size > 0
    except OSError as error:
        raise BadInputError(_cannot_use(path, str(error))) from None


def revision(home: Path) -> str | None:
    """Return the schema revision that the database in `home` names; None when there is no finished one.

    Raises
    ------
    BadInputError
        When it cannot be opened or is one of another program.
    """
    path = home / DATABASE
    if not stands(home):
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=sentences.BUSY_SECONDS)) as found:
            tables = {name for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            known = "alembic_version" in tables
            newest = found.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0] if known else None
    except (OSError, sqlite3.DatabaseError) as error:
        raise BadInputError(_cannot_use(path, str(error))) from None
    if tables and not known:
        raise BadInputError(f"The file {path} is a database of another program: choose another folder with --home.")
    return newest


@contextmanager
def migrating(home: Path) -> Iterator[Connection]:
    """Open the one transaction in which the schema of the database in `home` may change; makes the file."""
    with plain_errors(home / DATABASE):
        with closing(sqlite3.connect(home / DATABASE, timeout=sentences.BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        unguarded = engine(home, guarded=False)
        with unguarded.execution_options(**{WRITES: True}).begin() as connection:
            yield connection
        unguarded.dispose()


def engine(home: Path, *, guarded: bool = True) -> Engine:
    """Return an engine on an existing database; an unguarded one may change the schema."""
    database = (home / DATABASE).as_uri()
    url = URL.create("sqlite", database=database, query={"mode": "rw", "uri": "true"})
    made = create_engine(url, connect_args={"timeout": sentences.BUSY_SECONDS})
    event.listen(made, "connect", _set_up if guarded else _set_up_for_migration)
    event.listen(made, "begin", _begin)
    return made


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
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what the database says about the machine into a sentence; pass its other errors on."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = getattr(error, "orig", error)
        name = getattr(cause, "sqlite_errorname", "")
        if name.startswith(_BUSY):
            raise BusyError(sentences.busy(str(path))) from error
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
    return sentences.cannot_use(str(path), advice.get(why, why))
