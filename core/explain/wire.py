"""The words between the child that opened a model file and who started it: frames on two pipes.

A frame is its kind (one byte), the length of what follows (eight bytes), and that: JSON, or an Arrow IPC stream.
The child is not trusted: a frame from it is measured before it is read, and a table is validated in full.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

HEADER = struct.Struct(">cQ")
LARGEST_FRAME = 2**30
CONFINED, PROGRESS, RESULT, REFUSAL, ASKED, ROWS = b"C", b"P", b"R", b"E", b"A", b"T"
WORDS_LENGTH = 600


def frame(kind: bytes, payload: bytes) -> bytes:
    """Return one frame."""
    return HEADER.pack(kind, len(payload)) + payload


def said(kind: bytes, document: Mapping[str, Any]) -> bytes:
    """Return one frame of JSON."""
    return frame(kind, json.dumps(document).encode())


def rows(table: pa.Table, kind: bytes = ROWS) -> bytes:
    """Return one frame that holds a table."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return frame(kind, sink.getvalue().to_pybytes())


def read_rows(payload: bytes) -> pa.Table:
    """Return the table of a payload, validated in full.

    Raises
    ------
    ValueError
        When it is no table.
    """
    try:
        table = pa.ipc.open_stream(pa.py_buffer(payload)).read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"this is no Arrow table: {error}") from None
    return table


def header(start: bytes) -> tuple[bytes, int]:
    """Return the kind and the length of a frame.

    Raises
    ------
    ValueError
        When the length is more than a frame may have.
    """
    kind, length = HEADER.unpack(start)
    if length > LARGEST_FRAME:
        raise ValueError(f"a frame of {length:,} bytes")
    return kind, length
