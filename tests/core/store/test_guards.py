"""The attacks on the audit chain of the trust document, on both databases, each with the outcome that is expected.

Three kinds of outcome: *refused* by the database; *cannot be said* in this one; or *succeeds*, for whoever owns the
database, and then it shows in the chain and its anchors: tamper-evident, not tamper-proof.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from core.audit.actions import AuditAction
from core.audit.service import record, verify
from core.errors import BadInputError
from core.store import anchors, health
from core.store import audit as stored
from core.store.database import DATABASE, Store
from tests.postgres_server import OWNER

KEPT = "at, actor, roles, action, object_type, object_id, before, after, reason, app_version"
COPY = (
    f"INTO audit (seq, event_id, {KEPT}, prev_hash, hash) "
    f"SELECT %s, 'new', {KEPT}, %s, '{'f' * 64}' FROM audit WHERE seq = 1"
)
CHANGES = {
    "update": "UPDATE audit SET actor = 'eve' WHERE seq = 2",
    "update of the number": "UPDATE audit SET seq = 7 WHERE seq = 3",
    "delete of the last": "DELETE FROM audit WHERE seq = 3",
    "delete of all": "DELETE FROM audit",
    "upsert": f"INSERT {COPY % (1, 'prev_hash')} ON CONFLICT (seq) DO UPDATE SET actor = 'eve'",
    "upsert that does nothing": f"INSERT {COPY % (9, 'hash')} ON CONFLICT DO NOTHING",
    "insert in the middle": f"INSERT {COPY % (2, 'prev_hash')}",
    "insert that forks": f"INSERT {COPY % (4, 'hash')}",
    "insert with a gap": f"INSERT {COPY % (9, 'hash')}",
    "insert without a number": f"INSERT {COPY % ('NULL', 'hash')}",
    "insert before the first": f"INSERT {COPY % (-1, 'prev_hash')}",
}
OF_SQLITE = {
    "replace of the middle": f"INSERT OR REPLACE {COPY % (2, 'prev_hash')}",
    "replace of the last": f"INSERT OR REPLACE {COPY % (3, 'hash')}",
    "replace of the first": f"REPLACE {COPY % (1, 'prev_hash')}",
    "ignore": f"INSERT OR IGNORE {COPY % (9, 'hash')}",
    "update or replace": "UPDATE OR REPLACE audit SET actor = 'eve' WHERE seq = 2",
    "update or ignore": "UPDATE OR IGNORE audit SET seq = 7 WHERE seq = 3",
}
OF_POSTGRES = {
    "truncate": "TRUNCATE audit",
    "truncate with what leads to it": "TRUNCATE audit CASCADE",
    "copy": "COPY audit FROM '/dev/null'",
    "merge": "MERGE INTO audit USING (SELECT 2 AS n) s ON seq = n WHEN MATCHED THEN UPDATE SET actor = 'eve'",
}
SCHEMA = {
    "drop of a trigger": ("DROP TRIGGER audit_refuses_update", "DROP TRIGGER audit_refuses_update ON audit"),
    "drop of the table": ("DROP TABLE audit", "DROP TABLE audit"),
    "another name": ("ALTER TABLE audit RENAME TO gone", "ALTER TABLE audit RENAME TO gone"),
    "guards off": ("PRAGMA recursive_triggers = OFF", "ALTER TABLE audit DISABLE TRIGGER ALL"),
    "guards off by hand": ("PRAGMA writable_schema = ON", "SET session_replication_role = replica"),
    "guards of its own": (None, "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE sql AS ''"),
}


@pytest.fixture
def chained(store, admin) -> Store:
    return with_entries(store, admin)


def with_entries(store: Store, admin) -> Store:
    with store.write() as session:
        for name in ("ana", "ben", "cy"):
            record(session, admin, AuditAction.PERSON_ADDED, object_type="person", object_id=name)
    return store


def held(store: Store) -> list[object]:
    with store.read() as session:
        return list(stored.entries(session))


def attack(store: Store, statement: str) -> None:
    with store.write() as session:
        session.connection().execution_options(no_parameters=True).exec_driver_sql(statement)


# What the program itself could be made to do: by its own connection, as its own role.


@pytest.mark.parametrize("name", CHANGES)
def test_the_program_changes_nothing_in_the_chain(chained, name):
    before = held(chained)
    with pytest.raises((DBAPIError, BadInputError), match=r"audit chain|lacks a right"):
        attack(chained, CHANGES[name])
    assert held(chained) == before


@pytest.mark.parametrize("name", OF_SQLITE)
def test_the_program_changes_nothing_in_the_words_of_sqlite(sqlite_store, admin, name):
    before = held(with_entries(sqlite_store, admin))
    with pytest.raises(DBAPIError, match="audit chain"):
        attack(sqlite_store, OF_SQLITE[name])
    assert held(sqlite_store) == before


@pytest.mark.parametrize("name", OF_POSTGRES)
def test_the_program_changes_nothing_in_the_words_of_postgresql(postgres_store, admin, name):
    before = held(with_entries(postgres_store, admin))
    with pytest.raises(BadInputError, match="lacks a right"):
        attack(postgres_store, OF_POSTGRES[name])
    assert held(postgres_store) == before


@pytest.mark.parametrize("name", SCHEMA)
def test_the_program_takes_no_guard_off(chained, name):
    statement = SCHEMA[name][chained.engine.dialect.name == "postgresql"]
    if statement is None:
        return  # SQLite's triggers call no function that could be exchanged
    with pytest.raises((DBAPIError, BadInputError), match=r"not authorized|lacks a right"):
        attack(chained, statement)
    with chained.read() as session:
        assert health.missing_guards(session) == ()


# What another program can do, without our guards around the connection: as the owner of the tables, or with the file.


@pytest.mark.parametrize("name", CHANGES | OF_SQLITE)
@pytest.mark.parametrize("recursive_triggers", ["ON", "OFF"])
def test_the_file_refuses_every_change_by_another_program(sqlite_store, admin, name, recursive_triggers):
    with_entries(sqlite_store, admin)
    with closing(sqlite3.connect(sqlite_store.home / DATABASE)) as connection:
        connection.execute(f"PRAGMA recursive_triggers = {recursive_triggers}")
        before = connection.execute("SELECT * FROM audit").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="audit chain"):
            connection.execute((CHANGES | OF_SQLITE)[name])
        assert connection.execute("SELECT * FROM audit").fetchall() == before


def test_the_owner_changes_nothing_as_long_as_the_guards_stand(postgres_store, postgres, admin):
    with_entries(postgres_store, admin)
    database = postgres_store.engine.url.database
    for role, first in ((OWNER, "SELECT 1"), ("postgres", "SET session_replication_role = replica")):
        with postgres.connect(database=database, role=role) as connection:
            connection.execute(first)
            before = connection.execute("SELECT * FROM audit").fetchall()
            for name, statement in (CHANGES | OF_POSTGRES).items():
                if name == "copy":
                    continue  # of an empty file, which changes nothing; needs a superuser anyway
                if name == "merge" and postgres.version < 15:
                    continue
                with pytest.raises(Exception, match="audit chain"):
                    connection.execute(statement)
            assert connection.execute("SELECT * FROM audit").fetchall() == before


# Who owns the database can take the guards off: what was done then is found.


@pytest.mark.parametrize(
    ("harm", "first_bad"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit", 1),
    ],
)
def test_what_the_owner_changed_behind_the_guards_is_found(store, bare, admin, harm, first_bad):
    with_entries(store, admin)
    (Path(store.home) / anchors.FILE).unlink()
    anchors.anchor_if_due(store.home, *head(store))
    if store.engine.dialect.name == "postgresql":
        bare("ALTER TABLE audit DISABLE TRIGGER ALL", harm)
        missing = ("audit_continues", "audit_refuses_delete", "audit_refuses_truncate", "audit_refuses_update")
    else:
        bare("DROP TRIGGER audit_refuses_update", "DROP TRIGGER audit_refuses_delete", harm)
        missing = ("audit_refuses_delete", "audit_refuses_update")
    report = verify(store)
    assert (report.ok, report.first_bad) == (False, first_bad)
    with store.read() as session:
        assert health.missing_guards(session) == missing


def head(store: Store) -> tuple[int, str]:
    with store.read() as session:
        return stored.head(session)


def test_a_guard_that_replicas_pass_by_counts_as_missing(postgres_store, postgres):
    statement = "ALTER TABLE audit ENABLE TRIGGER audit_refuses_delete"
    postgres.run(statement, database=postgres_store.engine.url.database, role=OWNER)
    with postgres_store.read() as session:
        assert health.missing_guards(session) == ("audit_refuses_delete",)
