import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.log.coercion.labels import as_amount, as_class, as_label


def rows(coerced):
    return {fault.rule: np.flatnonzero(fault.mask).tolist() for fault in coerced.faults}


@pytest.mark.parametrize("positive", [1, 1.0, True])
@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 0, None]),
        pa.array([1.0, 0.0, float("nan")]),
        pa.array([True, False, None]),
        pa.array(["1", "0", ""]),
        pa.array(["1.0", "0.0", "NaN"]),
        pa.array([" TRUE ", "False", "NA"]),
        pa.array(["true", "false", None]).dictionary_encode(),
    ],
)
def test_zero_one_and_truth_values_are_understood_in_every_spelling(column, positive):
    coerced = as_label(column, positive)
    assert coerced.values.type == pa.int8()
    assert coerced.values.to_pylist() == [1, 0, None]
    assert coerced.faults == ()


@pytest.mark.parametrize("positive", [0, 0.0, False])
def test_zero_may_be_the_positive_value(positive):
    assert as_label(pa.array(["0", "true", "1", None]), positive).values.to_pylist() == [1, 0, 0, None]


def test_another_number_is_a_fault_when_the_positive_is_zero_or_one():
    coerced = as_label(pa.array([1, 2, -2, 0]), 1)
    assert coerced.values.to_pylist() == [1, None, None, 0]
    assert rows(coerced) == {"not_a_label": [1, 2]}
    assert coerced.faults[0].fix.startswith("write 1 for positive and 0 or -1 otherwise")


def test_minus_one_is_negative_beside_a_positive_one_and_a_fault_beside_a_positive_zero():
    assert as_label(pa.array([1, -1, 0]), 1).values.to_pylist() == [1, 0, 0]
    assert as_label(pa.array(["1", "-1"]), True).values.to_pylist() == [1, 0]
    coerced = as_label(pa.array([0, 1, -1]), 0)
    assert rows(coerced) == {"not_a_label": [2]}
    assert coerced.faults[0].fix.startswith("write 0 for positive and 1 otherwise")


def test_a_number_that_no_float_holds_is_a_fault_of_a_coded_column_too():
    coded = pa.array(["1", "9007199254740993", "maybe"]).dictionary_encode()
    assert rows(as_label(coded, 1)) == {"not_a_label": [1, 2]}


def test_any_other_finite_number_is_negative_when_the_positive_is_a_code():
    coerced = as_label(pa.array([2.0, 7.0, float("inf"), float("nan"), None]), 2)
    assert coerced.values.to_pylist() == [1, 0, None, None, None]
    assert rows(coerced) == {"not_a_label": [2]}


def test_text_that_is_no_number_is_a_fault_for_a_number():
    coerced = as_label(pa.array(["maybe", "1", "2x"]), 1)
    assert coerced.values.to_pylist() == [None, 1, None]
    assert rows(coerced) == {"not_a_label": [0, 2]}


def test_with_a_word_as_positive_any_other_word_is_negative():
    coerced = as_label(pa.array(["late", "on time", "Late", "NA", "", None]), "late")
    assert coerced.values.to_pylist() == [1, 0, 0, None, None, None]
    assert coerced.faults == ()


def test_a_word_for_missing_may_be_the_positive_word():
    assert as_label(pa.array(["NA", "EU", None]), "NA").values.to_pylist() == [1, 0, None]


def test_a_number_read_as_a_word_is_spelled_as_people_write_it():
    assert as_label(pa.array([1.0, 2.0]), "1").values.to_pylist() == [1, 0]


def test_text_too_long_for_a_category_is_a_fault_of_its_row():
    coerced = as_label(pa.array(["x" * 1_001, "yes"]), "yes")
    assert coerced.values.to_pylist() == [None, 1]
    assert rows(coerced) == {"text_too_long": [0]}


def test_an_empty_column_gives_no_labels():
    assert as_label(pa.array([], pa.string()), 1).values.to_pylist() == []
    assert as_label(pa.nulls(2), "yes").values.to_pylist() == [None, None]


@given(st.lists(st.sampled_from([0, 1, None]), max_size=30))
def test_swapping_the_positive_value_swaps_the_labels(values):
    column = pa.array(values, pa.int64())
    as_one, as_zero = as_label(column, 1).values.to_pylist(), as_label(column, 0).values.to_pylist()
    assert [None if label is None else 1 - label for label in as_one] == as_zero


CLASSES = ("card", "3", "true", "NA")


def test_a_class_label_becomes_its_place_among_the_declared_classes():
    coerced = as_class(pa.array(["3", "card", None, "NA", "true"]), CLASSES)
    assert coerced.values.to_pylist() == [1, 0, None, 3, 2]
    assert coerced.values.type == pa.int16()
    assert coerced.faults == ()


@pytest.mark.parametrize(
    "column",
    [
        pa.array([3.0, None]),
        pa.array([3, None]),
        pa.array(["3.0", ""]),
        pa.array(["3", None]).dictionary_encode(),
    ],
)
def test_a_class_that_is_a_number_is_understood_however_it_is_stored(column):
    assert as_class(column, CLASSES).values.to_pylist() == [1, None]


def test_a_truth_value_is_a_class_in_any_case():
    assert as_class(pa.array([True, None]), CLASSES).values.to_pylist() == [2, None]
    assert as_class(pa.array(["True", " TRUE"]), CLASSES).values.to_pylist() == [2, 2]


def test_an_unknown_class_is_a_fault_that_names_the_classes():
    coerced = as_class(pa.array(["loan", "card", "x" * 1_001]), CLASSES)
    assert rows(coerced) == {"text_too_long": [2], "unknown_class": [0]}
    assert "'card', '3', 'true', 'NA'" in coerced.faults[1].fix
    assert coerced.values.to_pylist() == [None, 0, None]


def test_a_word_for_missing_is_unknown_unless_it_is_a_class():
    assert as_class(pa.array(["NA", "null"]), ("a", "b")).values.to_pylist() == [None, None]
    assert as_class(pa.array(["NA", "null"]), ("NA", "b")).values.to_pylist() == [0, None]


def test_classes_of_no_rows_and_of_rows_without_a_value():
    assert as_class(pa.array([], pa.string()), CLASSES).values.to_pylist() == []
    assert as_class(pa.nulls(2), CLASSES).values.to_pylist() == [None, None]


def test_an_actual_number_may_be_missing_but_not_endless():
    coerced = as_amount(pa.array(["-1e9", "", "NaN", "inf", "many"]))
    assert coerced.values.to_pylist() == [-1e9, None, None, None, None]
    assert rows(coerced) == {"not_a_number": [4], "actual_not_finite": [3]}
