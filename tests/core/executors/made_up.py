"""A delivery as a value, for tests of what is sent and answered."""

from datetime import UTC, datetime

from core.executors.delivery import EMBEDDED, Delivery, DeliveryState

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DELIVERY = Delivery(
    id=12,
    event_id="6f1d2c3b-0000-4000-8000-000000000001",
    dedup_key="release-7-r1-s1",
    release_id=7,
    kind="release",
    executor=EMBEDDED,
    payload={"release": 7, "kind": "release", "model": "churn", "version": "v2", "step": 1, "share": 1.0},
    state=DeliveryState.WAITING,
    attempts=1,
    next_at=NOON,
    created_at=NOON,
    sent_at=None,
    answered_at=None,
    error=None,
    row_version=2,
)
