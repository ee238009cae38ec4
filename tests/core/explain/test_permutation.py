import numpy as np
import pyarrow as pa
import pytest

from core.explain.permutation import n_predictions, permutation_values

RNG = np.random.default_rng(3)
ROWS = pa.table({"a": RNG.normal(size=12), "b": RNG.normal(size=12), "c": RNG.normal(size=12)})
BACKGROUND = pa.table({"a": RNG.normal(size=20), "b": RNG.normal(size=20), "c": RNG.normal(size=20)})


def product(rows: pa.Table) -> np.ndarray:
    return rows["a"].to_numpy() * rows["b"].to_numpy() + 2.0 * rows["c"].to_numpy()


def test_values_of_pairs_are_exact_and_agree_with_shaps_exact_explainer():
    shap = pytest.importorskip("shap")
    found = permutation_values(product, ROWS, BACKGROUND, rng=np.random.default_rng(0))
    matrix = np.column_stack([BACKGROUND[name].to_numpy() for name in "abc"])
    explainer = shap.ExactExplainer(lambda x: x[:, 0] * x[:, 1] + 2.0 * x[:, 2], shap.maskers.Independent(matrix))
    expected = explainer(np.column_stack([ROWS[name].to_numpy() for name in "abc"])).values
    np.testing.assert_allclose(found.values[:, :, 0], expected, atol=1e-9)


def test_values_add_up_for_any_function():
    def jumpy(rows: pa.Table) -> np.ndarray:
        return np.sign(product(rows)) * rows["c"].to_numpy() ** 3

    found = permutation_values(jumpy, ROWS, BACKGROUND, rng=np.random.default_rng(0))
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), found.margin, atol=1e-12)


def test_text_columns_and_several_answers_are_walked_alike():
    rows = pa.table({"t": pa.array(["u", None, "v"]).dictionary_encode(), "a": [1.0, 2.0, 3.0]})

    def two(table: pa.Table) -> np.ndarray:
        is_u = np.array([text == "u" for text in table["t"].to_pylist()], float)
        return np.column_stack([is_u, is_u + table["a"].to_numpy()])

    found = permutation_values(two, rows, rows.slice(1), rng=np.random.default_rng(0))
    np.testing.assert_allclose(found.values[:, 0, 0], [1.0, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found.values[:, 1, 1], [-1.5, -0.5, 0.5], atol=1e-12)


def test_progress_ends_at_one():
    told = []
    permutation_values(product, ROWS, BACKGROUND, rng=np.random.default_rng(0), report=told.append)
    assert told[-1] == 1.0


def test_no_background_is_refused():
    with pytest.raises(ValueError, match="rows of the reference"):
        permutation_values(product, ROWS, BACKGROUND.slice(0, 0), rng=np.random.default_rng(0))


def test_the_cost_counts_every_scored_row():
    assert n_predictions(1, 3, 10) == 240
