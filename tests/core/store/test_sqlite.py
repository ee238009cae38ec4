"""What is SQLite's own: the file, its damage, its pragmas, its authorizer."""

import shutil
import sqlite3
import time

import pytest
from sqlalchemy.exc import DBAPIError

from core.errors import BadInputError
from core.store import settings
from core.store.database import DATABASE, Store, init_store, open_store


def test_opening_is_quick(sqlite_store):
    start = time.process_time()
    for _ in range(20):
        open_store(sqlite_store.home).engine.dispose()
    assert (time.process_time() - start) / 20 < 0.05


def test_a_file_that_is_no_database_is_one_sentence(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"this is not a database, " * 100)
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match="not a Watchroom store"):
            use(tmp_path)


def test_a_folder_in_place_of_the_database_is_one_sentence(tmp_path):
    (tmp_path / DATABASE).mkdir()
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match="cannot be opened"):
            use(tmp_path)


def test_a_database_of_another_program_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match="another program"):
            use(tmp_path)


@pytest.mark.parametrize("kept", [100, 3_000, 5_000])
def test_a_truncated_database_is_one_sentence(sqlite_store, kept):
    sqlite_store.engine.dispose()
    path = sqlite_store.home / DATABASE
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BadInputError, match=r"damaged|not a Watchroom store"):
        open_store(sqlite_store.home)


def test_a_database_damaged_in_use_is_one_sentence(sqlite_store):
    sqlite_store.engine.dispose()
    path = sqlite_store.home / DATABASE
    blob = bytearray(path.read_bytes())
    blob[4096:] = b"\xff" * (len(blob) - 4096)
    path.write_bytes(blob)
    with pytest.raises(BadInputError, match="damaged"):
        open_store(sqlite_store.home)


def pragma(store: Store, name: str) -> object:
    with store.read() as session:
        return session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("busy_timeout", 10_000),
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("recursive_triggers", 1),
        ("query_only", 1),
    ],
)
def test_the_database_is_set_up_for_safety(sqlite_store, name, value):
    assert pragma(sqlite_store, name) == value


def test_a_writer_holds_the_lock_from_its_start(sqlite_store):
    with (
        sqlite_store.write(),
        sqlite3.connect(sqlite_store.home / DATABASE, timeout=0) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_a_database_that_vanishes_is_one_sentence(sqlite_store):
    shutil.rmtree(sqlite_store.home)
    sqlite_store.engine.dispose()
    with pytest.raises(BadInputError, match="cannot be opened"), sqlite_store.read() as session:
        settings.get(session, "colour")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER audit_refuses_update",
        "DROP TABLE audit",
        "DROP TABLE settings",
        "ALTER TABLE audit RENAME TO gone",
        "PRAGMA writable_schema = ON",
        "PRAGMA recursive_triggers = OFF",
    ],
)
def test_a_running_program_cannot_take_the_guards_off(sqlite_store, statement):
    with pytest.raises(DBAPIError, match="not authorized"), sqlite_store.write() as session:
        session.connection().exec_driver_sql(statement)
    with sqlite_store.read() as session:
        triggers = session.connection().exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")
        assert triggers.scalar() == 3
