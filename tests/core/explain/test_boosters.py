import numpy as np
import pytest
import shap
from lightgbm import LGBMClassifier
from xgboost import XGBClassifier

from core.errors import BadInputError
from core.explain.scorer import Scorer
from tests.core.explain import models

N = 80


@pytest.fixture(scope="module")
def made():
    return models.rows()


def native(made):
    return made.frame.assign(c=made.frame["c"].astype("category"), k=made.frame["k"].astype("category"))


def test_a_lightgbm_file_with_categorical_columns_agrees_with_shap(made, tmp_path):
    fitted = LGBMClassifier(n_estimators=20, verbose=-1).fit(native(made), made.binary)
    file = models.saved(tmp_path, fitted.booster_.model_to_string().encode())
    with Scorer(*file, models.scored("binary")) as scorer:
        found, answers = scorer.shap(made.table.slice(0, N)), scorer.predict(made.table.slice(0, N))
    expected = np.asarray(shap.TreeExplainer(fitted).shap_values(native(made)[:N]))
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
    np.testing.assert_allclose(answers, fitted.predict_proba(native(made)[:N])[:, 1], atol=1e-12)
    assert found.additivity_error <= 1e-6


@pytest.mark.parametrize("kind", ["json", "ubj"])
def test_an_xgboost_file_agrees_with_shap(made, tmp_path, kind):
    numbers = made.frame[list(models.NUMBERS)]
    fitted = XGBClassifier(n_estimators=20).fit(numbers, made.binary)
    file = models.saved(tmp_path, bytes(fitted.get_booster().save_raw(kind)))
    with Scorer(*file, models.scored("binary", models.NUMBERS)) as scorer:
        found, answers = scorer.shap(made.table.slice(0, N)), scorer.predict(made.table.slice(0, N))
    expected = shap.TreeExplainer(fitted, feature_perturbation="tree_path_dependent").shap_values(numbers[:N])
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
    np.testing.assert_allclose(answers, fitted.predict_proba(numbers[:N])[:, 1], atol=1e-6)
    assert found.additivity_error <= 1e-4


def test_columns_that_the_schema_lacks_are_named(made, tmp_path):
    fitted = XGBClassifier(n_estimators=2).fit(made.frame[["x0", "x1"]].rename(columns={"x1": "gone"}), made.binary)
    file = models.saved(tmp_path, bytes(fitted.get_booster().save_raw("ubj")))
    with pytest.raises(BadInputError, match="the column 'gone'"), Scorer(*file, models.scored("binary", ("x0", "x1"))):
        pass


def test_a_model_of_another_task_is_refused(made, tmp_path):
    fitted = LGBMClassifier(n_estimators=2, verbose=-1).fit(made.frame[["x0"]], made.classes)
    file = models.saved(tmp_path, fitted.booster_.model_to_string().encode())
    with pytest.raises(BadInputError, match="3 answers a row"), Scorer(*file, models.scored("binary", ("x0",))):
        pass
