"""The state database of a store: creating, opening, reading and writing it.

The state lies in SQLite in the store's folder (`core.store.sqlite`) or, where ``WATCHROOM_STORE``
names one, in a PostgreSQL database (`core.store.postgres`). Both keep the same promises: readers
never wait and see one instant; writers come one after the other, so that what a writer read stays
true until it commits. The folder holds logs, model files and anchors in either case.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import BadInputError
from core.store import anchors, audit, postgres, postgres_roles, postgres_schema, settings, sqlite
from core.store.sqlite import DATABASE

__all__ = [
    "DATABASE",
    "HEAD",
    "REVISIONS",
    "STORE_VARIABLE",
    "Session",
    "Store",
    "init_store",
    "open_store",
    "stands",
]

LOCK = ".init.lock"
LOCK_SECONDS = 60
STORE_VARIABLE = postgres.VARIABLE
"""The environment variable that names the database; without it the state lies in the store's folder."""
MARK = "postgresql.id"
"""The file in a store's folder that says to which PostgreSQL database it belongs."""
REVISIONS = ("0001", "0002", "0003", "0004")
"""Every schema revision this program knows, oldest first; a test holds the last one to Alembic's head."""
HEAD = REVISIONS[-1]


@dataclass(frozen=True)
class Store:
    """A folder with the logs of its models, and the state database that belongs to it."""

    home: Path
    engine: Engine
    clock: Clock

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that sees one instant and cannot write."""
        with self._plain_errors(), Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open the only transaction that may write: committed at the end, rolled back on any error."""
        writing = self.engine.execution_options(**{sqlite.WRITES: True})
        with self._plain_errors(), Session(writing, expire_on_commit=False) as session:
            with session.begin():
                session.connection()  # the lock is taken now, not at the first statement
                yield session
            anchors.remember(self.home, session)

    def log_dir(self, model_key: str) -> Path:
        """Return the folder of a model's log."""
        return self.home / "log" / model_key

    def _plain_errors(self) -> AbstractContextManager[None]:
        if self.engine.dialect.name == "postgresql":
            return postgres.plain_errors(postgres.name_of(self.engine.url))
        return sqlite.plain_errors(self.home / DATABASE)


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
            _bring_up_to_date(home)
    except OSError as error:
        raise BadInputError(f"The store {home} cannot be used: {error.strerror or error}.") from None
    return open_store(home)


def open_store(home: Path) -> Store:
    """Open the store in `home`.

    Raises
    ------
    BadInputError
        When there is none, when it was made by a newer or an older program, when its database is damaged or of
        another store, or when the database's role could change the audit chain at will.
    """
    home = home.absolute()
    url = _address(postgres.VARIABLE)
    engine = _opened_file(home) if url is None else _opened_server(home, url)
    store = Store(home=home, engine=engine, clock=Clock())
    with store.read() as session:
        clock = Clock(settings.frozen_at(session))
        seq, digest = audit.head(session)
    anchors.renew(home, seq, digest)
    return replace(store, clock=clock)


def stands(home: Path) -> bool:
    """Say whether `home` looks like a store's folder; opens nothing."""
    return (home / (DATABASE if _address(postgres.VARIABLE) is None else MARK)).is_file()


def _address(variable: str) -> URL | None:
    """Return the database that an environment variable names; None: the state lies in the store's folder."""
    address = os.environ.get(variable)
    return postgres.parsed(address, variable) if address else None


def _opened_file(home: Path) -> Engine:
    if (home / MARK).is_file():
        raise BadInputError(
            f"The state of the store in {home} lies in PostgreSQL: set {postgres.VARIABLE} to the address of its "
            "database."
        )
    _refuse_not_current(home, sqlite.revision(home))
    return sqlite.engine(home)


def _opened_server(home: Path, url: URL) -> Engine:
    engine = postgres.engine(url)
    with postgres.reading(engine) as connection:
        postgres_roles.refuse_superuser(connection)
        _refuse_not_current(home, postgres.revision(connection))
        if not (home / MARK).is_file():
            raise _no_store(home)
        if settings.identity(connection) != _marked(home):
            raise _another_store(home, url)
    return engine


def _refuse_not_current(home: Path, revision: str | None) -> None:
    if revision is None:
        raise _no_store(home)
    _refuse_newer(home, revision)
    if revision != HEAD:
        raise BadInputError(
            f"The store in {home} was made by an earlier Watchroom: copy the folder, then run "
            f"watchroom init --home {home} to bring it up to date."
        )


def _refuse_newer(home: Path, revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        raise BadInputError(f"The store in {home} was made by a newer Watchroom (schema {revision:.40}): update it.")


def _no_store(home: Path) -> BadInputError:
    return BadInputError(f"There is no store in {home}: run watchroom init --home {home} first.")


def _another_store(home: Path, url: URL) -> BadInputError:
    return BadInputError(
        f"The folder {home} and the database {postgres.name_of(url)} belong to different stores: name the folder of "
        f"this database with --home (its logs, model files and anchors), or the database of this folder in "
        f"{postgres.VARIABLE}."
    )


def _bring_up_to_date(home: Path) -> None:
    url = _address(postgres.VARIABLE)
    if url is not None:
        _migrate_server(home, url, _address(postgres.OWNER_VARIABLE))
        return
    revision = None if (home / MARK).is_file() else sqlite.revision(home)
    _refuse_newer(home, revision)
    if revision != HEAD and not (home / MARK).is_file():
        with sqlite.migrating(home) as connection:
            _upgrade(connection)


def _migrate_server(home: Path, url: URL, owner: URL | None) -> None:
    """Bring the database of a store to `HEAD`, let its folder and it know each other, give the program its rights."""
    with postgres.migrating(owner or url, LOCK_SECONDS) as connection:
        if owner is None:
            postgres_roles.refuse_superuser(connection)
        revision = postgres.revision(connection)
        _refuse_newer(home, revision)
        if revision != HEAD:
            postgres_schema.refuse_other_encodings(connection)
            _upgrade(connection)
            postgres_schema.settle_types(connection)
        _pair(home, url, connection)
        if owner is not None:
            postgres_roles.admit(connection, url)


def _pair(home: Path, url: URL, connection: Connection) -> None:
    """Let folder and database carry the same mark; a folder with the logs of another store is refused.

    The mark is written before the database commits: what a crash leaves in between is a mark without logs, and
    that is taken up again.
    """
    known = settings.identity(connection)
    if known is not None:
        if _marked(home) != known:
            raise _another_store(home, url)
        return
    if (home / "log").exists() or (home / DATABASE).exists():
        raise _another_store(home, url)
    identity = _marked(home) or str(uuid.uuid4())
    (home / MARK).write_text(identity + "\n", encoding="ascii")
    settings.identify(connection, identity)


def _marked(home: Path) -> str | None:
    mark = home / MARK
    return mark.read_text(encoding="ascii", errors="replace").strip() if mark.is_file() else None


def _upgrade(connection: Connection) -> None:
    """Run every revision that is missing on a connection, in its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "core.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
