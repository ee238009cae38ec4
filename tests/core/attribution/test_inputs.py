"""The matrix of a model's inputs: no NaN, one meaning a column, fixed by the reference."""

import numpy as np
import pyarrow as pa
import pytest

from core.attribution.inputs import FURTHEST, fit_inputs
from core.errors import NotEnoughDataError


def rows(numbers, texts):
    coded = pa.chunked_array([pa.array(texts, pa.string()).dictionary_encode()])
    return pa.table({"x": pa.chunked_array([pa.array(numbers, pa.float64())]), "kind": coded})


REFERENCE = rows([1.0, 2.0, 3.0, None] * 10, ["a", "b", "a", None] * 10)


def test_numbers_are_standardised_with_a_flag_where_the_reference_misses_some():
    found = fit_inputs(REFERENCE, ["x", "kind"])
    block = found.encode(REFERENCE)
    assert found.owners == ("x", "x", "kind", "kind", "kind", "kind")
    assert block[:4, 0] == pytest.approx([-1.2247448, 0, 1.2247448, 0])
    assert block[:4, 1].tolist() == [0, 0, 0, 1]


def test_levels_that_the_reference_does_not_know_are_other_and_null_is_missing():
    block = fit_inputs(REFERENCE, ["kind"]).encode(rows([0.0] * 4, ["b", "new", None, "a"]))
    assert block.tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]


def test_an_absurd_number_is_cut_and_nothing_is_nan():
    block = fit_inputs(REFERENCE, ["x"]).encode(rows([1e300, np.nan, -np.inf, 2.0], ["a"] * 4))
    assert np.isfinite(block).all()
    assert block[0, 0] == FURTHEST


def test_what_holds_one_value_is_left_out_by_name():
    constant = rows([5.0] * 40, ["a", "b"] * 20)
    assert fit_inputs(constant, ["x", "kind"]).left_out == ("x",)


def test_a_reference_that_never_varies_is_refused():
    with pytest.raises(NotEnoughDataError, match="no feature has more than one value"):
        fit_inputs(rows([5.0] * 4, ["a"] * 4), ["x", "kind"])


def test_a_column_of_only_nulls_is_encoded_as_missing():
    assert fit_inputs(REFERENCE, ["kind"]).encode(rows([1.0, 1.0], [None, None]))[:, -1].tolist() == [1, 1]
