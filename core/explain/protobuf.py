"""Just enough protobuf to tell an ONNX model from any other bytes."""

import os
from typing import IO

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
IR_VERSION, GRAPH = 1, 7
FIELDS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
"""Numbers of the fields of ONNX's ModelProto."""


def is_onnx(stream: IO[bytes]) -> bool:
    """Whether a seekable stream is one whole ONNX ModelProto: known fields to the last byte, with version and graph.

    The position is the beginning again afterwards.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    try:
        return {IR_VERSION, GRAPH} <= _fields(stream, size)
    except ValueError:
        return False
    finally:
        stream.seek(0)


def _fields(stream: IO[bytes], size: int) -> set[int]:
    seen: set[int] = set()
    while stream.tell() < size:
        key = _varint(stream)
        field, wire = key >> 3, key & 7
        if field not in FIELDS:
            raise ValueError("a field that ONNX does not have")
        _skip(stream, wire, size)
        seen.add(field)
    return seen


def _skip(stream: IO[bytes], wire: int, size: int) -> None:
    if wire == VARINT:
        _varint(stream)
        return
    if wire not in (FIXED64, BYTES, FIXED32):
        raise ValueError("a wire type that protobuf does not have")
    length = {FIXED64: 8, FIXED32: 4}.get(wire)
    length = _varint(stream) if length is None else length
    if stream.tell() + length > size:
        raise ValueError("cut off")
    stream.seek(length, os.SEEK_CUR)


def _varint(stream: IO[bytes]) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)
        if not byte:
            raise ValueError("cut off")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("too long a number")
