import numpy as np
import pytest

from core.errors import NotEnoughDataError
from core.explain.material import Part, sampled
from core.explain.opening import movement, opened, predictions, scored_model, valued
from core.selection import MetricQuery
from core.store.explained_rows import load_explained


def material_of(store, model: str):
    with store.read() as session:
        return load_explained(session, store, MetricQuery(model=model), "", store.clock.now()).material


def say(share: float, what: str) -> None:
    assert 0.0 <= share <= 1.0


def test_the_model_file_answers_as_the_log_says(explained):
    material = material_of(explained, "churn")
    rows, _ = sampled(material, Part(), n=40, seed=0)
    with opened(material, say) as scorer:
        features = rows.select(list(material.features))
        assert predictions(scorer, features, material, "") == pytest.approx(rows["score"].to_numpy(), abs=1e-9)
        moved = movement(scorer, features, material)
    found = valued(material, rows, "", say)
    assert (found.source, found.rows.num_rows) == ("artefact", 40)
    np.testing.assert_allclose(moved, np.abs(found.shap.values), atol=1e-12)


def test_what_must_be_known_of_a_model_is_its_schema(explained):
    known = scored_model(material_of(explained, "churn"))
    assert (known.task, known.features, known.categorical) == ("binary", ("income", "age", "plan"), {"plan"})


def test_without_a_file_only_logged_values_explain(explained):
    material = material_of(explained, "logged")
    assert valued(material, sampled(material, Part(), n=10, seed=0)[0], "", say).source == "logged"
    with pytest.raises(NotEnoughDataError, match="needs the model file"):
        opened(material, say)
