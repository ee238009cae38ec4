from datetime import UTC, datetime

import pytest

from core.access.principal import Principal, Role
from core.errors import BadInputError
from core.store import people as stored

AT = datetime(2014, 1, 1, tzinfo=UTC)


def test_people_come_back_with_their_roles_by_name(store):
    zoe = Principal("zoe", frozenset({Role.OWNER, Role.VIEWER}))
    ana = Principal("ana", frozenset({Role.VALIDATOR}))
    with store.write() as session:
        stored.put_person(session, zoe, at=AT)
        stored.put_person(session, ana, at=AT)
    with store.read() as session:
        assert stored.people(session) == (ana, zoe)
        assert stored.find_person(session, "zoe") == zoe
        assert stored.find_person(session, "ZOE") is None


def test_new_roles_replace_the_old_ones(store):
    with store.write() as session:
        stored.put_person(session, Principal("ana", frozenset({Role.OWNER})), at=AT)
        stored.put_person(session, Principal("ana", frozenset({Role.VIEWER})), at=AT)
        assert stored.find_person(session, "ana") == Principal("ana", frozenset({Role.VIEWER}))


def test_an_owner_is_one_of_the_people_once_there_are_any(store):
    with store.write() as session:
        assert stored.known_owner(session, "the data team") == "the data team"
        stored.put_person(session, Principal("ana", frozenset({Role.OWNER})), at=AT)
        assert stored.known_owner(session, "Ana") == "ana"
        with pytest.raises(BadInputError, match="choose from ana"):
            stored.known_owner(session, "the data team")
