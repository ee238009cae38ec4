import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.access.service import add_person
from core.audit.actions import AuditAction
from core.audit.service import record
from core.audit.signing import is_signed, public_of
from core.clock import SYSTEM
from core.store import anchors
from core.store.anchors import (
    EVERY,
    EVERY_ENTRIES,
    FILE,
    KEY,
    PUBLIC,
    VARIABLE,
    VERIFIED,
    anchor_if_due,
    folders,
    last_verified,
    load,
    make_key,
    places,
    public_keys,
    remember_verified,
)


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


# The key and the signatures


def test_the_key_is_made_with_the_first_anchor_and_only_its_owner_reads_it(tmp_path):
    anchor_if_due(tmp_path, 1, hashed(1))
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    assert public_keys(tmp_path) == (public_of((tmp_path / KEY).read_bytes()),)
    assert make_key(tmp_path) == make_key(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [KEY, PUBLIC, FILE]


def test_two_processes_that_make_the_key_at_once_end_with_one(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: make_key(tmp_path), range(16)))
    assert made == {public_of((tmp_path / KEY).read_bytes())}


def test_every_anchor_is_signed(tmp_path):
    anchor_if_due(tmp_path, 1, hashed(1))
    (line,) = (tmp_path / FILE).read_text().splitlines()
    assert is_signed(public_keys(tmp_path)[0], "anchor", json.loads(line))


@pytest.mark.parametrize("field", ["seq", "count", "at", "hash", "signature"])
def test_an_anchor_that_was_changed_is_told_and_not_believed(tmp_path, field):
    anchor_if_due(tmp_path, 1, hashed(1))
    fields = json.loads((tmp_path / FILE).read_text())
    fields[field] = {"seq": 2, "count": 2, "at": "2020-01-01T00:00:00.000+00:00"}.get(field, "0" * 128)
    (tmp_path / FILE).write_text(json.dumps(fields) + "\n")
    (place,) = places(tmp_path)
    assert (place.anchors, place.outside) == ((), False)
    assert "is not signed by this store's key" in place.forged


def test_unsigned_anchors_are_believed_only_before_the_first_signed_one(tmp_path):
    write_old(tmp_path, 1, EVERY)
    anchor_if_due(tmp_path, 2, hashed(2))
    write_old(tmp_path, 3, timedelta(0))
    (place,) = places(tmp_path)
    assert [anchor.seq for anchor in place.anchors] == [1, 2]
    assert "the anchor of entry 3" in place.forged


def test_what_a_lost_key_signed_still_counts(tmp_path):
    anchor_if_due(tmp_path, 1, hashed(1))
    (tmp_path / KEY).unlink()
    anchor_if_due(tmp_path, 1 + EVERY_ENTRIES, hashed(2))
    (place,) = places(tmp_path)
    assert (len(place.anchors), place.forged, len(public_keys(tmp_path))) == (2, "", 2)


def test_a_key_that_is_none_undoes_nothing_that_was_committed(tmp_path):
    (tmp_path / KEY).write_text("no key")
    anchor_if_due(tmp_path, 1, hashed(1))
    assert load(tmp_path) == ()


# Folders outside


@pytest.fixture
def outside(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_each_anchor_is_written_to_every_folder_and_read_once(home, outside):
    anchor_if_due(home, 1, hashed(1))
    own, further = places(home)
    assert (own.outside, further.outside, own.anchors) == (False, True, further.anchors)
    assert load(home) == own.anchors
    assert public_keys(outside) == public_keys(home)
    assert not (outside / KEY).exists()


def test_several_folders_are_separated_like_those_of_path(home, outside, monkeypatch, tmp_path):
    (tmp_path / "second").mkdir()
    monkeypatch.setenv(VARIABLE, f"{outside}{os.pathsep}{tmp_path / 'second'}{os.pathsep}{home}{os.pathsep} ")
    assert folders(home) == (home, outside, tmp_path / "second")
    anchor_if_due(home, 1, hashed(1))
    assert len(load(tmp_path / "second")) == 1


def test_a_folder_inside_the_home_is_not_outside(home, monkeypatch):
    (home / "anchors").mkdir()
    monkeypatch.setenv(VARIABLE, str(home / "anchors"))
    anchor_if_due(home, 1, hashed(1))
    assert [place.outside for place in places(home)] == [False, False]


def test_a_folder_that_is_not_there_is_never_made_and_holds_nothing_back(home, outside):
    outside.rmdir()
    anchor_if_due(home, 1, hashed(1))
    assert (len(load(home)), outside.exists()) == (1, False)


def test_a_folder_that_comes_later_gets_the_next_anchor(home, monkeypatch, tmp_path):
    anchor_if_due(home, 1, hashed(1))
    (tmp_path / "late").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "late"))
    anchor_if_due(home, 2, hashed(2))
    assert [[anchor.seq for anchor in place.anchors] for place in places(home)] == [[1], [2]]


def test_the_folder_of_another_store_is_left_as_it_is_and_told(home, outside, tmp_path):
    (tmp_path / "other").mkdir()
    anchor_if_due(tmp_path / "other", 7, hashed(7))
    before = (outside / FILE).read_bytes()
    anchor_if_due(home, 1, hashed(1))
    anchor_if_due(home, 9_000, hashed(2))
    assert (outside / FILE).read_bytes() == before
    assert "the folder belongs to another store" in places(home)[1].forged


def test_unsigned_anchors_outside_are_never_believed(home, outside):
    anchor_if_due(home, 1, hashed(1))
    (outside / FILE).write_text("")
    write_old(outside, 1, timedelta(0))
    further = places(home)[1]
    assert (further.anchors, "the anchor of entry 1" in further.forged) == ((), True)


def test_a_folder_that_cannot_be_read_is_said(home, outside):
    (outside / FILE).mkdir()
    assert places(home)[1].unreadable


# What was verified


def test_a_mark_comes_back_as_it_was_signed_and_an_altered_one_does_not(tmp_path):
    assert last_verified(tmp_path) is None
    remember_verified(tmp_path, 7, hashed(7))
    mark = last_verified(tmp_path)
    assert mark is not None
    assert (mark.seq, mark.hash) == (7, hashed(7))
    path = tmp_path / VERIFIED
    path.write_text(path.read_text().replace('"seq":7', '"seq":8'))
    assert last_verified(tmp_path) is None


def test_a_mark_that_cannot_be_written_is_left(tmp_path):
    remember_verified(tmp_path / "nowhere", 7, hashed(7))
    assert not (tmp_path / "nowhere").exists()
