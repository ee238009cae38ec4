from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from core.access.principal import LOCAL
from core.errors import ConflictError
from core.log import service as log
from core.log.delta import open_log
from core.log.table import batches_of_day, days_in_log, hits, log_version, read_day, winners_of, winning_actuals
from tests.log_kit import KEY, MODEL, YAML, actuals, labels, predictions, saved, watched

DAY = date(2013, 7, 1)


@pytest.fixture
def known(store):
    return watched(store, versions=("v1", "v2"))


def take(store, path, version="v1", role="served"):
    outcome = log.ingest_file(store, LOCAL, model=MODEL, version=version, file=path, role=role)
    assert not outcome.refused, outcome.reason
    return outcome


def test_a_day_holds_the_rows_of_its_version_and_role_with_plain_types(known, tmp_path):
    take(known, saved(predictions(30), tmp_path / "a.parquet"))
    take(known, saved(predictions(10, prefix="s"), tmp_path / "s.csv"), role="shadow")
    take(known, saved(predictions(5), tmp_path / "b.csv"), version="v2")
    rows = read_day(known.log_dir(KEY), DAY, version_id=1, role="served", columns=["f_0001", "f_0002", "c_0003"])
    assert rows.column_names == ["f_0001", "f_0002", "c_0003", "score", "decision", "actual"]
    assert rows.num_rows == 16
    assert rows["f_0001"].type == pa.float64()
    assert rows["f_0002"].type == pa.dictionary(pa.int32(), pa.string())
    assert (rows["decision"].type, rows["actual"].type) == (pa.int8(), pa.int8())
    assert rows["f_0001"].to_pylist() == predictions(30)["temp"].to_list()[:16]
    units = days_in_log(known.log_dir(KEY))
    assert [(u.day, u.rows, u.keys) for u in units] == [
        (DAY, 31, ((1, "served"), (1, "shadow"), (2, "served"))),
        (DAY + timedelta(days=1), 14, ((1, "served"),)),
    ]


def test_a_day_without_rows_is_empty_with_all_its_columns(known):
    rows = read_day(known.log_dir(KEY), DAY, version_id=1, role="served", columns=["id", "at"])
    assert (rows.num_rows, rows.column_names) == (0, ["id", "at", "score", "decision", "actual"])


def test_mixed_files_after_compaction_read_the_same(known, tmp_path):
    take(known, saved(predictions(10), tmp_path / "a.parquet"))
    take(known, saved(predictions(10), tmp_path / "b.csv"), version="v2")
    log.ingest_actuals(known, LOCAL, model=MODEL, file=saved(actuals(["p000001"], [1]), tmp_path / "y.csv"))
    read = [
        sorted(
            read_day(known.log_dir(KEY), DAY, version_id=v, role="served", columns=["id", "batch"]).to_pylist(), key=str
        )
        for v in (1, 2)
    ]
    batches = batches_of_day(known.log_dir(KEY), DAY, version_id=2, role="served")
    assert log.compact(known, LOCAL, model=MODEL) == 1
    assert days_in_log(known.log_dir(KEY))[0].files == 1
    assert [
        sorted(
            read_day(known.log_dir(KEY), DAY, version_id=v, role="served", columns=["id", "batch"]).to_pylist(), key=str
        )
        for v in (1, 2)
    ] == read
    assert batches_of_day(known.log_dir(KEY), DAY, version_id=2, role="served") == batches == (2, 3)


def test_inline_actuals_are_read_without_a_join_and_apply_to_other_versions(known, tmp_path):
    inline = predictions(3).with_columns(late=pl.Series([1, 0, None]))
    take(known, saved(inline, tmp_path / "a.parquet"))
    assert labels(known) == {("p000000", 1): 1, ("p000001", 1): 0}
    take(known, saved(predictions(3), tmp_path / "b.csv"), version="v2")
    assert labels(known) == {("p000000", 1): 1, ("p000001", 1): 0, ("p000000", 2): 1, ("p000001", 2): 0}


def test_an_older_snapshot_stays_readable(known, tmp_path):
    take(known, saved(predictions(3), tmp_path / "a.parquet"))
    before = open_log(known.log_dir(KEY))
    take(known, saved(predictions(3, prefix="n"), tmp_path / "b.parquet"))
    log.compact(known, LOCAL, model=MODEL)
    rows = read_day(known.log_dir(KEY), DAY, version_id=1, role="served", columns=["id"], snapshot=before)
    assert rows.num_rows == 3
    assert log_version(known.log_dir(KEY)) > before.version


