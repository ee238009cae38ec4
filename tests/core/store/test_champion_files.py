from datetime import UTC, datetime

import pytest

from core.access.principal import LOCAL
from core.executors.champion_file import Champion
from core.inventory.service import retire_model
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.rollback import service as rollback
from core.store import outbox
from core.store.champion_files import champions
from core.store.database import Store
from tests.release_kit import ANA, OMAR, approved, at, governed, later, live

STEPS = plan_of(
    {"steps": [{"kind": "shadow", "days": 1}, {"kind": "canary", "share": 0.05, "days": 1}, {"kind": "full"}]}
)


@pytest.fixture
def governed_store(store) -> Store:
    return at(governed(store, tier=4), datetime(2026, 3, 2, 9, tzinfo=UTC))


def champion(store: Store) -> Champion | None:
    with store.read() as session:
        (found,) = champions(session).values()
    return found


def events(store: Store, release_id: int) -> list[str]:
    with store.read() as session:
        return [one.event_id for one in outbox.by_release(session, release_id)]


def test_a_champion_without_a_release_has_neither_release_nor_event(governed_store):
    found = champion(governed_store)
    assert (found.model, found.model_key, found.version) == ("churn", "m0001", "v1")
    assert (found.release, found.event_id, found.on_its_way) == (None, None, None)
    assert found.artifact_sha256 == f"{1:064x}"


def test_what_is_only_sent_changes_nothing_and_what_is_acknowledged_does(governed_store):
    release = executing.execute(governed_store, OMAR, approved(governed_store).id)
    assert champion(governed_store).version == "v1"
    acknowledging.acknowledge(governed_store, OMAR, release.id)
    found = champion(governed_store)
    assert (found.version, found.release, found.event_id) == ("v2", release.id, events(governed_store, release.id)[0])
    assert found.since == governed_store.clock.now()


def test_a_rollback_names_its_own_event_once_it_is_acknowledged(governed_store):
    release = live(governed_store)
    rollback.request_rollback(governed_store, ANA, model="churn", reason="wrong")
    forward, back = events(governed_store, release.id)
    assert (champion(governed_store).version, champion(governed_store).event_id) == ("v2", forward)
    acknowledging.acknowledge(governed_store, OMAR, release.id)
    assert (champion(governed_store).version, champion(governed_store).event_id) == ("v1", back)


def test_a_drill_is_nobody_s_event(governed_store):
    release = live(governed_store)
    drill = rollback.drill(governed_store, OMAR, model="churn")
    acknowledging.acknowledge(governed_store, OMAR, drill.id)
    assert champion(governed_store).event_id == events(governed_store, release.id)[0]


def test_each_step_of_a_plan_is_on_its_way_until_it_is_full(governed_store):
    release = live(governed_store, plan=STEPS)
    found = champion(governed_store)
    assert (found.version, found.on_its_way.version, found.on_its_way.mode, found.on_its_way.share) == (
        "v1",
        "v2",
        "shadow",
        0.0,
    )
    second = later(governed_store, days=1)
    executing.advance(second, OMAR, release.id)
    assert champion(second).on_its_way.step == 1, "not before it is acknowledged"
    acknowledging.acknowledge(second, OMAR, release.id)
    assert (champion(second).on_its_way.mode, champion(second).on_its_way.share) == ("canary", 0.05)
    third = later(second, days=1)
    executing.advance(third, OMAR, release.id)
    acknowledging.acknowledge(third, OMAR, release.id)
    assert (champion(third).version, champion(third).on_its_way) == ("v2", None)


def test_a_canary_keeps_its_share_until_it_was_taken_back(governed_store):
    live(governed_store, plan=plan_of({"steps": [{"kind": "canary", "share": 0.2}, {"kind": "full"}]}))
    request = rollback.request_rollback(governed_store, ANA, model="churn", reason="wrong")
    assert champion(governed_store).on_its_way.share == 0.2
    acknowledging.acknowledge(governed_store, OMAR, request.id)
    assert (champion(governed_store).version, champion(governed_store).on_its_way) == ("v1", None)


def test_a_retired_model_has_no_champion_to_watch(governed_store):
    retire_model(governed_store, LOCAL, "churn")
    assert champion(governed_store) is None
