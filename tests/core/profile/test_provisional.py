from datetime import date, timedelta

from core.access.principal import LOCAL
from core.log import service as log
from core.profile.provisional import first_rows
from tests.log_kit import KEY, MODEL, SCHEMA, START, predictions, saved, watched

DAY = START.date()
KEYS = [("served", DAY + timedelta(days=k)) for k in range(4)]


def found(store, at):
    folder = store.log_dir(KEY)
    return first_rows(folder, KEYS, version_id=1, schema=SCHEMA, columns=["f_0001"], at=at)


def take(store, tmp_path, n):
    watched(store)
    file = saved(predictions(n, step_minutes=2), tmp_path / "a.parquet")
    outcome = log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=file, role="served")
    assert not outcome.refused, outcome.reason


def test_the_first_closed_days_with_enough_rows_stand_in_for_a_reference(store, tmp_path):
    take(store, tmp_path, 1_500)
    role, parts = found(store, START + timedelta(days=9))
    assert role == "served"
    assert list(parts) == [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)][: len(parts)]
    assert sum(part.num_rows for part in parts.values()) >= 1_000


def test_days_that_are_still_open_do_not_count(store, tmp_path):
    take(store, tmp_path, 1_500)
    assert found(store, START + timedelta(hours=3)) is None


def test_too_few_rows_give_nothing(store, tmp_path):
    take(store, tmp_path, 900)
    assert found(store, START + timedelta(days=9)) is None
    assert date(2013, 7, 1) == DAY
