import pytest

from core.errors import BadInputError
from core.reviews.review import WORDS, ReviewKind, done_review


def done(**changes):
    return done_review(**{"kind": "validation", "scope": "full", "outcome": "passed", "notes": "", **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "glance"}, "no kind of review 'glance'"),
        ({"scope": "deep"}, "no scope of a validation 'deep': choose from self_attest, targeted, full"),
        ({"outcome": "fine"}, "no outcome 'fine'"),
        ({"outcome": "failed"}, "Say in the notes what failed"),
        ({"outcome": "passed_with_conditions", "notes": " "}, "which conditions"),
        ({"notes": "x" * 4_001}, "more than 4,000"),
        ({"notes": "a\x00"}, "invisible control"),
        ({"kind": "owner_review", "scope": "a\x00"}, "invisible control"),
    ],
)
def test_what_cannot_be_recorded_is_refused(changes, words):
    with pytest.raises(BadInputError, match=words):
        done(**changes)


def test_only_a_validation_has_a_fixed_scope():
    assert done(kind="owner_review", scope=" limits and value ").scope == "limits and value"


def test_every_kind_has_its_words():
    assert set(WORDS) == set(ReviewKind)
