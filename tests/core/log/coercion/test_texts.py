from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.log.coercion.texts import CODED, MAX_ID, MAX_LEVEL, as_id, as_text, hashed


def rows(coerced):
    return {fault.rule: np.flatnonzero(fault.mask).tolist() for fault in coerced.faults}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["AA", None, "AA", ""]), ["AA", None, "AA", ""]),
        (pa.array([3, None, -4]), ["3", None, "-4"]),
        (pa.array([3.0, 2.5, float("nan"), -0.0]), ["3", "2.5", None, "0"]),
        (pa.array([2.0**53, 2.0**60]), ["9007199254740992", "1.152921504606847e+18"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([date(2013, 7, 19)]), ["2013-07-19"]),
        (pa.array([Decimal("1.50"), Decimal("100"), None]), ["1.5", "100", None]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.nulls(2), [None, None]),
        (pa.array([], pa.string()), []),
        (pa.array(["b", None, "b"]).dictionary_encode(), ["b", None, "b"]),
    ],
)
def test_values_are_spelled_as_people_write_them(column, expected):
    coerced = as_text(column)
    assert coerced.values.type == CODED
    assert coerced.values.to_pylist() == expected
    assert coerced.faults == ()


def test_words_for_missing_stay_levels_because_na_may_be_a_country():
    assert as_text(pa.array(["NA", "null"])).values.to_pylist() == ["NA", "null"]


def test_text_is_not_changed_to_another_unicode_form():
    assert as_text(pa.array(["e\u0301", "\u00e9"])).values.to_pylist() == ["e\u0301", "\u00e9"]


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)), max_size=20))
def test_short_text_comes_back_unchanged(texts):
    coerced = as_text(pa.array(texts, pa.string()))
    assert coerced.values.to_pylist() == texts
    assert coerced.faults == ()


def test_a_level_of_more_than_a_thousand_characters_is_a_fault_of_each_of_its_rows():
    column = pa.array(["x" * (MAX_LEVEL + 1), "a", None, "x" * (MAX_LEVEL + 1), "é" * MAX_LEVEL])
    coerced = as_text(column)
    assert coerced.values.to_pylist() == [None, "a", None, None, "é" * MAX_LEVEL]
    assert rows(coerced) == {"text_too_long": [0, 3]}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["a", " ", "007"]), ["a", " ", "007"]),
        (pa.array([7, -1, 2**63 - 1]), ["7", "-1", "9223372036854775807"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([7.0, 2.0**53, -1.0]), ["7", "9007199254740992", "-1"]),
        (pa.array([Decimal("12"), Decimal("1.50")]), ["12", "1.5"]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([], pa.string()), []),
    ],
)
def test_ids_keep_every_digit(column, expected):
    coerced = as_id(column)
    assert coerced.values.to_pylist() == expected
    assert coerced.faults == ()


def test_an_integer_and_its_text_are_the_same_id():
    assert as_id(pa.array([7])).values.to_pylist() == as_id(pa.array(["7"])).values.to_pylist()


def test_floats_that_have_lost_digits_or_are_not_whole_are_no_ids():
    coerced = as_id(pa.array([1.5, 2.0**53 + 2, 1e17, float("inf"), 3.0]))
    assert coerced.values.to_pylist() == [None, None, None, None, "3"]
    assert rows(coerced) == {"id_not_exact": [0, 1, 2, 3]}


def test_text_that_went_through_a_float_is_no_id():
    coerced = as_id(pa.array(["1.2345678e+17", "1.2e+17x", "e+17"]))
    assert rows(coerced) == {"id_not_exact": [0]}


@pytest.mark.parametrize(
    "column",
    [pa.array([None, ""]), pa.array([None, float("nan")]), pa.nulls(2), pa.array([None, None], pa.int64())],
)
def test_null_nan_and_empty_ids_are_missing(column):
    assert rows(as_id(column)) == {"id_missing": [0, 1]}


def test_an_id_is_measured_in_bytes():
    coerced = as_id(pa.array(["x" * MAX_ID, "é" * (MAX_ID // 2 + 1)]))
    assert coerced.values.to_pylist() == ["x" * MAX_ID, None]
    assert rows(coerced) == {"id_too_long": [1]}


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20))
def test_every_integer_is_an_id_of_its_own(integers):
    assert as_id(pa.array(integers, pa.int64())).values.to_pylist() == [str(value) for value in integers]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), max_size=20))
def test_hashes_are_equal_exactly_for_equal_ids(ids):
    found = hashed(pa.array(ids, pa.string()))
    assert found.dtype == np.uint64
    assert (found[:, None] == found[None, :]).tolist() == [[a == b for b in ids] for a in ids]


def test_minus_zero_and_zero_are_one_level():
    coded = as_text(pa.array([0.0, -0.0, 1.0])).values
    assert coded.to_pylist() == ["0", "0", "1"]
    assert sorted(coded.dictionary.to_pylist()) == ["0", "1"]
