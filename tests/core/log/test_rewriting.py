from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from core.access.principal import LOCAL
from core.log import service as log
from core.log.delta import open_log
from core.log.rewriting import (
    batch_folder,
    compact_days,
    compact_unit,
    files_of_batch,
    match_unmatched,
    release_actuals,
    remove_batch,
    units_changed_without,
)
from core.log.table import all_actuals, days_in_log
from tests.log_kit import KEY, MODEL, SCHEMA, START, actuals, content, labels, predictions, saved, watched

DAY = date(2013, 7, 1)


@pytest.fixture
def known(frozen_store):
    return watched(frozen_store, versions=("v1", "v2"))


def take(store, frame, path, version="v1"):
    outcome = log.ingest_file(store, LOCAL, model=MODEL, version=version, file=saved(frame, path))
    assert not outcome.refused, outcome.reason
    return outcome.batch


def late(store, frame, path):
    outcome = log.ingest_actuals(store, LOCAL, model=MODEL, file=saved(frame, path))
    assert not outcome.refused, outcome.reason
    return outcome.batch


def waiting(store):
    table = open_log(store.log_dir(KEY)).actuals
    return sorted(i for file in table.of_day(None) for i in pl.read_parquet(table.root / file.path)["id"])


def test_a_batch_leaves_its_days_also_after_compaction_and_the_others_stay(known, tmp_path):
    take(known, predictions(30, prefix="a"), tmp_path / "a.csv")
    before = content(known)
    wrong = take(known, predictions(30, prefix="w"), tmp_path / "w.csv")
    log.compact(known, LOCAL, model=MODEL)
    assert {file.batches for file in open_log(known.log_dir(KEY)).predictions.files} == {(1, wrong)}
    version = open_log(known.log_dir(KEY)).predictions.version
    log.revert_batch(known, LOCAL, batch_id=wrong, reason="wrong file")
    assert content(known) == before
    assert open_log(known.log_dir(KEY)).predictions.version == version + 1, "one commit"


def test_removing_a_batch_twice_changes_nothing_the_second_time(known, tmp_path):
    batch = take(known, predictions(3), tmp_path / "a.csv")
    remove_batch(known.log_dir(KEY), batch)
    version = open_log(known.log_dir(KEY)).version
    remove_batch(known.log_dir(KEY), batch)
    assert open_log(known.log_dir(KEY)).version == version
    assert content(known) == {}


def test_the_actuals_of_a_reverted_file_wait_for_the_right_one(known, tmp_path):
    moved = predictions(3).with_columns(at=pl.col("at") + timedelta(days=60))
    wrong = take(known, moved, tmp_path / "wrong.csv")
    late(known, actuals(["p000001", "p000002"], [1, 0]), tmp_path / "y.csv")
    assert labels(known) == {("p000001", 1): 1, ("p000002", 1): 0}
    log.revert_batch(known, LOCAL, batch_id=wrong, reason="wrong month")
    assert waiting(known) == ["p000001", "p000002"]
    take(known, predictions(3), tmp_path / "right.csv")
    assert labels(known) == {("p000001", 1): 1, ("p000002", 1): 0}
    assert waiting(known) == []


def test_actuals_stay_where_another_version_still_has_the_id(known, tmp_path):
    take(known, predictions(3), tmp_path / "a.csv")
    other = take(known, predictions(3).with_columns(at=pl.col("at") + timedelta(days=1)), tmp_path / "b.csv", "v2")
    late(known, actuals(["p000001"], [1]), tmp_path / "y.csv")
    assert labels(known) == {("p000001", 1): 1, ("p000001", 2): 1}
    log.revert_batch(known, LOCAL, batch_id=other, reason="challenger scored the wrong day")
    assert (labels(known), waiting(known)) == ({("p000001", 1): 1}, [])


