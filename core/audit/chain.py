"""The audit chain as values: entries linked by their hashes, and what a check of them says."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from core.audit.offline import GENESIS, entry_hash, first_break
from core.errors import BadInputError

__all__ = [
    "GENESIS",
    "Anchor",
    "AnchorPlace",
    "AuditEntry",
    "ChainReport",
    "canonical_json",
    "content_hash",
    "fields_of",
    "joined",
    "link",
    "segments",
    "verify",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry; `before` and `after` are canonical JSON, `roles` is comma-separated, `at` is ISO 8601 in UTC."""

    seq: int
    event_id: str
    at: str
    actor: str
    roles: str
    action: str
    object_type: str
    object_id: str
    before: str
    after: str
    reason: str
    idempotency_key: str | None
    app_version: str
    prev_hash: str
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What was remembered outside the database: at `at` the chain had `count` entries and ended with `hash`.

    `signature` is 128 hexadecimal digits; empty in anchors of an earlier Watchroom.
    """

    seq: int
    hash: str
    count: int
    at: str
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorPlace:
    """A folder with anchors, as it was read.

    Attributes
    ----------
    folder : str
    outside : bool
        Not in the store's own folder: whoever can write the database need not be able to write there.
    anchors : tuple of Anchor
        Those that are to be believed.
    forged : str
        Why the others are not; empty when there are none.
    unreadable : str
        Why nothing can be read there; empty when it can.
    """

    folder: str
    outside: bool
    anchors: tuple[Anchor, ...] = ()
    forged: str = ""
    unreadable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """Outcome of a check: `first_bad` is the first seq that does not hold, None when all do.

    Attributes
    ----------
    entries : int
        Those that hold, from the first on.
    anchor_age_s : float or None
        Age of the last anchor in seconds; None when there is none, and then a tail that was cut off cannot be seen.
    checked_from : int
        First entry that was looked at; those before were when `checked_before` says.
    checked_before : str
        ISO 8601 in UTC; empty when everything was looked at.
    anchored_to : int
        Last entry that an anchor holds; 0 without one.
    anchored_outside : int
        The same of the anchors that do not lie beside the database.
    intact : tuple of (first, last)
        After a bad entry: what still holds by itself, from one anchor to another.
    """

    ok: bool
    entries: int
    first_bad: int | None
    anchor_age_s: float | None
    why: str
    checked_from: int = 1
    checked_before: str = ""
    anchored_to: int = 0
    anchored_outside: int = 0
    intact: tuple[tuple[int, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report as `watchroom audit verify --json` prints it."""
        return {name: getattr(self, name) for name in ("ok", "entries", "first_bad", "anchor_age_s", "why")}


def canonical_json(value: Any) -> str:
    """Return `value` as JSON that is the same for equal content.

    Keys sorted, no spaces, text as it is, floats as the string of their shortest `repr` (a
    reader in another language must not round them), dates in ISO 8601.

    Raises
    ------
    BadInputError
        When a text cannot be written as UTF-8.
    TypeError
        When a value is neither text, number, date, truth value, None, mapping nor sequence.

    >>> canonical_json({"b": 0.1, "a": [1, None, date(2013, 7, 1)]})
    '{"a":[1,null,"2013-07-01"],"b":"0.1"}'
    """
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    _must_be_utf8(text)
    return text


def content_hash(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def link(entry: AuditEntry) -> AuditEntry:
    """Return `entry` with its hash.

    Raises
    ------
    BadInputError
        When one of its texts cannot be written as UTF-8.
    """
    fields = fields_of(entry)
    for text in fields.values():
        _must_be_utf8(text if isinstance(text, str) else "")
    return replace(entry, hash=entry_hash(fields))


def fields_of(value: AuditEntry | Anchor) -> dict[str, Any]:
    """Return the fields of an entry or anchor by name."""
    return {name: getattr(value, name) for name in value.__slots__}


def verify(
    entries: Iterable[AuditEntry],
    anchors: Sequence[Anchor] = (),
    *,
    at: datetime,
    start: Anchor | None = None,
    mark: Anchor | None = None,
) -> ChainReport:
    """Return whether `entries` are an unbroken chain that holds everything the `anchors` saw.

    Found at its exact seq: a change of any field, a removed, inserted or exchanged entry. An
    entry changed together with its hash shows at the next one. A tail that was cut off, or
    written anew up to its end, shows only when an anchor saw it.

    Parameters
    ----------
    start : Anchor, optional
        An entry that was found to hold before: `entries` begin with it, and what lies before is believed.
    mark : Anchor, optional
        Up to where the chain was found to hold before: it must still hold that entry.
    """
    links = (fields_of(entry) for entry in entries)
    begin = (0, GENESIS)
    if start is not None:
        begin = (start.seq, start.hash)
        first = next(links, None)
        if first is None or (first["seq"], first["hash"], entry_hash(first)) != (*begin, start.hash):
            why = f"entry {start.seq} is not the one that was found to hold before: check the whole chain"
            return _report(start.seq - 1, start.seq, why, anchors, at=at, start=start)
    known = anchors if mark is None else (*anchors, mark)
    later = [fields_of(anchor) for anchor in known if anchor.seq > begin[0]]
    good, bad, why = first_break(links, later, begin)
    return _report(good, bad, why, anchors, at=at, start=start)


def _report(
    good: int, bad: int | None, why: str, anchors: Sequence[Anchor], *, at: datetime, start: Anchor | None
) -> ChainReport:
    age = min(((at - datetime.fromisoformat(anchor.at)).total_seconds() for anchor in anchors), default=None)
    if bad is None and age is None and good:
        why = "no anchor: entries cut off from the end could not be seen"
    return ChainReport(
        ok=bad is None,
        entries=good,
        first_bad=bad,
        anchor_age_s=age,
        why=why,
        checked_from=1 if start is None else start.seq + 1,
        checked_before="" if start is None else start.at,
        anchored_to=max((anchor.seq for anchor in anchors), default=0),
    )


def segments(anchors: Iterable[Anchor], last: int) -> tuple[tuple[Anchor | None, int], ...]:
    """Return the pieces of a chain of `last` entries that are checked each by itself: (anchor before it, last seq).

    >>> a = Anchor(seq=3, hash="x", count=3, at="2026-01-01T00:00:00+00:00")
    >>> [(before and before.seq, end) for before, end in segments([a], 5)]
    [(None, 3), (3, 5)]
    """
    by_seq = {anchor.seq: anchor for anchor in anchors if 0 < anchor.seq <= last}
    befores = [None, *(by_seq[seq] for seq in sorted(by_seq))]
    ends = [*sorted(by_seq), last]
    return tuple((before, end) for before, end in zip(befores, ends, strict=True) if before is None or before.seq < end)


def joined(pieces: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return runs of entries that touch one another, in order, as one each.

    >>> joined([(4, 9), (9, 11), (12, 14), (20, 21)])
    ((4, 14), (20, 21))
    """
    found: list[tuple[int, int]] = []
    for first, last in pieces:
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return tuple(found)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case float():
            return repr(float(value))
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case set() | frozenset():
            return sorted(_plain(part) for part in value)
    raise TypeError(f"An audit entry cannot hold a {type(value).__name__}.")


def _must_be_utf8(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInputError(f"The text {text[:80]!a} holds characters that no file can keep; write it anew.") from None
