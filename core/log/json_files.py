"""JSON Lines: one object a line, UTF-8; numbers keep their digits as text and are judged later."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import BadInputError
from core.log.chunks import MAX_COLUMNS, BrokenRow, Chunk
from core.log.names import shown

_LINE_LIMIT = 8_000_000
_JUDGED_BY, _NAMED_BY = 100, 1_000
"""How many lines may be broken before the file is, and how many are read for the names of columns."""
Row = dict[str, str | None]


class _NotFlatError(ValueError):
    """A line that is JSON but not one flat object."""


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names in the first lines; later lines may add others.

    Raises
    ------
    BadInputError
        When none of the first lines is a JSON object.
    """
    name = shown(path.name)
    names: dict[str, None] = {}
    why = "it has no lines"
    size = 0
    for number, line in _lines(path):
        size += len(line)
        try:
            found = {**names, **dict.fromkeys(_parsed(line))}
        except ValueError as error:
            why = _why(error)
        else:
            names = found if len(found) <= MAX_COLUMNS else names
        if number >= (_NAMED_BY if names else _JUDGED_BY) or size > _LINE_LIMIT:
            break
    if names:
        return tuple(names)
    if why == "it has no lines":
        raise BadInputError(f"{name} has no rows; leave it out.")
    raise BadInputError(f"{name} is not JSON Lines: its first line {why}; write one object a line.")


def chunks(path: Path, names: tuple[str, ...], rows: int) -> Iterator[Chunk]:
    """Yield chunks of at most `rows` rows with the columns `names`, all text; a missing key is null."""
    held: list[Row] = []
    numbers: list[int] = []
    broken: list[BrokenRow] = []
    for number, line in _lines(path):
        try:
            row = _parsed(line)
            _refuse_nested(row, names)
        except ValueError as error:
            broken.append(BrokenRow(number=number, text=line[:400], why=_why(error)))
            continue
        held.append(row)
        numbers.append(number)
        if len(held) >= rows:
            yield _chunk(held, numbers, broken, names)
            held, numbers, broken = [], [], []
    yield _chunk(held, numbers, broken, names)


def _chunk(held: list[Row], numbers: list[int], broken: list[BrokenRow], names: tuple[str, ...]) -> Chunk:
    columns = {name: pa.array([row.get(name) for row in held], pa.string()) for name in names}
    absent = {name: np.array([name not in row for row in held], dtype=np.bool_) for name in names}
    return Chunk(columns=columns, numbers=np.array(numbers, dtype=np.int64), broken=tuple(broken), absent=absent)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    with path.open("rb") as stream:
        while raw := stream.readline(_LINE_LIMIT):
            if len(raw) >= _LINE_LIMIT:
                raise BadInputError(
                    f"{shown(path.name)} has a line of more than {_LINE_LIMIT:,} bytes; write one object a line."
                )
            if not raw.strip():
                continue
            number += 1
            try:
                yield number, raw.decode("utf-8")
            except UnicodeDecodeError:
                raise BadInputError(
                    f"{shown(path.name)} is not UTF-8 text (row {number:,}); save it as UTF-8."
                ) from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise _NotFlatError("names a column twice")
    return row


def _parsed(line: str) -> Row:
    try:
        row = json.loads(line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_pairs)
    except RecursionError:
        raise _NotFlatError("is nested too deeply") from None
    if not isinstance(row, dict):
        raise _NotFlatError('is not an object such as {"id": "a"}')
    if len(row) > MAX_COLUMNS:
        raise _NotFlatError(f"has more than {MAX_COLUMNS:,} columns")
    for name, value in row.items():
        if isinstance(value, bool):
            row[name] = "true" if value else "false"
    return row


def _refuse_nested(row: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        value = row.get(name)
        if isinstance(value, dict | list):
            raise _NotFlatError(f"holds a nested value in {shown(name)}")
        if isinstance(value, str) and not value.isascii():
            value.encode("utf-8")  # half a character raises UnicodeEncodeError, a ValueError


def _why(error: ValueError) -> str:
    if isinstance(error, _NotFlatError):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON ({error.msg} at character {error.pos + 1})"
    return "is not JSON"
