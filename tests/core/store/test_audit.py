from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import DBAPIError

from core.access.principal import Principal, Role
from core.audit.actions import AuditAction
from core.audit.service import record
from core.audit.sought import Sought
from core.store import audit as stored
from core.store.database import Store


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
        assert stored.search(session, Sought(), 2) == (entries[2], entries[1])
        assert stored.by_key(session, "unknown") is None


def test_an_entry_that_does_not_continue_the_chain_is_refused_on_our_own_way_too(chained):
    with chained.read() as session:
        first = next(stored.entries(session))
    with pytest.raises(DBAPIError, match="does not continue"), chained.write() as session:
        stored.append(session, first)


def test_entries_about_a_model_are_its_own_and_of_what_belongs_to_it_and_nobody_elses(store, admin):
    about = (
        ("model", "a_b"),
        ("version", "a_b/v1"),
        ("version", "axb/v1"),
        ("version", "A_B/v1"),
        ("batch", "7"),
        ("batch", "8"),
        ("finding", "a_b/3"),
        ("finding", "axb/4"),
        ("review", "a_b/5"),
    )
    with store.write() as session:
        for kind, name in about:
            record(session, admin, AuditAction.MODEL_ADDED, object_type=kind, object_id=name)
        found = stored.about_model(session, "a_b", [7], 10)
        assert [entry.object_id for entry in found] == ["a_b/5", "a_b/3", "7", "a_b/v1", "a_b"]
        assert len(stored.about_model(session, "a_b", [7], 2)) == 2


# Searching


@pytest.fixture
def told(both, admin) -> Store:
    """Return a store with five entries; the last is about a version."""
    zoe = Principal("Zoë", frozenset({Role.OWNER}))
    about = (
        (admin, AuditAction.PERSON_ADDED, "person", "ana", "", {}),
        (zoe, AuditAction.MODEL_ADDED, "model", "a_b", "Needed for Q3", {"tier": 2}),
        (zoe, AuditAction.MODEL_ADDED, "model", "axb", "100%", {"tier": 3}),
        (admin, AuditAction.MODEL_RETIRED, "model", "a_b", "", {"state": "RETIRED"}),
        (zoe, AuditAction.VERSION_ADDED, "version", "a_b/v1", "", {}),
    )
    for person, action, kind, name, reason, after in about:
        with both.write() as session:
            record(session, person, action, object_type=kind, object_id=name, reason=reason, after=after)
    return both


@pytest.mark.parametrize(
    ("asked", "n", "found"),
    [
        ({}, 9, [5, 4, 3, 2, 1]),
        ({}, 2, [5, 4]),
        ({"before_seq": 4}, 2, [3, 2]),
        ({"person": "Zoë"}, 9, [5, 3, 2]),
        ({"person": "zoë"}, 9, []),
        ({"object_type": "model"}, 9, [4, 3, 2]),
        ({"object_id": "a_b"}, 9, [5, 4, 2]),
        ({"object_type": "model", "object_id": "a_b"}, 9, [4, 2]),
        ({"action": "model:model:add"}, 9, [3, 2]),
        ({"action": "model:model:add", "person": "local"}, 9, []),
        ({"text": "q3"}, 9, [2]),
        ({"text": "100%"}, 9, [3]),
        ({"text": "%"}, 9, [3]),
        ({"text": "_"}, 9, [5, 4, 2]),
        ({"text": '"tier":3'}, 9, [3]),
        ({"text": "RETIRED"}, 9, [4]),
        ({"text": "'; DROP TABLE audit; --"}, 9, []),
    ],
)
def test_a_search_finds_what_fits_everything_that_was_asked(told, asked, n, found):
    with told.read() as session:
        assert [one.seq for one in stored.search(session, Sought(**asked), n)] == found


def test_dates_are_half_open_and_compared_as_instants_in_any_zone(told):
    with told.read() as session:
        at = [datetime.fromisoformat(one.at) for one in stored.entries(session)]
        new_york = ZoneInfo("America/New_York")
        found = stored.search(session, Sought(since=at[1].astimezone(new_york), until=at[3].astimezone(new_york)), 9)
        assert [one.seq for one in found] == [3, 2]


def test_pages_by_number_hold_every_entry_once(told):
    seen, before = [], None
    with told.read() as session:
        while found := stored.search(session, Sought(before_seq=before), 2):
            seen += [one.seq for one in found]
            before = seen[-1]
    assert seen == [5, 4, 3, 2, 1]


def test_what_can_be_searched_for_is_what_the_chain_holds(told):
    with told.read() as session:
        facets = stored.facets(session)
    assert set(facets["actor"]) == {"local", "Zoë"}
    assert facets["object_type"] == ("model", "person", "version")
    assert "model:model:retire" in facets["action"]


def test_a_piece_of_the_chain_is_read_by_its_numbers(told):
    with told.read() as session:
        assert [one.seq for one in stored.entries(session, first=2, last=4)] == [2, 3, 4]
