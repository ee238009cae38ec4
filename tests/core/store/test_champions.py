import pytest

from core.errors import ConflictError
from core.releases.target import Reign
from core.store import champions, models
from tests.release_kit import governed, live


def test_reigns_are_read_from_the_audit_trail(both):
    store = governed(both)
    release = live(store)
    with store.read() as session:
        assert champions.reigns(session, "churn") == (
            Reign(version="v1"),
            Reign(version="v2", release=release.id),
        )
        assert champions.reigns(session, "nothing") == ()
        assert champions.version_name(session, None) is None
        assert champions.version_name(session, release.version_id) == "v2"


def test_a_champion_is_set_only_on_the_model_as_it_was_read(both):
    store = governed(both)
    with store.write() as session:
        read = models.model_by_name(session, "churn")
        champions.put_champion(session, read, read.champion_id, 7, at=store.clock.now())
        assert models.model_by_name(session, "churn").champion_release_id == 7
        with pytest.raises(ConflictError):
            champions.put_champion(session, read, read.champion_id, 8, at=store.clock.now())
