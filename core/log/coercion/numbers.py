"""Numbers: float64 without loss."""

import re
from decimal import Decimal
from math import isfinite

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from core.log.coercion.faults import Coerced, Mask, fault, null_mask

MISSING_WORDS = ("", "NA", "N/A", "NULL", "null", "None")
"""How files without types write a missing number; NaN stays a number of its own."""
EXACT = 2**53
_WHOLE = re.compile(r"[+-]?\d+")
_FIX = "write a plain number with a decimal point, or leave it empty"
_FIX_LARGE = f"integers beyond {EXACT:,} are not exact as floating point; declare the column categorical or scale it"


def as_number(column: pa.Array) -> Coerced:
    """Return a column as float64.

    Integers and booleans convert when every digit is kept, whether they are stored as integers, as
    decimals or as text; fractions to the nearest float; text such as ``12.5``, ``1e-3``, ``NaN``. Null
    and `MISSING_WORDS` become null; NaN and infinities stay. ``12,5`` and ``1 000`` are faults.

    >>> as_number(pa.array(["1.5", "NA", "x"])).values.to_pylist()
    [1.5, None, None]
    """
    if pa.types.is_dictionary(column.type):
        inner = as_number(column.dictionary)
        spread = (fault(_taken(one.mask, column), one.rule, one.fix) for one in inner.faults)
        return Coerced(values=inner.values.take(column.indices), faults=tuple(one for some in spread for one in some))
    if pa.types.is_null(column.type) or pa.types.is_boolean(column.type):
        as_int = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        return Coerced(values=as_int.cast(pa.float64()))
    if pa.types.is_decimal(column.type):
        return _from_decimals(column)
    if pa.types.is_floating(column.type):
        return Coerced(values=column.cast(pa.float64(), safe=False))
    if pa.types.is_integer(column.type):
        return _from_integers(column)
    return _from_text(column)


def _taken(mask: Mask, column: pa.DictionaryArray) -> Mask:
    """Spread a mask over a dictionary to the rows that use it."""
    if not len(mask):
        return np.zeros(len(column), dtype=np.bool_)
    return np.asarray(mask[np.asarray(column.indices.fill_null(0))] & ~null_mask(column), dtype=np.bool_)


def _from_integers(column: pa.Array) -> Coerced:
    values = column.cast(pa.float64(), safe=False)
    if column.type.bit_width < 64 or not _beyond_exact(column):
        return Coerced(values=values)
    whole = np.asarray(column.fill_null(0))
    floats = np.asarray(values.fill_null(0.0))
    lost = np.array([int(f) != int(w) for f, w in zip(floats, whole, strict=True)], dtype=np.bool_)
    return Coerced(values=_nulled(values, lost), faults=fault(lost, "not_exact", _FIX_LARGE))


def _from_decimals(column: pa.Array) -> Coerced:
    values = column.cast(pa.float64(), safe=False)
    floats = np.asarray(values.fill_null(0.0))
    places = np.flatnonzero(np.abs(floats) >= EXACT)
    lost = np.zeros(len(floats), dtype=np.bool_)
    lost[places] = [column[int(at)].as_py() != Decimal(float(floats[at])) for at in places]
    return Coerced(values=_nulled(values, lost), faults=fault(lost, "not_exact", _FIX_LARGE))


def _beyond_exact(column: pa.Array) -> bool:
    limits = pc.min_max(column)
    low, high = limits["min"].as_py(), limits["max"].as_py()
    return low is not None and (low < -EXACT or high > EXACT)


def _from_text(column: pa.Array) -> Coerced:
    text = pl.Series(values=column.cast(pa.large_string()))
    parsed = text.str.strip_chars().cast(pl.Float64, strict=False)
    missing = text.is_null() | text.str.strip_chars().is_in(MISSING_WORDS)
    lost = (parsed.is_null() & ~missing.fill_null(True)).to_numpy()
    inexact = _inexact(text, parsed)
    faults = (*fault(lost, "not_a_number", _FIX), *fault(inexact, "not_exact", _FIX_LARGE))
    return Coerced(values=_nulled(_plain(parsed), inexact) if inexact.any() else _plain(parsed), faults=faults)


def _inexact(text: pl.Series, parsed: pl.Series) -> Mask:
    """Return which texts are integers with more digits than a float keeps, or digits that became infinite."""
    large = (parsed.abs() >= EXACT).fill_null(False)
    lost = np.zeros(len(text), dtype=np.bool_)
    if not large.any():
        return lost
    places = np.flatnonzero(large.to_numpy())
    for at, written, value in zip(places, text.filter(large).str.strip_chars(), parsed.filter(large), strict=True):
        whole = _WHOLE.fullmatch(written) is not None
        finite = isfinite(value)
        lost[at] = (whole and Decimal(value) != Decimal(written)) if finite else written.strip("+-")[0].isdigit()
    return lost


def _plain(series: pl.Series) -> pa.Array:
    array = series.to_arrow()
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _nulled(values: pa.Array, mask: Mask) -> pa.Array:
    return pc.if_else(pa.array(mask), pa.scalar(None, values.type), values)
