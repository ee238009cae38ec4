"""Rows of a model's inputs as a matrix of numbers, the same for every analysis of many inputs at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import NotEnoughDataError

Floats = NDArray[np.float64]

MOST_LEVELS = 20
"""Levels of a text feature with a column of their own; all others are "other"."""

FURTHEST = 10.0
"""Standardised values are cut at so many standard deviations: one absurd number must not be the whole story."""

FEWEST_MISSING = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericInput:
    """How a number is encoded: standardised, missing as 0 with a flag of its own where the reference misses some."""

    name: str
    mean: float
    sd: float
    flagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInput:
    """How a text is encoded: one column a frequent level, one for every other level, one for missing."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The encoding that a reference fixes.

    Attributes
    ----------
    features : tuple of NumericInput or TextInput
    owners : tuple of str, length p
        The feature of each column of the matrix.
    left_out : tuple of str
        Features that hold one value, or nothing, in the reference.
    """

    features: tuple[NumericInput | TextInput, ...]
    owners: tuple[str, ...]
    left_out: tuple[str, ...]

    def encode(self, rows: pa.Table) -> Floats:
        """Return the rows as numbers, ``(n, p)``; no NaN."""
        blocks = [_block(rows, one) for one in self.features]
        return np.concatenate(blocks, axis=1) if blocks else np.zeros((rows.num_rows, 0))


def fit_inputs(rows: pa.Table, names: Sequence[str]) -> Inputs:
    """Return the encoding of a model's inputs, fixed by rows of the reference.

    Parameters
    ----------
    rows : pa.Table
        Numbers are float64, texts strings or dictionary-coded strings.
    names : features of the model; protected columns only where they are features

    Raises
    ------
    NotEnoughDataError
        When no feature holds more than one value.
    """
    found: list[NumericInput | TextInput] = []
    left_out = []
    for name in names:
        one = _fitted(name, rows[name])
        if one is None:
            left_out.append(name)
        else:
            found.append(one)
    if not found:
        raise NotEnoughDataError("no feature has more than one value in the reference")
    owners = tuple(one.name for one in found for _ in range(_width(one)))
    return Inputs(features=tuple(found), owners=owners, left_out=tuple(left_out))


def _fitted(name: str, column: pa.ChunkedArray) -> NumericInput | TextInput | None:
    if pa.types.is_floating(column.type):
        values = _numbers(column)
        known = values[np.isfinite(values)]
        n_missing = len(values) - len(known)
        if len(known) == 0 or (known.max() == known.min() and n_missing < FEWEST_MISSING):
            return None
        spread = float(known.std()) or 1.0
        return NumericInput(name=name, mean=float(known.mean()), sd=spread, flagged=n_missing >= FEWEST_MISSING)
    counted = {
        one["values"]: one["counts"] for one in pc.value_counts(_texts(column)).to_pylist() if one["values"] is not None
    }
    levels = tuple(sorted(counted, key=lambda level: (-counted[level], level))[:MOST_LEVELS])
    return TextInput(name=name, levels=levels) if len(counted) > 1 else None


def _width(one: NumericInput | TextInput) -> int:
    return len(one.levels) + 2 if isinstance(one, TextInput) else 1 + one.flagged


def _block(rows: pa.Table, one: NumericInput | TextInput) -> Floats:
    if isinstance(one, TextInput):
        places: Mapping[str | None, int] = {level: place for place, level in enumerate(one.levels)} | {
            None: len(one.levels) + 1
        }
        coded = _texts(rows[one.name]).dictionary_encode().combine_chunks()
        of_code = np.array([places.get(level, len(one.levels)) for level in coded.dictionary.to_pylist()], np.int64)
        codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
        known = of_code[codes] if len(of_code) else np.zeros(len(codes), np.int64)
        place = np.where(codes < 0, len(one.levels) + 1, known)
        block = np.zeros((len(codes), _width(one)))
        block[np.arange(len(codes)), place] = 1.0
        return block
    values = _numbers(rows[one.name])
    missing = ~np.isfinite(values)
    scaled = np.clip((np.where(missing, one.mean, values) - one.mean) / one.sd, -FURTHEST, FURTHEST)
    return np.stack([scaled, missing.astype(np.float64)], 1) if one.flagged else scaled[:, None]


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), np.float64)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string())
