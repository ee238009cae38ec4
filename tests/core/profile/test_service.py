"""The service on a real log: files are taken in by `core.log`, days are counted, killed, counted again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete, select, update

from core.access.principal import LOCAL, Principal, Role
from core.errors import NotFoundError, RefusedError
from core.home.service import freeze_clock
from core.inventory import service as inventory
from core.log import service as log
from core.log.schema import load_schema
from core.profile import profile as read
from core.profile import service as profiles
from core.profile.latency_grid import ARRIVAL_HOURS
from core.profile.layout import Layout
from core.profile.records import UNDATED
from core.store import models as stored_models
from core.store import profiles as stored
from core.store.database import open_store
from core.store.dirty import dirty_days, mark_dirty
from core.store.tables import AuditRow, BinningRow, ProfileRow

MODEL = """
model: m
task: binary
owner: o
columns:
  prediction_id: id
  timestamp: at
  score: score
  threshold: 0.5
  actual: late
  features: {numeric: [amount], categorical: [carrier]}
  segments: [carrier]
"""
FIRST = datetime(2013, 4, 1, 12, tzinfo=UTC)


def predictions(day, n, *, start=0, seed=0):
    rng = np.random.default_rng([seed, day + 100])
    at = FIRST + timedelta(days=day)
    return pa.table(
        {
            "id": [f"{day}-{start + i}" for i in range(n)],
            "at": pa.array([at] * n, pa.timestamp("us", "UTC")),
            "score": np.round(rng.random(n), 3),
            "amount": rng.normal(10, 2, n),
            "carrier": rng.choice(["AA", "UA", "DL"], n).tolist(),
        }
    )


def actuals(day, n, value=1):
    return pa.table({"id": [f"{day}-{i}" for i in range(n)], "late": pa.array([value] * n, pa.int64())})


def write(folder, name, table):
    path = folder / f"{name}.parquet"
    pq.write_table(table, path)
    return path


@pytest.fixture
def model(store):
    opened = freeze_clock(store, LOCAL, datetime(2013, 6, 1, tzinfo=UTC))
    inventory.add_model(opened, LOCAL, load_schema(MODEL))
    inventory.add_version(opened, LOCAL, model="m", version="v1", artifact_sha256=None, has_reference=False)
    return opened


def give_reference(store, tmp_path, table, *, name="reference"):
    made = log.prepare_reference(store, LOCAL, model="m", file=write(tmp_path, name, table))
    inventory.accept_contract(store, LOCAL, model="m", version="v1", document=made.contract)
    return profiles.set_reference(store, LOCAL, model="m", version="v1", reference=made)


def ingest(store, tmp_path, name, table):
    outcome = log.ingest_file(store, LOCAL, model="m", version="v1", file=write(tmp_path, name, table))
    assert not outcome.refused, outcome.reason
    return outcome


def build(store, **options):
    return profiles.build_profiles(store, LOCAL, model="m", **options)


def version(store):
    with store.read() as session:
        return stored_models.version_by_name(session, stored_models.model_by_name(session, "m").id, "v1")


def load(store, role="served"):
    now = version(store)
    with store.read() as session:
        stack = stored.load(session, version_id=now.id, role=role, binning_id=now.binning_id)
        return stack, Layout(stored.binning(session, now.binning_id))


def everything(store):
    """Return every stored profile as bytes, without the time of building and the log's version."""
    with store.read() as session:
        found = session.scalars(select(ProfileRow).order_by(ProfileRow.role, ProfileRow.day))
        return [
            (row.role, row.day, row.binning_id, row.blob, row.n_rows, row.n_labelled, row.provenance_id)
            for row in found
        ]


def marks(store):
    with store.read() as session:
        return dirty_days(session, stored_models.model_by_name(session, "m").id)


