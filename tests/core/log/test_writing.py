from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.log import writing
from core.log.writing import Target, statistics_of, write_units

DAY = date(2013, 7, 1)


def part(days, ids, level="x"):
    return pa.table(
        {
            "day": pa.array(days, pa.date32()),
            "id": pa.array(ids, pa.string()),
            "c_0001": pa.array([level] * len(ids)).dictionary_encode(),
        }
    )


def read(root, actions):
    found = {}
    for action in actions:
        found.setdefault(action.partition_values["day"], []).extend(pq.read_table(root / action.path)["id"].to_pylist())
    return found


def test_rows_land_in_one_file_a_unit_in_their_order(tmp_path):
    days = [DAY, DAY + timedelta(days=1), None]
    parts = [part([days[i % 3] for i in range(6)], [f"{name}{i}" for i in range(6)]) for name in "ab"]
    actions = write_units(Target(tmp_path, "b1"), parts)
    assert len(actions) == 3
    assert read(tmp_path, actions) == {
        "2013-07-01": ["a0", "a3", "b0", "b3"],
        "2013-07-02": ["a1", "a4", "b1", "b4"],
        None: ["a2", "a5", "b2", "b5"],
    }


def test_beyond_the_buffer_the_fullest_unit_goes_to_the_disk_first_and_nothing_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "BUFFER_BYTES", 2_000)
    rng = np.random.default_rng(5)
    parts = [
        part([DAY + timedelta(days=int(d)) for d in rng.integers(0, 7, 50)], [f"{n}-{i}" for i in range(50)])
        for n in range(20)
    ]
    actions = write_units(Target(tmp_path, "b1"), parts)
    assert len(actions) > 7
    assert len({action.path for action in actions}) == len(actions)
    assert sorted(i for ids in read(tmp_path, actions).values() for i in ids) == sorted(
        f"{n}-{i}" for n in range(20) for i in range(50)
    )


def test_a_long_dictionary_is_not_written_with_every_unit(tmp_path):
    levels = pa.array([f"level {i}" for i in range(50_000)])
    rows = pa.table(
        {
            "day": pa.array([DAY] * 10, pa.date32()),
            "id": [str(i) for i in range(10)],
            "c_0001": pa.DictionaryArray.from_arrays(np.arange(10, dtype=np.int32), levels),
        }
    )
    (action,) = write_units(Target(tmp_path, "b1"), [rows])
    assert action.size < 5_000
    assert pq.read_table(tmp_path / action.path)["c_0001"].to_pylist() == [f"level {i}" for i in range(10)]


def test_the_statistics_are_the_exact_bounds():
    rows = pa.table({"id": ["b", "a"], "batch": pa.array([2, 3]), "actual": pa.array([None, 1], pa.int8())})
    assert statistics_of(rows) == {
        "numRecords": 2,
        "minValues": {"id": "a", "batch": 2},
        "maxValues": {"id": "b", "batch": 3},
        "nullCount": {"id": 0, "actual": 1},
    }


def test_no_rows_give_no_files(tmp_path):
    assert write_units(Target(tmp_path, "b1"), []) == []
