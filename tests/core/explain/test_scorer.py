"""Values of opened files against shap called directly on the same model; the known traps."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest
import shap
import skops.io
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from xgboost import XGBClassifier

from core.errors import BadInputError
from core.explain.additivity import NotAdditiveError
from core.explain.scorer import Scorer
from tests.conftest import ROOT
from tests.core.explain import models

N = 80


@pytest.fixture(scope="module")
def made():
    return models.rows()


@pytest.fixture
def opened(made, tmp_path):
    def open_one(content: bytes, scored, *, background=True):
        path, digest = models.saved(tmp_path, content)
        return Scorer(path, digest, scored, background=made.table.slice(0, 100) if background else None)

    return open_one


def summed(pipeline, values: np.ndarray) -> np.ndarray:
    """Return encoded columns summed by hand: three one-hot of c, then x0..x3 and x3's indicator, then k."""
    assert values.shape[1] == 9, pipeline
    return np.column_stack(
        [values[:, 3], values[:, 4], values[:, 5], values[:, 6] + values[:, 7], values[:, :3].sum(axis=1), values[:, 8]]
    )


@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(max_iter=20),
        GradientBoostingClassifier(n_estimators=15),
        RandomForestClassifier(15, random_state=0),
        LGBMClassifier(n_estimators=15, verbose=-1),
        XGBClassifier(n_estimators=15),
    ],
    ids=lambda one: type(one).__name__,
)
def test_tree_values_agree_with_shap_called_directly_and_sum_back_to_the_features(made, opened, estimator):
    fitted = models.pipeline(estimator).fit(made.frame, made.binary)
    encoded = fitted[:-1].transform(made.frame[:N])
    direct = shap.TreeExplainer(fitted[-1], feature_perturbation="tree_path_dependent", model_output="raw")
    expected = np.asarray(direct.shap_values(encoded), dtype=np.float64)
    expected = expected[:, :, 1] if expected.ndim == 3 else expected
    with opened(skops.io.dumps(fitted), models.scored("binary")) as scorer:
        found = scorer.shap(made.table.slice(0, N))
        predicted = scorer.predict(made.table.slice(0, N))
    np.testing.assert_allclose(found.values, summed(fitted, expected), atol=1e-9)
    np.testing.assert_allclose(predicted, fitted.predict_proba(made.frame[:N])[:, 1], atol=1e-12)
    assert found.additivity_error <= (1e-4 if isinstance(estimator, XGBClassifier) else 1e-6)
    assert found.unit == ("probability" if isinstance(estimator, RandomForestClassifier) else "log-odds")
    assert not found.approximate


def test_linear_values_agree_with_shaps_linear_explainer(made, opened):
    fitted = models.pipeline(LogisticRegression()).fit(made.frame, made.binary)
    encode = fitted[:-1].transform
    masker = shap.maskers.Independent(encode(made.frame[:100]), max_samples=100)
    expected = shap.LinearExplainer(fitted[-1], masker).shap_values(encode(made.frame[:N]))
    with opened(skops.io.dumps(fitted), models.scored("binary")) as scorer:
        found = scorer.shap(made.table.slice(0, N))
    np.testing.assert_allclose(found.values, summed(fitted, expected), atol=1e-9)
    assert found.unit == "log-odds"


@pytest.mark.parametrize(
    ("estimator", "unit"),
    [
        (Ridge(), "prediction"),
        (RandomForestRegressor(10), "prediction"),
        (LGBMRegressor(n_estimators=10, verbose=-1), "prediction"),
        (HistGradientBoostingRegressor(max_iter=10, loss="poisson"), "log of the prediction"),
    ],
    ids=["ridge", "forest", "lightgbm", "poisson"],
)
def test_regressions_add_up_on_their_own_margin(made, opened, estimator, unit):
    fitted = models.pipeline(estimator).fit(made.frame, made.amount)
    with opened(skops.io.dumps(fitted), models.scored("regression")) as scorer:
        found = scorer.shap(made.table.slice(0, N))
    assert found.unit == unit
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), found.margin, atol=1e-6)
    np.testing.assert_allclose(found.prediction, fitted.predict(made.frame[:N]), atol=1e-9)


