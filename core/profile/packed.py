"""Packed arrays: byte planes and Zstandard, checked when they are opened.

A day's counts are small numbers: of the eight bytes of each, six are zero. Writing all first
bytes, then all second bytes, and leaving out the planes that are zero throughout makes them
compress to a fraction and open faster than they would as they lie in memory.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import CoreError
from core.profile.bins import Floats, Ints

MAGIC = b"WRPF"
FORMAT = 1
HEADER = struct.Struct("<4sBBxxIIII")
"""Magic, format, integer planes, integers, floats, bytes before compression, checksum of the rest."""

LEVEL = 6


def pack(ints: Ints, floats: Floats) -> bytes:
    """Return both vectors as one blob; the same vectors always give the same bytes.

    Parameters
    ----------
    ints : (n_ints,) int64
    floats : (n_floats,) float64
    """
    planes = _planes(ints.astype("<i8", copy=False))
    used = 8
    while used and not planes[used - 1].any():
        used -= 1
    payload = planes[:used].tobytes() + _planes((floats + 0.0).astype("<f8", copy=False)).tobytes()
    packed: bytes = pa.Codec("zstd", compression_level=LEVEL).compress(payload, asbytes=True)
    return HEADER.pack(MAGIC, FORMAT, used, ints.size, floats.size, len(payload), zlib.crc32(packed)) + packed


def unpack(blob: bytes) -> tuple[Ints, Floats]:
    """Return the vectors of a blob.

    Raises
    ------
    CoreError
        When the blob is damaged or was not written by `pack`.
    """
    ints, floats = unpack_all([blob])
    return ints[0], floats[0]


def unpack_all(blobs: Sequence[bytes]) -> tuple[Ints, Floats]:
    """Return the vectors of blobs of one layout below each other: ``(W, n_ints)`` and ``(W, n_floats)``.

    Raises
    ------
    CoreError
        When a blob is damaged, or the blobs do not have the same lengths.
    """
    if not blobs:
        return np.zeros((0, 0), np.int64), np.zeros((0, 0))
    _, n_ints, n_floats, _ = _opened(blobs[0])
    ints = np.zeros((len(blobs), n_ints), np.int64)
    floats = np.zeros((len(blobs), n_floats), np.float64)
    for row, blob in enumerate(blobs):
        used, *lengths, payload = _opened(blob)
        if lengths != [n_ints, n_floats]:
            raise CoreError("The stored profiles have different lengths; build them again with watchroom profile.")
        _put_planes(ints[row], payload[: used * n_ints].reshape(used, n_ints))
        _put_planes(floats[row], payload[used * n_ints :].reshape(8, n_floats))
    return ints, floats


def _planes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the bytes of little-endian numbers, all first bytes first: ``(8, n)``."""
    return np.ascontiguousarray(values).view(np.uint8).reshape(-1, 8).T


def _put_planes(row: NDArray[Any], planes: NDArray[np.uint8]) -> None:
    row.view(np.uint8).reshape(-1, 8)[:, : len(planes)] = planes.T


def _opened(blob: bytes) -> tuple[int, int, int, NDArray[np.uint8]]:
    """Return planes of the integers, number of integers and of floats, and all bytes."""
    damaged = CoreError("A stored profile is damaged; build the day again with watchroom profile.")
    if len(blob) < HEADER.size:
        raise damaged
    magic, written, used, n_ints, n_floats, size, checksum = HEADER.unpack_from(blob)
    packed = memoryview(blob)[HEADER.size :]
    if magic != MAGIC or size != used * n_ints + 8 * n_floats or zlib.crc32(packed) != checksum:
        raise damaged
    if written != FORMAT:
        raise CoreError(f"A stored profile has format {written}, this program reads {FORMAT}: upgrade Watchroom.")
    try:
        payload = pa.Codec("zstd").decompress(packed, decompressed_size=size)
    except (pa.ArrowException, OSError):
        raise damaged from None
    return used, n_ints, n_floats, np.frombuffer(payload, np.uint8)
