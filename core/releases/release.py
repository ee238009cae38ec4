"""A release and what belongs to it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.releases.states import ReleaseState


class Decision(StrEnum):
    """What a person may say of a release, from asking for it to taking it back."""

    SUBMIT = "submit"
    APPROVE = "approve"
    CHANGES = "changes"
    REJECT = "reject"
    ACCEPT = "accept"
    DECLINE = "decline"
    BREAK_GLASS = "break_glass"
    CANCEL = "cancel"
    EXECUTE = "execute"
    ROLLBACK = "rollback"


PRODUCTION = "production"
"""The environment of every release that is meant."""

DRILL = "drill"
"""The environment of a rollback that is only practised: it moves no traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A request to make `version` live in `environment`, in the place of `champion`.

    `step` counts the steps of the plan that are live (0: none yet), `round` the submissions; `digest` names the
    evidence of this round, `why` says in a sentence why the release stands where it stands.
    """

    id: int
    model_id: int
    model: str
    version_id: int
    version: str
    champion_id: int | None
    champion: str | None
    environment: str
    state: ReleaseState
    step: int
    plan: Mapping[str, Any]
    tier: int
    policy: Mapping[str, Any]
    round: int
    reason: str
    requested_by: str
    requested_at: datetime
    digest: str | None
    why: str
    expires_at: datetime | None
    approved_at: datetime | None
    executing_since: datetime | None
    live_since: datetime | None
    broken_glass: bool
    rollback_to_id: int | None
    ended_at: datetime | None
    row_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDecision:
    """What `by` decided in a `round`, under which `rule` of the quorum, on which evidence."""

    id: int
    release_id: int
    round: int
    decision: Decision
    by: str
    rule: str
    reason: str
    notes: Mapping[str, str]
    digest: str | None
    validity: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseComment:
    """A comment, or a file that somebody laid beside a release (`sha256` names its content)."""

    id: int
    release_id: int
    by: str
    at: datetime
    text: str
    file: str | None
    media_type: str | None
    sha256: str | None
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePack:
    """Frozen evidence: its `digest`, the document that reviewers read, the 13 fields of the validity key."""

    digest: str
    release_id: int
    document: Mapping[str, Any]
    validity: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What an approval asks for in return: it becomes a finding with an owner and a due date."""

    text: str
    owner: str
    due: date
