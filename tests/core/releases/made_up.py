"""A release as a value, for tests of what decides from values alone."""

from datetime import UTC, datetime

from core.releases.plan import AT_ONCE
from core.releases.release import Release
from core.releases.states import ReleaseState

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
RELEASE = Release(
    id=7,
    model_id=1,
    model="churn",
    version_id=2,
    version="v2",
    champion_id=1,
    champion="v1",
    environment="production",
    state=ReleaseState.PENDING_APPROVAL,
    step=0,
    plan=AT_ONCE.as_json(),
    tier=3,
    policy={"name": "standard", "version": 1},
    round=1,
    reason="",
    requested_by="Dana",
    requested_at=NOON,
    digest="d" * 64,
    why="",
    expires_at=None,
    approved_at=None,
    executing_since=None,
    live_since=None,
    broken_glass=False,
    rollback_to_id=None,
    ended_at=None,
    row_version=1,
)
