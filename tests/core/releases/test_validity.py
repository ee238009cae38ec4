import pytest

from core.releases.validity import FIELDS, differences, told, validity_key

KEY = {name: f"{name} as it was" for name in FIELDS}


def test_the_key_has_the_thirteen_fields_of_the_design():
    assert len(FIELDS) == 13
    assert list(validity_key(KEY)) == list(FIELDS)


@pytest.mark.parametrize("wrong", [{k: v for k, v in KEY.items() if k != "tier"}, {**KEY, "comment": "x"}])
def test_a_key_with_a_hole_or_a_field_too_many_is_no_key(wrong):
    with pytest.raises(ValueError, match="thirteen"):
        validity_key(wrong)


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_alone_makes_a_difference_and_is_named(field):
    found = differences(KEY, {**KEY, field: "as it is"})
    assert [one.field for one in found] == [field]
    assert "as it was → as it is" in told(found)
    assert found[0].as_json() == {"field": field, "was": KEY[field], "now": "as it is"}


def test_nothing_differs_from_itself_and_everything_from_nothing():
    assert differences(KEY, dict(KEY)) == ()
    assert len(differences({}, KEY)) == 13


def test_long_and_nested_values_stay_short_in_a_sentence():
    text = told(differences(KEY, {**KEY, "plan": {"steps": "x" * 90}, "blocking_findings": [1, 2], "schema": None}))
    assert "…" in text
    assert "→ 1, 2" in text
    assert "→ none" in text
