"""Checks an exported audit chain with nothing but the standard library.

This file is copied into every export as ``verify.py``. A reviewer reads it and runs
``python3 -I verify.py`` in the export's folder, on any machine, without Watchroom. The
program itself checks its chain with the same functions.

The chain: entries are numbered 1, 2, 3, …; each holds the hash of the one before
(64 zeros for the first) and its own hash, SHA-256 over the canonical JSON of the fields in
`FIELDS` (keys sorted, no spaces, UTF-8, numbers as strings). An anchor remembers
(seq, hash, count, at) outside the database, so that a tail which was cut off is missed.

Anchors and the manifest are signed with the store's Ed25519 key; ``anchor.pub`` holds the
public half. Whoever makes an export can also make a key: a signature proves something only
when the key is known from elsewhere. ``python3 -I verify.py --key HEX`` holds the export to
the key that the reviewer was given at another time, or by another way.

References
----------
S. Josefsson, I. Liusvaara, "Edwards-Curve Digital Signature Algorithm (EdDSA)", RFC 8032, 2017, section 5.1.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FORMAT = "watchroom-audit/2"
GENESIS = "0" * 64
FIELDS = (
    "seq",
    "event_id",
    "at",
    "actor",
    "roles",
    "action",
    "object_type",
    "object_id",
    "before",
    "after",
    "reason",
    "idempotency_key",
    "app_version",
    "prev_hash",
)
TEXTS = (*FIELDS[1:11], "app_version", "prev_hash", "hash")


class BrokenExportError(Exception):
    """An export whose files cannot be read as a chain; the message says where."""


def canonical(fields: Mapping[str, Any]) -> bytes:
    """Return `fields` as canonical JSON in UTF-8.

    >>> canonical({"b": "2", "a": None})
    b'{"a":null,"b":"2"}'
    """
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an entry's fixed fields (64 hexadecimal digits)."""
    fixed = {name: entry[name] for name in FIELDS}
    fixed["seq"] = str(entry["seq"])
    return hashlib.sha256(canonical(fixed)).hexdigest()


def first_break(
    entries: Iterable[Mapping[str, Any]],
    anchors: Sequence[Mapping[str, Any]],
    start: tuple[int, str] = (0, GENESIS),
) -> tuple[int, int | None, str]:
    """Return (last seq up to which the chain holds, first bad seq or None, why).

    Parameters
    ----------
    entries : iterable of mappings
        The chain in its own order, with the fields of `FIELDS` and ``hash``, from the one after `start` on.
    anchors : sequence of mappings
        With ``seq`` and ``hash``; in any order. Two that contradict each other break the chain at their entry.
    start : (seq, hash)
        An entry that is known to hold, e.g. from an anchor; by default the beginning.
    """
    anchored: dict[int, set[str]] = {}
    for anchor in anchors:
        anchored.setdefault(anchor["seq"], set()).add(anchor["hash"])
    good, previous = start
    for entry in entries:
        seq = good + 1
        if entry["seq"] != seq:
            return good, seq, f"entry {seq} is missing: entry {entry['seq']} stands in its place"
        if entry["prev_hash"] != previous:
            return good, seq, f"entry {seq} does not follow from entry {good}: one of them was changed"
        if entry_hash(entry) != entry["hash"]:
            return good, seq, f"entry {seq} was changed after it was written"
        if anchored.get(seq, {entry["hash"]}) != {entry["hash"]}:
            return good, seq, f"entry {seq} is not the one that was anchored: the chain was written anew before it"
        previous, good = entry["hash"], seq
    last = max(anchored, default=0)
    if last > good:
        return good, good + 1, f"entries {good + 1} to {last} are missing: an anchor saw {last} entries"
    return good, None, ""


def read_entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the entries of an exported ``audit.jsonl``; refuse a line that is not exactly canonical."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            yield _entry(line, number)


