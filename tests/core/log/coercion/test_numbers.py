import math
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.log.coercion.numbers import EXACT, MISSING_WORDS, as_number


def rows(coerced):
    return {fault.rule: np.flatnonzero(fault.mask).tolist() for fault in coerced.faults}


def test_plain_text_reads_as_people_write_numbers():
    coerced = as_number(pa.array(["12.5", " 3 ", "+4", "-1e-3", "1.", ".5", "inf", "-Infinity"]))
    assert coerced.values.to_pylist() == [12.5, 3.0, 4.0, -0.001, 1.0, 0.5, math.inf, -math.inf]
    assert coerced.faults == ()


def test_words_for_missing_are_null_and_no_fault():
    coerced = as_number(pa.array([*MISSING_WORDS, "  ", None]))
    assert coerced.values.null_count == len(MISSING_WORDS) + 2
    assert coerced.faults == ()


def test_nan_is_a_number_of_its_own_and_not_missing():
    values = as_number(pa.array(["NaN", "nan", None])).values
    assert values.null_count == 1
    assert np.isnan(values[0].as_py())
    assert np.isnan(values[1].as_py())


@pytest.mark.parametrize("text", ["12,5", "1 000", "1_000", "0x10", "١٢", "true", "five", "1.2.3", "--1"])
def test_text_that_could_mean_two_numbers_is_a_fault_and_null(text):
    coerced = as_number(pa.array(["1", text]))
    assert coerced.values.to_pylist() == [1.0, None]
    assert rows(coerced) == {"not_a_number": [1]}


def test_integers_are_exact_up_to_two_to_the_53_and_beyond_only_when_every_digit_is_kept():
    coerced = as_number(pa.array([EXACT, EXACT + 1, EXACT + 2, -EXACT - 1, None]))
    assert coerced.values.to_pylist() == [float(EXACT), None, float(EXACT + 2), None, None]
    assert rows(coerced) == {"not_exact": [1, 3]}


def test_the_largest_unsigned_integer_is_not_exact():
    coerced = as_number(pa.array([2**64 - 1, 2**63], pa.uint64()))
    assert coerced.values.to_pylist() == [None, 2.0**63]
    assert rows(coerced) == {"not_exact": [0]}


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=20))
def test_an_integer_is_kept_to_the_last_digit_or_is_a_fault(given_values):
    coerced = as_number(pa.array(given_values, pa.int64()))
    lost = rows(coerced).get("not_exact", [])
    for row, (before, after) in enumerate(zip(given_values, coerced.values.to_pylist(), strict=True)):
        if before is None:
            assert after is None
        elif row in lost:
            assert after is None
            assert int(float(before)) != before
        else:
            assert int(after) == before


@given(st.lists(st.floats(), max_size=20))
def test_floating_point_passes_through_unchanged(given_values):
    values = as_number(pa.array(given_values, pa.float64())).values
    assert np.array_equal(np.asarray(values), np.array(given_values), equal_nan=True)


@given(st.floats(allow_nan=False))
def test_the_shortest_text_of_a_number_reads_back_as_it(value):
    assert as_number(pa.array([repr(value)])).values.to_pylist() == [value]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([True, False, None]), [1.0, 0.0, None]),
        (pa.array([1, -2], pa.int8()), [1.0, -2.0]),
        (pa.array([1.5, None], pa.float32()), [1.5, None]),
        (pa.array([Decimal("1.50"), None]), [1.5, None]),
        (pa.nulls(2), [None, None]),
        (pa.array([], pa.string()), []),
        (pa.array(["2"], pa.large_string()), [2.0]),
    ],
)
def test_other_types_convert(column, expected):
    coerced = as_number(column)
    assert coerced.values.type == pa.float64()
    assert coerced.values.to_pylist() == expected
    assert coerced.faults == ()


def test_coded_text_is_judged_once_a_level_and_told_row_by_row():
    coerced = as_number(pa.array(["1", "x", None, "x", "2"]).dictionary_encode())
    assert coerced.values.to_pylist() == [1.0, None, None, None, 2.0]
    assert rows(coerced) == {"not_a_number": [1, 3]}


def test_codes_without_a_level_and_levels_without_a_row_are_no_faults():
    unused = pa.DictionaryArray.from_arrays(pa.array([0, None], pa.int32()), pa.array(["1", "x"]))
    assert as_number(unused).faults == ()
    assert as_number(unused).values.to_pylist() == [1.0, None]
    empty = pa.DictionaryArray.from_arrays(pa.array([None], pa.int32()), pa.array([], pa.string()))
    assert as_number(empty).values.to_pylist() == [None]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["9007199254740993", "9007199254740992", "1.5"]),
        pa.array([Decimal("9007199254740993"), Decimal(9007199254740992), Decimal("1.5")]),
        pa.array(["+9007199254740993 ", "-9007199254740992", "1"]).dictionary_encode(),
    ],
)
def test_an_integer_that_no_float_holds_is_a_fault_however_it_is_stored(column):
    coerced = as_number(column)
    assert [one.rule for one in coerced.faults] == ["not_exact"]
    assert coerced.faults[0].mask.tolist() == [True, False, False]
    assert coerced.values[0].as_py() is None
    assert coerced.values[1].as_py() is not None


def test_digits_that_become_infinite_are_a_fault_and_written_infinities_stay():
    coerced = as_number(pa.array(["1e400", "9" * 400, "inf", "-inf"]))
    assert coerced.faults[0].mask.tolist() == [True, True, False, False]
    assert coerced.values.to_pylist() == [None, None, float("inf"), float("-inf")]


def test_both_kinds_of_fault_of_a_coded_column_are_told():
    coerced = as_number(pa.array(["9007199254740993", "x", "1"]).dictionary_encode())
    assert {one.rule: one.mask.tolist() for one in coerced.faults} == {
        "not_a_number": [False, True, False],
        "not_exact": [True, False, False],
    }


def test_a_large_float_written_with_a_point_or_an_exponent_is_a_float():
    assert as_number(pa.array(["123456789012345680000.0", "1.2345678901234567e+20"])).faults == ()
