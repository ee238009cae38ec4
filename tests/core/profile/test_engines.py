"""Days counted by different executors; the log is the one of `test_service`."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from core.log.delta import PREDICTIONS, add_action, commit, ensure_table
from core.profile.binning_format import pack_binning
from core.profile.engines import (
    GROUP,
    DayTask,
    count_rows,
    day_tasks,
    feature_groups,
    inline_executor,
    profile_day,
    profile_days,
    profile_segments,
    provenance,
    segments_of_rows,
)
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.packed import pack
from core.profile.plan import Plan
from core.profile.profile import arrival_counts
from core.profile.segment_rows import SegmentTask
from core.segments.filters import Condition, Filter
from core.windows import Grain
from tests.log_kit import SCHEMA

DAYS = [date(2013, 4, day) for day in range(1, 8)]
COLUMNS = [("f_0001", pa.float64()), ("f_0002", pa.float64()), ("f_0003", pa.string()), ("c_0001", pa.string())]


@pytest.fixture
def log_dir(tmp_path, rows):
    root = tmp_path / PREDICTIONS
    ensure_table(root, COLUMNS)
    actions = []
    for batch, day in enumerate(DAYS, start=1):
        n = 40 * batch
        stored = rows(n, batch).drop_columns(["c_0009"])
        for name in ("f_0003", "c_0001"):
            stored = stored.set_column(stored.column_names.index(name), name, stored[name].cast(pa.string()))
        stored = stored.append_column("id", pa.array([f"{batch}-{i}" for i in range(n)]))
        stored = stored.append_column("actual_at", pa.nulls(n, pa.timestamp("us", "UTC")))
        stored = stored.append_column("version", pa.array([1] * n, pa.int32()))
        stored = stored.append_column("role", pa.array(["served"] * n))
        intake = [datetime(2013, 4, day.day + 1, tzinfo=UTC) + timedelta(hours=5)] * n
        stored = stored.append_column("intake_at", pa.array(intake, pa.timestamp("us", "UTC")))
        stored = stored.append_column("batch", pa.array([batch] * n, pa.int64()))
        path = Path(f"b{batch}") / "0.parquet"
        (root / path).parent.mkdir()
        pq.write_table(stored, root / path)
        bounds = {"id": f"{batch}-0", "version": 1, "role": "served", "batch": batch}
        statistics = {"numRecords": n, "minValues": bounds, "maxValues": bounds, "nullCount": {"actual": 0}}
        actions.append(add_action(root, str(path), day=day, statistics=statistics))
    commit(root, actions, transaction="1")
    return tmp_path


def tasks(log_dir, binning, days=DAYS):
    blob = pack_binning(binning)
    return [DayTask(log_dir=log_dir, day=day, version_id=1, role="served", binning=blob) for day in days]


def test_a_day_is_counted_from_the_log(log_dir, binning, rows):
    counts = profile_day(tasks(log_dir, binning)[2])
    assert (counts.n_rows, counts.log_version > 0) == (120, True)
    assert counts.profile.ints.tobytes() == profile(rows(120, 3), binning).ints.tobytes()
    assert counts.n_labelled == 120 - rows(120, 3)["actual"].null_count


def test_a_day_without_rows_counts_zero(log_dir, binning):
    counts = profile_day(tasks(log_dir, binning, [date(2020, 1, 1)])[0])
    assert counts.n_rows == 0
    assert not counts.profile.ints.any()
    shadow = replace(tasks(log_dir, binning)[0], role="shadow")
    assert profile_day(shadow).n_rows == 0


@pytest.mark.parametrize(
    "engine",
    [
        inline_executor,
        lambda: ThreadPoolExecutor(3),
        lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
    ],
    ids=["inline", "threads", "processes"],
)
def test_every_executor_gives_the_same_profiles_in_the_order_of_the_tasks(log_dir, binning, engine):
    work = tasks(log_dir, binning)
    with engine() as executor:
        made = list(profile_days(executor, work))
    assert [counts.n_rows for counts in made] == [40 * n for n in range(1, 8)]
    for task, counts in zip(work, made, strict=True):
        here = profile_day(task)
        assert counts.profile.ints.tobytes() == here.profile.ints.tobytes()
        assert counts.profile.floats.tobytes() == here.profile.floats.tobytes()
        assert counts.batches_hash == here.batches_hash


def test_an_error_in_a_day_reaches_the_caller(tmp_path, binning):
    broken = replace(tasks(tmp_path, binning)[0], binning=b"nonsense")
    with inline_executor() as executor, pytest.raises(Exception, match="damaged"):
        list(profile_days(executor, [broken]))


def test_provenance_names_binning_batches_and_counts(binning, rows):
    layout = Layout(binning)
    one = count_rows(rows(100, 1), layout, batches_hash="x").profile
    again = count_rows(rows(100, 1), layout, batches_hash="x").profile
    assert provenance(one, "x") == provenance(again, "x")
    assert provenance(one, "x", packed=pack(one.ints, one.floats)) == provenance(one, "x")
    assert provenance(one, "x") != provenance(one, "y")
    assert provenance(one, "x") != provenance(replace(one, ints=one.ints + np.int64(1)), "x")
    assert provenance(one, "x") != provenance(replace(one, binning_id="other"), "x")


def test_arrival_is_counted_from_the_end_of_the_unit(log_dir, binning):
    task = replace(tasks(log_dir, binning)[0], closes_at=datetime(2013, 4, 2, tzinfo=UTC))
    layout = Layout(binning)
    counted = arrival_counts(layout, profile_day(task).profile.ints)
    assert (counted[3], counted.sum()) == (40, 40)  # five hours: after 3, up to 6
    assert not arrival_counts(layout, profile_day(replace(task, closes_at=None)).profile.ints).any()


def test_very_many_features_are_counted_a_group_at_a_time_with_the_same_result(log_dir, rows, plan):
    names = [f"x{i:03d}" for i in range(2 * GROUP + 20)]
    sources = {name: ("f_0001", "f_0002", f"f_{i:04d}")[i % 3] for i, name in enumerate(names)}
    wide = Plan(
        kinds=dict.fromkeys(names, "numeric") | {"carrier": "categorical"},
        sources={**sources, "carrier": "f_0003", "region": "c_0001"},
        segments=("carrier", "region"),
        threshold=0.4,
    )
    binning = make_binning(rows(500, 1), wide)
    assert [len(group) for group in feature_groups(binning)] == [GROUP, GROUP, 22]
    (task,) = tasks(log_dir, binning, DAYS[2:3])
    counted, whole = profile_day(task).profile, profile(rows(120, 3), binning)
    assert counted.ints.tobytes() == whole.ints.tobytes()
    assert counted.floats.tobytes() == whole.floats.tobytes()


def test_segments_are_counted_from_the_same_rows_as_the_unit_and_alone_the_same(log_dir, rows, binning):
    wanted = Filter(conditions=(Condition(column="carrier", levels=("AA",)),))
    segments = (SegmentTask(segment_id=5, wanted=wanted, columns={"carrier": "f_0003"}),)
    (task,) = tasks(log_dir, binning, DAYS[2:3])
    counted = profile_day(replace(task, segments=segments))
    alone = profile(rows(120, 3).filter(pc.equal(rows(120, 3)["f_0003"].cast("string"), "AA")), binning)
    (one,) = counted.segments
    assert (one.segment_id, one.n_rows) == (5, int(alone.ints[Layout(binning).ints["totals"].start]))
    assert one.profile.ints.tobytes() == alone.ints.tobytes()
    assert one.profile.floats.tobytes() == alone.floats.tobytes()
    batches, (again,) = profile_segments(replace(task, segments=segments))
    assert batches == counted.batches_hash
    assert again.profile.ints.tobytes() == alone.ints.tobytes()
    assert counted.profile.ints.tobytes() == profile_day(task).profile.ints.tobytes()
    (held,) = segments_of_rows(rows(120, 3), Layout(binning), segments)
    assert held.profile.ints.tobytes() == alone.ints.tobytes()


def test_a_segment_of_very_many_features_is_counted_a_group_at_a_time(log_dir, rows):
    names = [f"x{i:03d}" for i in range(GROUP + 5)]
    plan = Plan(kinds=dict.fromkeys(names, "numeric"), sources=dict.fromkeys(names, "f_0001") | {"r": "c_0001"})
    binning = make_binning(rows(500, 1), plan)
    assert len(feature_groups(binning)) == 2
    wanted = Filter(conditions=(Condition(column="r", levels=("north",)),))
    segments = (SegmentTask(segment_id=1, wanted=wanted, columns={"r": "c_0001"}),)
    (task,) = tasks(log_dir, binning, DAYS[2:3])
    (one,) = profile_day(replace(task, segments=segments)).segments
    alone = profile(rows(120, 3).filter(pc.equal(rows(120, 3)["c_0001"].cast("string"), "north")), binning)
    assert one.profile.ints.tobytes() == alone.ints.tobytes()


def test_only_units_of_a_day_are_timed_and_a_stand_in_for_a_reference_never_is(log_dir, binning):
    blob = pack_binning(binning)
    monthly = replace(SCHEMA, grain=Grain.MONTH)
    timed = [day_tasks(log_dir, 1, blob, [("served", DAYS[0])], schema=schema)[0] for schema in (SCHEMA, monthly, None)]
    assert [task.timed for task in timed] == [True, False, False]
    assert [task.closes_at is None for task in timed] == [False, False, True]