def _entry(line: bytes, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
        same = canonical(entry) + b"\n" == line
    except (ValueError, RecursionError):
        raise BrokenExportError(f"line {number} of audit.jsonl is not JSON") from None
    if not isinstance(entry, dict) or set(entry) != {*FIELDS, "hash"}:
        raise BrokenExportError(f"line {number} of audit.jsonl has other fields than an audit entry")
    key = entry["idempotency_key"]
    typed = all(isinstance(entry[name], str) for name in TEXTS) and (key is None or isinstance(key, str))
    if not typed or type(entry["seq"]) is not int or not same:
        raise BrokenExportError(f"line {number} of audit.jsonl is not written as Watchroom writes it")
    return entry


def verify_export(folder: Path, key: str | None = None) -> dict[str, Any]:
    """Check an export against itself, its manifest and its signatures.

    Returns ``{"ok", "entries", "first_bad", "why", "key", "key_given"}``; with `key` (64 hexadecimal digits) only an
    export that was signed by it is ok, without it the export's own key is believed.
    """
    outcome = {"ok": False, "entries": 0, "first_bad": None, "why": "", "key": "", "key_given": key is not None}
    try:
        manifest = _manifest(folder)
        outcome["key"] = manifest["key"]
        entries = list(read_entries(folder / "audit.jsonl"))
        outcome["entries"], outcome["first_bad"], outcome["why"] = first_break(entries, manifest["anchors"])
        outcome["why"] = outcome["why"] or _against_manifest(folder, entries, manifest) or _unsigned(manifest, key)
    except BrokenExportError as error:
        return outcome | {"first_bad": _line_of(error), "why": str(error)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return outcome | {"why": f"the export cannot be read: {error!r}"}
    return outcome | {"ok": not outcome["why"]}


def _manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest; one that is not written exactly as Watchroom writes it is refused."""
    raw = (folder / "manifest.json").read_bytes()
    manifest = json.loads(raw)
    if not isinstance(manifest, dict) or manifest_bytes(manifest) != raw:
        raise ValueError("manifest.json is not written as Watchroom writes it")
    texts = [manifest[name] for name in ("format", "last_hash", "sha256", "key", "signature")]
    anchors = manifest["anchors"]
    for anchor in anchors:
        texts += [anchor[name] for name in ("hash", "at", "signature")]
    numbers = [manifest["entries"], *(anchor[name] for anchor in anchors for name in ("seq", "count"))]
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        raise ValueError("manifest.json holds values of other kinds")
    if manifest["format"] != FORMAT:
        raise ValueError(f"this program reads {FORMAT}")
    if (folder / "anchor.pub").read_bytes() != manifest["key"].encode() + b"\n":
        raise ValueError("anchor.pub is not the key in the manifest")
    return manifest


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return a manifest as it stands in its file."""
    return json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n"


def _line_of(error: BrokenExportError) -> int | None:
    words = str(error).split()
    return int(words[1]) if words[0] == "line" else None


def _against_manifest(folder: Path, entries: Sequence[Mapping[str, Any]], manifest: Mapping[str, Any]) -> str:
    if len(entries) != manifest["entries"]:
        return f"the manifest states {manifest['entries']} entries, the file holds {len(entries)}"
    if (entries[-1]["hash"] if entries else GENESIS) != manifest["last_hash"]:
        return "the last entry is not the one in the manifest"
    if hashlib.sha256((folder / "audit.jsonl").read_bytes()).hexdigest() != manifest["sha256"]:
        return "audit.jsonl is not the file in the manifest"
    return ""


def _unsigned(manifest: Mapping[str, Any], key: str | None) -> str:
    """Return which signature does not hold; empty when all do.

    Anchors without a signature are those of an earlier Watchroom, older than every signed one.
    """
    public = manifest["key"]
    if key is not None and public != key.strip().lower():
        return "the export is signed by another key than the one given"
    if not signature_holds(public, signed_text("export", manifest), manifest["signature"]):
        return "the manifest is not signed by its key: something in it was changed"
    signed_before = False
    for anchor in sorted(manifest["anchors"], key=lambda anchor: anchor["seq"]):
        if not anchor["signature"] and not signed_before:
            continue
        signed_before = True
        if not signature_holds(public, signed_text("anchor", anchor), anchor["signature"]):
            return f"the anchor of entry {anchor['seq']} is not signed by the export's key"
    return ""


def signed_text(kind: str, fields: Mapping[str, Any]) -> bytes:
    """Return what a signature is over: the kind of document, then its canonical JSON without the signature itself."""
    return f"watchroom {kind}\n".encode() + canonical({name: fields[name] for name in fields if name != "signature"})


# Ed25519, checking only: a private key never comes near this file.

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)

Point = tuple[int, int, int, int]
"""(X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z."""

NEUTRAL: Point = (0, 1, 1, 0)


def signature_holds(public: str, message: bytes, signature: str) -> bool:
    """Return whether `signature` (128 hexadecimal digits) of `message` was made with the key of `public` (64).

    RFC 8032, 5.1.7, without cofactor: S·B − h·A must be written exactly as R. A number or point that is not written
    in its one form (S at or over the group's order, a coordinate at or over the prime) is refused.
    """
    try:
        key, both = hex_bytes(public, 32), hex_bytes(signature, 64)
        point = _point(key)
    except ValueError:
        return False
    first, scalar = both[:32], int.from_bytes(both[32:], "little")
    if scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(first + key + message).digest(), "little") % ORDER
    minus = (PRIME - point[0], point[1], point[2], PRIME - point[3])
    return _written(_two_products(scalar, BASE, challenge, minus)) == first


