from dataclasses import fields

from core.cards.card import KNOWN
from core.cards.facts import GapFact
from tests.core.cards.known_version import FACTS


def test_nothing_of_a_gap_tells_the_size_of_a_group():
    assert {field.name for field in fields(GapFact)} == {"column", "name", "value", "ci_low", "ci_high"}


def test_what_is_known_are_parts_of_a_card():
    assert set(KNOWN) >= FACTS.known
