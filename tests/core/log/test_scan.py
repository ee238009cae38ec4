from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from core.access.principal import LOCAL
from core.errors import BadInputError
from core.log import service as log
from core.log.delta import open_log
from core.log.files import open_source
from core.log.scan import scan, unit_at
from core.log.schema import load_schema
from tests.log_kit import KEY, MODEL, SCHEMA, START, YAML, predictions, saved, watched


def scanned(path, store, version_id=1, schema=SCHEMA):
    return scan(open_source(path), schema, open_log(store.log_dir(KEY)).predictions, version_id)


def test_the_span_of_the_file_is_in_the_models_calendar(store, tmp_path):
    seen = scanned(saved(predictions(30), tmp_path / "f.csv"), store)
    assert (seen.rows, seen.units) == (30, (date(2013, 7, 1), date(2013, 7, 2)))


def test_the_first_of_equal_ids_counts_whatever_lies_between(store, tmp_path):
    rows = pl.concat([predictions(200_000, step_minutes=0), predictions(3, step_minutes=0)])
    seen = scanned(saved(rows, tmp_path / "f.parquet"), store)
    assert seen.repeats.positions.tolist() == [200_000, 200_001, 200_002]
    assert seen.repeats.first_rows.tolist() == [1, 2, 3]
    assert "row 1 has the same id" in seen.repeats.fix(0)


def test_missing_ids_do_not_repeat_each_other(store, tmp_path):
    rows = predictions(4).with_columns(id=pl.Series(["a", None, None, "b"]))
    assert len(scanned(saved(rows, tmp_path / "f.parquet"), store).repeats.positions) == 0


def test_an_id_of_the_log_repeats_within_dedup_days_and_the_same_version_only(store, tmp_path):
    watched(store, versions=("v1", "v2"))
    log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=saved(predictions(5), tmp_path / "a.parquet"))
    near = saved(predictions(3, start=START + timedelta(days=7)), tmp_path / "near.csv")
    far = saved(predictions(3, start=START + timedelta(days=8)), tmp_path / "far.csv")
    before = saved(predictions(3, start=START - timedelta(days=7)), tmp_path / "before.csv")
    assert scanned(near, store).repeats.batches.tolist() == [1, 1, 1]
    assert scanned(before, store).repeats.batches.tolist() == [1, 1, 1]
    assert "batch 1" in scanned(near, store).repeats.fix(0)
    assert len(scanned(far, store).repeats.positions) == 0
    assert len(scanned(near, store, version_id=2).repeats.positions) == 0


def test_after_compaction_the_ids_of_another_version_are_still_told_apart(store, tmp_path):
    watched(store, versions=("v1", "v2"))
    log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=saved(predictions(5), tmp_path / "a.parquet"))
    log.ingest_file(
        store, LOCAL, model=MODEL, version="v2", file=saved(predictions(2, prefix="z"), tmp_path / "b.parquet")
    )
    log.compact(store, LOCAL, model=MODEL)
    path = saved(predictions(5), tmp_path / "c.csv")
    assert len(scanned(path, store, version_id=1).repeats.positions) == 5
    assert len(scanned(path, store, version_id=2).repeats.positions) == 0


def test_uniqueness_agrees_with_a_plain_count(store, tmp_path):
    rng = np.random.default_rng(11)
    ids = [str(i) for i in rng.integers(0, 500, 2_000)]
    rows = predictions(2_000, step_minutes=1).with_columns(id=pl.Series(ids))
    seen = scanned(saved(rows, tmp_path / "f.jsonl"), store)
    first: dict[str, int] = {}
    expected = [i for i, name in enumerate(ids) if first.setdefault(name, i) != i]
    assert seen.repeats.positions.tolist() == expected
    assert seen.repeats.first_rows.tolist() == [first[ids[i]] + 1 for i in expected]


def test_more_than_a_thousand_batches_are_refused(store, tmp_path):
    schema = load_schema(
        YAML.replace("task: binary", "task: binary\ngrain: batch\ntime: {column: slice}").replace(
            "  timestamp: at\n", ""
        )
    )
    rows = predictions(2).with_columns(slice=pl.Series([0, 1_000]))
    with pytest.raises(BadInputError, match="spans the batches 0 to 1000"):
        scanned(saved(rows, tmp_path / "f.csv"), store, schema=schema)


def test_a_file_of_missing_times_has_no_span(store, tmp_path):
    rows = predictions(2).with_columns(at=pl.lit(None, pl.Datetime("us", "UTC")))
    assert scanned(saved(rows, tmp_path / "f.parquet"), store).units is None


def test_times_outside_two_centuries_ask_for_the_unit():
    assert unit_at("f", int(START.timestamp() * 1e6), SCHEMA) == date(2013, 7, 1)
    for moment in (datetime(1899, 1, 1, tzinfo=UTC).timestamp() * 1e6, 10**18, -(10**18)):
        with pytest.raises(BadInputError, match="is the timestamp in milliseconds"):
            unit_at("f", int(moment), SCHEMA)
