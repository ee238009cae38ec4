"""The audit chain as values: entries linked by their hashes, and what a check of them says."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from core.audit.offline import GENESIS, entry_hash, first_break
from core.errors import BadInputError

__all__ = [
    "GENESIS",
    "Anchor",
    "AuditEntry",
    "ChainReport",
    "canonical_json",
    "content_hash",
    "fields_of",
    "link",
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
    """What was remembered outside the database: at `at` the chain had `count` entries and ended with `hash`."""

    seq: int
    hash: str
    count: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """Outcome of a check: `first_bad` is the first seq that does not hold, None when all do.

    `entries` counts those that hold; `anchor_age_s` is the age of the last anchor in seconds,
    None when there is none, and then a tail that was cut off cannot be seen.
    """

    ok: bool
    entries: int
    first_bad: int | None
    anchor_age_s: float | None
    why: str

    def as_json(self) -> dict[str, Any]:
        """Return the report as `watchroom audit verify --json` prints it."""
        return asdict(self)


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


def verify(entries: Iterable[AuditEntry], anchors: Sequence[Anchor] = (), *, at: datetime) -> ChainReport:
    """Return whether `entries` are an unbroken chain that holds everything the `anchors` saw.

    Found at its exact seq: a change of any field, a removed, inserted or exchanged entry. An
    entry changed together with its hash shows at the next one. A tail that was cut off, or
    written anew up to its end, shows only when an anchor saw it.
    """
    good, bad, why = first_break((fields_of(entry) for entry in entries), [fields_of(anchor) for anchor in anchors])
    age = min(((at - datetime.fromisoformat(anchor.at)).total_seconds() for anchor in anchors), default=None)
    if bad is None and age is None and good:
        why = "no anchor: entries cut off from the end could not be seen"
    return ChainReport(ok=bad is None, entries=good, first_bad=bad, anchor_age_s=age, why=why)


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
