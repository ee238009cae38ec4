import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

from core.errors import BadInputError
from core.explain.sklearn_models import SklearnModel, open_skops
from core.explain.values import ScoredModel
from tests.core.explain import models


@pytest.fixture(scope="module")
def made():
    return models.rows()


def test_what_predicts_nothing_is_refused():
    content = skops.io.dumps(StandardScaler().fit(np.eye(2)))
    with pytest.raises(BadInputError, match="predicts nothing"):
        open_skops(content, "m", ScoredModel(task="binary", features=("a", "b")), None)


@pytest.mark.parametrize(("estimator", "task"), [(LinearRegression(), "binary"), (LogisticRegression(), "regression")])
def test_a_model_of_another_task_is_refused_when_it_is_opened(estimator, task):
    content = skops.io.dumps(estimator.fit(np.eye(2), [0, 1]))
    with pytest.raises(BadInputError, match=f"made for another task than {task}"):
        open_skops(content, "m", ScoredModel(task=task, features=("a", "b")), None)


def test_the_positive_class_may_be_the_first_one(made):
    fitted = models.pipeline(LogisticRegression()).fit(made.frame, np.where(made.binary == 1, "bad", "good"))
    scored = ScoredModel(task="binary", features=models.FEATURES, categorical=frozenset({"c", "k"}), positive="bad")
    opened = SklearnModel(fitted, scored, made.table.slice(0, 50))
    rows = made.table.slice(0, 30)
    found, expected = opened.contributions(rows), fitted.predict_proba(made.frame[:30])[:, 0]
    np.testing.assert_allclose(opened.predict(rows), expected, atol=1e-12)
    np.testing.assert_allclose(1 / (1 + np.exp(-found.margin[:, 0])), expected, atol=1e-9)
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), found.margin, atol=1e-9)


def test_the_trees_and_their_depth_are_counted(made):
    fitted = models.pipeline(RandomForestClassifier(5, max_depth=3)).fit(made.frame, made.binary)
    opened = SklearnModel(fitted, models.scored("binary"), None)
    assert (opened.n_trees, opened.depth, opened.explainer) == (5, 3, "tree")
