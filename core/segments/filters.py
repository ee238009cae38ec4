"""Filters on the columns of a model's schema: what a segment, a saved segment and "the rows behind this" are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import BadInputError
from core.log.columns import NUMBER, storages
from core.log.schema import ModelSchema
from core.profile.columns import coded_chunks, codes_of, numeric_column

MOST_CONDITIONS = 8
MOST_LEVELS = 200
LONGEST = 20_000
"""Characters of a filter as text; what is longer is no filter that a page or a person made."""
LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What one column must be.

    Attributes
    ----------
    column : str
        The user's name.
    levels : tuple of str or None
        One of these texts (numbers are written as `core.profile.columns.number_text` writes them).
    low, high : float or None
        Of a number: ``low < x <= high``, half-open as bins are; None: open.
    missing : bool
        Null or NaN, and nothing else.
    """

    column: str
    levels: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Rows that fulfil every condition; without any, all rows."""

    conditions: tuple[Condition, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns it reads, each once."""
        return tuple(dict.fromkeys(one.column for one in self.conditions))


def to_document(wanted: Filter) -> list[dict[str, Any]]:
    """Return a filter as plain JSON; what is not set is left out."""
    found = []
    for one in wanted.conditions:
        document: dict[str, Any] = {"column": one.column}
        if one.levels is not None:
            document["in"] = list(one.levels)
        if one.low is not None:
            document["above"] = one.low
        if one.high is not None:
            document["to"] = one.high
        if one.missing:
            document["missing"] = True
        found.append(document)
    return found


def to_text(wanted: Filter) -> str:
    """Return a filter as one line for a URL; empty for no condition.

    >>> to_text(Filter(conditions=(Condition(column="channel", levels=("broker",)),)))
    '[{"column":"channel","in":["broker"]}]'
    """
    if not wanted.conditions:
        return ""
    return json.dumps(to_document(wanted), ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, schema: ModelSchema) -> Filter:
    """Return the filter that a text means for a model.

    Raises
    ------
    BadInputError
        When it cannot be read, or asks for a column that the model does not store, that is protected, or of
        another kind.
    """
    if not text:
        return Filter()
    if len(text) > LONGEST:
        raise BadInputError(f"This filter has {len(text):,} characters; at most {LONGEST:,} are read.")
    try:
        document = json.loads(text)
        json.dumps(document, ensure_ascii=False).encode()  # half a character, escaped, is JSON and no text
    except (ValueError, RecursionError):
        raise BadInputError(f"The filter {text[:80]!r} is not JSON as Watchroom writes it.") from None
    return from_document(document, schema)


def from_document(document: object, schema: ModelSchema) -> Filter:
    """Return the filter of a stored document; raises as `from_text`."""
    if not isinstance(document, list) or len(document) > MOST_CONDITIONS:
        raise BadInputError(f"A filter is a list of at most {MOST_CONDITIONS} conditions.")
    known = storages(schema)
    return Filter(conditions=tuple(_condition(one, schema, known) for one in document))


def _condition(document: object, schema: ModelSchema, known: dict[str, str]) -> Condition:
    if not isinstance(document, dict) or not set(document) <= {"column", "in", "above", "to", "missing"}:
        raise BadInputError("A condition of a filter has a column and one of: in, above, to, missing.")
    column = document.get("column")
    if column in schema.protected:
        raise BadInputError(
            f"'{column}' is protected: it is never a segment or a filter. Groups are compared on the page Fairness."
        )
    if not isinstance(column, str) or column not in known:
        raise BadInputError(f"The filter asks for '{str(column)[:100]}', which is no stored column of {schema.model}.")
    found = Condition(
        column=column,
        levels=_levels(column, document.get("in")),
        low=_bound(column, document.get("above")),
        high=_bound(column, document.get("to")),
        missing=bool(document.get("missing", False)),
    )
    _refuse_nonsense(found, is_number=known[column] == NUMBER)
    return found


def _levels(column: str, given: object) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not given or len(given) > MOST_LEVELS:
        raise BadInputError(f"The filter on '{column}' needs 1 to {MOST_LEVELS} values.")
    if not all(isinstance(one, str) for one in given):
        raise BadInputError(f"The values of the filter on '{column}' must be texts.")
    return tuple(given)


def _bound(column: str, given: object) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST:
        raise BadInputError(f"The bounds of the filter on '{column}' must be finite numbers.")
    return float(given)


def _refuse_nonsense(found: Condition, *, is_number: bool) -> None:
    ranged = found.low is not None or found.high is not None
    if sum((found.levels is not None, ranged, found.missing)) != 1:
        raise BadInputError(f"The filter on '{found.column}' must ask for values, for a range, or for missing ones.")
    if ranged and not is_number:
        raise BadInputError(f"'{found.column}' holds texts: a filter on it names values, not a range.")
    if found.low is not None and found.high is not None and found.low >= found.high:
        raise BadInputError(f"The range of the filter on '{found.column}' is empty: {found.low:g} to {found.high:g}.")


def mask(rows: pa.Table, wanted: Filter) -> NDArray[np.bool_]:
    """Return which rows fulfil a filter, ``(n_rows,)``.

    Parameters
    ----------
    rows : pa.Table
        With the filter's columns by the user's names. A column that is absent is missing in every row.
    """
    kept = np.ones(rows.num_rows, np.bool_)
    for one in wanted.conditions:
        kept &= _fulfilled(rows, one)
    return kept


def _fulfilled(rows: pa.Table, one: Condition) -> NDArray[np.bool_]:
    if one.levels is not None or (one.missing and not _is_number(rows, one.column)):
        wanted = frozenset(one.levels or ())
        codes = codes_of(coded_chunks(rows, one.column), lambda text: 1 if text in wanted else 0, -1)
        missing: NDArray[np.bool_] = codes == -1
        return missing if one.missing else codes == 1
    values, _ = numeric_column(rows, one.column)
    if one.missing:
        return np.isnan(values)
    kept = ~np.isnan(values)
    if one.low is not None:
        kept &= values > one.low
    if one.high is not None:
        kept &= values <= one.high
    return kept


def _is_number(rows: pa.Table, column: str) -> bool:
    place = rows.schema.get_field_index(column)
    return place >= 0 and bool(pa.types.is_floating(rows.schema.field(place).type))


def words(wanted: Filter) -> str:
    """Return a filter as a person would say it.

    >>> words(Filter(conditions=(Condition(column="channel", levels=("broker",)), Condition(column="age", high=30))))
    'channel = broker and age ≤ 30'
    """
    return " and ".join(_words(one) for one in wanted.conditions) or "all rows"


def _words(one: Condition) -> str:
    if one.missing:
        return f"{one.column} is missing"
    if one.levels is not None:
        return f"{one.column} {_listed(one.levels)}"
    low, high = _number(one.low), _number(one.high)
    if one.low is not None and one.high is not None:
        return f"{low} < {one.column} ≤ {high}"
    return f"{one.column} > {low}" if one.high is None else f"{one.column} ≤ {high}"


def _listed(levels: Sequence[str]) -> str:
    if len(levels) == 1:
        return f"= {levels[0]}"
    shown = ", ".join(levels[:3])
    more = f" and {len(levels) - 3} more" if len(levels) > 3 else ""
    return f"is one of {shown}{more}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 and float(value).is_integer() else f"{value:,.4g}"
