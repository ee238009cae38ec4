import math

import numpy as np
import pyarrow as pa
import pytest

from core.explain.inputs import Column, frame, matrix, numbers, order_of, texts
from core.explain.values import ScoredModel

MODEL = ScoredModel(task="binary", features=("a b", "t"), categorical=frozenset({"t"}))


def test_a_null_number_is_nan():
    assert np.isnan(numbers(pa.chunked_array([[1.0, None]]))).tolist() == [False, True]


@pytest.mark.parametrize(
    ("categories", "expected"),
    [(("x", None), ["1", None]), ((1, 2), [1.0, math.nan]), ((True, False), [True, math.nan]), (None, ["1", math.nan])],
)
def test_a_text_becomes_what_its_encoder_learned(categories, expected):
    found = texts(pa.chunked_array([["1", None]]), Column(categories=categories)).tolist()
    assert str(found) == str(expected)


def test_columns_come_in_the_models_order_also_under_lightgbms_names():
    assert order_of(MODEL, ["t", "a_b"], 2) == ("t", "a b")


def test_a_column_that_the_schema_lacks_is_refused():
    with pytest.raises(ValueError, match="the column 'z'"):
        order_of(MODEL, ["z"], 1)


def test_a_model_without_names_needs_as_many_features():
    assert order_of(MODEL, None, 2) == MODEL.features
    with pytest.raises(ValueError, match="3 columns without names"):
        order_of(MODEL, None, 3)


def test_frames_and_matrices_hold_texts_beside_numbers():
    rows = pa.table({"a b": [1.0, None], "t": pa.array(["u", "v"]).dictionary_encode()})
    assert frame(rows, MODEL, ("t", "a b"), {}).columns.tolist() == ["t", "a b"]
    assert matrix(rows, MODEL, ("t", "a b"))[:, 0].tolist() == ["u", "v"]
    assert matrix(rows, MODEL, ("a b",)).dtype == np.float64
