import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError

from core.audit.actions import AuditAction
from core.audit.service import record
from core.store import audit as stored
from core.store.database import DATABASE, Store

COLUMNS = "event_id, at, actor, roles, action, object_type, object_id, before, after, reason, app_version"
NEW = f"seq, {COLUMNS}, prev_hash, hash"
COPIED = (
    "SELECT %s, 'new', at, actor, roles, action, object_type, object_id, before, after, reason, app_version, %s, "
    f"'{'f' * 64}' FROM audit WHERE seq = 1"
)


@pytest.fixture
def chained(store, admin) -> Store:
    with store.write() as session:
        for name in ("ana", "ben", "cy"):
            record(session, admin, AuditAction.PERSON_ADDED, object_type="person", object_id=name)
    return store


def test_the_head_is_the_last_entry(store, admin):
    with store.write() as session:
        assert stored.head(session) == (0, "0" * 64)
        entry = record(session, admin, AuditAction.PERSON_ADDED, object_type="person", object_id="ana")
        assert stored.head(session) == (1, entry.hash)


def test_entries_come_back_as_they_were_written(chained):
    with chained.read() as session:
        entries = list(stored.entries(session))
        assert [entry.object_id for entry in entries] == ["ana", "ben", "cy"]
        assert stored.newest(session, 2) == (entries[2], entries[1])
        assert stored.by_key(session, "unknown") is None


# The SQL attacks of the trust document, each on a connection of another program without our guards around it.
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit SET actor = 'eve' WHERE seq = 2",
        "UPDATE OR REPLACE audit SET actor = 'eve' WHERE seq = 2",
        "UPDATE OR IGNORE audit SET seq = 7 WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
        f"INSERT INTO audit ({NEW}) {COPIED % (2, 'prev_hash')}",
        f"INSERT OR REPLACE INTO audit ({NEW}) {COPIED % (2, 'prev_hash')}",
        f"INSERT OR REPLACE INTO audit ({NEW}) {COPIED % (3, 'hash')}",
        f"REPLACE INTO audit ({NEW}) {COPIED % (1, 'prev_hash')}",
        f"INSERT OR IGNORE INTO audit ({NEW}) {COPIED % (9, 'hash')}",
        f"INSERT INTO audit ({NEW}) {COPIED % (4, 'hash')}",
        f"INSERT INTO audit ({NEW}) {COPIED % ('NULL', 'hash')}",
        f"INSERT INTO audit ({NEW}) {COPIED % (-1, 'prev_hash')}",
        f"INSERT INTO audit ({NEW}) {COPIED % (1, 'prev_hash')} ON CONFLICT (seq) DO UPDATE SET actor = 'eve'",
    ],
)
@pytest.mark.parametrize("recursive_triggers", ["ON", "OFF"])
def test_the_database_refuses_every_change_of_the_chain(chained, attack, recursive_triggers):
    with sqlite3.connect(chained.home / DATABASE) as connection:
        connection.execute(f"PRAGMA recursive_triggers = {recursive_triggers}")
        before = connection.execute("SELECT * FROM audit").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="audit chain"):
            connection.execute(attack)
        assert connection.execute("SELECT * FROM audit").fetchall() == before


def test_an_entry_that_does_not_continue_the_chain_is_refused_on_our_own_way_too(chained):
    with chained.read() as session:
        first = next(stored.entries(session))
    with pytest.raises(DBAPIError, match="does not continue"), chained.write() as session:
        stored.append(session, first)


def test_entries_about_a_model_are_its_own_its_versions_and_its_batches_and_nobody_elses(store, admin):
    about = (("model", "a_b"), ("version", "a_b/v1"), ("version", "axb/v1"), ("batch", "7"), ("batch", "8"))
    with store.write() as session:
        for kind, name in about:
            record(session, admin, AuditAction.MODEL_ADDED, object_type=kind, object_id=name)
        found = stored.about_model(session, "a_b", [7], 10)
        assert [entry.object_id for entry in found] == ["7", "a_b/v1", "a_b"]
        assert len(stored.about_model(session, "a_b", [7], 2)) == 2
