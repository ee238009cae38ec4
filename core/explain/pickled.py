"""Whether bytes are a pickle or a joblib file, packed or not: told from the first of them, and never opened."""

import bz2
import contextlib
import lzma
import pickletools
import re
import warnings
import zlib
from collections.abc import Iterator

HEAD = 65_536
"""Bytes that are looked at."""
PACKED_HEAD = 2 * 2**20
"""Bytes from which the first are unpacked: bz2 gives nothing before a whole block (900 kB) is read."""
DICTIONARY_MOST = 256 * 2**20
PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ": "xz", b"\x5d\x00\x00": "lzma", b"ZF": "zlib"}
LZ4 = b"\x04\x22\x4d\x18"
IMPORTED = re.compile(r"[A-Za-z_][\w.]* [A-Za-z_][\w.]*")
MANY = 16


def pickle_words(head: bytes) -> str | None:
    r"""Return what kind of pickle begins with these bytes, in words; None when it is none.

    Protocols 2 to 5 say so in their first two bytes. Protocols 0 and 1 say nothing: their instructions are walked,
    not carried out (`pickletools.genops`), and must take from the stack no more than stands on it. They are a pickle
    when the last one ends it, when they name something to import, or, where there are more bytes than are looked at,
    when there are sixteen of them.

    >>> pickle_words(b"\x80\x05\x95\x00"), pickle_words(b"(I1\nI2\ntp0\n."), pickle_words(b"tree\nversion=v4")
    ('a pickle', 'a pickle', None)
    """
    is_new = len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of backslashes in what may be a text
        if not is_new and not _is_old_pickle(head):
            return None
    return "a joblib file (a pickle)" if b"joblib" in head else "a pickle"


def _is_old_pickle(head: bytes) -> bool:
    levels, n_done, imports_at = [0], 0, 0
    for opcode, argument, place in _instructions(head):
        if opcode.name == "STOP":
            return imports_at > 0 or (levels == [1] and place == len(head) - 1)
        if not _stacked(levels, opcode):
            break
        n_done += 1
        if opcode.name in ("GLOBAL", "INST") and IMPORTED.fullmatch(str(argument)):
            imports_at = imports_at or n_done
    return 0 < imports_at < n_done or (len(head) >= HEAD and n_done >= MANY)


def _instructions(head: bytes) -> Iterator[tuple[pickletools.OpcodeInfo, object, int | None]]:
    """Yield the instructions with argument and place, until there is none, or one that is cut off."""
    with contextlib.suppress(ValueError):
        yield from pickletools.genops(head)


def _stacked(levels: list[int], opcode: pickletools.OpcodeInfo) -> bool:
    """Do to the counts, one from each mark on, what an instruction does to the stack; False when it takes too much."""
    takes = [item.name for item in opcode.stack_before]
    if "mark" in takes:
        levels.pop()
        takes = takes[: takes.index("mark")]
    if not levels or levels[-1] < len(takes):
        return False
    if opcode.name == "MARK":
        levels.append(0)
    else:
        levels[-1] += len(opcode.stack_after) - len(takes)
    return True


def joblib_words(head: bytes) -> str | None:
    """Return in words that packed bytes are a joblib file; None when they are none.

    Parameters
    ----------
    head : bytes
        The first `PACKED_HEAD` of the file.
    """
    if head.startswith(LZ4):
        return "a joblib file (packed with lz4)"
    packing = _packing(head)
    if packing is None or pickle_words(_unpacked(head, packing)) is None:
        return None
    return f"a joblib file (a pickle packed with {packing})"


def _packing(head: bytes) -> str | None:
    if len(head) > 1 and head[0] == 0x78 and int.from_bytes(head[:2], "big") % 31 == 0:
        return "zlib"
    return next((packing for start, packing in PACKED.items() if head.startswith(start)), None)


def _unpacked(head: bytes, packing: str) -> bytes:
    """Return the first bytes of what is packed; empty when it does not unpack."""
    with contextlib.suppress(OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        if packing == "zlib":
            return zlib.decompressobj().decompress(head[21:] if head.startswith(b"ZF") else head, HEAD)
        if packing == "gzip":
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(head, HEAD)
        if packing == "bz2":
            return bz2.BZ2Decompressor().decompress(head, HEAD)
        return lzma.LZMADecompressor(memlimit=DICTIONARY_MOST).decompress(head, HEAD)
    return b""
