"""Rows of the log as a model wants them: its own columns, in its own order, texts and nulls as it was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain.values import ScoredModel

TRUTHS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one text column is handed over: what its encoder knows (None: nothing is known of it)."""

    categories: tuple[Any, ...] | None = None

    @property
    def missing(self) -> Any:
        """What a null is to the encoder: None where it learned None, else NaN."""
        return None if self.categories is not None and None in self.categories else np.nan


def order_of(model: ScoredModel, names: Sequence[str] | None, n_features: int) -> tuple[str, ...]:
    """Return the columns to hand over, by the schema's names, in the model's order.

    Parameters
    ----------
    names : the names that the model was trained with; None: it knows none, so the schema's order counts
    n_features : how many columns it was trained with

    Raises
    ------
    ValueError
        When the schema lacks one of them, or the counts differ.
    """
    if names is None:
        if n_features != len(model.features):
            raise ValueError(
                f"the model was trained on {n_features} columns without names, and model.yaml declares "
                f"{len(model.features)} features"
            )
        return model.features
    known = {name: name for name in model.features} | {name.replace(" ", "_"): name for name in model.features}
    gone = [name for name in names if name not in known]
    if gone:
        raise ValueError(f"the model was trained on the column '{gone[0]}', which is no feature in model.yaml")
    return tuple(known[name] for name in names)


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a numeric column, (n,); a null is NaN."""
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def texts(column: pa.ChunkedArray, wanted: Column) -> NDArray[np.object_]:
    """Return a text column, (n,), as what the encoder learned: texts, numbers or truths; a null as it knew one."""
    values = column.cast(pa.string()).to_pylist()
    change = _change(wanted.categories)
    distinct = {value: wanted.missing if value is None else change(value) for value in set(values)}
    made = np.empty(len(values), dtype=object)
    made[:] = [distinct[value] for value in values]
    return made


def _change(categories: tuple[Any, ...] | None) -> Any:
    known = [one for one in categories or () if one is not None and one == one]
    if known and all(isinstance(one, bool | np.bool_) for one in known):
        return lambda text: TRUTHS.get(text.lower(), text)
    if known and all(isinstance(one, int | float | np.number) for one in known):
        return _number
    return str


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def frame(rows: pa.Table, model: ScoredModel, order: Sequence[str], columns: Mapping[str, Column]) -> Any:
    """Return the rows as a pandas frame with the columns of `order`."""
    import pandas as pd  # type: ignore[import-untyped]

    made = {}
    for name in order:
        if name in model.categorical:
            values = texts(rows.column(name), columns.get(name, Column()))
            is_number = bool(len(values)) and all(isinstance(one, float) for one in values)
            made[name] = pd.Series(values.astype(float) if is_number else values, dtype=float if is_number else object)
        else:
            made[name] = pd.Series(numbers(rows.column(name)))
    return pd.DataFrame(made, columns=list(order))


def matrix(rows: pa.Table, model: ScoredModel, order: Sequence[str]) -> NDArray[Any]:
    """Return the rows as an array, (n, F): float64, or objects where a column is text."""
    parts = [
        texts(rows.column(name), Column()) if name in model.categorical else numbers(rows.column(name))
        for name in order
    ]
    if not any(name in model.categorical for name in order):
        return np.column_stack(parts) if parts else np.zeros((rows.num_rows, 0))
    made = np.empty((rows.num_rows, len(parts)), dtype=object)
    for place, part in enumerate(parts):
        made[:, place] = part
    return made
