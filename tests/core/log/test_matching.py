from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from core.access.principal import LOCAL
from core.log import service as log
from core.log.delta import open_log
from core.log.matching import earliest_unit, find_units, in_window, neighbours, units_with
from core.log.schema import load_schema
from tests.log_kit import KEY, MODEL, SCHEMA, START, YAML, predictions, saved, watched

DAY = date(2013, 7, 1)
WINDOWED = load_schema(YAML + "actual_window: 2d\n")


@pytest.fixture
def known(store, tmp_path):
    watched(store, versions=("v1", "v2"))
    for version, day, prefix in (("v1", 0, "p"), ("v1", 20, "p"), ("v2", 3, "p"), ("v1", 1, "q")):
        path = saved(
            predictions(5, prefix=prefix, start=START + timedelta(days=day)), tmp_path / f"{version}-{day}.parquet"
        )
        assert log.ingest_file(store, LOCAL, model=MODEL, version=version, file=path).accepted == 5
    return store


def table(store):
    return open_log(store.log_dir(KEY)).predictions


def test_the_newest_unit_wins_and_another_version_nearby_counts_too(known):
    found = find_units(table(known), pl.Series(["p000001", "q000002", "never"]), dedup_days=7)
    assert sorted(found.iter_rows()) == [("p000001", DAY + timedelta(days=20)), ("q000002", DAY + timedelta(days=1))]
    near = find_units(table(known), pl.Series(["p000001"]), dedup_days=17)
    assert sorted(day for _, day in near.iter_rows()) == [DAY, DAY + timedelta(days=3), DAY + timedelta(days=20)]


def test_no_ids_and_no_log_find_nothing(known, tmp_path):
    assert find_units(table(known), pl.Series([], dtype=pl.String), dedup_days=7).height == 0
    assert find_units(open_log(tmp_path).predictions, pl.Series(["a"]), dedup_days=7).height == 0


def test_many_ids_are_all_found_as_by_a_plain_search(store, tmp_path):
    watched(store)
    rows = predictions(3_000, step_minutes=7)
    log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=saved(rows, tmp_path / "f.parquet"))
    wanted = rows["id"].gather_every(3)
    found = find_units(table(store), wanted, dedup_days=0)
    days = rows.select("id", day=pl.col("at").dt.convert_time_zone("America/New_York").dt.date())
    assert found.sort("id").equals(days.filter(pl.col("id").is_in(wanted.implode())).sort("id"))


def test_pairs_of_id_and_unit_are_kept_when_a_prediction_is_there(known):
    pairs = pl.DataFrame({"id": ["p000001", "p000001", "never"], "day": [DAY, DAY + timedelta(days=1), DAY]})
    assert list(units_with(table(known), pairs).iter_rows()) == [("p000001", DAY)]


def test_the_window_counts_back_from_when_the_actual_became_known():
    at = datetime(2013, 7, 10, 12, tzinfo=UTC)
    assert earliest_unit(at, SCHEMA) is None
    assert earliest_unit(at, WINDOWED) == date(2013, 7, 8)
    pairs = pl.DataFrame(
        {"day": [date(2013, 7, 8), date(2013, 7, 7), date(2013, 7, 7)], "actual_at": [at] * 3, "all_days": [0, 0, 1]}
    )
    assert in_window(pairs, WINDOWED).to_list() == [True, False, True]
    assert in_window(pairs, SCHEMA).to_list() == [True] * 3


def test_neighbours_reach_out_on_both_sides():
    assert neighbours([DAY, DAY + timedelta(days=3)], 2) == (DAY - timedelta(days=2), DAY + timedelta(days=5))
