import pytest

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person, people, resolve_principal
from core.errors import BadInputError, NotFoundError, RefusedError
from tests.audited import newest


def test_without_a_name_the_local_administrator_acts(store):
    assert resolve_principal(store, None) == LOCAL == resolve_principal(store, "local")


def test_a_person_acts_with_the_roles_they_were_given(store, admin):
    added = add_person(store, admin, "Zoë", ["owner", "engineer"])
    assert added == Principal("Zoë", frozenset({Role.OWNER, Role.ENGINEER}))
    assert resolve_principal(store, "Zoë") == added
    assert people(store) == (added,)


def test_an_unknown_person_is_told_how_to_be_added(store):
    with pytest.raises(NotFoundError, match="watchroom person add"):
        resolve_principal(store, "nobody")


def test_adding_a_person_is_audited_with_before_and_after(store, admin):
    add_person(store, admin, "ana", ["viewer"])
    add_person(store, admin, "ana", ["owner"])
    last, first = newest(store)
    assert (first.action, first.object_id, first.before, first.after) == (
        "access:person:add",
        "ana",
        "{}",
        '{"roles":["viewer"]}',
    )
    assert (last.before, last.after) == ('{"roles":["viewer"]}', '{"roles":["owner"]}')


def test_adding_the_same_person_again_changes_nothing(store, admin):
    add_person(store, admin, "ana", ["viewer"])
    add_person(store, admin, "ana", ["viewer", "viewer"])
    assert len(newest(store)) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_adds_people_and_a_refusal_leaves_only_its_own_entry(store, role):
    with pytest.raises(RefusedError):
        add_person(store, Principal("eve", frozenset({role})), "eve", ["administrator"])
    assert people(store) == ()
    assert {(entry.actor, entry.action) for entry in newest(store)} == {("eve", "access:attempt:deny")}


@pytest.mark.parametrize(
    "name", ["", " ", " ana", "ana\n", "a\x00b", "x" * 201, "local", "worker", "\u202eana", "\ud800"]
)
def test_a_name_that_could_mislead_is_refused(store, admin, name):
    with pytest.raises(BadInputError, match="name"):
        add_person(store, admin, name, ["viewer"])


def test_a_role_that_does_not_exist_is_refused_with_the_choices(store, admin):
    with pytest.raises(BadInputError, match="no role 'king': choose from viewer, business"):
        add_person(store, admin, "ana", ["viewer", "king"])


def test_a_person_without_a_role_is_refused(store, admin):
    with pytest.raises(BadInputError, match="at least one role"):
        add_person(store, admin, "ana", [])


@pytest.mark.parametrize("name", ["omar haddad", "Omar  Haddad", "OMAR HADDAD"])
def test_a_name_that_cannot_be_told_from_another_is_nobody_new(store, name):
    add_person(store, LOCAL, "Omar Haddad", ["owner"])
    with pytest.raises(BadInputError, match="cannot be told from 'Omar Haddad'"):
        add_person(store, LOCAL, name, ["validator"])
    assert add_person(store, LOCAL, "Omar Haddad", ["viewer"]).roles == {"viewer"}
