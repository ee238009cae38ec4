"""kill -9 at counted points of delivering: no release is lost, none is carried out twice, none is live unasked."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.delivering import deliver_due
from core.audit.actions import AuditAction
from core.audit.service import verify
from core.clock import SYSTEM
from core.executors import champion_file
from core.executors import service as executors
from core.executors.delivery import DeliveryState
from core.executors.signature import SECRET_VARIABLE
from core.inventory.service import model_detail
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.release import Release
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.store import champion_files, outbox
from core.store.database import Store
from tests.audited import newest
from tests.https_server import SECRET, Receiver, certificate, hooked, receiving
from tests.release_kit import ANA, OMAR, approved, governed, now

ROOT = Path(__file__).parents[2]
IN_TWO_STEPS = plan_of({"steps": [{"kind": "shadow"}, {"kind": "full"}]})
KILLS = int(os.environ.get("WATCHROOM_DELIVERY_KILLS", "5"))
"""Points of each kind of delivery on each database, spread evenly; 0 takes every point there is."""


@pytest.fixture(scope="module")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def receiver(certificate_file: Path) -> Iterator[Receiver]:
    with receiving(certificate_file) as running:
        yield running


@pytest.fixture(scope="module")
def server(certificate_file: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.faults.deliver_once"]
    environment = {**os.environ, SECRET_VARIABLE: SECRET.decode(), "SSL_CERT_FILE": str(certificate_file)}
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        yield running
        running.communicate()


def delivered(server: subprocess.Popen[str], store: Store, point: int) -> tuple[int, int]:
    """Let a process deliver and be killed at a point; returns its exit code and the points it passed."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{store.home}\t{os.environ.get('WATCHROOM_STORE', '')}\t{point}\n")
    server.stdin.flush()
    code, passed = server.stdout.readline().split("\t")
    return int(code), int(passed)


def pause_ends(store: Store) -> None:
    with store.write() as session:
        for one in outbox.due(session, SYSTEM.now() + timedelta(days=1)):
            outbox.change(session, one, {"next_at": SYSTEM.now() - timedelta(seconds=1)})


def counted(store: Store) -> Counter[str]:
    return Counter(one.action for one in newest(store, n=1_000))


def files_differ(store: Store) -> tuple[str, ...]:
    with store.read() as session:
        return champion_file.differing(store.home / champion_file.FOLDER, champion_files.champions(session))


def assert_nothing_is_half_done(store: Store, release: Release, before: Counter[str]) -> None:
    """Live exactly when it was acknowledged, with its champion and every entry; the chain holds."""
    live = now(store, release).state is ReleaseState.LIVE
    written = (AuditAction.RELEASE_ACKNOWLEDGED, AuditAction.CHAMPION_SET, AuditAction.RELEASE_SUPERSEDED)
    assert counted(store) - before == (Counter(written) if live else Counter())
    with store.read() as session:
        (champion,) = champion_files.champions(session).values()
    assert champion is not None
    assert champion.version == (release.version if live else release.champion)
    assert verify(store).ok


def points_of(passed: int) -> list[int]:
    """Return the points at which to kill: all, or as many as wanted, spread over the way."""
    kills = KILLS or passed
    return sorted({1 + (passed - 1) * k // max(kills - 1, 1) for k in range(min(kills, passed))})


def sent_as(store, release):
    (delivery,) = executors.deliveries(store, release.id)
    return delivery.dedup_key


@pytest.mark.parametrize("kind", ["embedded", "webhook"])
def test_killed_at_any_point_of_delivering_it_happens_once(kind, both, server, receiver, monkeypatch):
    store = governed(both, tier=4)
    if kind == "webhook":
        hooked(store, receiver, monkeypatch)
    for version in ("v2", "v3"):  # the second of them takes the place of another release, as all that follow do
        executing.execute(store, OMAR, approved(store, version=version).id)
        code, passed = delivered(server, store, 0)
        assert code == 0
    for turn, point in enumerate(points_of(passed)):
        release = executing.execute(store, OMAR, approved(store, version=("v2", "v3")[turn % 2]).id)
        before = counted(store)
        assert delivered(server, store, point) == (-signal.SIGKILL, point)
        live = now(store, release).state is ReleaseState.LIVE
        assert not live or kind == "embedded" or receiver.effects[sent_as(store, release)] == 1
        assert_nothing_is_half_done(store, release, before)
        pause_ends(store)
        deliver_due(store)
        assert now(store, release).state is ReleaseState.LIVE
        assert_nothing_is_half_done(store, release, before)
        assert [one.state for one in executors.deliveries(store, release.id)] == [DeliveryState.ACKNOWLEDGED]
        assert files_differ(store) == ()
    assert set(receiver.effects.values()) <= {1}
    assert len(receiver.effects) == (0 if kind == "embedded" else len(points_of(passed)) + 2)


def in_shadow(store: Store) -> Release:
    """Return a release that is live in shadow, its last step asked for."""
    release = executing.execute(store, OMAR, approved(store, plan=IN_TWO_STEPS).id)
    deliver_due(store)
    return executing.advance(store, OMAR, release.id)


def taken_back(store: Store) -> Release:
    """Return a release that is live, a rollback of it asked for."""
    in_shadow(store)
    deliver_due(store)
    return rollback.request_rollback(store, ANA, model="churn", reason="it misbehaves")


@pytest.mark.parametrize("asked", [in_shadow, taken_back])
@pytest.mark.parametrize("kind", ["embedded", "webhook"])
def test_killed_at_any_point_of_a_later_step_or_a_rollback_it_happens_once(
    kind, asked, both, server, receiver, monkeypatch
):
    store = governed(both, tier=4)
    if kind == "webhook":
        hooked(store, receiver, monkeypatch)
    asked(store)
    passed = delivered(server, store, 0)[1]
    for point in points_of(passed)[::2]:
        begin_again(store)
        release = asked(store)
        assert delivered(server, store, point) == (-signal.SIGKILL, point)
        assert_the_champion_follows(store, release)
        pause_ends(store)
        deliver_due(store)
        done = now(store, release)
        assert (done.state, done.step) == (ReleaseState.LIVE if asked is in_shadow else ReleaseState.ROLLED_BACK, 2)
        assert_the_champion_follows(store, release)
        assert {one.state for one in executors.deliveries(store, release.id)} == {DeliveryState.ACKNOWLEDGED}
        assert files_differ(store) == ()
    assert set(receiver.effects.values()) <= {1}


def begin_again(store: Store) -> None:
    if model_detail(store, "churn").champion.name == "v2":
        rollback.request_rollback(store, ANA, model="churn", reason="the next round")
        deliver_due(store)


def assert_the_champion_follows(store: Store, release: Release) -> None:
    """v2 is the champion exactly while its release is wholly live; the chain holds."""
    stands = now(store, release)
    whole = stands.step == 2 and stands.state is not ReleaseState.ROLLED_BACK
    assert model_detail(store, "churn").champion.name == ("v2" if whole else "v1")
    assert verify(store).ok


def test_the_points_are_spread_over_the_whole_way(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "KILLS", 3)
    assert points_of(9) == [1, 5, 9]
    monkeypatch.setattr(sys.modules[__name__], "KILLS", 0)
    assert points_of(4) == [1, 2, 3, 4]
