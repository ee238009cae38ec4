import numpy as np
import pyarrow as pa
import pytest

from core.errors import NotEnoughDataError
from core.explain.explanation import Origin, explanation_from, explanation_of, score_gap
from core.explain.usual import usual
from core.explain.values import ShapValues
from core.log.schema import load_schema
from tests.small_fleet import MODEL_YAML

SCHEMA = load_schema(MODEL_YAML.replace("segments: [plan]", "segments: [plan]\n  protected: [age]"))
ORIGIN = Origin(model="churn", version="v1", window="w", rows="all rows", source="artefact", n_rows=60, seed=0)


def made(n: int = 60):
    rng = np.random.default_rng(0)
    rows = pa.table(
        {
            "id": [f"r{i}" for i in range(n)],
            "day": pa.nulls(n, pa.date32()),
            "score": rng.random(n),
            "decision": pa.array([1] * n, pa.int16()),
            "actual": pa.nulls(n, pa.int16()),
            "income": rng.normal(size=n),
            "age": rng.normal(size=n),
            "plan": pa.array(rng.choice(["a", "b"], n)).dictionary_encode(),
        }
    )
    values = rng.normal(size=(n, 3))
    shap = ShapValues(
        features=SCHEMA.feature_names,
        values=values,
        base=0.5,
        margin=values.sum(1) + 0.5,
        prediction=rows["score"].to_numpy() + 0.01,
        unit="log-odds",
        explainer="tree",
        approximate=False,
        additivity_error=0.0,
    )
    held = usual(rows, SCHEMA)
    return (
        shap,
        rows,
        explanation_of(shap, rows, SCHEMA, origin=ORIGIN, usual=held, withheld=("age",), summed=("age", "plan")),
    )


def test_an_explanation_survives_storing():
    _, _, found = made()
    again = explanation_from(found.document(), found.rows, data_version="", seconds=0.0)
    assert again == found


def test_values_of_withheld_features_are_nowhere_in_the_rows():
    _, _, found = made()
    assert found.rows["value:age"].null_count == found.n
    assert found.rows["value:income"].null_count == 0


def test_a_withheld_feature_has_no_dependence_and_colours_nothing():
    _, _, found = made()
    with pytest.raises(NotEnoughDataError, match="withheld"):
        found.dependence("age", SCHEMA)
    assert "age" not in found.partners.values()
    swarms = {one.feature: one for one in found.swarms(SCHEMA, most=3)}
    assert (swarms["age"].shades, len(swarms["income"].shades)) == ((), 60)


def test_dependence_holds_every_row_with_the_levels_of_a_category():
    _, _, found = made()
    shown = found.dependence("plan", SCHEMA)
    assert (shown.levels, len(shown.values)) == (("a", "b"), 60)
    assert shown.partner in (None, "income")


def test_the_gap_between_file_and_log_is_the_largest_distance():
    shap, rows, found = made()
    assert found.score_gap == pytest.approx(0.01)
    assert score_gap(shap, rows, SCHEMA) == pytest.approx(0.01)
