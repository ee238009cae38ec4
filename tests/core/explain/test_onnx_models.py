import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.explain.additivity import NotAdditiveError
from core.explain.scorer import Scorer
from tests.core.explain import models

FEATURES = ("x0", "x1", "x2")


@pytest.fixture(scope="module")
def graph():
    skl2onnx = pytest.importorskip("skl2onnx")
    made = models.rows()
    columns = made.frame[list(FEATURES)].to_numpy(np.float32)
    fitted = LogisticRegression().fit(columns, made.binary)
    return skl2onnx.to_onnx(fitted, columns[:1]).SerializeToString(), fitted, columns, made.table


def test_an_onnx_graph_predicts_and_is_explained_by_permutations(graph, tmp_path):
    content, fitted, columns, table = graph
    file = models.saved(tmp_path, content)
    with Scorer(*file, models.scored("binary", FEATURES), background=table.slice(0, 30)) as scorer:
        answers = scorer.predict(table.slice(0, 40))
        found = scorer.shap(table.slice(0, 10))
    np.testing.assert_allclose(answers, fitted.predict_proba(columns[:40])[:, 1], atol=1e-6)
    assert found.approximate
    assert "no exact explainer" in found.explainer


def test_rows_without_a_finite_answer_are_counted_and_refused(graph, tmp_path):
    content, _, _, table = graph
    holed = table.select(["x3", "x1", "x2"]).rename_columns(list(FEATURES))
    file = models.saved(tmp_path, content)
    with (
        Scorer(*file, models.scored("binary", FEATURES), background=table.slice(0, 30)) as scorer,
        pytest.raises(NotAdditiveError, match="no finite number for"),
    ):
        scorer.shap(holed.slice(0, 60))
