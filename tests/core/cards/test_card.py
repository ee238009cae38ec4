import pytest

from core.cards.card import FIELDS, KNOWN, checked, completeness, texts
from core.errors import BadInputError
from core.inventory.fields import BY_CODE, TIERS


def test_the_record_may_speak_only_through_fields_that_it_has():
    assert {field.from_record for field in FIELDS} - {""} <= set(BY_CODE)


def test_the_owners_words_win_over_those_of_the_record():
    record = {"description": "of the record", "prohibited_uses": ["hiring", "credit"]}
    assert texts({"summary": "mine"}, record) == {"summary": "mine", "out_of_scope": "hiring\ncredit"}
    assert texts({"summary": ""}, record)["summary"] == "of the record"


@pytest.mark.parametrize("tier", TIERS)
def test_every_required_part_counts_and_is_named_when_it_is_missing(tier):
    written = [field.code for field in FIELDS]
    whole = completeness(written, KNOWN, tier)
    assert (whole.share, whole.missing) == (1.0, ())
    needed = [field.code for field in FIELDS if tier <= field.required_to] + [c for c, t in KNOWN.items() if tier <= t]
    assert whole.n_required == len(needed)
    for code in needed:
        found = completeness(set(written) - {code}, set(KNOWN) - {code}, tier)
        assert found.missing == (code,)
        assert found.share == pytest.approx(1 - 1 / len(needed))


def test_a_stricter_tier_asks_for_more():
    asked = [completeness([], [], tier).n_required for tier in TIERS]
    assert asked == sorted(asked, reverse=True)
    assert len(set(asked)) == len(TIERS)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"colour": "x"}, "'colour' is not an entry of the card"),
        ({"summary": 3}, "summary must be a text"),
        ({"license": "a\nb"}, "license must be one line"),
        ({"limitations": "x" * 4_001}, "limitations has 4,001 characters"),
    ],
)
def test_what_cannot_stand_in_a_card_is_refused_by_name(given, words):
    with pytest.raises(BadInputError, match=words):
        checked(given)
