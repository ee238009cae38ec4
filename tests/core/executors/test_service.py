import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.access.principal import LOCAL, WORKER
from core.audit.actions import AuditAction
from core.clock import SYSTEM
from core.errors import BadInputError, RefusedError
from core.executors import service as executors
from core.executors.delivery import EMBEDDED, Delivery, DeliveryState
from core.executors.port import Answer, Outcome
from core.executors.settings import ExecutorSettings
from core.executors.signature import SECRET_VARIABLE
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.release import Release
from core.releases.states import ReleaseState
from core.store import outbox, settings
from core.store.database import Store
from tests.audited import newest
from tests.https_server import HOST, LOOPBACK
from tests.release_kit import ADAM, ANA, BEA, DANA, OMAR, VERA, VIC, approved, at, later, live, now

URL = "https://deploy.example.com/releases"
HOSTS = ("deploy.example.com",)
TWO_STEPS = plan_of({"steps": [{"kind": "canary", "share": 0.2}, {"kind": "full"}]})


def executed(store: Store) -> Release:
    return executing.execute(store, OMAR, approved(store).id)


def only(store: Store, release: Release) -> Delivery:
    (found,) = executors.deliveries(store, release.id)
    return found


def taken(store: Store) -> Delivery:
    found = executors.take(store, WORKER)
    assert found is not None
    return found


def let_pause_end(store: Store) -> None:
    with store.write() as session:
        for one in outbox.due(session, SYSTEM.now() + timedelta(days=1)):
            outbox.change(session, one, {"next_at": SYSTEM.now() - timedelta(seconds=1)})


def entries(store: Store, action: AuditAction) -> Sequence[object]:
    return [one for one in newest(store, n=1_000) if one.action == action.value]


# Settings


def test_the_administrator_sets_the_executor_and_the_chain_says_from_what_to_what(governed_store):
    wanted = executors.set_executor(governed_store, ADAM, executor=URL, hosts=HOSTS, within_minutes=30, reason="moved")
    assert executors.executor_settings(governed_store) == wanted
    (entry,) = [one for one in entries(governed_store, AuditAction.POLICY_SET) if one.object_id == "executor"]
    assert json.loads(entry.before) == ExecutorSettings().as_json()
    assert {"executor": URL, "hosts": ["deploy.example.com"], "within_minutes": 30}.items() <= json.loads(
        entry.after
    ).items()
    assert (entry.actor, entry.reason) == ("Adam", "moved")


@pytest.mark.parametrize("person", [DANA, OMAR, VERA, ANA, BEA, VIC], ids=lambda one: one.name)
def test_nobody_else_sets_it(governed_store, person):
    with pytest.raises(RefusedError, match="may not do this"):
        executors.set_executor(governed_store, person, executor=URL, hosts=HOSTS)
    assert executors.executor_settings(governed_store) == ExecutorSettings()


def test_the_same_again_and_the_same_click_write_nothing(governed_store):
    for _ in range(3):
        executors.set_executor(governed_store, LOCAL, executor=URL, hosts=HOSTS, idempotency_key="click")
    executors.set_executor(governed_store, LOCAL, executor=EMBEDDED)
    executors.set_executor(governed_store, LOCAL, executor=URL, hosts=HOSTS, idempotency_key="click")
    assert executors.executor_settings(governed_store).executor == EMBEDDED, "that click was done before"
    assert len(entries(governed_store, AuditAction.POLICY_SET)) == 2


def test_an_address_that_cannot_be_used_is_refused(governed_store):
    with pytest.raises(BadInputError, match="must begin with https"):
        executors.set_executor(governed_store, LOCAL, executor=URL.replace("https", "http"), hosts=HOSTS)


def test_what_was_approved_for_one_executor_is_stale_for_another(governed_store):
    release = approved(governed_store)
    executors.set_executor(governed_store, ADAM, executor=URL, hosts=HOSTS)
    with pytest.raises(RefusedError) as refused:
        executing.execute(governed_store, OMAR, release.id)
    assert refused.value.code == "stale_evidence"
    assert executors.deliveries(governed_store, release.id) == ()


# Taking


