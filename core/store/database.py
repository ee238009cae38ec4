"""The state database of a store: creating, opening, reading and writing it.

The state lies in SQLite in the store's folder (`core.store.sqlite`) or, where ``WATCHROOM_STORE``
names one, in a PostgreSQL database (`core.store.postgres`). Both keep the same promises: readers
never wait and see one instant; writers come one after the other, so that what a writer read stays
true until it commits. The folder holds logs, model files and anchors in either case.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import BadInputError
from core.store import anchors, audit, postgres, settings, sqlite
from core.store.sqlite import DATABASE

__all__ = ["DATABASE", "HEAD", "REVISIONS", "Session", "Store", "init_store", "open_store", "stands"]

LOCK = ".init.lock"
LOCK_SECONDS = 60
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
