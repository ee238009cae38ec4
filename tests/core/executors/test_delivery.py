import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.executors.delivery import body, pause_after
from core.executors.webhook import SECONDS
from tests.core.executors.made_up import DELIVERY, NOON


def test_what_is_sent_is_the_payload_and_what_a_consumer_knows_it_by():
    sent = json.loads(body(DELIVERY))
    assert {name: sent[name] for name in DELIVERY.payload} == DELIVERY.payload
    assert (sent["event_id"], sent["dedup_key"], sent["sequence"]) == (DELIVERY.event_id, DELIVERY.dedup_key, 12)
    assert sent["created_at"] == "2026-03-04T12:00:00+00:00"


def test_every_attempt_sends_the_same_bytes():
    again = replace(DELIVERY, attempts=9, next_at=NOON + timedelta(hours=1), error="HTTP 503", row_version=20)
    assert body(again) == body(DELIVERY)


@pytest.mark.parametrize("attempt", range(1, 40))
def test_a_pause_is_longer_than_an_attempt_may_take_and_never_more_than_two_minutes(attempt):
    assert timedelta(seconds=SECONDS) < pause_after(attempt) <= timedelta(minutes=2)
    assert pause_after(attempt) <= pause_after(attempt + 1)
