from datetime import UTC, datetime

from core.store import settings


def test_a_setting_is_set_changed_and_forgotten(store):
    with store.write() as session:
        assert settings.get(session, "colour") is None
        settings.put(session, "colour", "blue")
        settings.put(session, "colour", "red")
        assert settings.get(session, "colour") == "red"
        settings.put(session, "colour", None)
        settings.put(session, "never", None)
        assert settings.get(session, "colour") is None


def test_the_frozen_instant_comes_back_to_the_microsecond(store):
    at = datetime(2014, 1, 1, 4, 59, 59, 999_999, tzinfo=UTC)
    with store.write() as session:
        assert settings.frozen_at(session) is None
        settings.put_frozen_at(session, at)
        assert settings.frozen_at(session) == at
        settings.put_frozen_at(session, None)
        assert settings.frozen_at(session) is None
