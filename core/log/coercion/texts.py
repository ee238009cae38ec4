"""Text: levels of a category, dictionary-coded, and ids."""

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from core.log.coercion.faults import Coerced, Fault, Mask, fault, null_mask

MAX_LEVEL = 1_000
MAX_ID = 512
CODED = pa.dictionary(pa.int32(), pa.string())
_EXACT = 2.0**53
_FLOAT_ID = r"^\d\.\d{6,}[eE]\+\d{2,}$"  # 1.234567e+17: an integer id that went through a float
_FIX_LEVEL = f"shorten the value to at most {MAX_LEVEL:,} characters, or do not declare free text as a category"


def as_text(column: pa.Array) -> Coerced:
    """Return a column as dictionary-coded text.

    A number reads as people write it (``3`` for 3 and for 3.0), a truth value as ``true`` or
    ``false``, a date in ISO form. NaN is missing.

    >>> as_text(pa.array([3.0, 2.5, None])).values.to_pylist()
    ['3', '2.5', None]
    """
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    levels = _spelled(coded.dictionary)
    too_long = _long(levels, MAX_LEVEL)
    values = pa.DictionaryArray.from_arrays(coded.indices.cast(pa.int32()), levels)
    if levels.null_count or too_long.any() or len(levels.unique()) < len(levels):
        values = _recoded(coded.indices, levels, too_long)
    rows = too_long[np.asarray(coded.indices.fill_null(0))] & ~null_mask(coded) if too_long.any() else too_long[:0]
    return Coerced(values=values, faults=fault(rows, "text_too_long", _FIX_LEVEL))


def _long(levels: pa.Array, limit: int) -> Mask:
    return np.asarray(pc.greater(pc.utf8_length(levels), limit).fill_null(False).to_numpy(zero_copy_only=False))


def _recoded(indices: pa.Array, levels: pa.Array, too_long: Mask) -> pa.DictionaryArray:
    """Make rows null whose level is null (NaN) or too long, and one level of those spelled alike (0.0 and -0.0)."""
    kept = pc.if_else(pa.array(too_long), pa.scalar(None, levels.type), levels)
    return kept.take(indices).dictionary_encode()


def _spelled(levels: pa.Array) -> pa.Array:
    kind = levels.type
    if pa.types.is_string(kind):
        return levels
    if pa.types.is_floating(kind):
        return pa.array([_number_word(value) for value in levels.to_pylist()], pa.string())
    if pa.types.is_decimal(kind):
        return pa.array([None if v is None else f"{v.normalize():f}" for v in levels.to_pylist()], pa.string())
    return levels.cast(pa.string())


def as_level(value: object) -> str | None:
    """Return a value of a list of levels as `as_text` spells it in a log; None when it cannot be a level.

    >>> [as_level(value) for value in ("a", 2.0, True, None)]
    ['a', '2', 'true', None]
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _number_word(value)
    return str(value) if isinstance(value, str | int | date) else None


def _number_word(value: float | None) -> str | None:
    if value is None or value != value:
        return None
    return str(int(value)) if value.is_integer() and abs(value) <= _EXACT else repr(value)


def as_id(column: pa.Array) -> Coerced:
    """Return a column of prediction ids as text.

    Integers keep every digit; a float is taken when it is whole and at most 2^53, because beyond
    that neighbouring ids have become one. Null, NaN and empty ids are faults.

    >>> as_id(pa.array([7.0, 1e17])).values.to_pylist()
    ['7', None]
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    missing = null_mask(column)
    lost = np.zeros(len(column), dtype=np.bool_)
    if pa.types.is_floating(column.type):
        floats = np.asarray(column.cast(pa.float64()).fill_null(np.nan))
        missing = np.isnan(floats)
        lost = ~missing & ((np.abs(np.nan_to_num(floats)) > _EXACT) | (np.nan_to_num(floats) % 1 != 0))
        ids = pa.array(np.where(missing | lost, 0, floats).astype(np.int64)).cast(pa.string())
    elif pa.types.is_decimal(column.type):
        ids = pa.array([None if v is None else f"{v.normalize():f}" for v in column.to_pylist()], pa.string())
    else:
        ids = column.cast(pa.string())
        lost = np.asarray(pc.match_substring_regex(ids, _FLOAT_ID).fill_null(False).to_numpy(zero_copy_only=False))
    size = np.asarray(pc.binary_length(ids).fill_null(1))
    empty, long = ~missing & (size == 0), size > MAX_ID
    bad = missing | lost | empty | long
    kept = pc.if_else(pa.array(bad), pa.scalar(None, pa.string()), ids) if bad.any() else ids
    return Coerced(values=kept, faults=_id_faults(missing | empty, lost, long))


def _id_faults(missing: Mask, lost: Mask, long: Mask) -> tuple[Fault, ...]:
    return (
        *fault(missing, "id_missing", "give every row a prediction id"),
        *fault(lost, "id_not_exact", "write the ids as text or as integers: as floats their last digits are lost"),
        *fault(long, "id_too_long", f"use ids of at most {MAX_ID} bytes"),
    )


def hashed(ids: pa.Array) -> np.ndarray:
    """Return 64-bit hashes of ids, equal for equal ids within one process; shape (n,), uint64."""
    return pl.Series(values=ids).hash(seed=0).to_numpy()
