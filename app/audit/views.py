"""What the Audit page shows: whether the chain holds, and the entries that were asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is searched for; empty texts and None ask for everything.

    Attributes
    ----------
    start, end : date or None
        Days in UTC, the last one included.
    before : int or None
        Only entries before this one: the pages after the first.
    """

    person: str = ""
    kind: str = ""
    name: str = ""
    action: str = ""
    text: str = ""
    start: date | None = None
    end: date | None = None
    before: int | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for but the newest entries."""
        return any((self.person, self.kind, self.name, self.action, self.text, self.start, self.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field that an entry changed; None where it was not there before, or is not any more."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry in words.

    Attributes
    ----------
    did, action : what happened in words, and as the chain spells it
    kind, name : type and id of the object
    evidence : digest of the evidence that was seen when this was decided; empty when the entry names none
    """

    seq: int
    at: datetime
    who: str
    roles: str
    did: str
    action: str
    kind: str
    name: str
    changes: tuple[Change, ...]
    why: str
    evidence: str
    key: str
    app_version: str
    digest: str
    previous: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether the chain holds, as it was checked at `checked_at`.

    Attributes
    ----------
    checked_from : first entry that was looked at then; those before were at `checked_before`
    anchored_at, anchored_to : of the last anchor; None and 0 without one
    outside : whether an anchor lies outside the store's own folder
    intact : after a bad entry, runs that hold by themselves
    """

    ok: bool
    entries: int
    first_bad: int | None
    why: str
    checked_at: datetime
    checked_from: int
    checked_before: datetime | None
    anchored_at: datetime | None
    anchored_to: int
    outside: bool
    intact: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """The entries that fit, newest first; `more` when older ones fit too.

    Attributes
    ----------
    offered : mapping of ``actor``, ``object_type``, ``action`` to what the chain holds
    """

    asked: Asked
    rows: tuple[EntryRow, ...]
    more: bool
    offered: Mapping[str, tuple[str, ...]]
