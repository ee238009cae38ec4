from datetime import UTC, date, datetime

import pytest

from core.errors import BadInputError
from core.inventory.field_types import checked_fields, is_empty
from core.inventory.fields import FIELDS


def checked(given):
    return checked_fields(given, FIELDS, where="f", unknown=lambda code: f"{code!r} is unknown")


def refused(code, value):
    with pytest.raises(BadInputError) as caught:
        checked({code: value})
    assert "\n" not in str(caught.value)
    assert code in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("description", 3, "must be a text"),
        ("description", ["a"], "must be a text (in quotes where YAML reads it otherwise), not a list"),
        ("description", {"a": 1}, "not a mapping"),
        ("description", "x" * 4_001, "has 4,001 characters, more than 4,000"),
        ("description", "a\x00b", "invisible control character"),
        ("description", "a\u202eb", "invisible control character"),
        ("owner", "a\nb", "must be one line"),
        ("owner", "x" * 201, "more than 200"),
        ("users", "crew", "must be a list of texts"),
        ("users", ["a", 3], "entry 2 must be a text"),
        ("users", ["a", " "], "entry 2 is empty"),
        ("users", ["a"] * 51, "has 51 entries, more than 50"),
        ("users", ["x" * 301], "entry 1 has 301 characters"),
        ("exposure_amount", "12", "must be a number"),
        ("exposure_amount", True, "must be a number"),
        ("exposure_amount", float("nan"), "must lie between 0"),
        ("exposure_amount", float("inf"), "must lie between 0"),
        ("exposure_amount", -1, "must lie between 0"),
        pytest.param("exposure_amount", 10**400, "must lie between 0", id="too large for a float"),
        ("contract_end", "soon", "must be a date such as 2026-01-31"),
        ("contract_end", "2026-02-30", "must be a date"),
        ("contract_end", 20260131, "must be a date"),
        ("harm", "much", "must be one of none, inconvenience"),
        ("harm", ["none"], "must be one of none, inconvenience"),
        ("in_scope", "yes", "must be yes or no"),
        ("in_scope", 1, "must be yes or no"),
    ],
)
def test_what_a_field_may_not_hold_is_refused_in_a_sentence_that_names_it(code, value, words):
    assert words in refused(code, value)


@pytest.mark.parametrize(
    ("code", "value", "kept"),
    [
        ("description", "  a\r\nb ", "a\nb"),
        ("description", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("users", (" a ", "b"), ["a", "b"]),
        ("exposure_amount", 5.0, 5),
        ("exposure_amount", 0.5, 0.5),
        ("contract_end", date(2026, 1, 31), "2026-01-31"),
        ("contract_end", datetime(2026, 1, 31, 5, tzinfo=UTC), "2026-01-31"),
        ("contract_end", "2026-01-31", "2026-01-31"),
        ("in_scope", False, False),
        ("harm", "none", "none"),
        ("owner", None, None),
    ],
)
def test_values_take_their_normal_form(code, value, kept):
    assert checked({code: value}) == {code: kept}


def test_every_mistake_is_named_and_very_many_are_counted():
    with pytest.raises(BadInputError, match=r"^f: 'nonsense' is unknown; description must.*; harm must be one of"):
        checked({"harm": 1, "description": 2, "nonsense": 3})
    with pytest.raises(BadInputError, match="and 8 more"):
        checked({f"x{number}": 1 for number in range(20)})


@pytest.mark.parametrize("given", [None, [], "text", 3])
def test_what_is_no_mapping_is_refused(given):
    with pytest.raises(BadInputError, match="must be a mapping"):
        checked(given)


def test_a_code_that_is_no_text_is_refused_by_name():
    with pytest.raises(BadInputError, match="3 is unknown"):
        checked({3: "x"})


def test_no_and_zero_say_something():
    assert [is_empty(value) for value in (None, "", [], (), False, 0)] == [True] * 4 + [False] * 2
