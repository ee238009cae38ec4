import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from core.log.coercion.faults import Coerced, Fault, fault, null_mask


def test_a_mask_with_a_row_is_one_fault_and_an_empty_mask_is_none():
    mask = np.array([False, True])
    (found,) = fault(mask, "not_a_number", "write a number")
    assert found.mask.tolist() == [False, True]
    assert (found.rule, found.fix) == ("not_a_number", "write a number")
    assert fault(np.array([False, False]), "not_a_number", "write a number") == ()
    assert fault(np.zeros(0, dtype=np.bool_), "not_a_number", "write a number") == ()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1, None, 3]), [False, True, False]),
        (pa.array([1.0, float("nan")]), [False, False]),
        (pa.array(["", None]), [False, True]),
        (pa.nulls(2), [True, True]),
        (pa.array([], pa.string()), []),
        (pa.array(["a", None, "a"]).dictionary_encode(), [False, True, False]),
        (pa.array([None, 1, None, 2]).slice(1, 2), [False, True]),
    ],
)
def test_null_is_null_and_neither_nan_nor_empty_text_is(column, expected):
    mask = null_mask(column)
    assert mask.dtype == np.bool_
    assert mask.tolist() == expected


def test_what_was_coerced_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Coerced(values=pa.array([1])).values = pa.array([2])
    with pytest.raises(dataclasses.FrozenInstanceError):
        Fault(mask=np.array([True]), rule="r", fix="f").rule = "s"
