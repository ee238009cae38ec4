"""What an executor was asked for and has not acknowledged yet; what it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.releases.plan import plan_of
from core.releases.release import DRILL, Release
from core.releases.states import ReleaseState

NOT_APPROVED = frozenset(
    {
        ReleaseState.DRAFT,
        ReleaseState.PENDING_EVIDENCE,
        ReleaseState.BLOCKED,
        ReleaseState.NEEDS_HUMAN,
        ReleaseState.PENDING_APPROVAL,
    }
)
TAKING_BACK = frozenset({ReleaseState.ROLLBACK_REQUESTED, ReleaseState.ROLLING_BACK})


class DeliveryKind(StrEnum):
    """What an executor is asked to do."""

    RELEASE = "release"
    ROLLBACK = "rollback"
    DRILL = "drill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """The acknowledgement that a release waits for: of a step of its plan, or of the way back (`step` 0)."""

    kind: DeliveryKind
    step: int


def is_silent(release: Release) -> bool:
    """Whether the time for a later step of a plan went by without a word: the release stays LIVE and says so.

    It is to a later step what UNKNOWN is to the first: a late word still counts, once, and nothing is sent any more.
    `why` is empty while a step is under way; only the time-out writes there.
    """
    return release.state is ReleaseState.LIVE and release.executing_since is not None and bool(release.why)


def awaited(release: Release) -> Awaited | None:
    """Return what a release waits for, in time or late, or None when nothing was sent out."""
    if release.state in TAKING_BACK or (release.state is ReleaseState.UNKNOWN and release.rollback_to_id is not None):
        drill = release.environment == DRILL
        return Awaited(kind=DeliveryKind.DRILL if drill else DeliveryKind.ROLLBACK, step=0)
    under_way = release.state in (ReleaseState.EXECUTING, ReleaseState.UNKNOWN)
    if under_way or (release.state is ReleaseState.LIVE and release.executing_since is not None):
        return Awaited(kind=DeliveryKind.RELEASE, step=release.step + 1)
    return None


def dedup_key(release: Release, wanted: Awaited) -> str:
    """Return the key under which an executor does this once, however often it is asked.

    The row version tells a step that failed, or was not answered, from the same step asked for again by a person.
    """
    step = f"-r{release.round}-s{wanted.step}" if wanted.kind is DeliveryKind.RELEASE else ""
    return f"{wanted.kind}-{release.id}{step}-v{release.row_version}"


def payload(
    release: Release, wanted: Awaited, *, model_key: str, version: str, artifact_sha256: str | None
) -> Mapping[str, Any]:
    """Return what the executor is sent: which version shall serve which share, by which evidence."""
    plan = plan_of(release.plan)
    forward = wanted.kind is DeliveryKind.RELEASE
    return {
        "release": release.id,
        "kind": wanted.kind.value,
        "model": release.model,
        "model_key": model_key,
        "version": version,
        "artifact_sha256": artifact_sha256,
        "environment": release.environment,
        "step": wanted.step,
        "steps": len(plan.steps),
        "mode": plan.steps[wanted.step - 1].kind.value if forward else "full",
        "share": plan.steps[wanted.step - 1].share if forward else 1.0,
        "replaces": release.champion if forward else release.version,
        "digest": release.digest,
    }
