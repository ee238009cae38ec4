import numpy as np
import pyarrow as pa
import pytest

from core.explain.values import ShapValues, from_table


def test_values_come_back_from_their_table():
    made = ShapValues(
        features=("a", "margin"), values=np.array([[1.0, 2.0]]), base=0.5, margin=np.array([3.5]),
        prediction=np.array([0.97]), unit="log-odds", explainer="trees", approximate=False, additivity_error=1e-12,
    )  # fmt: skip
    back = from_table(made.table())
    assert back.features == made.features
    assert (back.base, back.unit, back.explainer) == (0.5, "log-odds", "trees")
    np.testing.assert_array_equal(back.values, made.values)


def test_another_table_is_refused():
    with pytest.raises(ValueError, match="no table of SHAP values"):
        from_table(pa.table({"a": [1]}))
