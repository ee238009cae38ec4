"""What is usual for each feature: its median, its quantiles or its levels in the reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.log.schema import ModelSchema
from core.points import finite

Floats = NDArray[np.float64]
NUMERIC = "numeric"
SHARES = np.linspace(0.0, 1.0, 21)
"""Quantiles that are kept: minimum, 5 %, … 95 %, maximum."""
MOST_LEVELS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What the reference holds of one feature.

    Attributes
    ----------
    numeric : bool
    quantiles : tuple of float, length 21
        0 %, 5 %, … 100 %; empty for a category, and where no value is known.
    levels : tuple of (str, float)
        The most frequent levels with their shares, at most 50, largest first; empty for a number.
    whole : bool
        Every known value is a whole number.
    missing : float in [0, 1]
        Share of rows without a value.
    """

    numeric: bool
    quantiles: tuple[float, ...] = ()
    levels: tuple[tuple[str, float], ...] = ()
    whole: bool = False
    missing: float = 0.0

    @property
    def centre(self) -> float | str | None:
        """The median, or the most frequent level; None where nothing is known."""
        if self.numeric:
            return self.quantiles[len(self.quantiles) // 2] if self.quantiles else None
        return self.levels[0][0] if self.levels else None

    @property
    def width(self) -> float:
        """Distance from the 5 % to the 95 % quantile, else of the ends; 1 where nothing varies."""
        if not self.quantiles:
            return 1.0
        inner = self.quantiles[-2] - self.quantiles[1]
        return inner or (self.quantiles[-1] - self.quantiles[0]) or 1.0

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "numeric": self.numeric,
            "quantiles": list(self.quantiles),
            "levels": [list(one) for one in self.levels],
            "whole": self.whole,
            "missing": self.missing,
        }


def from_document(document: Mapping[str, Any]) -> Usual:
    """Return what `Usual.document` wrote."""
    return Usual(
        numeric=bool(document["numeric"]),
        quantiles=tuple(document["quantiles"]),
        levels=tuple((str(level), float(share)) for level, share in document["levels"]),
        whole=bool(document["whole"]),
        missing=float(document["missing"]),
    )


def usual(rows: pa.Table, schema: ModelSchema) -> dict[str, Usual]:
    """Return what rows hold of each feature of the schema; see `Usual`.

    Parameters
    ----------
    rows : pa.Table
        With the features by the user's names, as `core.profile.window_rows` gives them.
    """
    return {
        name: of_numbers(numbers(rows, name)) if one.kind == NUMERIC else of_levels(texts(rows, name))
        for name, one in schema.features.items()
    }


def of_numbers(values: Floats) -> Usual:
    """Return what is usual of a number, of its finite values.

    >>> of_numbers(np.array([1.0, 2.0, 4.0, np.nan])).centre
    2.0
    """
    known = values[np.isfinite(values)]
    missing = float(1 - len(known) / len(values)) if len(values) else 0.0
    if not len(known):
        return Usual(numeric=True, missing=missing)
    return Usual(
        numeric=True,
        quantiles=tuple(np.quantile(known, SHARES, method="inverted_cdf").tolist()),
        whole=bool((known == np.round(known)).all()),
        missing=missing,
    )


def of_levels(values: Sequence[str | None]) -> Usual:
    """Return what is usual of a category: its levels by frequency, ties by name.

    >>> of_levels(["a", "b", "b", None]).levels
    (('b', 0.5), ('a', 0.25))
    """
    counted: dict[str, int] = {}
    for level in values:
        if level is not None:
            counted[level] = counted.get(level, 0) + 1
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST_LEVELS]
    n = len(values)
    missing = sum(level is None for level in values) / n if n else 0.0
    return Usual(numeric=False, levels=tuple((level, count / n) for level, count in ordered), missing=missing)


def numbers(rows: pa.Table, name: str) -> Floats:
    """Return a numeric column with NaN where it is null."""
    return np.asarray(rows[name].cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False), np.float64)


def texts(rows: pa.Table, name: str) -> list[str | None]:
    """Return a column of texts, None where it is null."""
    return list(rows[name].cast(pa.string()).to_pylist())


def as_numbers(rows: pa.Table, schema: ModelSchema) -> tuple[Floats, dict[str, tuple[str, ...]]]:
    """Return the features as numbers (n, F), NaN where missing, and the levels of categories by feature.

    A category is the place of its level in the order of names.
    """
    columns, levels = [], {}
    for name, one in schema.features.items():
        if one.kind == NUMERIC:
            columns.append(numbers(rows, name))
            continue
        values = texts(rows, name)
        levels[name] = tuple(sorted({level for level in values if level is not None}))
        place = {level: float(code) for code, level in enumerate(levels[name])}
        columns.append(np.array([np.nan if level is None else place[level] for level in values], np.float64))
    found = np.stack(columns, axis=1) if columns else np.zeros((rows.num_rows, 0))
    return found, levels


def plain_row(rows: pa.Table, place: int, schema: ModelSchema) -> dict[str, float | str | None]:
    """Return one row's features as plain values: numbers, texts, None where missing."""
    found: dict[str, float | str | None] = {}
    for name, one in schema.features.items():
        value = rows[name][place].as_py()
        found[name] = value if one.kind != NUMERIC or value is None else finite(float(value))
    return found


def rows_of(values: Sequence[Mapping[str, float | str | None]], schema: ModelSchema) -> pa.Table:
    """Return plain rows as a table of the model's features, the inverse of `plain_row`."""
    columns = {
        name: pa.array([row[name] for row in values], pa.float64() if one.kind == NUMERIC else pa.string())
        for name, one in schema.features.items()
    }
    return pa.table(columns)
