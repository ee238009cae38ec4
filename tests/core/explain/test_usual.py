import numpy as np
import pyarrow as pa

from core.explain.usual import as_numbers, from_document, of_levels, of_numbers, plain_row, rows_of, usual
from core.log.schema import load_schema
from tests.small_fleet import MODEL_YAML

SCHEMA = load_schema(MODEL_YAML)
ROWS = pa.table(
    {
        "income": [1.0, 2.0, None, float("nan")],
        "age": [20.0, 30.0, 40.0, 50.0],
        "plan": pa.array(["max", None, "basic", "max"]).dictionary_encode(),
    }
)


def test_the_quantiles_are_values_that_were_there():
    found = of_numbers(np.array([5.0, 1.0, 3.0]))
    assert (found.quantiles[0], found.centre, found.quantiles[-1], found.whole) == (1.0, 3.0, 5.0, True)


def test_nothing_known_has_no_centre_and_a_width_of_one():
    found = of_numbers(np.array([np.nan, np.inf]))
    assert (found.centre, found.width, found.missing) == (None, 1.0, 1.0)


def test_a_constant_has_a_width_of_one():
    assert of_numbers(np.full(9, 4.0)).width == 1.0


def test_levels_are_ordered_by_frequency_then_name():
    assert of_levels(["b", "a", None, "c", "c"]).levels == (("c", 0.4), ("a", 0.2), ("b", 0.2))


def test_what_is_usual_survives_storing():
    found = usual(ROWS, SCHEMA)
    assert {name: from_document(one.document()) for name, one in found.items()} == found


def test_categories_become_places_of_their_levels_and_missing_values_nan():
    shown, levels = as_numbers(ROWS, SCHEMA)
    assert levels == {"plan": ("basic", "max")}
    np.testing.assert_array_equal(shown[:, 2], [1.0, np.nan, 0.0, 1.0])
    np.testing.assert_array_equal(shown[:, 0], [1.0, 2.0, np.nan, np.nan])


def test_a_plain_row_and_its_table_say_the_same():
    row = plain_row(ROWS, 2, SCHEMA)
    assert row == {"income": None, "age": 40.0, "plan": "basic"}
    assert rows_of([row], SCHEMA).to_pylist() == [row]
