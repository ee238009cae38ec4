from dataclasses import fields

from core.cards.facts import GapFact


def test_nothing_of_a_gap_tells_the_size_of_a_group():
    assert {field.name for field in fields(GapFact)} == {"column", "name", "value", "ci_low", "ci_high"}
