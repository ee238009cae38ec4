"""Checks an exported audit chain with nothing but the standard library.

This file is copied into every export as ``verify.py``. A reviewer reads it and runs
``python3 -I verify.py`` in the export's folder, on any machine, without Watchroom. The
program itself checks its chain with the same functions.

The chain: entries are numbered 1, 2, 3, …; each holds the hash of the one before
(64 zeros for the first) and its own hash, SHA-256 over the canonical JSON of the fields in
`FIELDS` (keys sorted, no spaces, UTF-8, numbers as strings). An anchor remembers
(seq, hash) outside the database, so that a tail which was cut off is missed.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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
    entries: Iterable[Mapping[str, Any]], anchors: Sequence[Mapping[str, Any]]
) -> tuple[int, int | None, str]:
    """Return (number of entries that hold, first bad seq or None, why).

    Parameters
    ----------
    entries : iterable of mappings
        The chain in its own order, with the fields of `FIELDS` and ``hash``.
    anchors : sequence of mappings
        With ``seq`` and ``hash``; in any order.
    """
    anchored = {anchor["seq"]: anchor["hash"] for anchor in anchors}
    previous, good = GENESIS, 0
    for entry in entries:
        seq = good + 1
        if entry["seq"] != seq:
            return good, seq, f"entry {seq} is missing: entry {entry['seq']} stands in its place"
        if entry["prev_hash"] != previous:
            return good, seq, f"entry {seq} does not follow from entry {good}: one of them was changed"
        if entry_hash(entry) != entry["hash"]:
            return good, seq, f"entry {seq} was changed after it was written"
        if anchored.get(seq, entry["hash"]) != entry["hash"]:
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


def verify_export(folder: Path) -> dict[str, Any]:
    """Check an export against itself and its manifest; returns ``{"ok", "entries", "first_bad", "why"}``."""
    good = 0
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        stated = (manifest["entries"], manifest["last_hash"], manifest["sha256"], manifest["anchors"])
        entries = list(read_entries(folder / "audit.jsonl"))
        good, bad, why = first_break(entries, stated[3])
    except BrokenExportError as error:
        return {"ok": False, "entries": good, "first_bad": _line_of(error), "why": str(error)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return {"ok": False, "entries": good, "first_bad": None, "why": f"the export cannot be read: {error!r}"}
    if bad is None:
        why = _against_manifest(folder, entries, *stated[:3])
    return {"ok": bad is None and not why, "entries": good, "first_bad": bad, "why": why}


def _line_of(error: BrokenExportError) -> int | None:
    words = str(error).split()
    return int(words[1]) if words[0] == "line" else None


def _against_manifest(folder: Path, entries: Sequence[Mapping[str, Any]], n: int, last_hash: str, sha256: str) -> str:
    if len(entries) != n:
        return f"the manifest states {n} entries, the file holds {len(entries)}"
    if (entries[-1]["hash"] if entries else GENESIS) != last_hash:
        return "the last entry is not the one in the manifest"
    if hashlib.sha256((folder / "audit.jsonl").read_bytes()).hexdigest() != sha256:
        return "audit.jsonl is not the file in the manifest"
    return ""


def main(arguments: Sequence[str]) -> int:
    """Print the outcome as JSON; returns 0 when the export holds, else 1."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    outcome = verify_export(folder)
    sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
    return 0 if outcome["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
