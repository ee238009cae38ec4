from core.executors.settings import ExecutorSettings
from core.store import settings
from core.store.database import Store
from core.store.executor_settings import executor_settings, put_executor_settings
from core.store.release_facts import executor_of


def put(store: Store, wanted: ExecutorSettings) -> None:
    with store.write() as session:
        put_executor_settings(session, wanted)


def read(store: Store) -> ExecutorSettings:
    with store.read() as session:
        return executor_settings(session)


def test_what_is_put_is_read_and_the_usual_leaves_no_row(store):
    assert read(store) == ExecutorSettings()
    webhook = ExecutorSettings(executor="https://a.example/", hosts=("a.example", "10.0.0.8"), within_minutes=5)
    put(store, webhook)
    assert read(store) == webhook
    with store.read() as session:
        assert executor_of(session) == "https://a.example/", "the validity key reads the same row"
    put(store, ExecutorSettings())
    assert read(store) == ExecutorSettings()
    with store.read() as session:
        assert [settings.get(session, name) for name in ("executor", "executor_hosts", "executor_within_minutes")] == [
            None,
            None,
            None,
        ]
