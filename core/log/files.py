"""Log files as streams of raw columns: what is wrong with a file as a whole is found before it is read."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from core.errors import BadInputError
from core.log import csv_files, json_files, parquet_files
from core.log.chunks import MAX_COLUMNS, Chunk
from core.log.names import same_name, shown

CELLS_IN_FLIGHT = 4_500_000
_BLOCK = 1 << 22
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\xef\xbb\xbf": "UTF-8 with a byte-order mark"}
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


class Format(StrEnum):
    """The kinds of file that are read."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON_LINES = "jsonl"


SUFFIXES = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".csv": Format.CSV,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that may be read, as it was when it was looked at.

    Attributes
    ----------
    columns : tuple of str
        Its column names; empty for JSON Lines, where every row names its own.
    stamp : tuple of int
        Inode, size and time of change: another value later means another file.
    """

    path: Path
    format: Format
    columns: tuple[str, ...]
    stamp: tuple[int, int, int]

    @property
    def name(self) -> str:
        """The file's name as it may stand in a message."""
        return shown(self.path.name)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.stamp[1]


def open_source(path: Path) -> Source:
    """Look at a file and return it as a source.

    Raises
    ------
    BadInputError
        One sentence when the file cannot be taken as a whole: it is missing, a link, a folder,
        empty, not readable, packed, of an unknown kind, truncated, encrypted, not UTF-8, has
        repeated or too many columns, or no rows.
    """
    name = shown(path.name)
    stamp = _stamp(path)
    head = _head(path)
    kind = SUFFIXES.get(path.suffix.lower())
    _refuse_disguised(name, head, kind)
    if kind is None:
        raise BadInputError(f"{name} is not a .parquet, .csv or .jsonl file; convert it to one of these.")
    reader = {Format.PARQUET: parquet_files, Format.CSV: csv_files, Format.JSON_LINES: json_files}[kind]
    columns = reader.column_names(path)
    _refuse_columns(name, columns)
    return Source(path=path, format=kind, columns=columns, stamp=stamp)


def read_chunks(source: Source, names: Sequence[str]) -> Iterator[Chunk]:
    """Yield the rows of a source with the columns `names`, in order, a bounded number at a time.

    A name that the source does not hold gives nulls (JSON Lines) or must not be asked for.

    Raises
    ------
    BadInputError
        When the file turns out to be damaged, or was changed while it was read.
    """
    reader = {Format.PARQUET: parquet_files, Format.CSV: csv_files, Format.JSON_LINES: json_files}[source.format]
    rows = max(1_024, min(131_072, CELLS_IN_FLIGHT // max(len(names), 1)))
    yield from reader.chunks(source.path, tuple(names), rows)
    if _stamp(source.path) != source.stamp:
        raise BadInputError(f"{source.name} was changed while it was read; write it elsewhere and move it into place.")


def content_hash(source: Source, identity: Sequence[str]) -> str:
    """Return the sha256 over `identity` (model, version, role, schema) and the file's bytes.

    Raises
    ------
    BadInputError
        When a CSV file holds an odd number of quotation marks: a quote was never closed.
    """
    digest = hashlib.sha256("\x00".join(identity).encode() + b"\x00")
    quotes = 0
    with source.path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            if source.format is Format.CSV:
                quotes += block.count(b'"')
    if quotes % 2:
        raise BadInputError(
            f'{source.name} holds an odd number of quotation marks ("): close the open one, or double it.'
        )
    return digest.hexdigest()


def _stamp(path: Path) -> tuple[int, int, int]:
    name = shown(path.name or str(path))
    try:
        status = path.lstat()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "the path is not usable"
        raise BadInputError(f"{name} cannot be opened ({why}); look at the path {shown(str(path), 200)}.") from None
    if S_ISLNK(status.st_mode):
        raise BadInputError(f"{name} is a symbolic link; give the file itself.")
    if S_ISDIR(status.st_mode):
        raise BadInputError(f"{name} is a folder; give the files in it, for example {shown(path.name + '/*.parquet')}.")
    if not S_ISREG(status.st_mode):
        raise BadInputError(f"{name} is not a regular file (a pipe or a device); write it to a file first.")
    if status.st_size == 0:
        raise BadInputError(f"{name} is empty (0 bytes); write it again.")
    return status.st_ino, status.st_size, status.st_mtime_ns


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(8)
    except OSError as error:
        raise BadInputError(f"{shown(path.name)} cannot be read: {error.strerror}; look at its permissions.") from None


def _refuse_disguised(name: str, head: bytes, kind: Format | None) -> None:
    packed = next((what for magic, what in _PACKED.items() if head.startswith(magic)), None)
    if packed is not None:
        raise BadInputError(f"{name} is packed with {packed}; unpack it first.")
    if head.startswith(b"PARE"):
        raise BadInputError(f"{name} is an encrypted Parquet file; write it without encryption.")
    if head.startswith(b"PAR1") and kind is not Format.PARQUET:
        raise BadInputError(f"{name} holds Parquet; name it .parquet.")
    if kind is Format.PARQUET and not head.startswith(b"PAR1"):
        raise BadInputError(f"{name} is not a Parquet file (it does not begin with PAR1); write it again or rename it.")
    mark = next((what for magic, what in _BOMS.items() if head.startswith(magic)), None)
    if mark is not None and kind is not Format.PARQUET:
        raise BadInputError(f"{name} is written as {mark}; save it as plain UTF-8.")
    if b"\x00" in head and kind in (Format.CSV, Format.JSON_LINES):
        raise BadInputError(f"{name} is not text (it holds zero bytes); save it as plain UTF-8.")


def _refuse_columns(name: str, columns: tuple[str, ...]) -> None:
    if len(columns) > MAX_COLUMNS:
        raise BadInputError(
            f"{name} has {len(columns):,} columns, more than {MAX_COLUMNS:,}; keep only those that model.yaml names."
        )
    seen: dict[str, str] = {}
    for column in columns:
        form = same_name(column)
        if form in seen:
            raise BadInputError(f"{name} has the column {shown(column)} twice; keep one of them.")
        seen[form] = column
