"""LightGBM and XGBoost in their native files: predictions, and the boosters' own exact contributions.

Used inside the limited child only. The files hold no labels of classes: their order is that of ``model.yaml``.
"""

import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain.artifact import ArtifactFormat
from core.explain.inputs import frame, order_of
from core.explain.model import BOUND, BOUND_FLOAT32, TREE, Contributions
from core.explain.values import ScoredModel

N_THREADS = 2
UNNAMED = re.compile(r"Column_\d+")


class LightgbmModel:
    """A LightGBM booster; see `core.explain.model.Model`."""

    kind = "lightgbm"
    estimator = "Booster"
    explainer = TREE
    how = "exact values of LightGBM's trees (path-dependent), on the raw margin"
    bound = BOUND

    def __init__(self, content: bytes, model: ScoredModel) -> None:
        import lightgbm

        try:
            self._booster = lightgbm.Booster(model_str=content.decode())
        except lightgbm.basic.LightGBMError as error:  # no kind of the errors that libraries usually raise
            raise ValueError(f"LightGBM cannot read it: {error}") from None
        self._model, self._n_answers = model, int(self._booster.num_model_per_iteration())
        names = self._booster.feature_name()
        named = None if all(UNNAMED.fullmatch(name) for name in names) else names
        self._order = order_of(model, named, len(names))
        self._categories = self._booster.pandas_categorical or []
        self.n_trees, self.depth = lightgbm_size(self._booster)
        _refuse_other_task(model, self._n_answers)

    def _handed(self, rows: pa.Table) -> Any:
        made = frame(rows, self._model, self._order, {})
        text = [name for name in self._order if name in self._model.categorical]
        if len(text) != len(self._categories):
            raise ValueError(
                f"the model was trained with {len(self._categories)} categorical columns of its own, and model.yaml "
                f"declares {len(text)}; encode them in a pipeline and save that with skops"
            )
        return made.assign(**{name: made[name].astype("category") for name in text}) if text else made.to_numpy()

    def predict(self, rows: pa.Table) -> NDArray[np.float64]:
        """Return the probability of the positive class or of each class, or the predicted value."""
        return np.asarray(self._booster.predict(self._handed(rows), num_threads=N_THREADS), dtype=np.float64)

    def contributions(self, rows: pa.Table) -> Contributions:
        """Return the exact contributions of each feature to the raw margin."""
        handed = self._handed(rows)
        parts = self._booster.predict(handed, pred_contrib=True, num_threads=N_THREADS)
        values, base = lightgbm_parted(parts, self._n_answers)
        margin = np.asarray(self._booster.predict(handed, raw_score=True, num_threads=N_THREADS), dtype=np.float64)
        return _in_order(values, base, margin, self._order, self._model)


class XgboostModel:
    """An XGBoost booster; see `core.explain.model.Model`."""

    kind = "xgboost"
    estimator = "Booster"
    explainer = TREE
    how = "exact values of XGBoost's trees (path-dependent), on the raw margin"
    bound = BOUND_FLOAT32

    def __init__(self, content: bytes, model: ScoredModel) -> None:
        import xgboost

        self._booster, self._model = xgboost.Booster({"nthread": N_THREADS}), model
        self._booster.load_model(bytearray(content))
        names = self._booster.feature_names
        self._order = order_of(model, names, int(self._booster.num_features()))
        self._types = self._booster.feature_types
        learner = json.loads(self._booster.save_config())["learner"]
        self._objective = str(learner["objective"]["name"])
        self._n_answers = max(1, int(learner["learner_model_param"]["num_class"]))
        self.n_trees, self.depth = xgboost_size(self._booster)
        _refuse_other_task(model, self._n_answers)

    def _handed(self, rows: pa.Table) -> Any:
        import xgboost

        made = frame(rows, self._model, self._order, {})
        text = [name for name in self._order if name in self._model.categorical]
        taken = [name for name, kind in zip(self._order, self._types or (), strict=False) if kind == "c"]
        if set(text) - set(taken):
            raise ValueError(
                f"the model was trained on numbers, and '{text[0]}' is text; encode it in a pipeline and save that "
                "with skops"
            )
        made = made.assign(**{name: made[name].astype("category") for name in text})
        made.columns = self._booster.feature_names or list(made.columns)
        if self._booster.feature_names is None:
            return xgboost.DMatrix(made.to_numpy(), nthread=N_THREADS)
        return xgboost.DMatrix(made, nthread=N_THREADS, enable_categorical=True)

    def predict(self, rows: pa.Table) -> NDArray[np.float64]:
        """Return the probability of the positive class or of each class, or the predicted value."""
        handed, span = self._handed(rows), iterations(self._booster)
        margin = np.asarray(self._booster.predict(handed, output_margin=True, iteration_range=span), dtype=np.float64)
        if self._model.task == "regression":
            answer = self._booster.predict(handed, iteration_range=span)
            return np.asarray(answer, dtype=np.float64).reshape(-1)
        if self._n_answers == 1:
            if not self._objective.endswith("logistic") and not self._objective.endswith("logitraw"):
                raise ValueError(f"the objective {self._objective} gives no probabilities")
            return np.asarray(1.0 / (1.0 + np.exp(-margin.reshape(-1))))
        shifted = np.exp(margin - margin.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))

    def contributions(self, rows: pa.Table) -> Contributions:
        """Return the exact contributions of each feature to the raw margin."""
        handed, span = self._handed(rows), iterations(self._booster)
        parts = self._booster.predict(handed, pred_contribs=True, iteration_range=span)
        values, base = xgboost_parted(parts)
        margin = np.asarray(self._booster.predict(handed, output_margin=True, iteration_range=span), dtype=np.float64)
        return _in_order(values, base, margin, self._order, self._model)


