"""What a model's explanation is made of: which answers are asked for, and the SHAP values of rows."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

MARGIN, PREDICTION, PREFIX, ABOUT = "margin", "prediction", "phi:", b"watchroom:shap"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredModel:
    """What must be known of a model to run it: its task, its columns and its classes.

    Attributes
    ----------
    task : ``binary``, ``multiclass`` or ``regression``
    features : tuple of str
        Columns in the order of the schema, by the user's names.
    categorical : frozenset of str
        The features whose values are text.
    classes : tuple of str
        Multiclass: the classes in the order of the log; else empty.
    positive : str
        Binary: the value of the actual that counts as positive, as text.
    """

    task: str
    features: tuple[str, ...]
    categorical: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    positive: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapValues:
    """SHAP values of rows: how much each feature moved the margin of each row away from the base.

    Attributes
    ----------
    features : tuple of str
        The F original features; one-hot and ordinal columns are summed back to them.
    values : ndarray of float64, shape (n, F)
        In `unit`; ``base + values.sum(axis=1)`` is the margin within `additivity_error`.
    base : float
        The margin of a row of which nothing is known.
    margin : ndarray of float64, shape (n,)
        The model's raw answer, computed apart from the values.
    prediction : ndarray of float64, shape (n,)
        What the model says of the row: a probability, or the predicted value.
    unit : str
        ``log-odds``, ``class score`` (multiclass), ``probability``, or ``prediction``: the target's own unit.
    explainer : str
        How the values were computed, in a few words.
    approximate : bool
        True for sampled permutations: true on average only, though they add up.
    additivity_error : float >= 0
        The largest ``|base + sum of values - margin|`` over the rows.
    """

    features: tuple[str, ...]
    values: NDArray[np.float64]
    base: float
    margin: NDArray[np.float64]
    prediction: NDArray[np.float64]
    unit: str
    explainer: str
    approximate: bool
    additivity_error: float

    def table(self) -> pa.Table:
        """Return the values as one Arrow table: a column a feature, then margin and prediction; the rest as notes."""
        columns = {f"{PREFIX}{name}": self.values[:, at] for at, name in enumerate(self.features)}
        columns |= {MARGIN: self.margin, PREDICTION: self.prediction}
        about = {
            "base": self.base,
            "unit": self.unit,
            "explainer": self.explainer,
            "approximate": self.approximate,
            "additivity_error": self.additivity_error,
        }
        return pa.table(columns).replace_schema_metadata({ABOUT: json.dumps(about).encode()})


def from_table(table: pa.Table) -> ShapValues:
    """Return the values of a table that `ShapValues.table` made.

    Raises
    ------
    ValueError
        When the table is not such a one.
    """
    try:
        about: dict[str, Any] = json.loads((table.schema.metadata or {})[ABOUT])
        names = tuple(name.removeprefix(PREFIX) for name in table.column_names if name.startswith(PREFIX))
        columns = [_numbers(table, f"{PREFIX}{name}") for name in names]
        return ShapValues(
            features=names,
            values=np.column_stack(columns) if columns else np.zeros((table.num_rows, 0)),
            base=float(about["base"]),
            margin=_numbers(table, MARGIN),
            prediction=_numbers(table, PREDICTION),
            unit=str(about["unit"])[:40],
            explainer=str(about["explainer"])[:200],
            approximate=bool(about["approximate"]),
            additivity_error=float(about["additivity_error"]),
        )
    except (KeyError, TypeError, pa.ArrowException) as error:
        raise ValueError(f"this is no table of SHAP values: {error}") from None


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table.column(name).cast(pa.float64()).to_numpy(), dtype=np.float64)
