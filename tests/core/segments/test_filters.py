import json

import numpy as np
import pyarrow as pa
import pytest

from core.errors import BadInputError
from core.log.schema import load_schema
from core.segments.filters import Condition, Filter, from_text, mask, to_text, words

SCHEMA = load_schema(
    "{model: loans, task: binary, owner: o, columns: {prediction_id: i, timestamp: t, score: s, "
    "features: {numeric: [income, age], categorical: [channel, sex]}, protected: [sex, race]}}"
)
ROWS = pa.table(
    {
        "income": pa.array([10.0, 20.0, None, float("nan"), 30.0]),
        "channel": pa.array(["broker", None, "web", "web", "broker"]).dictionary_encode(),
    }
)


def of(*conditions):
    return Filter(conditions=conditions)


def test_numbers_are_half_open_as_bins_are_and_missing_ones_are_in_no_range():
    assert mask(ROWS, of(Condition(column="income", low=10, high=30))).tolist() == [False, True, False, False, True]
    assert mask(ROWS, of(Condition(column="income", high=20))).tolist() == [True, True, False, False, False]
    assert mask(ROWS, of(Condition(column="income", missing=True))).tolist() == [False, False, True, True, False]


def test_texts_are_one_of_some_levels_or_missing():
    assert mask(ROWS, of(Condition(column="channel", levels=("web",)))).tolist() == [False, False, True, True, False]
    assert mask(ROWS, of(Condition(column="channel", missing=True))).tolist() == [False, True, False, False, False]


def test_numbers_can_be_named_by_their_text():
    assert mask(ROWS, of(Condition(column="income", levels=("20", "30")))).tolist() == [False, True, False, False, True]


def test_all_conditions_must_hold_and_none_keeps_every_row():
    both = of(Condition(column="channel", levels=("broker",)), Condition(column="income", low=15))
    assert mask(ROWS, both).tolist() == [False, False, False, False, True]
    assert mask(ROWS, Filter()).all()


def test_a_column_that_is_absent_is_missing_in_every_row():
    assert mask(ROWS, of(Condition(column="age", missing=True))).all()
    assert not mask(ROWS, of(Condition(column="age", low=0))).any()
    assert not mask(pa.table({"x": np.zeros(2)}), of(Condition(column="channel", levels=("web",)))).any()


def test_a_filter_survives_its_way_through_a_url():
    wanted = of(
        Condition(column="channel", levels=("bro & ker", "ünï")),
        Condition(column="income", low=1.5, high=2e6),
        Condition(column="age", missing=True),
    )
    assert from_text(to_text(wanted), SCHEMA) == wanted
    assert from_text("", SCHEMA) == Filter()
    assert wanted.columns == ("channel", "income", "age")


def test_a_filter_is_told_in_words():
    assert words(of(Condition(column="income", low=1500, high=30_000))) == "1,500 < income ≤ 30,000"
    assert words(of(Condition(column="income", low=0.25))) == "income > 0.25"
    assert words(of(Condition(column="channel", levels=tuple("abcde")))) == "channel is one of a, b, c and 2 more"
    assert words(of(Condition(column="age", missing=True))) == "age is missing"
    assert words(Filter()) == "all rows"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("[1", "is not JSON"),
        ("{}", "list of at most"),
        (json.dumps([{"column": "income", "to": 1}] * 9), "at most 8"),
        ('["income"]', "has a column"),
        ('[{"column": "income", "eval": 1}]', "has a column"),
        ('[{"column": "nothing", "to": 1}]', "no stored column"),
        ('[{"column": "sex", "in": ["male"]}]', "is protected"),
        ('[{"column": "race", "in": ["x"]}]', "is protected"),
        ('[{"column": "income"}]', "must ask for values"),
        ('[{"column": "income", "to": 1, "missing": true}]', "must ask for values"),
        ('[{"column": "income", "to": "1"}]', "finite numbers"),
        ('[{"column": "income", "to": true}]', "finite numbers"),
        ('[{"column": "income", "to": Infinity}]', "finite numbers"),
        ('[{"column": "income", "above": 2, "to": 1}]', "is empty"),
        ('[{"column": "channel", "to": 1}]', "holds texts"),
        ('[{"column": "channel", "in": []}]', "1 to 200 values"),
        ('[{"column": "channel", "in": [1]}]', "must be texts"),
        ("[" * 30_000, "at most 20,000"),
        ("[" * 15_000, "is not JSON"),
    ],
)
def test_what_is_no_filter_on_the_models_own_columns_is_refused_in_one_sentence(document, why):
    with pytest.raises(BadInputError, match=why):
        from_text(document, SCHEMA)


@pytest.mark.parametrize(
    "text", ['[{"column":"income","above":1' + "0" * 400 + "}]", '[{"column":"channel","in":["\\ud800"]}]']
)
def test_a_number_beyond_all_numbers_and_half_a_character_are_refused(text):
    with pytest.raises(BadInputError, match=r"finite numbers|not JSON"):
        from_text(text, SCHEMA)