def open_native(content: bytes, found: ArtifactFormat, model: ScoredModel) -> LightgbmModel | XgboostModel:
    """Return the model of a LightGBM or XGBoost file."""
    return LightgbmModel(content, model) if found is ArtifactFormat.LIGHTGBM else XgboostModel(content, model)


def _refuse_other_task(model: ScoredModel, n_answers: int) -> None:
    wanted = len(model.classes) if model.task == "multiclass" else 1
    if n_answers != wanted:
        raise ValueError(f"the model gives {n_answers} answers a row, and model.yaml expects {wanted}")


def _in_order(
    values: NDArray[np.float64],
    base: NDArray[np.float64],
    margin: NDArray[np.float64],
    order: tuple[str, ...],
    model: ScoredModel,
) -> Contributions:
    """Return the contributions with the features in the schema's order; one that the model does not use is 0."""
    placed = np.zeros((values.shape[0], len(model.features), values.shape[2]))
    for column, name in enumerate(order):
        placed[:, model.features.index(name), :] += values[:, column, :]
    return Contributions(values=placed, base=base, margin=margin.reshape(values.shape[0], -1))


def lightgbm_parted(parts: Any, n_answers: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values (n, C, K) and bases (K,) of ``pred_contrib``, whose last column of each answer is the base."""
    found = parts.toarray() if hasattr(parts, "toarray") else np.asarray(parts, dtype=np.float64)
    by_answer = np.asarray(found, dtype=np.float64).reshape(found.shape[0], n_answers, -1)
    base = by_answer[0, :, -1] if len(by_answer) else np.zeros(n_answers)
    return by_answer[:, :, :-1].transpose(0, 2, 1), base


def xgboost_parted(parts: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values (n, C, K) and bases (K,) of ``pred_contribs``."""
    found = np.asarray(parts, dtype=np.float64)
    by_answer = found if found.ndim == 3 else found[:, None, :]
    base = by_answer[0, :, -1] if len(by_answer) else np.zeros(by_answer.shape[1])
    return by_answer[:, :, :-1].transpose(0, 2, 1), base


def iterations(booster: Any) -> tuple[int, int]:
    """Return the rounds that count: to the best one where training stopped early, else all."""
    best = booster.attr("best_iteration")
    return (0, int(best) + 1) if best is not None else (0, 0)


def lightgbm_size(booster: Any) -> tuple[int, int]:
    """Return the number of trees, and the depth of a balanced tree with as many leaves as the largest."""
    leaves = [int(found) for found in re.findall(r"\nnum_leaves=(\d+)", booster.model_to_string())]
    return int(booster.num_trees()), int(np.ceil(np.log2(max(leaves, default=1)))) + 1


def xgboost_size(booster: Any) -> tuple[int, int]:
    """Return the number of trees, and the depth that training allowed."""
    learner = json.loads(booster.save_config())["learner"]["gradient_booster"]
    depth = int(learner.get("tree_train_param", {}).get("max_depth", 6)) or 10
    n_trees = int(learner.get("gbtree_model_param", {}).get("num_trees", 0)) or int(booster.num_boosted_rounds())
    return n_trees, depth
