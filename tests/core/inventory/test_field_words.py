import re

import pytest

from core.inventory import field_words
from core.inventory.fields import FIELDS
from core.inventory.tiers import POINTS

CHOSEN = [field for field in FIELDS if field.choices]


@pytest.mark.parametrize("field", CHOSEN, ids=lambda field: field.code)
def test_every_choice_is_a_plain_word_with_a_meaning(field):
    assert all(re.fullmatch(r"[a-z_]+", word) and meaning for word, meaning in field.choices.items())


def test_that_it_is_live_is_declared_by_nobody():
    assert "live" not in field_words.STATUS


def test_every_word_that_counts_for_the_tier_has_its_points_and_they_grow():
    for field in CHOSEN:
        if field.code in POINTS:
            assert list(POINTS[field.code]) == list(field.choices)
            assert list(POINTS[field.code].values()) == sorted(POINTS[field.code].values())