def test_a_column_younger_than_a_row_is_null_there(known, tmp_path):
    from core.inventory.service import add_model, add_version
    from core.log.schema import load_schema

    take(known, saved(predictions(3), tmp_path / "a.parquet"))
    add_model(known, LOCAL, load_schema(YAML.replace("numeric: [temp]", "numeric: [temp, wind]")))
    add_version(known, LOCAL, model=MODEL, version="v3", artifact_sha256=None, has_reference=False)
    take(known, saved(predictions(3).with_columns(wind=1.5), tmp_path / "b.parquet"), version="v3")
    old = read_day(known.log_dir(KEY), DAY, version_id=1, role="served", columns=["f_0004"])
    new = read_day(known.log_dir(KEY), DAY, version_id=3, role="served", columns=["f_0004"])
    assert (old["f_0004"].to_pylist(), new["f_0004"].to_pylist()) == ([None] * 3, [1.5] * 3)


def test_the_winner_is_the_largest_time_then_the_largest_batch():
    one, two = datetime(2013, 8, 1, tzinfo=UTC), datetime(2013, 8, 2, tzinfo=UTC)
    rows = pl.DataFrame(
        {
            "id": ["a", "a", "a", "b", "b"],
            "actual": [1, 0, 1, 1, None],
            "actual_at": [two, one, one, one, one],
            "batch": [1, 9, 5, 3, 4],
        },
        schema_overrides={"actual": pl.Int8},
    )
    assert dict(winners_of(rows).select("id", "actual").iter_rows()) == {"a": 1, "b": None}
    assert dict(winners_of(rows.reverse()).select("id", "actual").iter_rows()) == {"a": 1, "b": None}


def test_winning_actuals_are_one_row_an_id(known, tmp_path):
    inline = predictions(3).with_columns(late=pl.lit(1), actual_at=pl.lit("2013-08-01T00:00:00Z"))
    take(known, saved(inline, tmp_path / "a.parquet"))
    later = actuals(["p000000"], [0]).with_columns(actual_at=pl.lit("2013-09-01T00:00:00Z"))
    log.ingest_actuals(known, LOCAL, model=MODEL, file=saved(later, tmp_path / "y.csv"))
    winners = winning_actuals(open_log(known.log_dir(KEY)), DAY)
    assert dict(winners.select("id", "actual").iter_rows()) == {"p000000": 0, "p000001": 1, "p000002": 1}


def test_hits_are_the_places_on_both_sides():
    wanted = np.array([2, 5, 9], dtype=np.uint64)
    rows, places = hits(np.array([9, 1, 2, 9], dtype=np.uint64), wanted)
    assert (rows.tolist(), places.tolist()) == ([0, 2, 3], [2, 0, 2])
    assert hits(np.zeros(0, dtype=np.uint64), wanted)[0].tolist() == []


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"PAR1PAR1")])
def test_a_data_file_that_is_gone_or_damaged_is_named_with_what_to_do(known, tmp_path, damage):
    take(known, saved(predictions(3), tmp_path / "a.parquet"))
    (file,) = known.log_dir(KEY).rglob("b1/*.parquet")
    damage(file)
    with pytest.raises(ConflictError, match=r"is damaged .*; restore the store from a copy"):
        read_day(known.log_dir(KEY), DAY, version_id=1, role="served", columns=["id"])
    with pytest.raises(ConflictError, match="is damaged"):
        log.ingest_actuals(known, LOCAL, model=MODEL, file=saved(actuals(["p000000"], [0]), tmp_path / "y.csv"))


def test_the_time_of_an_actual_is_that_of_the_winner_and_null_without_one(known, tmp_path):
    take(known, saved(predictions(6), tmp_path / "a.parquet"))
    moments = [datetime(2013, 7, day, tzinfo=UTC) for day in (4, 9, 5)]
    ids = ["p000001", "p000001", "p000002"]
    late = pl.DataFrame({"id": ids, "late": [1, 0, None], "actual_at": moments}, schema_overrides={"late": pl.Int64})
    outcome = log.ingest_actuals(known, LOCAL, model=MODEL, file=saved(late, tmp_path / "y.parquet"))
    assert not outcome.refused, outcome.reason
    rows = read_day(known.log_dir(KEY), DAY, version_id=1, role="served", columns=["id", "actual_at"])
    found = {row["id"]: (row["actual"], row["actual_at"]) for row in rows.to_pylist()}
    assert found["p000001"] == (0, moments[1])
    assert found["p000002"] == (None, None)
    assert found["p000003"] == (None, None)


def test_the_time_of_an_inline_actual_is_read_without_a_join(known, tmp_path):
    inline = predictions(3).with_columns(late=pl.Series([1, None, 0], dtype=pl.Int64))
    moment = datetime(2013, 7, 3, tzinfo=UTC)
    take(known, saved(inline.with_columns(actual_at=pl.lit(moment)), tmp_path / "a.parquet"))
    rows = read_day(known.log_dir(KEY), DAY, version_id=1, role="served", columns=["actual_at"])
    assert rows["actual_at"].to_pylist() == [moment, None, moment]
