"""Parquet files: looked at through their footer, read a bounded number of rows at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadInputError
from core.log.chunks import MAX_COLUMNS, Chunk
from core.log.names import printable, shown

MAX_CELLS = 4_000_000_000
MAX_ROW_GROUPS = 100_000
BOMB_BYTES = 200_000_000
BOMB_RATIO = 200
_READ_AHEAD = 64 << 20


def column_names(path: Path) -> tuple[str, ...]:
    """Return the top-level column names, after refusing what the footer shows to be unreadable.

    Raises
    ------
    BadInputError
        When the file is truncated, encrypted or damaged, has no rows, or unfolds to far more
        than it is worth.
    """
    _refuse_truncated(path)
    with _plain_errors(path), _opened(path, ()) as file:
        metadata = file.metadata
        names = tuple(str(name) for name in file.schema_arrow.names)
        if len(names) <= MAX_COLUMNS:
            _refuse_size(path, metadata)
    return names


def chunks(path: Path, names: tuple[str, ...], rows: int) -> Iterator[Chunk]:
    """Yield chunks of at most `rows` rows with the columns `names`."""
    start = 1
    with _plain_errors(path), _opened(path, names) as file:
        _refuse_types(path, file.schema_arrow, names)
        for batch in file.iter_batches(batch_size=rows, columns=list(names), use_threads=False):
            numbers = np.arange(start, start + batch.num_rows, dtype=np.int64)
            yield Chunk(columns={name: batch.column(name) for name in names}, numbers=numbers)
            start += batch.num_rows


@contextmanager
def _opened(path: Path, names: tuple[str, ...]) -> Iterator[pq.ParquetFile]:
    buffer = max(1 << 14, min(1 << 20, _READ_AHEAD // max(len(names), 1)))
    coded = _dictionary_columns(path, names) if names else None
    with pq.ParquetFile(
        path,
        read_dictionary=coded,
        pre_buffer=False,
        buffer_size=buffer,
        memory_map=False,
        page_checksum_verification=True,
        thrift_string_size_limit=1 << 26,
        thrift_container_size_limit=1 << 22,
    ) as file:
        yield file


def _dictionary_columns(path: Path, names: tuple[str, ...]) -> list[str]:
    """Return the text columns to read as codes: those whose pages spend under 8 bytes a row.

    A level is then touched once, and a long one repeated by a few codes is not unfolded.
    """
    with pq.ParquetFile(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
    spent = dict.fromkeys((n for n in names if n in schema.names and _is_text(schema.field(n).type)), 0)
    for group in (metadata.row_group(i) for i in range(metadata.num_row_groups)):
        for column in (group.column(i) for i in range(group.num_columns)):
            if column.path_in_schema in spent:
                spent[column.path_in_schema] += column.total_uncompressed_size
    return [name for name, size in spent.items() if size < 8 * metadata.num_rows]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _refuse_truncated(path: Path) -> None:
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 8))
        tail = stream.read(8)
    if size < 12 or tail[4:] not in (b"PAR1", b"PARE"):
        raise BadInputError(f"{shown(path.name)} is truncated: its Parquet footer is missing; copy it again.")
    footer = int.from_bytes(tail[:4], "little")
    if footer > size - 12:
        raise BadInputError(
            f"{shown(path.name)} is damaged: its Parquet footer claims {footer:,} bytes; copy it again."
        )


def _refuse_size(path: Path, metadata: pq.FileMetaData) -> None:
    name, size = shown(path.name), path.stat().st_size
    if metadata.num_rows <= 0:
        raise BadInputError(f"{name} has no rows; leave it out.")
    if metadata.num_row_groups > MAX_ROW_GROUPS:
        raise BadInputError(f"{name} has {metadata.num_row_groups:,} row groups; write it with larger ones.")
    cells = metadata.num_rows * max(metadata.num_columns, 1)
    if cells > MAX_CELLS:
        raise BadInputError(
            f"{name} has {metadata.num_rows:,} rows × {metadata.num_columns:,} columns, more than "
            f"{MAX_CELLS:,} values; split it by day."
        )
    packed = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    unfolded = max(packed, 8 * cells if 8 * cells > 5 * BOMB_BYTES and 8 * cells > 5 * BOMB_RATIO * size else 0)
    if unfolded > BOMB_BYTES and unfolded > BOMB_RATIO * size:
        raise BadInputError(
            f"{name} has {size:,} bytes that unfold to {unfolded:,}, as a Parquet bomb does; "
            "if it is honest, write it without compression or split it."
        )


def _refuse_types(path: Path, schema: pa.Schema, names: tuple[str, ...]) -> None:
    for name in names:
        kind = schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if pa.types.is_nested(kind):
            raise BadInputError(
                f"{shown(path.name)}: the column {shown(name)} is nested ({shown(kind, 40)}); "
                "write one plain column each."
            )
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
            raise BadInputError(
                f"{shown(path.name)}: the column {shown(name)} holds bytes, not text; write it as a string."
            )
        if pa.types.is_duration(kind) or pa.types.is_time(kind) or pa.types.is_interval(kind):
            raise BadInputError(
                f"{shown(path.name)}: the column {shown(name)} is of type {kind}; write it as a number."
            )


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        text = str(error)
        if "ncrypt" in text:
            raise BadInputError(
                f"{shown(path.name)} is an encrypted Parquet file; write it without encryption."
            ) from None
        why = printable(" ".join(text.split())[:160].rstrip("."))
        raise BadInputError(f"{shown(path.name)} is a damaged Parquet file ({why}); copy or write it again.") from None
