"""A store's state in PostgreSQL: the database that ``WATCHROOM_STORE`` names, and the way it is opened.

A reading transaction sees one instant (``REPEATABLE READ READ ONLY``). A writing transaction takes an
advisory lock at its start, so that writers come one after the other as they do with SQLite: what it
read stays true until it commits. A writer waits up to ten seconds for the one before it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import BadInputError, BusyError, CoreError
from core.store import sentences
from core.store.sqlite import WRITES

if TYPE_CHECKING:
    import psycopg

VARIABLE = "WATCHROOM_STORE"
OWNER_VARIABLE = "WATCHROOM_STORE_OWNER"
DRIVER = "postgresql+psycopg"
CONNECTING = {"connect_timeout": 10, "client_encoding": "utf8"}
WRITERS = int.from_bytes(b"watchrm")
"""The advisory lock that the writers of a database take."""

_LONGEST_REASON = 200

_BUSY = frozenset({"55P03", "40001", "40P01", "57014"})
"""A lock that was not had in time, a transaction that must be repeated, a statement that took too long."""
_LOST = ("08", "57P", "53300")
"""Connection failures, a server that stops or starts, too many connections."""
_ADVICE = {
    "25006": "it cannot be written; this is a copy that only reads, or a reading transaction",
    "42501": "its role lacks a right; run watchroom init with WATCHROOM_STORE_OWNER naming the owner of its tables",
    "53100": "the server's disk is full; free some space",
    "53200": "the server has no memory left; look at its log",
    "XX001": "it is damaged; restore it from a copy",
    "XX002": "it is damaged; restore it from a copy",
}


def parsed(address: str, variable: str) -> URL:
    """Return the URL of a database as an environment variable names it.

    Raises
    ------
    BadInputError
        When it is no URL of a PostgreSQL database.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in (DRIVER, "postgresql", "postgres") or not url.database:
        raise BadInputError(
            f"{variable} must name a PostgreSQL database, for example {DRIVER}://ROLE:PASSWORD@HOST/DATABASE; "
            "unset it to keep the state in the store's folder."
        )
    return url.set(drivername=DRIVER)


def name_of(url: URL) -> str:
    """Return how sentences call a database: its address without the password."""
    return url.set(drivername="postgresql", password=None, query={}).render_as_string()


def engine(url: URL, *, patience: float | None = None) -> Engine:
    """Return an engine on a database.

    Parameters
    ----------
    patience : seconds that a writer waits for the one before it; `sentences.BUSY_SECONDS` when None

    Raises
    ------
    BadInputError
        When the driver is not installed.
    """
    try:
        made = create_engine(url, pool_pre_ping=True, connect_args=CONNECTING)
    except ImportError:
        raise BadInputError(
            f"The store {name_of(url)} needs the driver of PostgreSQL: install the extra postgres "
            "(pip install 'watchroom[postgres]')."
        ) from None
    milliseconds = round(1_000 * (sentences.BUSY_SECONDS if patience is None else patience))

    def set_up(connection: "psycopg.Connection[Any]", _record: ConnectionPoolEntry) -> None:
        connection.autocommit = True  # what is set in a transaction ends with its rollback
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{milliseconds}ms"])
        connection.autocommit = False

    event.listen(made, "connect", set_up)
    event.listen(made, "begin", _begin)
    return made


def _begin(connection: Connection) -> None:
    from psycopg import IsolationLevel

    writes = bool(connection.get_execution_options().get(WRITES, False))
    driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    # The driver writes both into its BEGIN. A writer that waited for its lock must see what the one before it
    # committed meanwhile, so that it cannot keep the instant of its own beginning.
    driver.isolation_level = IsolationLevel.READ_COMMITTED if writes else IsolationLevel.REPEATABLE_READ
    driver.read_only = not writes
    if writes:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


@contextmanager
def migrating(url: URL, patience: float) -> Iterator[Connection]:
    """Open the one transaction in which the schema may change: no other writer, no other migration beside it."""
    with plain_errors(name_of(url), opened=False):
        made = engine(url, patience=patience)
        try:
            with made.execution_options(**{WRITES: True}).begin() as connection:
                yield connection
        finally:
            made.dispose()


@contextmanager
def reading(made: Engine) -> Iterator[Connection]:
    """Open a reading transaction on an engine that nobody knows yet to be one of a store."""
    with plain_errors(name_of(made.url), opened=False), made.connect() as connection:
        yield connection


def tables(connection: Connection) -> frozenset[str]:
    """Return the names of the tables in the schema that a connection works in."""
    found = connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')"
        )
    )
    return frozenset(found.scalars())


def revision(connection: Connection) -> str | None:
    """Return the schema revision that the database names; None when it holds no tables.

    Raises
    ------
    BadInputError
        When its tables are those of another program.
    """
    found = tables(connection)
    if found and not {"alembic_version", "audit", "settings"} <= found:
        raise BadInputError(
            f"The database {name_of(connection.engine.url)} holds the tables of another program: name another one in "
            f"{VARIABLE}."
        )
    newest = connection.scalar(text("SELECT max(version_num) FROM alembic_version")) if found else None
    return None if newest is None else str(newest)


@contextmanager
def plain_errors(where: str, *, opened: bool = True) -> Iterator[None]:
    """Turn what the server says about itself or about its machine into a sentence; pass its other errors on.

    Parameters
    ----------
    opened : whether the store was open before, so that a server that does not answer is a matter of waiting
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise BusyError(sentences.busy(where)) from error
    except DBAPIError as error:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state in _BUSY:
            raise BusyError(sentences.busy(where)) from error
        if state in _ADVICE:
            raise BadInputError(sentences.cannot_use(where, _ADVICE[state])) from error
        if state.startswith(_LOST) or (not state and isinstance(error, OperationalError)):
            raise _unreachable(where, error, opened=opened) from error
        if "NUL" in str(error.orig) and isinstance(error, DataError):
            raise BadInputError(
                "A text holds the character NUL, which no database text can hold: take it out."
            ) from error
        raise


def _unreachable(where: str, error: DBAPIError, *, opened: bool) -> CoreError:
    first_line = str(error.orig).strip().partition("\n")[0].removesuffix(".")[:_LONGEST_REASON]
    if opened:
        return BusyError(
            f"The store {where} was lost ({first_line}): look whether the last change stands, and try again when the "
            "server answers."
        )
    return BadInputError(sentences.cannot_use(where, f"the server does not let us in ({first_line})"))
