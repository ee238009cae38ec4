import re
from itertools import pairwise

import pytest

from core.access.matrix import ALLOWED, Action
from core.access.principal import Role
from core.errors import BadInputError
from core.inventory.field_types import FieldType
from core.inventory.fields import (
    BY_CODE,
    DERIVED,
    FIELDS,
    TIERS,
    Group,
    checked,
    missing,
    must_be_complete,
    not_editable,
    required,
)

SAMPLE = {
    FieldType.LINE: "a line",
    FieldType.TEXT: "a text",
    FieldType.LIST: ["an entry"],
    FieldType.NUMBER: 10,
    FieldType.DATE: "2026-01-31",
    FieldType.YES_NO: False,
}


def complete(tier):
    document = {
        field.code: next(iter(field.choices)) if field.type is FieldType.CHOICE else SAMPLE[field.type]
        for field in required(tier)
    }
    return {**document, "status": "development"}


def test_codes_are_unique_words_and_every_group_has_fields():
    assert len(BY_CODE) == len(FIELDS)
    assert all(re.fullmatch(r"[a-z_]+", field.code) for field in FIELDS)
    assert {field.group for field in FIELDS} == set(Group)


def test_every_field_has_an_editor_who_may_edit_records_and_the_administrator_may_write_all():
    for field in FIELDS:
        roles = {Role(role) for role in field.editors}
        assert roles <= ALLOWED[Action.RECORD_EDIT]
        assert Role.ADMINISTRATOR in roles


def test_a_stricter_tier_requires_all_that_a_lower_one_does():
    for stricter, lower in pairwise(TIERS):
        assert {field.code for field in required(lower)} < {field.code for field in required(stricter)}


def test_only_a_choice_has_words():
    assert all(bool(field.choices) is (field.type is FieldType.CHOICE) for field in FIELDS)


@pytest.mark.parametrize(
    ("tier", "code"),
    [(tier, field.code) for tier in TIERS for field in required(tier) if field.code != "status"],
)
def test_each_required_field_holds_back_leaving_proposed_by_its_name(tier, code):
    document = complete(tier)
    must_be_complete(document, tier)
    for gone in (None, [] if BY_CODE[code].type is FieldType.LIST else ""):
        with pytest.raises(BadInputError, match=rf"cannot leave proposed.*also needs {code}\."):
            must_be_complete({**document, code: gone}, tier)


@pytest.mark.parametrize("code", ["fallback", "kill_switch"])
@pytest.mark.parametrize(("tier", "needed"), [(1, True), (2, True), (3, False), (4, False)])
def test_the_upper_tiers_need_a_fallback_and_a_kill_switch_that_exist(tier, needed, code):
    for word in ("none", "None.", " NONE "):
        lacking = missing({**complete(tier), code: word}, tier)
        assert [field.code for field in lacking] == ([code] if needed else [])
    assert missing({**complete(tier), code: "the rules of the handbook"}, tier) == ()
    assert missing({**complete(tier), "third_parties": "none"}, tier) == ()


@pytest.mark.parametrize(
    ("tier", "code"), [(tier, field.code) for tier in TIERS for field in FIELDS if field not in required(tier)]
)
def test_no_other_field_holds_it_back(tier, code):
    document = complete(tier)
    document.pop(code, None)
    must_be_complete(document, tier)
    assert missing(document, tier) == ()


def test_the_normal_form_of_a_complete_record_is_itself():
    document = {field.code: value for field in FIELDS if (value := complete(1).get(field.code)) is not None}
    assert checked(document) == document
    assert missing(document, 1) == ()


@pytest.mark.parametrize("word", ["artifact sha256", "features", "champion"])
def test_what_watchroom_knows_itself_is_refused_as_such(word):
    assert word in DERIVED
    with pytest.raises(BadInputError, match="worked out by Watchroom"):
        checked({word.replace(" ", "_"): "x"})


def test_an_unknown_code_is_refused_by_its_name():
    with pytest.raises(BadInputError, match=r"record\.yaml: 'colour' is not a field of the record"):
        checked({"colour": "red"}, where="record.yaml")


def test_who_may_write_what():
    assert [field.code for field in not_editable(["validator", "description"], ["engineer"])] == ["validator"]
    assert not_editable(["validator"], ["engineer", "validator"]) == ()
    assert [field.code for field in not_editable(["description"], [])] == ["description"]
