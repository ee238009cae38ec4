"""Actuals and decisions: 1 when the value is the declared positive one, else 0; or the code of a class; or a number."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from core.log.coercion.faults import Coerced, fault
from core.log.coercion.numbers import MISSING_WORDS, as_number
from core.log.coercion.texts import as_level, as_text
from core.log.names import shown

Label = bool | int | float | str
"""The value of an actual that counts as positive."""

_OTHERS: dict[float, tuple[int, ...]] = {1.0: (0, -1), 0.0: (1,)}
"""What else a label may be where the positive one is 1 or 0."""
_TRUTH = {"true": "1", "false": "0"}


def as_label(column: pa.Array, positive: Label) -> Coerced:
    """Return a column as int8: 1 positive, 0 not, null unknown.

    With a number or a truth value as `positive`, 0/1, 0.0/1.0, true/false and their text are
    understood; when it is 0 or 1 any other number is a fault, except that -1 beside 1 is 0 (labels
    of -1 and 1 are usual). With text as `positive`, any other text is 0. NaN is unknown.

    >>> as_label(pa.array(["true", "0", None, "maybe"]), 1).values.to_pylist()
    [1, 0, None, None]
    """
    if isinstance(positive, str):
        return _from_words(column, positive)
    coerced = as_number(_truth_as_digits(column))
    numbers = np.asarray(coerced.values.fill_null(np.nan))
    known = ~np.isnan(numbers)
    others = _OTHERS.get(float(positive)) if abs(positive) <= 1 else None
    wrong = known & (np.isinf(numbers) if others is None else ~np.isin(numbers, (float(positive), *others)))
    lost = np.zeros(len(numbers), dtype=np.bool_)
    for one in coerced.faults:
        lost |= one.mask
    labels = pa.array((numbers == float(positive)).astype(np.int8), mask=~known | wrong)
    allowed = "another number" if others is None else " or ".join(map(str, others))
    fix = f"write {_word(positive)} for positive and {allowed} otherwise, or leave it empty while unknown"
    return Coerced(values=labels, faults=fault(lost | wrong, "not_a_label", fix))


def _word(positive: bool | int | float) -> str:  # noqa: FBT001 - the label itself
    return str(positive).lower() if isinstance(positive, bool) else f"{positive:g}"


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


def as_class(column: pa.Array, classes: Sequence[str]) -> Coerced:
    """Return a column of class labels as int16: the place of the label among `classes`, null unknown.

    A label is compared as `as_text` spells it; where it is no class as it stands, a whole number
    written as ``3.0`` is taken as ``3`` and a truth value in any case as ``true`` or ``false``.
    Another label is a fault. `MISSING_WORDS` are unknown unless one of them is a class.

    >>> as_class(pa.array(["b", "NA", "3.0", "z"]), ("a", "b", "3")).values.to_pylist()
    [1, None, 2, None]
    """
    text = as_text(column)
    coded = text.values if pa.types.is_dictionary(text.values.type) else text.values.dictionary_encode()
    table = {name: code for code, name in enumerate(classes)}
    missing = set(MISSING_WORDS) - set(classes)
    spelled = coded.dictionary.to_pylist()
    codes = [
        -2 if word is None or word in missing else table.get(word, table.get(_plainer(word), -1)) for word in spelled
    ]
    places = np.asarray(coded.indices.fill_null(len(codes)))
    found = np.array([*codes, -2], dtype=np.int16)[places]
    lost = np.zeros(len(found), dtype=np.bool_)
    for one in text.faults:
        lost |= one.mask
    listed = ", ".join(shown(name, 20) for name in classes[:8]) + (", …" if len(classes) > 8 else "")
    fix = f"write one of the classes of model.yaml ({listed}), or leave it empty while unknown"
    unknown = fault((found == -1) & ~lost, "unknown_class", fix)
    return Coerced(values=pa.array(found, pa.int16(), mask=found < 0), faults=(*text.faults, *unknown))


def _plainer(word: str) -> str:
    """Return another usual spelling of a label: the whole number without its fraction, the truth value as a word."""
    if word.strip().lower() in _TRUTH:
        return word.strip().lower()
    try:
        return as_level(float(word)) or ""
    except ValueError:
        return ""


def as_amount(column: pa.Array) -> Coerced:
    """Return a column of actual numbers as float64; empty and NaN are unknown, infinity is a fault.

    >>> as_amount(pa.array(["1.5", "", "NaN"])).values.to_pylist()
    [1.5, None, None]
    """
    coerced = as_number(column)
    numbers = np.asarray(coerced.values.fill_null(np.nan))
    endless = fault(np.isinf(numbers), "actual_not_finite", "write a finite number, or leave it empty while unknown")
    return Coerced(values=pa.array(numbers, mask=~np.isfinite(numbers)), faults=(*coerced.faults, *endless))