def hex_bytes(text: str, size: int) -> bytes:
    """Return `size` bytes from their one way to be written: lower-case hexadecimal digits without anything between."""
    if len(text) != 2 * size or any(sign not in "0123456789abcdef" for sign in text):
        raise ValueError(text)
    return bytes.fromhex(text)


def _point(written: bytes) -> Point:
    """Return the point that 32 bytes write: y, and the lowest bit of x at the top."""
    number = int.from_bytes(written, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if y >= PRIME:
        raise ValueError("no coordinate")
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME or (x == 0 and odd):
        raise ValueError("no point of the curve")
    if x & 1 != odd:
        x = PRIME - x
    return (x, y, 1, x * y % PRIME)


def _written(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, PRIME)
    x, y = x * inverse % PRIME, y * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _sum(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0])
    b = (one[1] + one[0]) * (other[1] + other[0])
    c = 2 * one[3] * other[3] * CURVE_D
    d = 2 * one[2] * other[2]
    e, f, g, h = (b - a) % PRIME, (d - c) % PRIME, (d + c) % PRIME, (b + a) % PRIME
    return (e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def _two_products(s: int, one: Point, t: int, other: Point) -> Point:
    """Return s·one + t·other, both read bit by bit in the same walk."""
    added = {(1, 0): one, (0, 1): other, (1, 1): _sum(one, other)}
    total = NEUTRAL
    for bit in range(max(s.bit_length(), t.bit_length()) - 1, -1, -1):
        total = _sum(total, total)
        bits = (s >> bit & 1, t >> bit & 1)
        if any(bits):
            total = _sum(total, added[bits])
    return total


BASE = _point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


def main(arguments: Sequence[str]) -> int:
    """Print the outcome as JSON; returns 0 when the export holds, else 1. Arguments: [FOLDER] [--key HEX]."""
    given, key = list(arguments), None
    if "--key" in given:
        place = given.index("--key")
        key = given[place + 1] if place + 1 < len(given) else ""
        del given[place : place + 2]
    outcome = verify_export(Path(given[0]) if given else Path(__file__).parent, key)
    sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
    return 0 if outcome["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
