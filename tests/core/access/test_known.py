import pytest

from core.access.known import known_person
from core.errors import BadInputError

PEOPLE = ["Ana Prior", "Omar Haddad"]


@pytest.mark.parametrize("name", ["Omar Haddad", "omar haddad", " OMAR\u00a0 Haddad"])
def test_a_name_is_taken_as_the_store_spells_it(name):
    assert known_person(name, PEOPLE, "The owner") == "Omar Haddad"


def test_of_two_that_look_alike_the_one_that_was_meant_is_taken():
    assert known_person("ana", ["Ana", "ana"], "The owner") == "ana"


def test_while_the_store_knows_nobody_every_name_is_taken():
    assert known_person("risk-models", [], "The owner") == "risk-models"


def test_nobody_is_refused_in_one_sentence_with_those_who_are_known():
    with pytest.raises(BadInputError) as refused:
        known_person("Omar", PEOPLE, "The owner")
    assert str(refused.value).startswith(
        "The owner 'Omar' is nobody whom the store knows: choose from Ana Prior, Omar H"
    )
    with pytest.raises(BadInputError, match=r"p11 and 3 more, or add them"):
        known_person("Omar", [f"p{number}" for number in range(15)], "The owner")
