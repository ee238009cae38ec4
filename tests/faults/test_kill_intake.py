"""kill -9 at random points of ingest, actuals, revert and compaction: no row lost, none twice."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from core.access.principal import LOCAL
from core.audit.service import verify
from core.log import service as log
from core.log.delta import open_log
from core.log.table import read_columns
from core.store.database import Store, open_store
from core.store.dirty import dirty_days
from tests.faults.carry_on import MODEL, carry_on
from tests.log_kit import KEY, actuals, content, data_files, predictions, saved, watched

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("WATCHROOM_KILLS", "30"))
DAY = 24


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files of the history: three of predictions, a wrong one, two of actuals."""
    folder = tmp_path_factory.mktemp("files")
    first = predictions(5 * DAY, prefix="a")
    saved(first, folder / "first.parquet")
    saved(first.with_columns(score=1 - pl.col("score")), folder / "challenger.parquet")
    saved(predictions(3 * DAY, prefix="b", seed=2), folder / "second.csv")
    saved(predictions(4 * DAY, prefix="w", seed=3), folder / "wrong.parquet")
    waiting = [f"b{i:06d}" for i in range(30)]
    saved(actuals([*first["id"][:100], *waiting], [i % 2 for i in range(130)]), folder / "late.csv")
    saved(actuals(first["id"][:40].to_list(), [1] * 40), folder / "corrections.parquet")
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    """Return a home with the model and its two versions."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("template") / "home"))
    watched(open_store(home), versions=("v1", "v2")).engine.dispose()
    return home


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, template: Path, files: Path) -> tuple[dict, dict, float]:
    """Return what the log holds when nothing cuts the history off, its batches, and how long it takes."""
    store = open_store(Path(shutil.copytree(template, tmp_path_factory.mktemp("quiet") / "home")))
    child = start(store.home, files)
    begun = time.monotonic()
    go(child)
    assert child.wait(60) == 0
    return content(store), landed(store), time.monotonic() - begun


def start(home: Path, files: Path) -> subprocess.Popen[str]:
    """Start a child that waits, loaded, for the word to go."""
    command = [sys.executable, "-m", "tests.faults.carry_on", str(home), str(files)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.close()


def landed(store: Store) -> Counter[tuple[str, str, int, int]]:
    """Return the batches as far as they do not depend on where the history was cut."""
    return Counter(
        (Path(batch.file).name, batch.state.value, batch.accepted, batch.quarantined)
        for batch in log.batches(store, MODEL)
    )


def assert_log_and_database_agree(store: Store) -> None:
    """Every LANDED batch has exactly its rows in the log, nothing else is there, and every id once a version."""
    rows: Counter[int] = Counter()
    table = open_log(store.log_dir(KEY)).predictions
    for file in table.files:
        rows.update(read_columns(table.root, file, ("batch",))["batch"].to_pylist())
    batches = log.batches(store, MODEL)
    assert {batch.state.value for batch in batches} <= {"LANDED", "REVERTED"}
    assert rows == +Counter({b.id: b.accepted for b in batches if b.kind == "predictions" and b.state == "LANDED"})
    ids = Counter((row["id"], version) for (_, version, _), part in content(store).items() for row in part)
    assert max(ids.values(), default=1) == 1


def assert_nothing_lies_about(store: Store) -> None:
    """No data file is left that neither the present log nor a snapshot of the last week needs."""
    folders = {Path(name).parent.name for name in data_files(store)}
    known = {f"b{batch.id}" for batch in log.batches(store, MODEL)}
    assert {name for name in folders if name.startswith("b")} <= known


@pytest.mark.parametrize("point", range(KILLS))
def test_killed_at_any_point_the_history_ends_the_same(point, tmp_path, template, files, expected):
    quiet, batches, seconds = expected
    store = open_store(Path(shutil.copytree(template, tmp_path / "home")))
    child = start(store.home, files)
    go(child)
    time.sleep(random.Random(point).uniform(0, seconds))
    child.kill()
    child.wait(10)
    log.settle(store, LOCAL, model=MODEL)
    assert_log_and_database_agree(store)
    assert_nothing_lies_about(store)
    carry_on(store, files)
    assert_log_and_database_agree(store)
    assert content(store) == quiet
    assert landed(store) == batches
    assert verify(store).ok


def test_after_a_kill_every_changed_day_is_still_marked(tmp_path, template, files, expected):
    quiet, _, seconds = expected
    store = open_store(Path(shutil.copytree(template, tmp_path / "home")))
    child = start(store.home, files)
    go(child)
    time.sleep(seconds / 2)
    child.kill()
    child.wait(10)
    carry_on(store, files)
    with store.read() as session:
        marked = {(dirty.day, dirty.version_id, dirty.role) for dirty in dirty_days(session, 1)}
    assert marked >= set(quiet)


def test_two_processes_that_take_in_overlapping_files_store_no_id_twice(tmp_path, template):
    rows = predictions(6 * DAY, prefix="o")
    store = open_store(Path(shutil.copytree(template, tmp_path / "home")))
    folders = []
    for name, start_at in (("left", 0), ("right", 2 * DAY)):
        folder = tmp_path / name
        half = rows.slice(start_at, 4 * DAY)
        saved(half, folder / "first.parquet")
        saved(half.head(DAY), folder / "second.csv")
        saved(half.tail(DAY), folder / "challenger.parquet")
        saved(actuals(half["id"][:50].to_list(), [1] * 50), folder / "late.csv")
        saved(actuals(half["id"][:20].to_list(), [0] * 20), folder / "corrections.parquet")
        folders.append(folder)
    children = [start(store.home, folder) for folder in folders]
    for child in children:
        go(child)
    assert [child.wait(120) for child in children] == [0, 0]
    assert_log_and_database_agree(store)
    served = [row["id"] for (_, version, _), part in content(store).items() for row in part if version == 1]
    assert sorted(served) == sorted(rows["id"])
