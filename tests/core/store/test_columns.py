from core.store.columns import column_ids, ensure_columns
from tests.log_kit import watched


def test_ids_are_given_once_and_stay(store):
    watched(store)
    with store.write() as session:
        first = ensure_columns(session, 1, {"number:temp": "f", "text:origin": "c"})
        known = column_ids(session, 1)
    with store.write() as session:
        second = ensure_columns(session, 1, {"text:origin": "c", "number:wind": "f"})
    assert known.items() >= first.items()
    assert second.items() >= first.items()
    assert len(set(second.values())) == len(second)
    assert second["number:wind"].startswith("f_")
    assert second["text:origin"].startswith("c_")


def test_another_storage_of_the_same_name_is_another_column(store):
    watched(store)
    with store.write() as session:
        ids = ensure_columns(session, 1, {"number:x": "f", "text:x": "f", "text:'; DROP TABLE columns;--": "f"})
    assert ids["number:x"] != ids["text:x"]
    with store.read() as session:
        assert column_ids(session, 1) == ids
        assert column_ids(session, 2) == {}
