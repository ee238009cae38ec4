import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.delivering import between_jobs, deliver_due
from core.access.principal import WORKER
from core.audit.actions import AuditAction
from core.clock import SYSTEM
from core.executors import service as executors
from core.executors.delivery import DeliveryState
from core.inventory.service import model_detail
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.release import Release
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.store import outbox
from core.store.database import Store
from tests.audited import newest
from tests.https_server import HOST, LOOPBACK, Receiver, certificate, closed_port, hooked, is_signed, receiving
from tests.release_kit import ADAM, ANA, OMAR, approved, at, governed, later, now

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def store(both: Store) -> Store:
    """Return a store with `churn` of tier 4: v1 is live, v2 and v3 are not."""
    return at(governed(both, tier=4), MONDAY)


@pytest.fixture(scope="module")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def receiver(certificate_file: Path) -> Iterator[Receiver]:
    with receiving(certificate_file) as running:
        yield running


@pytest.fixture
def hooked_store(store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Store:
    return hooked(store, receiver, monkeypatch)


def executed(store: Store, **more) -> Release:
    return executing.execute(store, OMAR, approved(store, **more).id)


def champion(store: Store) -> tuple[str, str]:
    """Return the champion by the database, and by its file."""
    file = json.loads((store.home / "champions" / "m0001.json").read_bytes())
    return model_detail(store, "churn").champion.name, file["version"]


def states(store: Store, release: Release) -> list[str]:
    return [one.state.value for one in executors.deliveries(store, release.id)]


def pause_ends(store: Store) -> None:
    with store.write() as session:
        for one in outbox.due(session, SYSTEM.now() + timedelta(days=1)):
            outbox.change(session, one, {"next_at": SYSTEM.now() - timedelta(seconds=1)})


def counted(store: Store) -> Counter[str]:
    return Counter(one.action for one in newest(store, n=1_000))


def test_the_embedded_executor_makes_it_live_and_its_file_follows(store):
    release = executed(store)
    assert now(store, release).state is ReleaseState.EXECUTING
    told: list[str] = []
    assert deliver_due(store, say=told.append) == 1
    assert now(store, release).state is ReleaseState.LIVE
    assert champion(store) == ("v2", "v2")
    assert states(store, release) == ["acknowledged"]
    assert told[0].startswith(f"release {release.id}, release: the embedded executor")
    before = counted(store)
    assert deliver_due(store) == 0
    assert counted(store) == before


def test_the_embedded_executor_takes_it_back_and_a_drill_moves_nothing(store):
    release = executed(store)
    deliver_due(store)
    drill = rollback.drill(store, OMAR, model="churn")
    deliver_due(store)
    assert now(store, drill).state is ReleaseState.ROLLED_BACK
    assert champion(store) == ("v2", "v2")
    rollback.request_rollback(store, ANA, model="churn", reason="wrong")
    deliver_due(store)
    assert now(store, release).state is ReleaseState.ROLLED_BACK
    assert champion(store) == ("v1", "v1")


def test_a_webhook_that_acknowledges_makes_it_live(hooked_store, receiver):
    release = executed(hooked_store)
    assert deliver_due(hooked_store) == 1
    assert now(hooked_store, release).state is ReleaseState.LIVE
    assert champion(hooked_store) == ("v2", "v2")
    ((_, headers, content),) = receiver.requests
    assert is_signed(headers, content)
    event = json.loads(content)
    assert {
        "model": "churn",
        "version": "v2",
        "replaces": "v1",
        "share": 1.0,
        "kind": "release",
    }.items() <= event.items()


def test_a_webhook_that_is_down_is_asked_again_with_the_same_event(hooked_store, receiver):
    receiver.reply = lambda _: (503, {}, b"")
    release = executed(hooked_store)
    assert deliver_due(hooked_store) == 1
    assert deliver_due(hooked_store) == 0, "not before its pause ends"
    (waiting,) = executors.deliveries(hooked_store, release.id)
    assert (waiting.state, waiting.attempts, waiting.error) == (
        DeliveryState.WAITING,
        1,
        "the executor answers HTTP 503",
    )
    assert now(hooked_store, release).state is ReleaseState.EXECUTING
    receiver.reply = receiver.acknowledge
    pause_ends(hooked_store)
    assert deliver_due(hooked_store) == 1
    assert now(hooked_store, release).state is ReleaseState.LIVE
    first, second = receiver.requests
    assert first[2] == second[2]
    (done,) = executors.deliveries(hooked_store, release.id)
    assert (done.state, done.attempts, done.error) == (DeliveryState.ACKNOWLEDGED, 2, None)


def test_what_was_done_and_not_heard_is_done_once(hooked_store, receiver):
    def lost(content: bytes):
        receiver.acknowledge(content)
        return 502, {}, b""

    receiver.reply = lost
    executed(hooked_store)
    deliver_due(hooked_store)
    receiver.reply = receiver.acknowledge
    pause_ends(hooked_store)
    deliver_due(hooked_store)
    assert len(receiver.requests) == 2
    assert list(receiver.effects.values()) == [1]


def test_a_webhook_that_only_accepts_leaves_it_executing_until_somebody_acknowledges(hooked_store, receiver):
    receiver.reply = lambda _: (202, {}, b"")
    release = executed(hooked_store)
    deliver_due(hooked_store)
    assert now(hooked_store, release).state is ReleaseState.EXECUTING
    assert states(hooked_store, release) == ["accepted"]
    acknowledging.acknowledge(hooked_store, OMAR, release.id, reason="seen in the console")
    deliver_due(hooked_store)
    assert champion(hooked_store) == ("v2", "v2")
    assert len(receiver.requests) == 1


def test_a_rollback_that_is_accepted_is_under_way_and_not_done(hooked_store, receiver):
    release = executed(hooked_store)
    deliver_due(hooked_store)
    receiver.reply = lambda _: (202, {}, b"")
    rollback.request_rollback(hooked_store, ANA, model="churn", reason="wrong")
    deliver_due(hooked_store)
    assert now(hooked_store, release).state is ReleaseState.ROLLING_BACK
    assert champion(hooked_store) == ("v2", "v2")
    acknowledging.acknowledge(hooked_store, OMAR, release.id)
    deliver_due(hooked_store)
    assert champion(hooked_store) == ("v1", "v1")
    assert json.loads(receiver.requests[-1][2])["kind"] == "rollback"
    sequences = [json.loads(content)["sequence"] for _, _, content in receiver.requests]
    assert sequences == sorted(set(sequences))


def test_a_webhook_that_refuses_fails_it_and_is_not_asked_again(hooked_store, receiver):
    receiver.reply = lambda _: (409, {}, b"the inside of the other side")
    release = executed(hooked_store)
    deliver_due(hooked_store)
    assert now(hooked_store, release).state is ReleaseState.FAILED
    assert now(hooked_store, release).why == "the executor refuses (HTTP 409)"
    assert states(hooked_store, release) == ["refused"]
    pause_ends(hooked_store)
    assert deliver_due(hooked_store) == 0


def test_silence_makes_it_unknown_and_nothing_is_sent_after_that(hooked_store, receiver):
    receiver.reply = lambda _: (503, {}, b"")
    release = executed(hooked_store)
    deliver_due(hooked_store)
    deliver_due(later(hooked_store, minutes=14))
    assert now(hooked_store, release).state is ReleaseState.EXECUTING
    deliver_due(later(hooked_store, minutes=16))
    assert now(hooked_store, release).state is ReleaseState.UNKNOWN
    pause_ends(hooked_store)
    sent = len(receiver.requests)
    assert deliver_due(later(hooked_store, minutes=17)) == 0
    assert (len(receiver.requests), states(hooked_store, release)) == (sent, ["over"])


def test_a_late_acknowledgement_counts_once_and_a_second_one_not_at_all(hooked_store, receiver):
    receiver.reply = lambda _: (202, {}, b"")
    release = executed(hooked_store)
    deliver_due(hooked_store)
    late = later(hooked_store, minutes=16)
    deliver_due(late)
    assert now(late, release).state is ReleaseState.UNKNOWN
    for _ in range(3):
        acknowledging.acknowledge(late, OMAR, release.id, reason="seen in the console")
    deliver_due(late)
    assert now(late, release).state is ReleaseState.LIVE
    assert champion(late) == ("v2", "v2")
    assert counted(late)[AuditAction.RELEASE_ACKNOWLEDGED] == 1


def test_the_time_to_acknowledge_is_the_store_s_own(hooked_store, receiver):
    receiver.reply = lambda _: (503, {}, b"")
    hosts = [HOST, LOOPBACK, "::1"]
    executors.set_executor(hooked_store, ADAM, executor=receiver.url, hosts=hosts, within_minutes=60)
    release = executed(hooked_store)
    deliver_due(later(hooked_store, minutes=59))
    assert now(hooked_store, release).state is ReleaseState.EXECUTING
    deliver_due(later(hooked_store, minutes=60))
    assert now(hooked_store, release).state is ReleaseState.UNKNOWN


def test_each_step_of_a_plan_is_delivered_by_itself(hooked_store, receiver):
    plan = plan_of({"steps": [{"kind": "canary", "share": 0.2}, {"kind": "full"}]})
    release = executed(hooked_store, plan=plan)
    deliver_due(hooked_store)
    assert champion(hooked_store) == ("v1", "v1")
    executing.advance(hooked_store, OMAR, release.id)
    deliver_due(hooked_store)
    assert champion(hooked_store) == ("v2", "v2")
    assert [(json.loads(c)["step"], json.loads(c)["share"]) for _, _, c in receiver.requests] == [(1, 0.2), (2, 1.0)]


def answering_late(store: Store, receiver: Receiver, what: Callable[[], object], status: int = 200) -> None:
    """Let the receiver answer only after `what` has happened here."""

    def reply(content: bytes):
        what()
        _, headers, done = receiver.acknowledge(content)
        receiver.reply = receiver.acknowledge
        return status, headers, done if status == 200 else b""

    receiver.reply = reply


def in_the_second_step(store: Store, receiver: Receiver) -> Release:
    plan = plan_of({"steps": [{"kind": "canary", "share": 0.2}, {"kind": "full"}]})
    release = executed(store, plan=plan)
    deliver_due(store)
    executing.advance(store, OMAR, release.id)
    return release


def test_a_step_that_is_answered_after_its_time_out_is_live(hooked_store, receiver):
    release, late = in_the_second_step(hooked_store, receiver), later(hooked_store, minutes=16)
    answering_late(hooked_store, receiver, lambda: acknowledging.time_out(late, WORKER))
    deliver_due(hooked_store)
    assert (now(hooked_store, release).step, champion(hooked_store)) == (2, ("v2", "v2"))
    assert counted(hooked_store)[AuditAction.RELEASE_UNKNOWN] == 1


@pytest.mark.parametrize("status", [200, 202, 409])
def test_an_answer_about_a_step_changes_nothing_once_a_rollback_was_asked_for(hooked_store, receiver, status):
    release = in_the_second_step(hooked_store, receiver)

    def take_back() -> None:
        rollback.request_rollback(hooked_store, ANA, model="churn", reason="wrong")

    answering_late(hooked_store, receiver, take_back, status)
    between_jobs(hooked_store)()
    waiting = now(hooked_store, release)
    assert (waiting.state, waiting.why) == (ReleaseState.ROLLBACK_REQUESTED, "rollback to v1: wrong")
    deliver_due(hooked_store)
    assert now(hooked_store, release).state is ReleaseState.ROLLED_BACK
    assert champion(hooked_store) == ("v1", "v1")


# The worker


def test_between_jobs_one_delivery_is_made_a_time_and_files_are_looked_at_when_something_changed(store, monkeypatch):
    looked: list[int] = []
    keep = executors.keep_champion_files
    monkeypatch.setattr(executors, "keep_champion_files", lambda given: looked.append(1) or keep(given))
    one_round = between_jobs(store)
    assert (one_round(), len(looked)) == (0, 1)
    assert champion(store) == ("v1", "v1")
    assert (one_round(), len(looked)) == (0, 1)
    executed(store)
    assert (one_round(), len(looked)) == (1, 2)
    assert champion(store) == ("v2", "v2")


def test_a_worker_that_cannot_deliver_says_so_once_and_goes_on(store, capsys):
    (store.home / "champions").write_text("in the way")
    one_round = between_jobs(store)
    executed(store)
    assert [one_round(), one_round(), one_round()] == [0, 0, 0]
    assert capsys.readouterr().err.count("Delivering:") == 1


def test_a_dead_executor_does_not_hold_a_round_for_longer_than_an_attempt(store, monkeypatch, certificate_file):
    with receiving(certificate_file) as receiver:
        hooked(store, receiver, monkeypatch)
    executors.set_executor(
        store, ADAM, executor=f"https://{HOST}:{closed_port()}/", hosts=[HOST, LOOPBACK, "::1"], within_minutes=5
    )
    release = executed(store)
    assert between_jobs(store)() == 1
    (waiting,) = executors.deliveries(store, release.id)
    assert waiting.error == "the connection failed (ConnectionRefusedError)"


def test_the_worker_delivers_what_waits_before_it_leaves(store):
    release = executed(store)
    code = f"import sys; from app.cli import run; sys.exit(run(['worker', '--once', '--home', {str(store.home)!r}]))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert now(store, release).state is ReleaseState.LIVE
    assert champion(store) == ("v2", "v2")


def test_what_nobody_executes_in_time_ends_by_itself_between_jobs(store):
    release = approved(store)
    between_jobs(store)()
    assert now(store, release).state is ReleaseState.APPROVED
    between_jobs(at(store, MONDAY + timedelta(days=60)))()
    assert now(store, release).state is ReleaseState.EXPIRED
