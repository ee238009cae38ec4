"""Who was live on any past day: the inventory replayed from the audit trail is what was stored on that day."""

import random
from datetime import UTC, datetime

import pytest

from core.audit.service import verify
from core.errors import RefusedError
from core.inventory.recording.service import inventory_as_of
from core.inventory.service import model_detail
from core.releases.acknowledging import service as acknowledging
from core.releases.rollback import service as rollback
from tests.core.releases.conftest import MONDAY
from tests.release_kit import ANA, OMAR, at, governed, later, live

DAYS = 10


def promoted_or_taken_back(store, rng):
    """Make another version live, or take back what is; says whether anything moved."""
    champion = model_detail(store, "churn").champion.name
    try:
        if rng.random() < 0.5:
            live(store, version=rng.choice([name for name in ("v1", "v2", "v3") if name != champion]))
        else:
            release = rollback.request_rollback(store, ANA, model="churn", reason="it misbehaves")
            acknowledging.acknowledge(store, OMAR, release.id)
    except RefusedError:  # nothing to take back to
        return False
    return True


@pytest.mark.parametrize("seed", range(5))
def test_who_was_live_on_each_day_after_promotions_and_rollbacks(both, seed):
    rng, stored, moved = random.Random(seed), {}, 0
    first = governed(at(both, MONDAY))
    for number in range(DAYS):
        day = later(first, days=number)
        for hour in range(rng.randint(0, 2)):
            moved += promoted_or_taken_back(later(day, hours=hour), rng)
        detail = model_detail(day, "churn")
        stored[day.clock.now().date()] = (detail.champion.name, detail.model.champion_since)
    assert moved >= 3
    found = {day: inventory_as_of(first, day)["churn"] for day in stored}
    assert {day: (one.champion, one.champion_since) for day, one in found.items()} == stored
    assert {one.at for one in found.values()} == {datetime.combine(day, datetime.max.time(), UTC) for day in stored}
    assert verify(first).ok