def test_an_attempt_is_claimed_once_and_again_after_its_pause(governed_store):
    release = executed(governed_store)
    first = taken(governed_store)
    assert (first.release_id, first.attempts, first.state) == (release.id, 1, DeliveryState.WAITING)
    assert first.sent_at <= SYSTEM.now() < first.next_at
    assert executors.take(governed_store, WORKER) is None
    let_pause_end(governed_store)
    again = taken(governed_store)
    assert (again.attempts, again.event_id, again.dedup_key) == (2, first.event_id, first.dedup_key)


def test_workers_at_once_claim_an_attempt_once(governed_store):
    executed(governed_store)
    with ThreadPoolExecutor(8) as workers:
        found = list(workers.map(lambda _: executors.take(governed_store, WORKER), range(8)))
    assert len([one for one in found if one is not None]) == 1


def test_a_store_whose_clock_stands_is_delivered_all_the_same(governed_store):
    executed(at(governed_store, datetime(2014, 1, 1, 5, tzinfo=UTC)))
    assert taken(governed_store).attempts == 1
    assert executors.take(governed_store, WORKER) is None


@pytest.mark.parametrize("person", [VERA, ANA, BEA, VIC], ids=lambda one: one.name)
def test_who_may_not_acknowledge_may_not_deliver(governed_store, person):
    executed(governed_store)
    with pytest.raises(RefusedError, match="may not do this"):
        executors.take(governed_store, person)


def test_what_a_person_said_has_failed_is_never_sent(governed_store):
    release = executed(governed_store)
    acknowledging.fail(governed_store, OMAR, release.id, reason="the rack is gone")
    assert executors.take(governed_store, WORKER) is None
    found = only(governed_store, release)
    assert (found.state, found.attempts) == (DeliveryState.OVER, 0)
    assert found.error == "the release no longer waits for it: it is FAILED"


def test_nothing_is_sent_after_the_time_out_and_the_last_error_stays(governed_store):
    release = executed(governed_store)
    executors.note(governed_store, WORKER, taken(governed_store), Answer(outcome=Outcome.FAILED, detail="HTTP 503"))
    let_pause_end(governed_store)
    acknowledging.time_out(later(governed_store, minutes=16), WORKER)
    assert now(governed_store, release).state is ReleaseState.UNKNOWN
    assert executors.take(governed_store, WORKER) is None
    assert (only(governed_store, release).state, only(governed_store, release).error) == (
        DeliveryState.OVER,
        "HTTP 503",
    )


def test_an_acknowledgement_whose_note_was_lost_is_not_sent_again(governed_store):
    release = executed(governed_store)
    delivery = taken(governed_store)
    key = executors.acknowledged_key(delivery)
    acknowledging.acknowledge(governed_store, WORKER, release.id, idempotency_key=key)
    let_pause_end(governed_store)
    assert executors.take(governed_store, WORKER) is None
    assert (only(governed_store, release).state, only(governed_store, release).attempts) == (
        DeliveryState.ACKNOWLEDGED,
        1,
    )


def test_a_step_that_was_acknowledged_by_hand_is_not_sent_when_the_next_is(governed_store):
    release = executing.execute(governed_store, OMAR, approved(governed_store, plan=TWO_STEPS).id)
    acknowledging.acknowledge(governed_store, OMAR, release.id)
    executing.advance(governed_store, OMAR, release.id)
    assert taken(governed_store).payload["step"] == 2
    states = [one.state for one in executors.deliveries(governed_store, release.id)]
    assert states == [DeliveryState.OVER, DeliveryState.WAITING]


def test_a_step_that_is_asked_for_again_is_sent_once(governed_store):
    release = executing.execute(governed_store, OMAR, approved(governed_store, plan=TWO_STEPS).id)
    acknowledging.acknowledge(governed_store, OMAR, release.id)
    executing.advance(governed_store, OMAR, release.id)
    late = later(governed_store, minutes=16)
    acknowledging.time_out(late, WORKER)
    executing.advance(late, OMAR, release.id)
    assert taken(late).id == executors.deliveries(late, release.id)[-1].id
    assert executors.take(late, WORKER) is None
    states = [one.state for one in executors.deliveries(late, release.id)]
    assert states == [DeliveryState.OVER, DeliveryState.OVER, DeliveryState.WAITING]


def test_a_later_step_is_not_sent_after_its_time_out(governed_store):
    release = executing.execute(governed_store, OMAR, approved(governed_store, plan=TWO_STEPS).id)
    acknowledging.acknowledge(governed_store, OMAR, release.id)
    executing.advance(governed_store, OMAR, release.id)
    acknowledging.time_out(later(governed_store, minutes=16), WORKER)
    assert executors.take(governed_store, WORKER) is None
    last = executors.deliveries(governed_store, release.id)[-1]
    assert (last.state, last.attempts, last.error) == (DeliveryState.OVER, 0, "not acknowledged in time")


