"""What a field of a record or card may hold, and how what is given is brought into its normal form."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from core.errors import BadInputError
from core.log.names import shown
from core.plain_text import text_fault

LONGEST_LINE, LONGEST_TEXT = 200, 4_000
MOST_ENTRIES, LONGEST_ENTRY = 50, 300
LARGEST_NUMBER = 1e15
MOST_MISTAKES = 12


class FieldType(StrEnum):
    """What a field holds; `LINE` is a text of one line."""

    LINE = "line"
    TEXT = "text"
    LIST = "list"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class Typed(Protocol):
    """A field as far as it is read here: its code, its type, and the words of a choice."""

    @property
    def code(self) -> str:
        """Return its name in files."""
        ...

    @property
    def type(self) -> FieldType:
        """Return what it holds."""
        ...

    @property
    def choices(self) -> Mapping[str, str]:
        """Return the words of a choice with their meaning."""
        ...


def checked_fields(
    given: object, fields: Sequence[Typed], *, where: str, unknown: Callable[[object], str]
) -> dict[str, Any]:
    """Return what was given in its normal form, in the order of `fields`: dates as ISO 8601, lists of texts.

    None stays None: it takes a field out.

    Parameters
    ----------
    unknown : says in words what is wrong with a code that is none of `fields`

    Raises
    ------
    BadInputError
        One sentence that names every field that is unknown or holds what it may not.
    """
    if not isinstance(given, Mapping):
        raise BadInputError(f"{where} must be a mapping of fields such as 'description: …', not {_kind(given)}.")
    codes = {field.code for field in fields}
    mistakes = [unknown(code) for code in given if code not in codes]
    known: dict[str, Any] = {}
    for field in fields:
        if field.code in given:
            value, fault = _normal(field, given[field.code])
            known[field.code] = value
            mistakes += [f"{field.code} {fault}"] if fault else []
    if mistakes:
        more = f"; and {len(mistakes) - MOST_MISTAKES} more" if len(mistakes) > MOST_MISTAKES else ""
        raise BadInputError(f"{where}: {'; '.join(mistakes[:MOST_MISTAKES])}{more}.")
    return known


def is_empty(value: object) -> bool:
    """Whether a value says nothing: none, an empty text or list. ``False`` and 0 do say something."""
    return value is None or value in ("", [], ())


def _normal(field: Typed, value: object) -> tuple[Any, str]:
    """Return the value in its normal form, and what is wrong with it or nothing."""
    if value is None:
        return None, ""
    if field.type is FieldType.CHOICE:
        wrong = not isinstance(value, str) or value not in field.choices
        return value, f"must be one of {', '.join(field.choices)}, not {_kind(value)}" if wrong else ""
    return _READERS[field.type](value)


def _line(value: object) -> tuple[Any, str]:
    return _text(value, longest=LONGEST_LINE, lines=False)


def _text(value: object, *, longest: int = LONGEST_TEXT, lines: bool = True) -> tuple[Any, str]:
    if not isinstance(value, str):
        return value, f"must be a text (in quotes where YAML reads it otherwise), not {_kind(value)}"
    text = value.replace("\r\n", "\n").strip()
    return text, text_fault(text, longest=longest, lines=lines) or ""


def _list(value: object) -> tuple[Any, str]:
    if not isinstance(value, list | tuple):
        return value, f"must be a list of texts, not {_kind(value)}"
    if len(value) > MOST_ENTRIES:
        return value, f"has {len(value):,} entries, more than {MOST_ENTRIES}"
    read = [_text(entry, longest=LONGEST_ENTRY, lines=False) for entry in value]
    faults = [f"entry {number} {fault}" for number, (_, fault) in enumerate(read, start=1) if fault]
    empty = [f"entry {number} is empty" for number, (entry, _) in enumerate(read, start=1) if entry == ""]
    return [entry for entry, _ in read], "; ".join((faults + empty)[:3])


def _number(value: object) -> tuple[Any, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value, f"must be a number, not {_kind(value)}"
    if not 0 <= value <= LARGEST_NUMBER:  # NaN neither
        return value, f"must lie between 0 and {LARGEST_NUMBER:,.0f}"
    return int(value) if value == int(value) else float(value), ""


def _date(value: object) -> tuple[Any, str]:
    with suppress(ValueError):
        if isinstance(value, date | str):
            return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()[:10], ""
    return value, f"must be a date such as 2026-01-31, not {_kind(value)}"


def _yes_no(value: object) -> tuple[Any, str]:
    return value, "" if isinstance(value, bool) else f"must be yes or no, not {_kind(value)}"


_READERS: Mapping[FieldType, Callable[[object], tuple[Any, str]]] = {
    FieldType.LINE: _line,
    FieldType.TEXT: _text,
    FieldType.LIST: _list,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.YES_NO: _yes_no,
}


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "nothing" if value is None else shown(value)