def test_a_reference_gives_binning_and_one_profile_a_reference_day(model, tmp_path):
    reference = pa.concat_tables([predictions(day, 300) for day in range(-10, 0)])
    made = give_reference(model, tmp_path, reference)
    stack, layout = load(model, "reference")
    assert (made.rows, made.days, made.changed) == (3000, 10, True)
    assert stack.days[0] == date(2013, 3, 22)
    assert read.rows(layout, stack.ints).tolist() == [300] * 10
    now = version(model)
    assert (now.binning_id, now.reference_rows, now.provisional) == (made.binning_id, 3000, False)


def test_the_same_reference_again_changes_nothing(model, tmp_path):
    reference = predictions(0, 500)
    first = give_reference(model, tmp_path, reference)
    before = everything(model)
    again = give_reference(model, tmp_path, reference)
    assert (again.binning_id, again.changed) == (first.binning_id, False)
    assert everything(model) == before


def test_a_reference_without_days_is_one_unit(model, tmp_path):
    give_reference(model, tmp_path, predictions(0, 500).drop_columns(["at"]))
    stack, _ = load(model, "reference")
    assert stack.days == (UNDATED,)


def test_marked_days_become_profiles_and_lose_their_marks(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", pa.concat_tables([predictions(day, 100 + day) for day in range(3)]))
    said = []
    report = build(model, progress=said.append)
    stack, layout = load(model)
    assert (report.windows, report.rows, report.waiting) == (3, 303, 0)
    assert stack.days == (date(2013, 4, 1), date(2013, 4, 2), date(2013, 4, 3))
    assert read.rows(layout, stack.ints).tolist() == [100, 101, 102]
    assert marks(model) == ()
    assert said == ["3 of 3 days profiled"]
    assert build(model).windows == 0


def test_late_actuals_move_counts_from_unknown_to_known(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", predictions(0, 100))
    build(model)
    before, layout = load(model)
    assert read.confusion(layout, before.ints[0])[:, 2].sum() == 100
    log.ingest_actuals(model, LOCAL, model="m", file=write(tmp_path, "late", actuals(0, 60)))
    assert build(model).windows == 1
    after, _ = load(model)
    assert read.confusion(layout, after.ints[0]).sum(axis=0).tolist() == [0, 60, 40]
    assert after.provenance_ids != before.provenance_ids


def test_any_order_of_files_gives_the_same_profiles(store, tmp_path, empty_home):
    parts = {
        "a": predictions(0, 150),
        "b": predictions(0, 80, start=1000, seed=1),
        "c": predictions(1, 90),
    }
    made = []
    for run, order in enumerate((("a", "b", "c", "x"), ("x", "c", "b", "a"), ("b", "x", "a", "c"))):
        home = Path(shutil.copytree(empty_home, tmp_path / f"home{run}"))
        opened = freeze_clock(open_store(home), LOCAL, datetime(2013, 6, 1, tzinfo=UTC))
        inventory.add_model(opened, LOCAL, load_schema(MODEL))
        inventory.add_version(opened, LOCAL, model="m", version="v1", artifact_sha256=None, has_reference=False)
        give_reference(opened, tmp_path, predictions(-1, 500))
        for name in order:
            if name == "x":
                log.ingest_actuals(opened, LOCAL, model="m", file=write(tmp_path, "x", actuals(0, 70)))
            else:
                ingest(opened, tmp_path, name, parts[name])
            build(opened)
        made.append([(role, day, blob) for role, day, _, blob, *_ in everything(opened)])
        opened.engine.dispose()
    assert made[0] == made[1] == made[2]


def test_a_reverted_day_loses_its_profile(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", predictions(0, 100))
    outcome = ingest(model, tmp_path, "b", predictions(1, 50))
    build(model)
    log.revert_batch(model, LOCAL, batch_id=outcome.batch, reason="wrong file")
    build(model)
    assert load(model)[0].days == (date(2013, 4, 1),)
    assert marks(model) == ()


def test_a_new_reference_counts_every_day_again(model, tmp_path):
    first = give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", pa.concat_tables([predictions(day, 100) for day in range(3)]))
    build(model)
    second = give_reference(model, tmp_path, predictions(-2, 900), name="other")
    assert second.binning_id != first.binning_id
    assert len(marks(model)) == 3
    assert build(model).windows == 3
    stack, layout = load(model)
    assert len(stack.days) == 3
    assert read.rows(layout, stack.ints).tolist() == [100, 100, 100]
    assert {binning for _, _, binning, *_ in everything(model)} == {second.binning_id}


def test_without_reference_the_first_closed_days_with_1000_rows_are_provisional(model, tmp_path):
    ingest(model, tmp_path, "a", pa.concat_tables([predictions(day, 400) for day in range(2)]))
    waiting = build(model)
    assert (waiting.windows, waiting.waiting) == (0, 2)
    assert "fewer than 1,000 rows" in waiting.reason
    ingest(model, tmp_path, "b", pa.concat_tables([predictions(day, 400) for day in range(2, 5)]))
    report = build(model)
    now = version(model)
    reference, _ = load(model, "reference")
    assert (report.windows, report.waiting) == (5, 0)
    assert (now.provisional, now.reference_rows, now.reference_sha256) == (True, 1200, None)
    assert reference.days == (date(2013, 4, 1), date(2013, 4, 2), date(2013, 4, 3))
    with model.read() as session:
        assert stored.binning(session, now.binning_id).provisional


def test_an_open_day_does_not_make_a_provisional_reference(model, tmp_path):
    early = freeze_clock(model, LOCAL, FIRST + timedelta(hours=2))
    ingest(early, tmp_path, "a", predictions(0, 1500))
    assert build(early).waiting == 1
    later = freeze_clock(model, LOCAL, FIRST + timedelta(days=1))
    assert build(later).windows == 1


def test_a_real_reference_replaces_a_provisional_one(model, tmp_path):
    ingest(model, tmp_path, "a", predictions(0, 1200))
    build(model)
    assert version(model).provisional
    give_reference(model, tmp_path, predictions(-1, 500))
    assert not version(model).provisional
    assert build(model).windows == 1


def test_a_binning_of_an_older_kernel_is_made_again(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", predictions(0, 100))
    build(model)
    before = everything(model)
    with model.write() as session:
        now = stored_models.version_by_name(session, 1, "v1")
        session.add(BinningRow(id="0" * 64, blob=b"old", kernel_version=0, created_at=FIRST))
        session.flush()
        stored_models.change_version(session, now, {"binning_id": "0" * 64})
    assert profiles.outdated_models(model) == ("m",)
    assert build(model).windows == 1
    assert profiles.outdated_models(model) == ()
    assert everything(model) == before


def test_a_day_marked_again_while_it_was_counted_keeps_its_mark(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", predictions(0, 100))

    class Interrupted(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            done = super().submit(fn, *args, **kwargs)
            done.result()
            ingest(model, tmp_path, "b", predictions(0, 30, start=500))
            return done

    with Interrupted(1) as executor:
        build(model, executor=executor)
    assert len(marks(model)) == 1
    build(model)
    stack, layout = load(model)
    assert read.rows(layout, stack.ints).tolist() == [130]
    assert marks(model) == ()


def test_a_build_writes_one_audit_entry_and_an_idle_one_none(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", pa.concat_tables([predictions(day, 50) for day in range(3)]))
    build(model)
    build(model)
    with model.read() as session:
        found = session.scalars(select(AuditRow).where(AuditRow.action == "profile:days:build")).all()
        assert [row.after for row in found] == ['{"days":3,"first":"2013-04-01","last":"2013-04-03","rows":150}']
        references = session.scalars(select(AuditRow).where(AuditRow.action == "model:version:reference")).all()
        assert len(references) == 1


def test_a_viewer_may_not_build_or_set(model, tmp_path):
    viewer = Principal("ana", frozenset({Role.VIEWER}))
    with pytest.raises(RefusedError, match="may not"):
        profiles.build_profiles(model, viewer, model="m")
    made = log.prepare_reference(model, LOCAL, model="m", file=write(tmp_path, "r", predictions(-1, 100)))
    with pytest.raises(RefusedError, match="may not"):
        profiles.set_reference(model, viewer, model="m", version="v1", reference=made)


def test_an_unknown_model_or_version_is_named(model, tmp_path):
    made = log.prepare_reference(model, LOCAL, model="m", file=write(tmp_path, "r", predictions(-1, 100)))
    with pytest.raises(NotFoundError, match="nope"):
        profiles.build_profiles(model, LOCAL, model="nope")
    with pytest.raises(NotFoundError, match="nope"):
        profiles.set_reference(model, LOCAL, model="m", version="nope", reference=made)


KILLED = """
import sys
from pathlib import Path
from core.access.principal import LOCAL
from core.profile import service
from core.store.database import open_store
store = open_store(Path(sys.argv[1]))
print("ready", flush=True)
service.build_profiles(store, LOCAL, model="m")
"""


def test_killed_at_any_moment_and_built_again_gives_the_same_bytes(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", pa.concat_tables([predictions(day, 60) for day in range(25)]))
    home = model.home
    rng = np.random.default_rng(0)
    for _ in range(12):
        started = subprocess.Popen([sys.executable, "-c", KILLED, home], stdout=subprocess.PIPE, text=True)
        assert started.stdout.readline() == "ready\n"
        time.sleep(float(rng.uniform(0.0, 0.35)))
        os.kill(started.pid, signal.SIGKILL)
        started.wait()
    build(model)
    killed = everything(model)
    assert marks(model) == ()
    with model.write() as session:
        for one in stored.summaries(session, version_id=1, roles=["served"]):
            stored.remove(session, version_id=1, role=one.role, day=one.day)
            mark_dirty(session, [(1, one.role, one.day)])
    build(model)
    assert len(killed) == 26
    assert everything(model) == killed


def test_two_builds_at_once_take_turns(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", pa.concat_tables([predictions(day, 40) for day in range(12)]))
    call = [sys.executable, "-c", KILLED, model.home]
    both = [subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [(one.communicate()[1], one.returncode) for one in both]
    assert ended == [("", 0), ("", 0)]
    assert marks(model) == ()
    assert len(load(model)[0].days) == 12
    with model.read() as session:
        found = session.scalars(select(AuditRow.after).where(AuditRow.action == "profile:days:build")).all()
    assert found == ['{"days":12,"first":"2013-04-01","last":"2013-04-12","rows":480}']


def test_arrival_is_counted_from_the_end_of_the_day_in_the_models_zone(store, tmp_path):
    opened = freeze_clock(store, LOCAL, datetime(2013, 4, 2, 9, 30, tzinfo=UTC))  # 5.5 hours after midnight there
    inventory.add_model(opened, LOCAL, load_schema(MODEL.replace("owner: o", "owner: o\ntimezone: America/New_York")))
    inventory.add_version(opened, LOCAL, model="m", version="v1", artifact_sha256=None, has_reference=False)
    give_reference(opened, tmp_path, predictions(-1, 500))
    ingest(opened, tmp_path, "a", predictions(0, 70))
    build(opened)
    stack, layout = load(opened)
    expected = np.zeros(13, int)
    expected[ARRIVAL_HOURS.index(6)] = 70
    assert read.arrival_counts(layout, stack.ints).tolist() == [expected.tolist()]
    reference, _ = load(opened, "reference")
    assert not read.arrival_counts(layout, reference.ints).any()


def test_numbered_batches_have_no_time_of_arrival(store, tmp_path):
    opened = freeze_clock(store, LOCAL, datetime(2013, 6, 1, tzinfo=UTC))
    inventory.add_model(opened, LOCAL, load_schema(BATCHES))
    inventory.add_version(opened, LOCAL, model="m", version="v1", artifact_sha256=None, has_reference=False)
    numbered = predictions(0, 1_200).drop_columns(["at"])
    numbered = numbered.append_column("slice", pa.array(np.arange(1_200) // 600 + 1))
    ingest(opened, tmp_path, "a", numbered)
    build(opened)
    stack, layout = load(opened)
    assert read.rows(layout, stack.ints).tolist() == [600, 600]
    assert not read.arrival_counts(layout, stack.ints).any()


BATCHES = """
model: m
task: binary
owner: o
grain: batch
time: {column: slice}
columns:
  prediction_id: id
  score: score
  features: {numeric: [amount], categorical: [carrier]}
"""

OTHER_TASKS = """
model: m
task: TASK
owner: o
columns:
  prediction_id: id
  timestamp: at
  SCORES
  actual: truth
  latency_ms: took
  error: failed
  features: {numeric: [amount], categorical: [carrier]}
  segments: [carrier]
"""


def requests(day, n):
    rows = predictions(day, n).drop_columns(["score"])
    rng = np.random.default_rng(day + 50)
    rows = rows.append_column("took", pa.array(rng.lognormal(3, 1, n)))
    return rows.append_column("failed", pa.array(["timeout" if one < 0.1 else None for one in rng.random(n)]))


def watched(store, task, scores):
    opened = freeze_clock(store, LOCAL, datetime(2013, 6, 1, tzinfo=UTC))
    text = OTHER_TASKS.replace("TASK", task).replace("SCORES", scores)
    inventory.add_model(opened, LOCAL, load_schema(text))
    inventory.add_version(opened, LOCAL, model="m", version="v1", artifact_sha256=None, has_reference=False)
    return opened


def test_a_multiclass_model_is_counted_from_its_files(store, tmp_path):
    opened = watched(store, "multiclass", "scores: {red: p_red, green: p_green, blue: p_blue}")
    names = np.array(["red", "green", "blue"])

    def rows(day, n):
        rng = np.random.default_rng(day + 9)
        scores = rng.dirichlet([1, 1, 1], n)
        made = requests(day, n).append_column("truth", pa.array(names[rng.integers(0, 3, n)].tolist()))
        for k, name in enumerate(names):
            made = made.append_column(f"p_{name}", pa.array(scores[:, k]))
        return made, scores

    give_reference(opened, tmp_path, rows(-1, 600)[0])
    log_rows, scores = rows(0, 200)
    ingest(opened, tmp_path, "a", log_rows)
    build(opened)
    stack, layout = load(opened)
    truth = [names.tolist().index(one) for one in log_rows["truth"].to_pylist()]
    got = read.multiclass_counts(layout, stack.ints[0], stack.floats[0])
    assert got.classes == ("red", "green", "blue")
    expected = np.zeros((4, 4), int)
    np.add.at(expected, (scores.argmax(axis=1), truth), 1)
    assert got.confusion.tolist() == expected.tolist()
    assert got.class_losses[2] == pytest.approx(-np.log(scores[np.arange(200), truth]).sum(), rel=1e-9)
    assert read.latency_counts(layout, stack.ints).sum() == 200
    errors = 200 - log_rows["failed"].null_count
    assert read.totals(layout, stack.ints)[0].tolist() == [200, 200, 200, 200, errors, errors]


def test_a_regression_is_counted_from_its_files(store, tmp_path):
    opened = watched(store, "regression", "prediction: guess")

    def rows(day, n):
        rng = np.random.default_rng(day + 9)
        truth = rng.normal(50, 9, n)
        made = requests(day, n).append_column("guess", pa.array(truth + rng.normal(0, 3, n)))
        return made.append_column("truth", pa.array(truth))

    give_reference(opened, tmp_path, rows(-1, 600))
    log_rows = rows(0, 200)
    ingest(opened, tmp_path, "a", log_rows)
    build(opened)
    stack, layout = load(opened)
    got = read.regression_counts(layout, stack.ints[0], stack.floats[0])
    errors = log_rows["guess"].to_numpy() - log_rows["truth"].to_numpy()
    assert got.residual_n.tolist() == [200, 200]
    assert got.total("e2") == pytest.approx((errors**2).sum(), rel=1e-9)
    assert got.centre == np.sort(rows(-1, 600)["truth"].to_numpy())[299]
    assert read.label_cells(layout, stack.ints).sum() == 200
    assert read.totals(layout, stack.ints)[0, :4].tolist() == [200] * 4


def test_profiles_of_the_kernel_before_are_made_anew_with_the_blocks_of_this_one(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", predictions(0, 100))
    build(model)
    before = everything(model)
    with model.write() as session:
        old = stored_models.version_by_name(session, 1, "v1").binning_id
        other = "2" * 64
        session.add(BinningRow(id=other, blob=b"of the kernel before", kernel_version=2, created_at=FIRST))
        session.flush()
        session.execute(update(ProfileRow).values(binning_id=other, kernel_version=2))
        stored_models.change_version(session, stored_models.version_by_name(session, 1, "v1"), {"binning_id": other})
        session.execute(delete(BinningRow).where(BinningRow.id == old))
    assert profiles.outdated_models(model) == ("m",)
    assert build(model).windows == 1
    assert version(model).binning_id == old
    assert everything(model) == before


def test_actuals_are_counted_by_how_long_they_took(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", predictions(0, 100))
    late = actuals(0, 40).append_column("actual_at", pa.array([FIRST + timedelta(days=2, hours=1)] * 40))
    file = write(tmp_path, "late", late)
    assert not log.ingest_actuals(model, LOCAL, model="m", file=file).refused
    build(model)
    stack, layout = load(model)
    counted = read.lag_counts(layout, stack.ints)[0]
    assert {place: int(counted[place]) for place in np.flatnonzero(counted)} == {3: 40}
    reference, layout = load(model, "reference")
    assert read.lag_counts(layout, reference.ints).sum() == 0


def test_shap_values_that_come_after_the_reference_are_counted_from_then_on(model, tmp_path):
    give_reference(model, tmp_path, predictions(-1, 500))
    ingest(model, tmp_path, "a", predictions(0, 100))
    build(model)
    before = version(model).binning_id
    explained = predictions(1, 60).append_column("shap_amount", pa.array(np.linspace(-1, 1, 60)))
    ingest(model, tmp_path, "b", explained)
    assert build(model).windows == 2
    assert version(model).binning_id != before
    stack, layout = load(model)
    found = read.shap_sums(layout, stack.ints, stack.floats)
    assert found.features == ("amount",)
    assert found.n[:, 0].tolist() == [0, 60]
    np.testing.assert_allclose(found.absolute[1, 0], np.abs(np.linspace(-1, 1, 60)).sum(), rtol=1e-12)
    assert build(model).windows == 0


PROTECTED = MODEL.replace("segments: [carrier]", "segments: [carrier]\n  protected: [sex, amount]").replace(
    "  actual: late", "  actual: late\n  group_bands: {amount: [8, 12]}"
)


def test_protected_columns_are_counted_from_the_log_and_a_feature_among_them_too(store, tmp_path):
    opened = freeze_clock(store, LOCAL, datetime(2013, 6, 1, tzinfo=UTC))
    inventory.add_model(opened, LOCAL, load_schema(PROTECTED))
    inventory.add_version(opened, LOCAL, model="m", version="v1", artifact_sha256=None, has_reference=False)

    def with_sex(rows):
        sexes = ["f", "m", "m", None]
        return rows.append_column("sex", pa.array([sexes[i % 4] for i in range(rows.num_rows)]))

    give_reference(opened, tmp_path, with_sex(predictions(-1, 400)))
    day = with_sex(predictions(0, 100))
    ingest(opened, tmp_path, "a", day)
    build(opened)
    stack, layout = load(opened)
    sex = read.group_counts(layout, stack.ints, stack.floats, "sex")
    assert sex.labels == ("m", "f", "other", "not stated")
    assert sex.confusion[0].sum(axis=(-2, -1)).tolist() == [50, 25, 0, 25]
    amount = read.group_counts(layout, stack.ints, stack.floats, "amount")
    values = day["amount"].to_numpy()
    counted = [(values < 8).sum(), ((values >= 8) & (values < 12)).sum(), (values >= 12).sum(), 0, 0]
    assert amount.confusion[0].sum(axis=(-2, -1)).tolist() == counted
    assert read.pair_confusion(layout, stack.ints, "sex", "amount").sum() == 100
