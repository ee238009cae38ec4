"""What the beginning of a log file shows of its columns, before anybody has said what they mean."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import BadInputError
from core.log.coercion.moments import as_instant, instant_fault
from core.log.coercion.numbers import MISSING_WORDS, as_number
from core.log.files import Format, Source, read_chunks
from core.log.names import name_fault, shown

MAX_ROWS = 100_000
MAX_CELLS = 10_000_000
MAX_BYTES = 256 << 20
"""What is read of a file, whichever is reached first."""
HEAD = 1_000
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the beginning of a file shows of one column.

    Attributes
    ----------
    words : tuple of str
        The words in its name, in lower case.
    values : (n_distinct,) pyarrow array, raw, without null and without words for missing values
    counts : (n_distinct,) int64
    numbers : (n,) float64
        The values that read as numbers, NaN left out.
    number_share, time_share : float in [0, 1]
        Share of the rows with a value that reads so; 0 when no row has one.
    head : (at most `HEAD` rows,) pyarrow array, raw
        The first rows as they stand.
    """

    name: str
    words: tuple[str, ...]
    rows: int
    values: pa.Array
    counts: NDArray[np.int64]
    numbers: NDArray[np.float64]
    number_share: float
    time_share: float
    head: pa.Array

    @property
    def missing_share(self) -> float:
        """Share of rows without a value."""
        return 1.0 - float(self.counts.sum()) / self.rows

    @property
    def distinct(self) -> int:
        """Number of different values."""
        return len(self.values)

    @property
    def is_text(self) -> bool:
        """Whether the file holds it as text that is not all numbers."""
        return _is_text(self.values.type) and self.number_share < 1


def observe(source: Source) -> tuple[list[Observed], dict[str, str]]:
    """Return the columns of a file's first rows, and why each of the others is not among them.

    At most `MAX_ROWS` rows are read, fewer of a wide file. Of JSON Lines only the columns that its
    first 1,000 lines name are known.

    Raises
    ------
    BadInputError
        When the file is damaged, or none of its first rows can be read.
    """
    left_out = _unusable(source)
    names = [name for name in source.columns if name not in left_out]
    limit = max(1, min(MAX_ROWS, MAX_CELLS // max(len(names), 1)))
    parts: dict[str, list[pa.Array]] = {name: [] for name in names}
    rows = size = 0
    why = "it has no rows"
    for chunk in read_chunks(source, names):
        if chunk.broken:
            why = f"its row {chunk.broken[0].number:,} {chunk.broken[0].why}"
        for name, column in chunk.columns.items():
            parts[name].append(column.slice(0, limit - rows))
            size += column.nbytes
        rows = min(limit, rows + len(chunk.numbers))
        if rows == limit or size > MAX_BYTES:
            break
    if not rows or not names:
        raise BadInputError(f"{source.name} has no row to guess from ({why if names else 'no column is usable'}).")
    return [_column(name, pa.chunked_array(arrays)) for name, arrays in parts.items()], left_out


def _unusable(source: Source) -> dict[str, str]:
    """Return why columns cannot be read or named, by name."""
    named = ((name, name_fault(name)) for name in source.columns)
    faults = {name: f"has a name that {fault}" for name, fault in named if fault is not None}
    if source.format is Format.PARQUET:
        kinds = {field.name: field.type for field in pq.read_schema(source.path)}
        faults |= {name: f"is of type {shown(kind, 40)}" for name, kind in kinds.items() if not _readable(kind)}
    return faults


def _readable(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    plain = pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind) or _is_text(kind)
    dated = pa.types.is_timestamp(kind) or pa.types.is_date(kind)
    return bool(plain or dated or pa.types.is_decimal(kind) or pa.types.is_null(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _column(name: str, raw: pa.ChunkedArray) -> Observed:
    """Count the different values of a column and see what they read as."""
    coded = raw.unify_dictionaries() if pa.types.is_dictionary(raw.type) else raw
    counted = coded.value_counts()
    values, counts = counted.field(0), np.asarray(counted.field(1), dtype=np.int64)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    known = np.asarray(values.is_valid())
    if _is_text(values.type):
        known &= ~np.asarray(pc.is_in(pc.utf8_trim_whitespace(values), pa.array(MISSING_WORDS, values.type)))
    elif pa.types.is_floating(values.type):
        known &= ~np.isnan(np.asarray(values.fill_null(np.nan)))
    values, counts = values.filter(pa.array(known)), counts[known]
    numbers, number_share = _as_numbers(values, counts)
    return Observed(
        name=name,
        words=tuple(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)),
        rows=len(raw),
        values=values,
        counts=counts,
        numbers=numbers,
        number_share=number_share,
        time_share=0.0 if number_share == 1 else _time_share(values, counts),
        head=pa.concat_arrays(raw.slice(0, HEAD).chunks) if raw.num_chunks else raw.combine_chunks(),
    )


def _as_numbers(values: pa.Array, counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], float]:
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type) or not len(values):
        return np.zeros(0), 0.0
    coerced = as_number(values)
    lost = np.zeros(len(values), dtype=np.bool_)
    for one in coerced.faults:
        lost |= one.mask
    numbers = np.asarray(coerced.values.fill_null(np.nan), dtype=np.float64)
    return numbers[~lost & ~np.isnan(numbers)], float(counts[~lost].sum() / counts.sum())


def _time_share(values: pa.Array, counts: NDArray[np.int64]) -> float:
    if instant_fault(values.type) is not None or not len(values):
        return 0.0
    return float(counts[np.asarray(as_instant(values, _UTC).values.is_valid())].sum() / counts.sum())
