"""Columns of an Arrow table as arrays: values without nulls' noise, categories as small codes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.profile.bins import Floats, Ints


def numeric_column(rows: pa.Table, column: str) -> tuple[Floats, int]:
    """Return the column as float64 with NaN for null, and the number of nulls; absent columns are all null."""
    place = rows.schema.get_field_index(column)
    if place < 0:
        return np.full(rows.num_rows, np.nan), rows.num_rows
    found = rows.column(place)
    if found.type != pa.float64():
        found = found.cast(pa.float64(), safe=False)
    parts = [_floats(chunk) for chunk in found.chunks]
    whole = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0), *parts])
    return whole, found.null_count


def _floats(chunk: pa.Array) -> Floats:
    filled = pc.fill_null(chunk, constant(np.float64(np.nan), pa.float64())) if chunk.null_count else chunk
    return buffer_values(filled, np.dtype(np.float64))


def small_ints(rows: pa.Table, column: str, null: int) -> Ints:
    """Return an integer (or truth) column with `null` in place of nulls; absent columns are all null."""
    if column not in rows.column_names:
        return np.full(rows.num_rows, null, np.intp)
    whole = pc.fill_null(rows.column(column).cast(pa.int64()), constant(np.int64(null), pa.int64()))
    return np.concatenate([np.empty(0, np.intp), *(buffer_values(chunk, np.dtype(np.intp)) for chunk in whole.chunks)])


def buffer_values(chunk: pa.Array, kind: np.dtype[Any]) -> NDArray[Any]:
    """Return the values of an array without nulls as a view; ``to_numpy`` would import pandas on first use."""
    if len(chunk) == 0:
        return np.empty(0, kind)
    return np.frombuffer(chunk.buffers()[1], kind, len(chunk), chunk.offset * kind.itemsize)


def constant(value: np.generic, kind: pa.DataType) -> pa.Scalar:
    """Return an Arrow scalar straight from its bytes: ``pa.scalar`` would import pandas on first use (0.6 s)."""
    return pa.Array.from_buffers(kind, 1, [None, pa.py_buffer(value.tobytes())])[0]


@dataclass(frozen=True, slots=True)
class CodedChunk:
    """A piece of a column as distinct texts and one place among them for each row.

    Attributes
    ----------
    texts : tuple of str or None
        Distinct values of the piece; None stands for null and NaN.
    places : (n_rows,) integer
        Place in `texts`; ``len(texts)`` for null.
    """

    texts: tuple[str | None, ...]
    places: NDArray[Any]

    def counts(self) -> Ints:
        """Return the rows of each text and, last, of null."""
        return np.bincount(self.places, minlength=len(self.texts) + 1)


def coded_chunks(rows: pa.Table, column: str) -> list[CodedChunk]:
    """Return a text column as codes; numbers are read as text (3.0 is ``"3"``); absent columns are all null."""
    if column not in rows.column_names:
        return [CodedChunk((), np.zeros(rows.num_rows, np.intp))]
    return [_coded(chunk) for chunk in rows.column(column).chunks]


def _coded(chunk: pa.Array) -> CodedChunk:
    coded = chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode()
    texts = tuple(number_text(value) for value in coded.dictionary.to_pylist())
    indices = coded.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int64()), constant(np.int64(len(texts)), pa.int64()))
    return CodedChunk(texts, buffer_values(indices, np.dtype(indices.type.to_pandas_dtype())))


def codes_of(chunks: Sequence[CodedChunk], code: Callable[[str], int], missing: int) -> Ints:
    """Return one code a row: ``code(text)``, asked once per distinct text of a piece, or `missing`."""
    parts = []
    for chunk in chunks:
        table = [missing if text is None else code(text) for text in chunk.texts]
        parts.append(np.array([*table, missing], np.intp)[chunk.places])
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.intp), *parts])


def number_text(value: object) -> str | None:
    """Return a value as the text of a segment level.

    >>> number_text(3.0), number_text(2.5), number_text(True), number_text(float("nan"))
    ('3', '2.5', 'true', None)
    """
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def level_counts(rows: pa.Table, column: str) -> dict[str, int]:
    """Return how often each text occurs; nulls are left out, an absent column has none."""
    counted: dict[str, int] = {}
    for chunk in coded_chunks(rows, column):
        for text, count in zip(chunk.texts, chunk.counts().tolist(), strict=False):
            if text is not None and count:
                counted[text] = counted.get(text, 0) + count
    return counted
