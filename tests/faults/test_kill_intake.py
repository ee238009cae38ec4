"""kill -9 at random points of ingest, actuals, profiles, revert and compaction: no row lost, none twice."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from core.access.principal import LOCAL
from core.audit.service import verify
from core.log import service as log
from core.log.delta import open_log
from core.log.table import read_columns
from core.profile import service as profiles
from core.store.database import Store, open_store
from core.store.dirty import dirty_days
from core.store.models import version_by_id
from core.store.profiles import load
from tests.faults.carry_on import MODEL, carry_on
from tests.log_kit import KEY, actuals, content, data_files, predictions, saved, watched

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("WATCHROOM_KILLS", "40"))
DAY = 4
"""Rows a day."""


def rows(days: int, *, prefix: str, seed: int = 1) -> pl.DataFrame:
    return predictions(days * DAY, prefix=prefix, seed=seed, step_minutes=24 * 60 // DAY)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files of the history: three of predictions, a wrong one, two of actuals."""
    folder = tmp_path_factory.mktemp("files")
    first = rows(3, prefix="a")
    saved(first, folder / "first.parquet")
    saved(first.with_columns(score=1 - pl.col("score")), folder / "challenger.parquet")
    saved(rows(2, prefix="b", seed=2), folder / "second.csv")
    saved(rows(3, prefix="w", seed=3), folder / "wrong.parquet")
    ids = [*first["id"][: 2 * DAY + 1], *(f"b{i:06d}" for i in range(DAY + 1))]
    saved(actuals(ids, [i % 2 for i in range(len(ids))]), folder / "late.csv")
    saved(actuals(first["id"][: DAY + 1].to_list(), [1] * (DAY + 1)), folder / "corrections.parquet")
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    """Return a home with the model and its two versions, both with a reference."""
    folder = tmp_path_factory.mktemp("template")
    store = watched(open_store(Path(shutil.copytree(empty_home, folder / "home"))), versions=("v1", "v2"))
    path = saved(predictions(60, prefix="t", seed=9), folder / "reference.parquet")
    for version in ("v1", "v2"):
        reference = log.prepare_reference(store, LOCAL, model=MODEL, file=path)
        profiles.set_reference(store, LOCAL, model=MODEL, version=version, reference=reference)
    store.engine.dispose()
    return store.home


Server = subprocess.Popen[str]


def serve() -> Server:
    """Start a server that has everything loaded (see `tests.faults.carry_on`)."""
    command = [sys.executable, "-m", "tests.faults.carry_on"]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(server: Server, home: Path, files: Path, *, seconds: float | None) -> None:
    """Let a new process carry on; with `seconds` it is killed with kill -9 then."""
    assert server.stdin is not None
    server.stdin.write(f"{home}\t{files}\t{'' if seconds is None else seconds}\n")
    server.stdin.flush()


def answer(server: Server) -> int:
    """Return the exit code of the process that was asked for."""
    assert server.stdout is not None
    return int(server.stdout.readline())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = serve()
    yield running
    running.communicate()


@pytest.fixture(scope="module")
def expected(
    tmp_path_factory: pytest.TempPathFactory, template: Path, files: Path, server: Server
) -> tuple[dict, dict, dict, float]:
    """Return log, batches and profiles when nothing cuts the history off, and how long it takes."""
    seconds = []
    for _ in range(2):
        home = Path(shutil.copytree(template, tmp_path_factory.mktemp("quiet") / "home"))
        begun = time.monotonic()
        ask(server, home, files, seconds=None)
        assert answer(server) == 0
        seconds.append(time.monotonic() - begun)  # the first time includes the start of the server
    store = open_store(home)
    return content(store), landed(store), counted(store), seconds[-1]


def landed(store: Store) -> Counter[tuple[str, str, int, int]]:
    """Return the batches as far as they do not depend on where the history was cut."""
    return Counter(
        (Path(batch.file).name, batch.state.value, batch.accepted, batch.quarantined)
        for batch in log.batches(store, MODEL)
    )


def counted(store: Store) -> dict[tuple[int, str], tuple[object, bytes, bytes]]:
    """Return the stored profiles by version and role, as bytes."""
    found = {}
    with store.read() as session:
        for version_id, role in ((1, "served"), (2, "shadow")):
            binning = str(version_by_id(session, version_id).binning_id)
            stack = load(session, version_id=version_id, role=role, binning_id=binning, start=None, end=None)
            found[version_id, role] = (stack.days, stack.ints.tobytes(), stack.floats.tobytes())
    return found


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
def test_killed_at_any_point_the_history_ends_the_same(point, tmp_path, template, files, server, expected):
    quiet, batches, profiled, seconds = expected
    store = open_store(Path(shutil.copytree(template, tmp_path / "home")))
    ask(server, store.home, files, seconds=random.Random(point).uniform(0, seconds))
    assert answer(server) in (-signal.SIGKILL, 0)
    log.settle(store, LOCAL, model=MODEL)
    assert_log_and_database_agree(store)
    assert_nothing_lies_about(store)
    carry_on(store, files)
    assert_log_and_database_agree(store)
    assert content(store) == quiet
    assert landed(store) == batches
    assert counted(store) == profiled
    assert verify(store).ok


def test_a_day_is_marked_until_its_profile_shows_what_the_log_holds(tmp_path, template, files):
    store = open_store(Path(shutil.copytree(template, tmp_path / "home")))
    log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=files / "first.parquet")
    with store.read() as session:
        marked = {(dirty.day, dirty.version_id, dirty.role) for dirty in dirty_days(session, 1)}
    assert marked == set(content(store))
    profiles.build_profiles(store, LOCAL, model=MODEL)
    with store.read() as session:
        assert dirty_days(session, 1) == ()


def test_two_processes_that_take_in_overlapping_files_store_no_id_twice(tmp_path, template):
    whole = rows(6, prefix="o")
    store = open_store(Path(shutil.copytree(template, tmp_path / "home")))
    folders = []
    for name, start_at in (("left", 0), ("right", 2 * DAY)):
        folder = tmp_path / name
        half = whole.slice(start_at, 4 * DAY)
        saved(half, folder / "first.parquet")
        saved(half.head(DAY), folder / "second.csv")
        saved(half.tail(DAY), folder / "challenger.parquet")
        saved(actuals(half["id"][: 2 * DAY].to_list(), [1] * 2 * DAY), folder / "late.csv")
        saved(actuals(half["id"][:DAY].to_list(), [0] * DAY), folder / "corrections.parquet")
        folders.append(folder)
    servers = [serve() for _ in folders]
    for server, folder in zip(servers, folders, strict=True):
        ask(server, store.home, folder, seconds=None)
    assert [answer(server) for server in servers] == [0, 0]
    for server in servers:
        server.communicate()
    assert_log_and_database_agree(store)
    served = [row["id"] for (_, version, _), part in content(store).items() for row in part if version == 1]
    assert sorted(served) == sorted(whole["id"])