# Asking and noting


def test_each_delivery_goes_to_the_executor_of_its_time(hooked_store, receiver):
    executed(hooked_store)
    delivery = taken(hooked_store)
    executors.set_executor(
        hooked_store, LOCAL, executor="https://other.example.com/", hosts=["other.example.com", HOST, LOOPBACK, "::1"]
    )
    assert executors.ask(hooked_store, delivery).outcome is Outcome.ACKNOWLEDGED
    assert len(receiver.requests) == 1


def test_a_host_that_is_no_longer_allowed_is_not_asked(hooked_store, receiver):
    executed(hooked_store)
    delivery = taken(hooked_store)
    executors.set_executor(hooked_store, LOCAL, executor=URL, hosts=HOSTS)
    answer = executors.ask(hooked_store, delivery)
    assert (answer.outcome, answer.detail) == (Outcome.FAILED, "its host is not among the allowed ones")
    assert receiver.requests == []


def test_an_executor_that_was_written_by_hand_is_not_asked(hooked_store, receiver):
    plain = receiver.url.replace("https", "http")
    with hooked_store.write() as session:
        settings.put(session, "executor", plain)
    executed(hooked_store)
    answer = executors.ask(hooked_store, taken(hooked_store))
    assert answer.outcome is Outcome.FAILED
    assert "must begin with https" in answer.detail
    assert receiver.requests == []


def test_without_a_secret_in_the_worker_s_environment_nothing_is_sent(hooked_store, receiver, monkeypatch):
    monkeypatch.delenv(SECRET_VARIABLE)
    executed(hooked_store)
    assert "is not set" in executors.ask(hooked_store, taken(hooked_store)).detail
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("outcome", "state", "error"),
    [
        (Outcome.ACKNOWLEDGED, DeliveryState.ACKNOWLEDGED, None),
        (Outcome.ACCEPTED, DeliveryState.ACCEPTED, None),
        (Outcome.REFUSED, DeliveryState.REFUSED, "as told"),
        (Outcome.FAILED, DeliveryState.WAITING, "as told"),
    ],
)
def test_what_came_of_an_attempt_is_noted(governed_store, outcome, state, error):
    executed(governed_store)
    noted = executors.note(governed_store, WORKER, taken(governed_store), Answer(outcome=outcome, detail="as told"))
    assert (noted.state, noted.error, noted.answered_at is None) == (state, error, state is DeliveryState.WAITING)


def test_a_late_note_does_not_overwrite_what_another_worker_noted(governed_store):
    executed(governed_store)
    slow = taken(governed_store)
    let_pause_end(governed_store)
    executors.note(governed_store, WORKER, taken(governed_store), Answer(outcome=Outcome.ACCEPTED, detail="has it"))
    kept = executors.note(governed_store, WORKER, slow, Answer(outcome=Outcome.FAILED, detail="HTTP 503"))
    assert (kept.state, kept.error) == (DeliveryState.ACCEPTED, None)


# Champions' files


def test_the_file_says_what_the_database_says_and_is_mended_when_it_does_not(governed_store):
    path = governed_store.home / "champions" / "m0001.json"
    assert executors.keep_champion_files(governed_store) == ("m0001",)
    assert json.loads(path.read_bytes())["version"] == "v1"
    assert executors.keep_champion_files(governed_store) == ()
    live(governed_store)
    assert json.loads(path.read_bytes())["version"] == "v1", "the file follows the commit"
    assert executors.keep_champion_files(governed_store) == ("m0001",)
    whole = path.read_bytes()
    assert json.loads(whole)["version"] == "v2"
    for wrong in (b"", b"{}", whole.replace(b"v2", b"v3")):
        path.write_bytes(wrong)
        assert executors.keep_champion_files(governed_store) == ("m0001",)
        assert path.read_bytes() == whole
    path.unlink()
    assert executors.keep_champion_files(governed_store) == ("m0001",)
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(governed_store):
    (governed_store.home / "champions").write_text("in the way")
    with pytest.raises(BadInputError, match="champions cannot be written"):
        executors.keep_champion_files(governed_store)