@pytest.mark.parametrize("estimator", [LogisticRegression(), LGBMClassifier(n_estimators=8, verbose=-1)], ids=str)
def test_a_multiclass_model_answers_for_the_class_that_is_asked_for(made, opened, estimator):
    fitted = models.pipeline(estimator).fit(made.frame, made.classes)
    with opened(skops.io.dumps(fitted), models.scored("multiclass")) as scorer:
        chances = scorer.predict(made.table.slice(0, N))
        top = scorer.shap(made.table.slice(0, N), of_class="top")
        with pytest.raises(BadInputError, match="Say of which class"):
            scorer.shap(made.table.slice(0, N))
    expected = fitted.predict_proba(made.frame[:N])[:, [2, 0, 1]]
    np.testing.assert_allclose(chances, expected, atol=1e-12)
    np.testing.assert_allclose(top.prediction, expected[:, 0], atol=1e-12)
    assert top.unit == "class score"


def test_the_sample_models_values_agree_with_shap_on_real_flights():
    from sample_data.flight_delay import features, train

    path = ROOT / "sample_data" / "flight_delay" / "model.skops"
    flights = features.read_flights()
    frame = features.predictions(flights, features.read_weather()).select(features.FEATURES).sample(300, seed=1)
    fitted = skops.io.load(path, trusted=[*train.TRUSTED])
    direct = shap.TreeExplainer(fitted[-1], feature_perturbation="tree_path_dependent", model_output="raw")
    encoded = direct.shap_values(fitted[:-1].transform(frame))
    table = pa.table(
        {
            name: frame[name].to_arrow().cast(pa.string() if name in features.CATEGORICAL else pa.float64())
            for name in features.FEATURES
        }
    )
    scored = models.ScoredModel(
        task="binary", features=tuple(features.FEATURES), categorical=frozenset(features.CATEGORICAL)
    )
    with Scorer(path, hashlib.sha256(path.read_bytes()).hexdigest(), scored) as scorer:
        found = scorer.shap(table)
    order = [*features.CATEGORICAL, *features.SCHEDULE, *features.WEATHER]
    np.testing.assert_allclose(found.values, encoded[:, [order.index(name) for name in features.FEATURES]], atol=1e-9)
    np.testing.assert_allclose(found.prediction, fitted.predict_proba(frame)[:, 1], atol=1e-12)
    assert found.additivity_error < 1e-6


def trap(made):
    """Return gradient boosting with native categorical splits, and its rows as numbers."""
    rng = np.random.default_rng(1)
    columns = np.column_stack([rng.integers(0, 12, models.N_ROWS), rng.normal(size=models.N_ROWS)]).astype(float)
    answers = np.isin(columns[:, 0], [1, 4, 5, 9]).astype(int)
    fitted = HistGradientBoostingClassifier(max_iter=60, categorical_features=[0]).fit(columns, answers)
    return skops.io.dumps(fitted), pa.table({"a": columns[:, 0], "b": columns[:, 1]})


def test_native_categorical_splits_are_refused_with_the_number_and_can_be_sampled(made, tmp_path):
    content, table = trap(made)
    scored = models.ScoredModel(task="binary", features=("a", "b"))
    with Scorer(*models.saved(tmp_path, content), scored, background=table.slice(0, 40)) as scorer:
        with pytest.raises(NotAdditiveError, match=r"miss the model's own margin by up to \d") as refused:
            scorer.shap(table)
        sampled = scorer.shap(table.slice(0, 20), sampled=True)
    assert float(str(refused.value).split("up to ")[1].split(",")[0]) > 0.5
    assert sampled.approximate
    assert sampled.unit == "probability"
    assert sampled.additivity_error < 1e-9


def test_a_background_is_never_given_to_a_tree_explainer(made, opened):
    fitted = models.pipeline(HistGradientBoostingClassifier(max_iter=20)).fit(made.frame, made.binary)
    content = skops.io.dumps(fitted)
    with opened(content, models.scored("binary")) as scorer:
        with_background = scorer.shap(made.table.slice(0, N))
    with opened(content, models.scored("binary"), background=False) as scorer:
        without = scorer.shap(made.table.slice(0, N))
    np.testing.assert_array_equal(with_background.values, without.values)


def test_a_model_without_an_exact_explainer_needs_a_reference(made, opened):
    fitted = models.pipeline(LogisticRegression()).fit(made.frame, made.binary)
    with (
        opened(skops.io.dumps(fitted), models.scored("binary"), background=False) as scorer,
        pytest.raises(BadInputError, match="comparison with the reference"),
    ):
        scorer.shap(made.table.slice(0, N))


def test_progress_is_told_in_shares(made, tmp_path):
    fitted = models.pipeline(LogisticRegression()).fit(made.frame, made.binary)
    told = []
    path, digest = models.saved(tmp_path, skops.io.dumps(fitted))
    with Scorer(path, digest, models.scored("binary"), report=lambda share, words: told.append((share, words))):
        pass
    assert told[0] == (0.0, "opening the model file")
