"""CSV files: comma-separated UTF-8 with a header; every value is read as text and judged later."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from core.errors import BadInputError
from core.log.chunks import BrokenRow, Chunk
from core.log.names import printable, shown

_HEADER_LIMIT = 4_000_000
_BLOCK = 8 << 20


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names in the header.

    Raises
    ------
    BadInputError
        When the header is not UTF-8, separated by something else than commas, or has no rows under it.
    """
    name = shown(path.name)
    with path.open("rb") as stream:
        line = stream.readline(_HEADER_LIMIT)
        rest = stream.read(1 << 16)
    if len(line) >= _HEADER_LIMIT:
        raise BadInputError(
            f"{name} has a first line of more than {_HEADER_LIMIT:,} bytes; is it a CSV file with a header?"
        )
    if b"\r" in line.rstrip(b"\r\n"):
        line, rest = line.split(b"\r", 1)
    try:
        header = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInputError(f"{name} is not UTF-8 text (its header is not); save it as UTF-8.") from None
    if header.count('"') % 2:
        raise BadInputError(
            f"{name} has a column name with a line break or an open quotation mark in its header; "
            "write the header on one line."
        )
    names = next(csv.reader([header], strict=False), [])
    _refuse_separator(name, header, names)
    if any(not column.strip() for column in names):
        raise BadInputError(f"{name} has a column without a name in its header; name every column.")
    if not rest.strip():
        raise BadInputError(f"{name} has a header but no rows; leave it out.")
    return tuple(names)


def _refuse_separator(name: str, header: str, names: list[str]) -> None:
    if not names:
        raise BadInputError(f"{name} has an empty first line; begin it with the names of the columns.")
    for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(names) == 1 and separator in header:
            raise BadInputError(f"{name} is separated by {word}; write it with commas.")


def chunks(path: Path, names: tuple[str, ...], rows: int) -> Iterator[Chunk]:
    """Yield chunks of at most `rows` rows with the columns `names`, all text."""
    broken: list[BrokenRow] = []
    taken = 0
    with _plain_errors(path):
        reader = _reader(path, names, broken)
        for block in reader:
            numbers = _numbers(taken, block.num_rows, broken)
            for start in range(0, block.num_rows, rows):
                part = block.slice(start, rows)
                yield Chunk(
                    columns={name: part.column(name) for name in names},
                    numbers=numbers[start : start + rows],
                )
            taken += block.num_rows
        _refuse_swallowed(path, broken)
        if taken + len(broken) + 1 != _n_lines(path):
            _refuse_loose_quotes(path)
        yield Chunk(
            columns={name: pa.nulls(0, pa.string()) for name in names},
            numbers=np.zeros(0, dtype=np.int64),
            broken=tuple(broken),
        )


def _reader(path: Path, names: tuple[str, ...], broken: list[BrokenRow]) -> pa_csv.CSVStreamingReader:
    def skip(row: pa_csv.InvalidRow) -> str:
        why = f"has {row.actual_columns} values where the header has {row.expected_columns}"
        broken.append(BrokenRow(number=(row.number or 1) - 1, text=row.text[:400], why=why))
        return "skip"

    return pa_csv.open_csv(
        path,
        read_options=pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=pa_csv.ParseOptions(invalid_row_handler=skip, newlines_in_values=True, ignore_empty_lines=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=list(names),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        ),
    )


def _numbers(taken: int, n_rows: int, broken: list[BrokenRow]) -> NDArray[np.int64]:
    """Return the file's row numbers of the next `n_rows` good rows, after `taken` good ones."""
    holes = np.sort(np.array([row.number for row in broken], dtype=np.int64))
    places = np.arange(taken + 1, taken + n_rows + 1, dtype=np.int64)
    # hole i stands before the good row whose rank exceeds hole - i - 1
    return places + np.searchsorted(holes - np.arange(len(holes)), places, side="right")


def _refuse_swallowed(path: Path, broken: list[BrokenRow]) -> None:
    for row in broken:
        if "\n" in row.text.strip("\n"):
            raise BadInputError(
                f'{shown(path.name)}: a quotation mark (") opened in row {row.number:,} '
                "swallows the lines after it; close it."
            )


def _n_lines(path: Path) -> int:
    """Return the number of line feeds, plus one when the last line has none."""
    lines, last = 0, b"\n"
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def _refuse_loose_quotes(path: Path) -> None:
    """Refuse a quotation mark that does not end its value.

    Only a file with fewer rows than lines comes here: either values hold line breaks, or an open
    quote has swallowed rows up to the next one, which only the strict reader tells apart.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            for _ in reader:
                pass
        except csv.Error:
            raise BadInputError(
                f'{shown(path.name)}: a quotation mark (") near line {reader.line_num:,} neither begins nor ends '
                "a value; double it or take it out."
            ) from None


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise BadInputError(f"{shown(path.name)} is not UTF-8 text; save it as UTF-8.") from None
    except pa.ArrowInvalid as error:
        text = str(error)
        if "UTF8" in text:
            raise BadInputError(f"{shown(path.name)} is not UTF-8 text; save it as UTF-8.") from None
        if "straddling" in text or "block" in text:
            raise BadInputError(
                f"{shown(path.name)} has a row of more than {_BLOCK >> 20} MB; is a quotation mark left open?"
            ) from None
        why = printable(" ".join(text.split())[:160].rstrip("."))
        raise BadInputError(f"{shown(path.name)} is not readable as CSV ({why}); write it again.") from None
