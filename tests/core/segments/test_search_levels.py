import numpy as np
import pyarrow as pa
import pytest

from core.segments.filters import Filter, mask
from core.segments.search_levels import levels_of, numeric_levels, quantile_cuts, text_levels


def numbers(*values):
    return pa.table({"x": pa.array(values, pa.float64())})


def texts(*values):
    return pa.table({"x": pa.array(values).dictionary_encode()})


def test_cuts_are_the_smallest_values_that_reach_their_share():
    assert quantile_cuts(np.arange(1.0, 11.0), 3).tolist() == [4.0, 7.0]
    assert quantile_cuts(np.array([np.nan, np.inf]), 3).size == 0


@pytest.mark.parametrize("parts", [3, 5, 10])
def test_a_heavy_largest_value_is_a_level_of_its_own_as_a_heavy_smallest_is(parts):
    light = np.arange(10.0)
    largest, smallest = np.concatenate([light, np.full(90, 99.0)]), np.concatenate([light + 1, np.zeros(90)])
    assert quantile_cuts(smallest, parts)[0] == 0.0
    assert quantile_cuts(largest, parts)[-1] == 9.0
    found = numeric_levels("x", largest, parts)
    assert found.codes(numbers(9.0, 99.0, None)).tolist()[-2:] == [len(found.conditions) - 2, len(found.conditions) - 1]
    assert found.conditions[0] is not None
    assert found.conditions[-2].low == 9.0


def test_of_two_values_each_is_a_level_whichever_is_heavy():
    for n_ones in (1, 50, 99):
        values = np.concatenate([np.zeros(100 - n_ones), np.ones(n_ones)])
        assert quantile_cuts(values, 3).tolist() == [0.0]


def test_a_heavy_value_gives_fewer_cuts_and_the_largest_is_none():
    assert quantile_cuts(np.array([1.0] * 8 + [2.0, 3.0]), 10).tolist() == [1.0, 2.0]
    assert quantile_cuts(np.array([5.0] * 9), 10).size == 0


def test_every_row_has_one_level_and_each_level_is_its_filter():
    rng = np.random.default_rng(0)
    rows = pa.table(
        {
            "x": pa.array([None if v < -1.5 else float(v) for v in rng.normal(size=300)], pa.float64()),
            "t": pa.array(rng.choice(["a", "b", "c", None], 300).tolist(), pa.string()).dictionary_encode(),
        }
    )
    for name in ("x", "t"):
        for found in (levels_of(rows, rows, name).fine, levels_of(rows, rows, name).coarse):
            codes = found.codes(rows)
            for place, condition in enumerate(found.conditions):
                if condition is not None:
                    assert ((codes == place) == mask(rows, Filter(conditions=(condition,)))).all()


def test_a_value_on_a_cut_belongs_below_it():
    found = numeric_levels("x", np.array([1.0, 2.0, 3.0, 4.0]), 2)
    assert found.codes(numbers(2.0, 2.5, None)).tolist() == [0, 1, 2]


def test_a_column_of_one_value_has_no_level_but_missing():
    found = numeric_levels("x", np.array([5.0, 5.0]), 10)
    assert [one.missing if one else None for one in found.conditions] == [None, True]


def test_levels_are_frequent_first_and_what_has_none_of_its_own_is_no_segment():
    found = text_levels("x", ("b", "a", "c"), 2)
    assert [one.levels if one else None for one in found.conditions] == [("b",), ("a",), None, None]
    assert found.codes(texts("a", "b", "c", None, "new")).tolist() == [1, 0, 2, 3, 2]


def test_a_value_that_the_reference_has_never_seen_is_a_level_alone():
    found = levels_of(texts("a", "b", "a"), texts("a", "new", "new"), "x")
    assert found.fine.texts == ("a", "b", "new")
    assert found.coarse.texts == ("a", "b")


def test_cuts_come_from_the_reference_and_from_the_window_where_it_has_no_value():
    reference, current = numbers(*np.arange(10.0)), numbers(*np.arange(100.0, 110.0))
    assert levels_of(reference, current, "x").coarse.cuts == pytest.approx([3.0, 6.0])
    assert levels_of(numbers(None, None), current, "x").coarse.cuts == pytest.approx([103.0, 106.0])
