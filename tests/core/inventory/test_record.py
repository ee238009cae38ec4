import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInputError
from core.inventory.field_types import FieldType
from core.inventory.fields import FIELDS, checked
from core.inventory.record import (
    ModelRecord,
    edit,
    from_audit,
    must_stay_complete,
    read_record,
    record_text,
    shown_status,
)
from tests.core.inventory.test_fields import complete

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"]), min_size=1, max_size=40)
TEXTS = TEXTS.map(str.strip).filter(bool)
VALUES = {
    FieldType.LINE: TEXTS,
    FieldType.TEXT: st.lists(TEXTS, min_size=1, max_size=3).map("\n".join),
    FieldType.LIST: st.lists(TEXTS, min_size=1, max_size=3),
    FieldType.NUMBER: st.one_of(st.integers(0, 10**15), st.floats(0, 1e15)),
    FieldType.DATE: st.dates().map(lambda day: day.isoformat()),
    FieldType.YES_NO: st.booleans(),
}
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        field.code: st.sampled_from(list(field.choices)) if field.choices else VALUES[field.type] for field in FIELDS
    },
).map(checked)


@settings(max_examples=200)
@given(RECORDS)
def test_a_record_that_is_written_and_read_and_written_again_is_the_same_byte_for_byte(tmp_path_factory, document):
    file = tmp_path_factory.mktemp("record") / "record.yaml"
    text = record_text(document)
    file.write_text(text, encoding="utf-8", newline="")
    if document:
        assert read_record(file) == document
        assert record_text(read_record(file)) == text


def test_an_edit_tells_what_changed_and_nothing_else():
    made = edit({"owner": "Ana", "harm": "none", "users": ["a"]}, {"owner": "Ana", "harm": "safety", "users": []})
    assert made.before == {"harm": "none", "users": ["a"]}
    assert made.after == {"harm": "safety", "users": None}
    assert made.document == {"owner": "Ana", "harm": "safety"}


@settings(max_examples=100)
@given(RECORDS, RECORDS)
def test_an_edit_undone_gives_the_document_back(document, changes):
    made = edit(document, changes)
    assert edit(made.document, made.before).document == document


def test_leaving_proposed_needs_what_the_tier_requires():
    whole = complete(2)
    start = {code: value for code, value in whole.items() if code not in ("status", "on_call")}
    must_stay_complete(edit(start, {"status": "proposed"}), 2)
    with pytest.raises(BadInputError, match="cannot leave proposed: a model of tier 2 also needs on_call"):
        must_stay_complete(edit(start, {"status": "development"}), 2)
    must_stay_complete(edit(start, {"status": "development", "on_call": "ops"}), 2)
    must_stay_complete(edit(start, {"status": "development"}), 3)


def test_later_nothing_required_is_taken_out_but_a_tier_that_rises_does_not_lock_the_record():
    document = complete(3)
    with pytest.raises(BadInputError, match="Tier 3 requires users: write something else"):
        must_stay_complete(edit(document, {"users": []}), 3)
    must_stay_complete(edit(document, {"harm": "safety"}), 1)
    must_stay_complete(edit(document, {"status": "proposed", "users": None}), 3)


def test_a_fallback_that_exists_is_not_written_away():
    document = {**complete(2), "status": "approved"}
    with pytest.raises(BadInputError, match="Tier 2 requires kill_switch"):
        must_stay_complete(edit(document, {"kill_switch": "none"}), 2)
    must_stay_complete(edit(document, {"kill_switch": "the engineer on call"}), 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "record.yaml is empty"),
        ("- a\n", "must be a mapping of fields"),
        ("description: [", "not readable YAML"),
        ("description: &a x\nbusiness_use: *a\n", "aliases"),
        ("description: !!python/object:os.system x\n", "tags"),
        ("owner: A\nowner: B\n", "there twice"),
        ("colour: red\n", "'colour' is not a field"),
        ("in_scope: maybe\n", "in_scope must be yes or no"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, text, words):
    (tmp_path / "record.yaml").write_text(text)
    with pytest.raises(BadInputError) as caught:
        read_record(tmp_path / "record.yaml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInputError, match="cannot be read"):
        read_record(tmp_path / "none.yaml")


def test_numbers_come_back_from_the_audit_as_numbers_and_texts_stay_texts():
    assert from_audit("exposure_amount", "0.1") == 0.1
    assert from_audit("exposure_amount", 12) == 12
    assert from_audit("description", "0.1") == "0.1"


@pytest.mark.parametrize(
    ("declared", "live", "retired", "shown"),
    [
        ("approved", False, False, "approved"),
        ("approved", True, False, "live"),
        ("proposed", True, False, "proposed"),
        ("restricted", True, False, "restricted"),
        ("approved", True, True, "retired"),
    ],
)
def test_the_status_shown(declared, live, retired, shown):
    assert shown_status(declared, live=live, retired=retired) == shown


def test_a_record_is_proposed_until_somebody_says_otherwise():
    given = {"model_id": 1, "updated_by": "", "updated_at": None, "row_version": 0}
    assert ModelRecord(document={}, **given).status == "proposed"
    assert ModelRecord(document={"status": "approved"}, **given).status == "approved"
