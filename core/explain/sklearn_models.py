"""A scikit-learn estimator or pipeline out of a skops file: predictions, and exact values of trees and linear models.

Used inside the limited child only. The final estimator is explained behind the pipeline's preprocessing; encoded
columns are summed back to the feature they come from.
"""

import io
import zipfile
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain import artifact
from core.explain.inputs import Column, frame, matrix, order_of
from core.explain.model import BOUND, BOUND_FLOAT32, LINEAR, PERMUTATION, TREE, Contributions, positions
from core.explain.origins import NotFollowedError, Origins, encoders, origins
from core.explain.skops_types import ALLOWED, foreign
from core.explain.values import ScoredModel

FORESTS = (
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
)
BOOSTED = (
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
)
LIGHTGBM, XGBOOST = ("LGBMClassifier", "LGBMRegressor"), ("XGBClassifier", "XGBRegressor")
LINEAR_CLASSIFIERS = (
    "LogisticRegression",
    "LogisticRegressionCV",
    "RidgeClassifier",
    "RidgeClassifierCV",
    "SGDClassifier",
)
LINEAR_REGRESSORS = (
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "Lasso",
    "LassoCV",
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "SGDRegressor",
)
LOG_LINKED = ("poisson", "gamma")


class SklearnModel:
    """An opened estimator; see `core.explain.model.Model`.

    Parameters
    ----------
    estimator : the fitted estimator or pipeline
    model : ScoredModel
    background : Table or None
        Rows of the reference; the means of a linear model come from them.
    """

    kind = "skops"

    def __init__(self, estimator: Any, model: ScoredModel, background: pa.Table | None) -> None:
        self._whole, self._model, self._background = estimator, model, background
        self._steps, self._final = _parted(estimator)
        names = getattr(estimator, "feature_names_in_", None)
        self._named = names is not None
        self._order = order_of(model, None if names is None else [str(name) for name in names], _width(estimator))
        self._columns: dict[str, Column] = {}
        self.estimator = type(self._final).__name__
        self.bound = BOUND_FLOAT32 if self.estimator in XGBOOST else BOUND
        self._origins, self.explainer, self.how = self._plan()
        self.n_trees, self.depth = _size(self._final)
        self._explained: Any = None

    def _plan(self) -> tuple[Origins, str, str]:
        """Return the origins of the final estimator's columns, and what explains it."""
        known: Origins = tuple(range(len(self._order)))
        try:
            for step in self._steps:
                self._learn(step, known)
                known = origins(step, known)
        except NotFollowedError as error:
            return (), PERMUTATION, f"sampled permutations of the whole pipeline: {error}"
        explainer = _explainer(self._final)
        if explainer == LINEAR and self._background is None:
            return (), PERMUTATION, "sampled permutations: the means of a linear model need a reference"
        how = {
            TREE: f"exact values of {self.estimator}'s trees (path-dependent), on the raw margin",
            LINEAR: f"exact values of {self.estimator}: coefficient × distance from the reference's mean",
            PERMUTATION: f"sampled permutations: {self.estimator} has no exact explainer",
        }[explainer]
        return known, explainer, how

    def _learn(self, step: Any, known: Origins) -> None:
        for origin, categories in encoders(step, known):
            self._columns.setdefault(self._order[origin], Column(categories=categories))

    def _handed(self, rows: pa.Table) -> Any:
        if self._named or self._model.categorical:
            made = frame(rows, self._model, self._order, self._columns)
            return made if self._named else made.to_numpy(dtype=object)
        return matrix(rows, self._model, self._order)

    def _encoded(self, rows: pa.Table) -> Any:
        made = self._handed(rows)
        for step in self._steps:
            made = made if isinstance(step, str) else step.transform(made)
        return made.toarray() if hasattr(made, "toarray") else made

    def predict(self, rows: pa.Table) -> NDArray[np.float64]:
        """Return the probability of the positive class or of each class, or the predicted value."""
        handed = self._handed(rows)
        if self._model.task == "regression":
            return np.asarray(self._whole.predict(handed), dtype=np.float64).reshape(-1)
        if not hasattr(self._whole, "predict_proba"):
            return self._decided(handed)
        chances = np.asarray(self._whole.predict_proba(handed), dtype=np.float64)
        chosen = chances[:, self._answers()]
        return chosen[:, 0] if self._model.task == "binary" else chosen

    def _decided(self, handed: Any) -> NDArray[np.float64]:
        """Return the decision function of a classifier that gives no probabilities."""
        return _margin_columns(self._whole.decision_function(handed), self._answers(), self._model)

    def _answers(self) -> list[int]:
        """Return where the schema's classes stand among the estimator's."""
        labels = self._whole.classes_
        if self._model.task == "multiclass":
            return positions(labels, self._model.classes)
        try:
            return positions(labels, (self._model.positive,))
        except ValueError:
            if len(labels) != 2:
                raise
            return [1]

    def contributions(self, rows: pa.Table) -> Contributions:
        """Return the exact contributions of each original feature to the raw margin."""
        encoded = self._encoded(rows)
        values, base = self._values(encoded)
        margin = _margin_columns(self._raw(encoded), self._chosen(), self._model)
        summed = np.zeros((values.shape[0], len(self._model.features), values.shape[2]))
        place = {name: at for at, name in enumerate(self._model.features)}
        for column, origin in enumerate(self._origins):
            summed[:, place[self._order[origin]], :] += values[:, column, :]
        return Contributions(values=summed, base=base, margin=margin.reshape(values.shape[0], -1))

    def _chosen(self) -> list[int]:
        return [0] if self._model.task == "regression" else self._answers()

    def _values(self, encoded: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the values of every encoded column (n, C, K) and the bases (K,), in the schema's order of classes."""
        if self.explainer == LINEAR:
            values, base = self._linear(np.asarray(encoded, dtype=np.float64))
        elif self.estimator in LIGHTGBM:
            values, base = _lightgbm_values(self._final, encoded)
        elif self.estimator in XGBOOST:
            values, base = _xgboost_values(self._final, encoded)
        else:
            values, base = self._trees(np.asarray(encoded, dtype=np.float64))
        if values.shape[2] == 1:  # one margin of a binary classifier: that of its second class
            sign = -1.0 if self._chosen() == [0] and self._model.task == "binary" else 1.0
            return values * sign, base * sign
        return values[:, :, self._chosen()], base[self._chosen()]

    def _trees(self, encoded: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        import shap

        if self._explained is None:
            self._explained = shap.TreeExplainer(
                self._final, feature_perturbation="tree_path_dependent", model_output="raw"
            )
        values = np.asarray(self._explained.shap_values(encoded, check_additivity=False), dtype=np.float64)
        base = np.asarray(self._explained.expected_value, dtype=np.float64).reshape(-1)
        return values if values.ndim == 3 else values[:, :, None], base

    def _linear(self, encoded: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        assert self._background is not None
        means = np.asarray(self._encoded(self._background), dtype=np.float64).mean(axis=0)
        weights = np.atleast_2d(np.asarray(self._final.coef_, dtype=np.float64))
        base = weights @ means + np.asarray(self._final.intercept_, dtype=np.float64).reshape(-1)
        return (encoded - means)[:, :, None] * weights.T[None, :, :], base

    def _raw(self, encoded: Any) -> Any:
        """Return the model's raw answer, from its own prediction."""
        final, kind = self._final, self.estimator
        if kind in LIGHTGBM:
            return final.predict(encoded, raw_score=True)
        if kind in XGBOOST:
            return final.predict(encoded, output_margin=True)
        if kind in FORESTS:
            return final.predict_proba(encoded) if hasattr(final, "predict_proba") else final.predict(encoded)
        if hasattr(final, "decision_function"):
            return final.decision_function(encoded)
        answer = final.predict(encoded)
        return np.log(answer) if getattr(final, "loss", "") in LOG_LINKED else answer


def open_skops(content: bytes, name: str, model: ScoredModel, background: pa.Table | None) -> SklearnModel:
    """Return the model of a skops file.

    Raises
    ------
    BadInputError
        When the file is too large unpacked, no skops file, or holds a type that is not on Watchroom's list.
    """
    import skops.io
    from sklearn.base import BaseEstimator, is_regressor

    from core.errors import BadInputError

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        artifact.refuse_large(packed, name)
        found = foreign(artifact.skops_schema(packed, name))
    if found is not None:
        raise BadInputError(f"The artefact {name} holds {found}, which is not on Watchroom's list of types.")
    loaded = skops.io.loads(content, trusted=sorted(ALLOWED))
    if not isinstance(loaded, BaseEstimator) or not hasattr(loaded, "predict"):
        raise BadInputError(f"The artefact {name} holds {type(loaded).__name__}, which predicts nothing.")
    if (model.task == "regression") is not is_regressor(loaded):
        raise BadInputError(f"The model file was made for another task than {model.task}: {type(loaded).__name__}.")
    return SklearnModel(loaded, model, background)


def _parted(estimator: Any) -> tuple[list[Any], Any]:
    """Return the steps of the preprocessing and the final estimator, of nested pipelines too."""
    steps: list[Any] = []
    while type(estimator).__name__ == "Pipeline":
        *before, (_, estimator) = estimator.steps
        steps += [step for _, step in before if step is not None]
    return steps, estimator


def _width(estimator: Any) -> int:
    found = getattr(estimator, "n_features_in_", None)
    if found is None:
        raise ValueError("the estimator is not fitted")
    return int(found)


def _explainer(final: Any) -> str:
    kind = type(final).__name__
    if kind == "GradientBoostingClassifier" and len(final.classes_) > 2:
        return PERMUTATION  # shap knows the binary one only
    if kind in (*FORESTS, *BOOSTED, *LIGHTGBM, *XGBOOST):
        return TREE
    return LINEAR if kind in (*LINEAR_CLASSIFIERS, *LINEAR_REGRESSORS) else PERMUTATION


def _margin_columns(raw: Any, chosen: list[int], model: ScoredModel) -> NDArray[np.float64]:
    """Return raw answers by class, (n, K); the one margin of a binary classifier has its sign turned for the first."""
    margin = np.asarray(raw, dtype=np.float64)
    if margin.ndim == 2 and margin.shape[1] > 1:
        return margin[:, chosen]
    margin = margin.reshape(-1, 1)
    return -margin if model.task == "binary" and chosen == [0] else margin


def _lightgbm_values(final: Any, encoded: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from core.explain.boosters import lightgbm_parted

    return lightgbm_parted(final.predict(encoded, pred_contrib=True), final.booster_.num_model_per_iteration())


def _xgboost_values(final: Any, encoded: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import xgboost

    from core.explain.boosters import iterations, xgboost_parted

    booster = final.get_booster()
    handed = xgboost.DMatrix(encoded, missing=final.missing, feature_names=booster.feature_names)
    return xgboost_parted(booster.predict(handed, pred_contribs=True, iteration_range=iterations(booster)))


def _size(final: Any) -> tuple[int, int]:
    """Return the number of trees and the largest depth; 0 and 0 where there are none."""
    kind = type(final).__name__
    if kind in FORESTS:
        trees = getattr(final, "estimators_", None)
        trees = [final] if trees is None else trees
        return len(trees), max(int(tree.get_depth()) for tree in trees)
    if kind.startswith("GradientBoosting"):
        grown = list(final.estimators_.ravel())
        return len(grown), max(int(tree.get_depth()) for tree in grown)
    if kind.startswith("HistGradientBoosting"):
        grown = [tree for one in final._predictors for tree in one]
        return len(grown), max(int(tree.get_max_depth()) for tree in grown)
    if kind in LIGHTGBM:
        from core.explain.boosters import lightgbm_size

        return lightgbm_size(final.booster_)
    if kind in XGBOOST:
        from core.explain.boosters import xgboost_size

        return xgboost_size(final.get_booster())
    return 0, 0
