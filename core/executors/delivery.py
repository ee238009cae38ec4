"""What an executor is to do, and how far that has come: an entry of the outbox."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

EMBEDDED = "embedded"
"""The executor of a store that names none: the champion's alias, and its file that a server can watch."""

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=2)
ERROR_LENGTH = 500


class DeliveryState(StrEnum):
    """What is known of a delivery.

    ``waiting``: to be sent, or sent without an answer; ``accepted``: taken, to be acknowledged later;
    ``acknowledged``: done; ``refused``: it will not be done; ``over``: the release waits for it no longer, and it
    is not sent any more.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An entry of the outbox.

    `event_id` and `dedup_key` are the same in every attempt: by either a consumer does it once. `id` grows with
    every entry of a store: by it a consumer sees that a later word overtook an earlier one.
    """

    id: int
    event_id: str
    dedup_key: str
    release_id: int
    kind: str
    executor: str
    payload: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    next_at: datetime
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    error: str | None
    row_version: int


def pause_after(attempt: int) -> timedelta:
    """Return how long to wait after the start of the n-th attempt before the next: doubled each time, up to 2 min.

    It is longer than an attempt may take, so that nobody else sends the same while one is under way.

    >>> [pause_after(n).total_seconds() for n in (1, 2, 5, 99)]
    [10.0, 20.0, 120.0, 120.0]
    """
    return min(FIRST_PAUSE * (1 << min(attempt - 1, 10)), LONGEST_PAUSE)


def body(delivery: Delivery) -> bytes:
    """Return what is sent: the payload, and what the consumer knows it by; the same bytes in every attempt."""
    document = {
        **delivery.payload,
        "event_id": delivery.event_id,
        "dedup_key": delivery.dedup_key,
        "sequence": delivery.id,
        "created_at": delivery.created_at.isoformat(timespec="seconds"),
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
