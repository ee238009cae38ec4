"""Actuals and decisions: 1 when the value is the declared positive one, else 0."""

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from core.log.coercion.faults import Coerced, fault
from core.log.coercion.numbers import MISSING_WORDS, as_number
from core.log.coercion.texts import as_text

Label = bool | int | float | str
"""The value of an actual that counts as positive."""

_TRUTH = {"true": "1", "false": "0"}


def as_label(column: pa.Array, positive: Label) -> Coerced:
    """Return a column as int8: 1 positive, 0 not, null unknown.

    With a number or a truth value as `positive`, 0/1, 0.0/1.0, true/false and their text are
    understood; when it is 0 or 1 any other number is a fault. With text as `positive`, any other
    text is 0. NaN is unknown.

    >>> as_label(pa.array(["true", "0", None, "maybe"]), 1).values.to_pylist()
    [1, 0, None, None]
    """
    if isinstance(positive, str):
        return _from_words(column, positive)
    coerced = as_number(_truth_as_digits(column))
    numbers = np.asarray(coerced.values.fill_null(np.nan))
    known = ~np.isnan(numbers)
    wrong = known & ~np.isin(numbers, (0.0, 1.0)) if float(positive) in (0.0, 1.0) else known & np.isinf(numbers)
    lost = coerced.faults[0].mask if coerced.faults else np.zeros(len(numbers), dtype=np.bool_)
    labels = pa.array((numbers == float(positive)).astype(np.int8), mask=~known | wrong)
    fix = f"write {positive} for positive and another number (0 or 1) otherwise, or leave it empty while unknown"
    return Coerced(values=labels, faults=fault(lost | wrong, "not_a_label", fix))


def _truth_as_digits(column: pa.Array) -> pa.Array:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column
    text = pl.Series(values=column.cast(pa.large_string())).str.strip_chars()
    return (
        text.str.to_lowercase().replace(_TRUTH).zip_with(text.str.to_lowercase().is_in(list(_TRUTH)), text).to_arrow()
    )


def _from_words(column: pa.Array, positive: str) -> Coerced:
    text = as_text(column)
    plain = text.values.cast(pa.string())
    missing = pc.is_in(plain, pa.array(MISSING_WORDS))
    if positive in MISSING_WORDS:
        missing = pa.array(np.zeros(len(plain), dtype=np.bool_))
    labels = pc.equal(plain, positive).cast(pa.int8())
    return Coerced(values=pc.if_else(missing, pa.scalar(None, pa.int8()), labels), faults=text.faults)