def test_dated_actuals_stay_in_their_day(known, tmp_path):
    batch = take(known, predictions(3), tmp_path / "a.csv")
    late(known, actuals(["p000001"], [1]).with_columns(timestamp=pl.lit("2013-07-01")), tmp_path / "y.csv")
    log.revert_batch(known, LOCAL, batch_id=batch, reason="x")
    assert waiting(known) == []
    take(known, predictions(3), tmp_path / "a.csv")
    assert labels(known) == {("p000001", 1): 1}


def test_a_batch_of_actuals_leaves_and_the_earlier_value_counts_again(known, tmp_path):
    take(known, predictions(3), tmp_path / "a.csv")
    late(known, actuals(["p000001", "never"], [1, 1]), tmp_path / "y1.csv")
    wrong = late(known, actuals(["p000001", "p000002", "never"], [0, 0, 0]), tmp_path / "y2.csv")
    log.compact(known, LOCAL, model=MODEL)
    assert units_changed_without(open_log(known.log_dir(KEY)), wrong, all_actuals) == {DAY}
    log.revert_batch(known, LOCAL, batch_id=wrong, reason="labels of another model")
    assert labels(known) == {("p000001", 1): 1}
    assert waiting(known) == ["never"]


def test_a_revert_of_values_that_changed_nothing_marks_nothing(known, tmp_path):
    take(known, predictions(3), tmp_path / "a.csv")
    late(known, actuals(["p000001"], [1]), tmp_path / "y1.csv")
    same = late(known, actuals(["p000001"], [1]).with_columns(pl.lit("x").alias("note")), tmp_path / "y2.csv")
    assert units_changed_without(open_log(known.log_dir(KEY)), same, all_actuals) == set()


def test_compaction_sorts_by_id_keeps_the_content_and_leaves_open_days(known, tmp_path):
    for number, seed in enumerate((3, 4, 5)):
        rows = predictions(30, prefix=f"{9 - number}-", seed=seed)
        take(known, rows, tmp_path / f"{number}.csv")
        late(known, actuals(rows["id"][:3].to_list(), [1, 0, 1]), tmp_path / f"y{number}.csv")
    before = content(known)
    at = datetime(2013, 7, 2, 6, tzinfo=UTC)
    assert compact_days(known.log_dir(KEY), SCHEMA, at) == [DAY]
    assert [unit.files for unit in days_in_log(known.log_dir(KEY))] == [1, 3]
    table = open_log(known.log_dir(KEY)).predictions
    ids = pl.read_parquet(table.root / table.of_day(DAY)[0].path)["id"]
    assert ids.is_sorted()
    assert content(known) == before
    assert compact_days(known.log_dir(KEY), SCHEMA, at) == []


def test_a_unit_too_large_to_sort_is_left_alone(known, tmp_path, monkeypatch):
    from core.log import rewriting

    monkeypatch.setattr(rewriting, "MAX_COMPACT_ROWS", 5)
    take(known, predictions(3, prefix="a"), tmp_path / "a.csv")
    take(known, predictions(3, prefix="b"), tmp_path / "b.csv")
    assert compact_unit(open_log(known.log_dir(KEY)).predictions, DAY) == 0


def test_matching_and_releasing_twice_change_nothing_the_second_time(known, tmp_path):
    late(known, actuals(["p000001"], [1]), tmp_path / "y.csv")
    batch = take(known, predictions(3), tmp_path / "a.csv")
    log_dir = known.log_dir(KEY)
    version = open_log(log_dir).version
    match_unmatched(log_dir, SCHEMA, batch)
    release_actuals(log_dir, SCHEMA, batch, [])
    release_actuals(log_dir, SCHEMA, batch, [DAY])
    assert open_log(log_dir).version == version
    assert labels(known) == {("p000001", 1): 1}


def test_the_files_of_a_batch_go_by_their_bounds(known, tmp_path):
    batch = take(known, predictions(3, start=START), tmp_path / "a.csv")
    table = open_log(known.log_dir(KEY)).predictions
    assert [file.path.split("/")[0] for file in files_of_batch(table, batch)] == [batch_folder(batch)]
    assert files_of_batch(table, batch + 1) == ()
