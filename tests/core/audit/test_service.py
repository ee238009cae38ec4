import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.audit import service as audit
from core.audit.actions import AuditAction
from core.audit.service import record
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.store import anchors
from core.store.database import DATABASE, Store


def add(store: Store, n: int, principal: Principal = LOCAL) -> None:
    for i in range(n):
        with store.write() as session:
            record(session, principal, AuditAction.MODEL_ADDED, object_type="model", object_id=str(i))


def tampered(store: Store, statement: str) -> None:
    """Change the database as somebody does who can edit the file: without guards."""
    store.engine.dispose()
    with sqlite3.connect(store.home / DATABASE) as connection:
        for trigger in ("audit_refuses_update", "audit_refuses_delete", "audit_continues"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)


def test_an_entry_says_who_did_what_to_which_object(store):
    principal = Principal("Zoë", frozenset({Role.VIEWER, Role.OWNER}))
    with store.write() as session:
        entry = record(
            session,
            principal,
            AuditAction.CHAMPION_SET,
            object_type="version",
            object_id="flights/v2",
            before={"champion": "v1"},
            after={"champion": "v2", "auc": 0.7},
            reason="better",
        )
    assert audit.newest(store) == (entry,)
    assert (entry.actor, entry.roles, entry.action) == ("Zoë", "owner,viewer", "model:version:champion")
    assert (entry.before, entry.after, entry.reason) == ('{"champion":"v1"}', '{"auc":"0.7","champion":"v2"}', "better")
    assert (entry.seq, entry.prev_hash, entry.app_version) == (1, "0" * 64, "0.1.0")


def test_entries_have_the_systems_time_also_when_the_stores_clock_is_frozen(frozen_store):
    add(frozen_store, 1)
    at = datetime.fromisoformat(audit.newest(frozen_store)[0].at)
    assert datetime.now(UTC) - at < timedelta(minutes=1)


def test_repeating_a_key_returns_the_first_entry(store, admin):
    entries = []
    for reason in ("first", "second"):
        with store.write() as session:
            entries.append(
                record(
                    session,
                    admin,
                    AuditAction.MODEL_ADDED,
                    object_type="model",
                    object_id="flights",
                    reason=reason,
                    idempotency_key="once",
                )
            )
    assert entries[0] == entries[1]
    assert len(audit.newest(store)) == 1


def test_the_last_number_moves_with_every_change_and_with_nothing_else(store, admin):
    assert audit.last_seq(store) == 0
    add(store, 2)
    assert audit.verify(store).entries == audit.last_seq(store) == 2


def test_a_key_cannot_be_used_for_something_else(store, admin):
    with store.write() as session:
        record(session, admin, AuditAction.MODEL_ADDED, object_type="model", object_id="a", idempotency_key="k")
    with pytest.raises(ConflictError, match="used before, for model:model:add a"), store.write() as session:
        record(session, admin, AuditAction.MODEL_ADDED, object_type="model", object_id="b", idempotency_key="k")


def test_text_that_no_file_can_keep_undoes_the_whole_change(store, admin):
    with pytest.raises(BadInputError, match="no file can keep"), store.write() as session:
        record(session, admin, AuditAction.MODEL_ADDED, object_type="model", object_id="\ud800")
    assert audit.newest(store) == ()


def test_an_untouched_chain_verifies(store):
    add(store, 5)
    report = audit.verify(store)
    assert (report.ok, report.entries, report.first_bad, report.why) == (True, 5, None, "")
    assert report.anchor_age_s is not None
    assert 0 <= report.anchor_age_s < 60


def test_an_empty_chain_verifies(store):
    assert audit.verify(store).as_json() == {
        "ok": True,
        "entries": 0,
        "first_bad": None,
        "anchor_age_s": None,
        "why": "",
    }


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit SET reason = 'x' WHERE seq = 4", 4),
        ("UPDATE audit SET after = replace(after, '{', '{ ') WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("UPDATE audit SET seq = seq + 1 WHERE seq = 5", 5),
    ],
)
def test_a_change_of_the_file_is_found_at_its_exact_entry(store, statement, first_bad):
    add(store, 5)
    tampered(store, statement)
    report = audit.verify(store)
    assert (report.ok, report.first_bad, report.entries) == (False, first_bad, first_bad - 1)


def test_a_deleted_tail_is_found_by_the_anchor_and_would_not_be_without(store, monkeypatch):
    monkeypatch.setattr(anchors, "EVERY_ENTRIES", 3)
    add(store, 8)
    assert [anchor.seq for anchor in anchors.load(store.home)] == [1, 4, 7]
    tampered(store, "DELETE FROM audit WHERE seq > 5")
    report = audit.verify(store)
    assert (report.ok, report.first_bad) == (False, 6)
    assert "an anchor saw 7 entries" in report.why
    (store.home / anchors.FILE).unlink()
    assert audit.verify(store).ok


def test_a_deleted_chain_is_found(store):
    add(store, 2)
    tampered(store, "DELETE FROM audit")
    assert audit.verify(store).first_bad == 1


def test_eight_processes_append_without_a_fork_or_a_gap(store):
    code = """
import sys
from pathlib import Path
from core.access.principal import LOCAL
from core.audit.actions import AuditAction
from core.audit.service import record
from core.store.database import open_store
store = open_store(Path(sys.argv[1]))
for i in range(25):
    with store.write() as session:
        record(session, LOCAL, AuditAction.MODEL_ADDED, object_type="model", object_id=str(i))
"""
    writers = [subprocess.Popen([sys.executable, "-c", code, str(store.home)]) for _ in range(8)]
    assert [writer.wait() for writer in writers] == [0] * 8
    report = audit.verify(store)
    assert (report.ok, report.entries) == (True, 200)


def test_an_export_holds_every_entry_and_is_itself_the_last(store, admin, tmp_path):
    add(store, 3)
    folder = audit.export(store, admin, tmp_path / "a" / "export")
    assert sorted(path.name for path in folder.iterdir()) == ["audit.jsonl", "manifest.json", "verify.py"]
    entries = [json.loads(line) for line in (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    assert (entries[-1]["action"], entries[-1]["object_id"]) == ("audit:chain:export", str(folder))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["entries"], manifest["last_hash"]) == (4, entries[-1]["hash"])
    assert manifest["anchors"][0]["seq"] == 1


def test_an_export_overwrites_nothing(store, admin, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(BadInputError, match="not empty"):
        audit.export(store, admin, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep"
    assert audit.newest(store) == ()


def test_an_export_to_where_nothing_can_be_written_is_one_sentence(store, admin, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="cannot be written"):
        audit.export(store, admin, tmp_path / "file" / "export")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BUSINESS, Role.ENGINEER])
def test_who_may_not_export_is_refused(store, tmp_path, role):
    with pytest.raises(RefusedError, match="audit export"):
        audit.export(store, Principal("eve", frozenset({role})), tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_what_happened_to_a_model_is_found_by_its_name(fleet):
    actions = [entry.action for entry in audit.about_model(fleet, "churn")]
    assert actions[-1] == "model:model:add"
    assert "log:batch:ingest" in actions
    with pytest.raises(NotFoundError):
        audit.about_model(fleet, "nobody")
