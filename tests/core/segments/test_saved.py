from datetime import UTC, datetime

import pytest

from core.errors import BadInputError, NotEnoughDataError
from core.log.schema import load_schema
from core.segments.filters import Condition, Filter, to_document, to_text
from core.segments.saved import (
    MOST_SEGMENTS,
    Progress,
    SavedSegment,
    checked_filter,
    checked_name,
    filter_of,
    filter_words,
    waits,
)

YOUNG = Filter(conditions=(Condition(column="age", high=30.0), Condition(column="plan", levels=("basic",))))


def schema(columns="", features="{numeric: [age], categorical: [plan]}"):
    return load_schema(
        "{model: m, task: binary, owner: o, columns: {prediction_id: i, timestamp: t, score: s, "
        f"features: {features}, {columns}}}}}"
    )


def saved(wanted=YOUNG):
    return SavedSegment(
        id=1, model_id=1, name="young", conditions=to_document(wanted), created_by="ana", created_at=datetime.now(UTC)
    )


@pytest.mark.parametrize("name", ["x", "Young brokers, west", "ü" * 60, "<b>'; DROP TABLE"])
def test_any_readable_name_up_to_sixty_characters_is_taken(name):
    assert checked_name(name, ()) == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "needs a name of 1 to 60 characters; '' is empty"),
        ("   ", "is empty"),
        ("x" * 61, "has 61 characters"),
        ("a\nb", "holds an invisible control character"),
        ("a=b", "holds '=' or '@'"),
        ("@a", "holds '=' or '@'"),
    ],
)
def test_a_name_that_cannot_stand_in_a_url_or_be_seen_is_refused(name, says):
    with pytest.raises(BadInputError, match=says):
        checked_name(name, ())


def test_a_name_is_unique_also_in_its_other_spelling():
    with pytest.raises(BadInputError, match="There is a saved segment 'é' already; retire it first"):
        checked_name("é", ("e\u0301",))


def test_a_model_has_a_limited_number_of_segments():
    with pytest.raises(BadInputError, match="at most 20 saved segments"):
        checked_name("one more", [str(k) for k in range(MOST_SEGMENTS)])


def test_a_filter_without_a_condition_or_on_a_protected_column_is_refused():
    with pytest.raises(BadInputError, match="needs at least one condition"):
        checked_filter("", schema())
    with pytest.raises(BadInputError, match="'plan' is protected"):
        checked_filter(to_text(YOUNG), schema("protected: [plan]"))
    assert checked_filter(to_text(YOUNG), schema()) == YOUNG


def test_a_version_without_the_column_or_a_column_protected_since_cannot_answer():
    assert filter_of(saved(), schema(), schema(), version="v1") == YOUNG
    with pytest.raises(NotEnoughDataError, match=r"@young does not fit v2: .*no stored column"):
        filter_of(saved(), schema(features="{numeric: [age]}"), schema(), version="v2")
    with pytest.raises(NotEnoughDataError, match="reads 'plan', which is protected by now"):
        filter_of(saved(), schema(), schema("protected: [plan]"), version="v1")


def test_the_filter_is_told_in_words_or_why_it_cannot_be_used():
    assert filter_words(saved(), schema()) == "age ≤ 30 and plan = basic"
    assert "does not fit" in filter_words(saved(), schema(features="{}"))


def test_progress_is_complete_when_every_unit_is_counted():
    assert Progress(done=3, total=3).complete
    assert not Progress(done=2, total=3).complete
    assert waits(saved(), Progress(done=2, total=3)).endswith("2 of 3 units are done")
    assert saved().label == "@young"
