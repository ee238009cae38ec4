"""Every test here runs on SQLite and on PostgreSQL, unless it asks for `sqlite_store` or `postgres_store` by name."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from core.store.database import DATABASE, Store
from tests.postgres_server import OWNER, Server


@pytest.fixture
def store(both: Store) -> Store:
    return both


@pytest.fixture
def bare(store: Store, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return what runs statements on the store's database as its owner, with none of our own guards around it."""

    def on_file(*statements: str) -> None:
        with closing(sqlite3.connect(store.home / DATABASE)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def on_server(*statements: str) -> None:
        request.getfixturevalue("postgres").run(*statements, database=store.engine.url.database, role=OWNER)

    return on_server if store.engine.dialect.name == "postgresql" else on_file


@pytest.fixture
def empty(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name an empty database in both variables, and return it."""
    database = postgres.database()
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(database))
    monkeypatch.setenv("WATCHROOM_STORE_OWNER", postgres.url(database, OWNER))
    yield database
    postgres.drop(database)
