"""Direct loss estimation for regressions: a row model of |e| and e² on the features and the prediction."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.profile.columns import numeric_column

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

Floats = NDArray[np.float64]

KIND = "estimated_loss"
"""Under which the sums of a unit are stored."""

SUMS = ("n", "abs_e", "e2", "abs_e_variance", "e2_squared", "true_abs_e", "true_e2", "abs_e_missed", "e2_missed")
"""What is summed over the rows of a unit: rows with a prediction; expected |e| and e²; expected variance of |e|
(e² - |e|², not below 0); expected e² squared. Of the reference, out of fold, also what came true: |e|, e², and the
squared distances (|e| - expected)², (e² - expected)²."""

FOLDS = 3
FEWEST = 1_000
MOST_ROWS = 50_000
MOST_LEVELS = 200
ITERATIONS, LEAF_ROWS, LEARNING_RATE = 100, 50, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LossModel:
    """Two boosted models that tell the expected |e| and e² of a row.

    Attributes
    ----------
    names : tuple of str
        Features by the user's name; the prediction comes last.
    levels : mapping of feature to its known levels, of those that hold texts
    reference_sums : (len(SUMS),) over the reference, every row told by models that have not seen it
    """

    names: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    absolute: "HistGradientBoostingRegressor"
    squared: "HistGradientBoostingRegressor"
    reference_sums: Floats

    def sums(self, rows: pa.Table) -> Floats:
        """Return `SUMS` of the rows of a unit; what needs an actual is 0."""
        x = _matrix(rows, self.names, self.levels)
        x = x[np.isfinite(x[:, -1])]
        if not len(x):
            return np.zeros(len(SUMS))
        with _one_thread():
            return _sums(*_told(self.absolute, self.squared, x))


def fit_loss_model(reference: pa.Table, names: Sequence[str]) -> LossModel:
    """Return the row model of a reference, and what it would have said of the reference out of fold.

    The model is histogram gradient boosting of scikit-learn with fixed seed and size, so that the same reference
    gives the same model. Texts are codes of the reference's 200 most frequent levels; another level is missing.

    Parameters
    ----------
    reference : pa.Table
        ``score`` (the prediction), ``actual`` and the features.

    Raises
    ------
    NotEnoughDataError
        With fewer than 1,000 rows that have a prediction and an actual.
    """
    prediction, _ = numeric_column(reference, "score")
    actual, _ = numeric_column(reference, "actual")
    error = np.abs(prediction - actual)
    known = np.isfinite(error)
    if int(known.sum()) < FEWEST:
        raise NotEnoughDataError(f"the reference has {int(known.sum()):,} rows with an actual, {FEWEST:,} are needed")
    levels = {name: _levels(reference, name) for name in names if not _is_number(reference, name)}
    x, error = _matrix(reference, names, levels)[known], error[known]
    told = np.zeros((2, error.size))
    fold = np.random.default_rng(0).permutation(error.size) % FOLDS
    with _one_thread():
        for number in range(FOLDS):
            inside, outside = fold != number, fold == number
            told[:, outside] = _told(*_fitted(x[inside], error[inside], names, levels), x[outside])
        absolute, squared = _fitted(x, error, names, levels)
    sums = _sums(told[0], told[1])
    sums[SUMS.index("true_abs_e") :] = (
        error.sum(),
        (error**2).sum(),
        ((error - told[0]) ** 2).sum(),
        ((error**2 - told[1]) ** 2).sum(),
    )
    return LossModel(names=tuple(names), levels=levels, absolute=absolute, squared=squared, reference_sums=sums)


def model_basis(reference_sha256: str, names: Sequence[str], learner: str) -> str:
    """Return what names a row model: its reference, features and settings, and the version of the learner."""
    settings = (FOLDS, MOST_ROWS, MOST_LEVELS, ITERATIONS, LEAF_ROWS, LEARNING_RATE)
    told = json.dumps([reference_sha256, list(names), settings, learner])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _one_thread() -> AbstractContextManager[object]:
    """Return a stretch in which boosting uses one thread: on a busy machine its threads wait for each other 40 fold."""
    import_module("sklearn.ensemble")  # only libraries that are loaded can be limited
    limited: AbstractContextManager[object] = import_module("threadpoolctl").threadpool_limits(limits=1)
    return limited


def _fitted(
    x: Floats, error: Floats, names: Sequence[str], levels: dict[str, tuple[str, ...]]
) -> tuple["HistGradientBoostingRegressor", "HistGradientBoostingRegressor"]:
    from sklearn.ensemble import HistGradientBoostingRegressor

    texts = [place for place, name in enumerate(names) if name in levels]
    absolute, squared = (
        HistGradientBoostingRegressor(
            max_iter=ITERATIONS,
            learning_rate=LEARNING_RATE,
            min_samples_leaf=LEAF_ROWS,
            early_stopping=False,
            categorical_features=texts or None,
            random_state=0,
        )
        for _ in range(2)
    )
    absolute.fit(x, error)
    squared.fit(x, error**2)
    return absolute, squared


def _told(
    absolute: "HistGradientBoostingRegressor", squared: "HistGradientBoostingRegressor", x: Floats
) -> tuple[Floats, Floats]:
    """Return the expected |e| and e² of each row; neither is below 0."""
    return np.maximum(absolute.predict(x), 0.0), np.maximum(squared.predict(x), 0.0)


def _sums(absolute: Floats, squared: Floats) -> Floats:
    found = np.zeros(len(SUMS))
    variance = np.maximum(squared - absolute**2, 0.0)
    found[:5] = absolute.size, absolute.sum(), squared.sum(), variance.sum(), (squared**2).sum()
    return found


def _matrix(rows: pa.Table, names: Sequence[str], levels: dict[str, tuple[str, ...]]) -> Floats:
    """Return the features and, last, the prediction, ``(n_rows, F + 1)``; texts as codes, NaN where missing."""
    columns = [_codes(rows, name, levels[name]) if name in levels else numeric_column(rows, name)[0] for name in names]
    return np.column_stack([*columns, numeric_column(rows, "score")[0]])


def _is_number(rows: pa.Table, name: str) -> bool:
    return bool(pa.types.is_floating(rows.schema.field(name).type))


def _levels(rows: pa.Table, name: str) -> tuple[str, ...]:
    counted = rows[name].combine_chunks().value_counts()
    found = [(one["counts"].as_py(), one["values"].as_py()) for one in counted]
    known = sorted(((-n, text) for n, text in found if text is not None))
    return tuple(text for _, text in known[:MOST_LEVELS])


def _codes(rows: pa.Table, name: str, levels: tuple[str, ...]) -> Floats:
    place = {text: float(code) for code, text in enumerate(levels)}
    texts = rows[name].to_pylist()
    return np.array([place.get(text, np.nan) for text in texts], np.float64)
