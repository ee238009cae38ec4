"""What an intake did: the outcome of a file, a batch as listed, a row that was kept out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class BatchState(StrEnum):
    """STAGED while being written, LANDED when counted, REVERTING while being taken out, then REVERTED."""

    STAGED = "STAGED"
    LANDED = "LANDED"
    REVERTING = "REVERTING"
    REVERTED = "REVERTED"


class Kind(StrEnum):
    """What a batch holds."""

    PREDICTIONS = "predictions"
    ACTUALS = "actuals"


class LogRole(StrEnum):
    """In which capacity a version scored the rows."""

    SERVED = "served"
    SHADOW = "shadow"
    CANARY = "canary"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedRow:
    """A row that was kept out, or (``row`` None) the count of further rows that broke the same rule.

    Attributes
    ----------
    row : int or None
        Number of the data row in its file, from 1 (a header does not count).
    column : str
        The user's column name; empty when the whole row is broken.
    rule : str
        Stable code, e.g. ``score_range``.
    value : str
        The offending value, shortened.
    fix : str
        One sentence: what to do.
    count : int
    """

    row: int | None
    column: str
    rule: str
    value: str
    fix: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one file.

    Attributes
    ----------
    days : tuple of str
        Labels of the units that the accepted rows lie in.
    matched, unmatched, corrected, too_late : int or None
        Actuals only: rows whose prediction is in the log; not (yet) in the log; ids whose winning
        value changed from one known value to another; rows older than `actual_window` allows.
    removed : mapping of unit label to int
        Rows that an explicit ``on_violation: quarantine`` removed.
    """

    file: str
    batch: int | None = None
    duplicate: bool = False
    accepted: int = 0
    quarantined: int = 0
    refused: bool = False
    reason: str | None = None
    days: tuple[str, ...] = ()
    matched: int | None = None
    unmatched: int | None = None
    corrected: int | None = None
    too_late: int | None = None
    removed: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        """Return the entry of ``files`` in the JSON of ``ingest`` and ``actuals``."""
        document: dict[str, Any] = {
            "file": self.file,
            "batch": self.batch,
            "duplicate": self.duplicate,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "refused": self.refused,
            "reason": self.reason,
            "days": list(self.days),
        }
        if self.matched is not None:
            document |= {"matched": self.matched, "unmatched": self.unmatched}
            document |= {"corrected": self.corrected, "too_late": self.too_late}
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchInfo:
    """A batch as the state database knows it; `version` is None for actuals."""

    id: int
    model_id: int
    version_id: int | None
    version: str | None
    kind: Kind
    role: str | None
    file: str
    content_hash: str
    state: BatchState
    accepted: int
    quarantined: int
    details: Mapping[str, Any]
    created_at: datetime
    created_by: str
    reverted_reason: str | None

    def summary(self) -> dict[str, str | int]:
        """Return what the audit trail says of the batch."""
        return {
            "version": self.version or "",
            "role": self.role or "",
            "file": self.file,
            "content": self.content_hash,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the entry of ``batches`` in the JSON of ``batch list``."""
        return {
            "batch": self.id,
            "kind": self.kind.value,
            "version": self.version,
            "role": self.role,
            "state": self.state.value,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "file": self.file,
            "days": list(self.details.get("days", ())),
            "at": self.created_at.isoformat(),
            "by": self.created_by,
            "reverted_reason": self.reverted_reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertOutcome:
    """What `revert_batch` did."""

    model: str
    batch: int
    file: str
    rows: int
    days: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the JSON of ``batch revert``."""
        return {
            "model": self.model,
            "batch": self.batch,
            "file": self.file,
            "rows": self.rows,
            "days": list(self.days),
            "state": BatchState.REVERTED.value,
        }


def reverted(model: str, batch: BatchInfo) -> RevertOutcome:
    """Return what taking a batch out of a model's log did."""
    days = tuple(batch.details.get("days", ()))
    return RevertOutcome(model=model, batch=batch.id, file=batch.file, rows=batch.accepted, days=days)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirtyDay:
    """A unit whose profile no longer shows what the log holds; `mark` grows with every change."""

    version_id: int
    role: str
    day: date
    mark: int
