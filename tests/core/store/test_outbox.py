from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import ConflictError, NotFoundError
from core.executors.delivery import EMBEDDED, Delivery, DeliveryState
from core.releases.requesting.service import request
from core.store import outbox
from core.store.database import Store
from tests.release_kit import DANA, governed

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def release_id(store) -> int:
    governed(store)
    return request(store, DANA, model="churn", version="v2", reason="better").id


def put(store: Store, release_id: int, key: str, **more) -> Delivery:
    given = {"kind": "release", "payload": {"version": "v2"}, "executor": EMBEDDED, "at": NOON, **more}
    with store.write() as session:
        return outbox.put(session, release_id=release_id, dedup_key=key, **given)


def due(store: Store, at: datetime) -> list[str]:
    with store.read() as session:
        return [one.dedup_key for one in outbox.due(session, at)]


def changed(store: Store, delivery: Delivery, **changes) -> Delivery:
    with store.write() as session:
        return outbox.change(session, delivery, changes)


def test_the_same_key_is_put_once_and_the_first_entry_returned(store, release_id):
    first = put(store, release_id, "a")
    again = put(store, release_id, "a", payload={"version": "v3"}, executor="https://x.example/")
    assert again == first
    assert (first.state, first.attempts, first.payload) == (DeliveryState.WAITING, 0, {"version": "v2"})
    with store.read() as session:
        assert outbox.by_release(session, release_id) == (first,)
        assert outbox.last_of(session, release_id) == first


def test_what_was_put_last_is_what_a_release_waits_for(store, release_id):
    with store.read() as session:
        assert outbox.last_of(session, release_id) is None
    _, last = put(store, release_id, "a"), put(store, release_id, "b")
    with store.read() as session:
        assert outbox.last_of(session, release_id) == last


def test_an_entry_is_there_only_when_its_transaction_is(store, release_id):
    with suppress(ZeroDivisionError), store.write() as session:
        outbox.put(session, release_id=release_id, kind="release", dedup_key="a", payload={}, executor="x", at=NOON)
        raise ZeroDivisionError
    assert due(store, NOON) == []


def test_a_first_attempt_is_due_at_once_and_the_next_after_its_pause(store, release_id):
    later = put(store, release_id, "b", at=NOON + timedelta(days=365))
    put(store, release_id, "a")
    assert due(store, NOON) == ["b", "a"], "a worker's clock may be behind the store's"
    changed(store, later, attempts=1, next_at=NOON + timedelta(seconds=10))
    assert due(store, NOON) == ["a"]
    assert due(store, NOON + timedelta(seconds=10)) == ["b", "a"]
    assert due(store, NOON + timedelta(seconds=9.9)) == ["a"]


@pytest.mark.parametrize("state", sorted(set(DeliveryState) - {DeliveryState.WAITING}))
def test_what_was_answered_is_not_due(store, release_id, state):
    changed(store, put(store, release_id, "a"), state=state.value)
    assert due(store, NOON) == []


def test_who_read_an_entry_before_another_changed_it_changes_nothing(store, release_id):
    read = put(store, release_id, "a")
    now = changed(store, read, attempts=1)
    assert now.row_version == read.row_version + 1
    with pytest.raises(ConflictError, match="changed by another worker"):
        changed(store, read, attempts=7)
    with store.read() as session:
        assert outbox.delivery_by_id(session, read.id) == now
        with pytest.raises(NotFoundError, match="There is no delivery 99"):
            outbox.delivery_by_id(session, 99)


def test_only_what_was_tried_without_success_counts_as_failing(store, release_id):
    put(store, release_id, "new")
    changed(store, put(store, release_id, "under way"), attempts=1)
    changed(store, put(store, release_id, "failing"), attempts=1, error="HTTP 503")
    changed(store, put(store, release_id, "refused"), attempts=1, error="HTTP 409", state="refused")
    with store.read() as session:
        assert outbox.n_failing(session) == 1
