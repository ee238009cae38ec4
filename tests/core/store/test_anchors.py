import json
from datetime import UTC, datetime, timedelta

import pytest

from core.access.service import add_person
from core.audit.actions import AuditAction
from core.audit.service import record
from core.clock import SYSTEM
from core.store import anchors
from core.store.anchors import EVERY, EVERY_ENTRIES, FILE, anchor_if_due, load


def hashed(seq: int) -> str:
    return f"{seq:064x}"


def write_old(home, seq: int, age: timedelta) -> None:
    at = (datetime.now(UTC) - age).isoformat(timespec="milliseconds")
    with (home / FILE).open("a") as file:
        file.write(json.dumps({"seq": seq, "hash": hashed(seq), "count": seq, "at": at}) + "\n")


def test_the_first_entry_is_anchored_at_once(tmp_path):
    assert load(tmp_path) == ()
    anchor_if_due(tmp_path, 1, hashed(1))
    (anchor,) = load(tmp_path)
    assert (anchor.seq, anchor.hash, anchor.count) == (1, hashed(1), 1)
    assert SYSTEM.now() - datetime.fromisoformat(anchor.at) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("age", "ahead", "due"),
    [
        (timedelta(0), 1, False),
        (timedelta(0), EVERY_ENTRIES - 1, False),
        (timedelta(0), EVERY_ENTRIES, True),
        (EVERY - timedelta(minutes=1), 1, False),
        (EVERY, 1, True),
        (EVERY, 0, False),
        (EVERY * 9, -5, False),
    ],
)
def test_an_anchor_is_due_after_a_thousand_entries_or_an_hour_and_never_backwards(tmp_path, age, ahead, due):
    write_old(tmp_path, 50, age)
    anchor_if_due(tmp_path, 50 + ahead, hashed(50 + ahead))
    assert len(load(tmp_path)) == 1 + due


def test_opening_a_store_renews_an_old_anchor_but_begins_none(tmp_path):
    anchors.renew(tmp_path, 5, hashed(5))
    assert load(tmp_path) == ()
    write_old(tmp_path, 5, EVERY)
    anchors.renew(tmp_path, 5, hashed(5))
    anchors.renew(tmp_path, 6, hashed(6))
    assert [anchor.seq for anchor in load(tmp_path)] == [5, 6]


def test_a_line_torn_by_a_crash_spoils_neither_its_neighbours_nor_the_next_anchor(tmp_path):
    write_old(tmp_path, 1, EVERY)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"seq": 2, "ha')
    anchor_if_due(tmp_path, 3, hashed(3))
    assert [anchor.seq for anchor in load(tmp_path)] == [1, 3]


@pytest.mark.parametrize("line", ["[]", "null", '{"seq": 1}', '{"seq":"x","hash":"","count":1,"at":"2013"}', "\xff"])
def test_a_line_that_is_no_anchor_is_passed_over(tmp_path, line):
    (tmp_path / FILE).write_text(line + "\n", encoding="latin-1")
    assert load(tmp_path) == ()


def test_only_a_long_file_is_read_from_its_end(tmp_path):
    for seq in range(1, 101):
        write_old(tmp_path, seq, timedelta(0))
    anchor_if_due(tmp_path, 101, hashed(101))
    assert load(tmp_path)[-1].seq == 100


def test_a_file_that_cannot_be_written_does_not_undo_what_was_committed(tmp_path):
    (tmp_path / FILE).mkdir()
    anchor_if_due(tmp_path, 1, hashed(1))
    assert (tmp_path / FILE).is_dir()


def test_what_was_committed_is_anchored_and_what_was_rolled_back_is_not(store, admin):
    def change_and_fail() -> None:
        with store.write() as session:
            record(session, admin, AuditAction.PERSON_ADDED, object_type="person", object_id="eve")
            raise ValueError("midway")

    with pytest.raises(ValueError, match="midway"):
        change_and_fail()
    assert anchors.load(store.home) == ()
    add_person(store, admin, "ana", ["viewer"])
    assert [anchor.seq for anchor in anchors.load(store.home)] == [1]
