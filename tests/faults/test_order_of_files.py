"""Any order of prediction and actual files gives the same log, and profiles that are equal to the byte."""

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access.principal import LOCAL
from core.inventory.service import accept_contract
from core.log import service as log
from core.profile import service as profiles
from core.store.database import Store, open_store
from core.store.models import version_by_id
from core.store.profiles import load
from tests.log_kit import MODEL, actuals, content, labels, predictions, saved, watched

EARLY, LATE = datetime(2013, 8, 1, tzinfo=UTC), datetime(2013, 9, 1, tzinfo=UTC)
ORDERS = int(os.environ.get("WATCHROOM_ORDERS", "12"))
FILES = ("a.parquet", "b.csv", "c.parquet", "other.parquet", "day.csv", "late.csv", "moved.jsonl", "withdrawn.csv")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return predictions of two versions (one near midnight on another day) and actuals with and without times."""
    folder = tmp_path_factory.mktemp("order")
    rows = predictions(90, prefix="r")
    saved(rows[:30], folder / "a.parquet")
    saved(rows[30:60], folder / "b.csv")
    inline = rows[60:].with_columns(late=pl.Series([1, 0, None] * 10), actual_at=pl.lit(EARLY))
    saved(inline, folder / "c.parquet")
    other = rows[20:80].with_columns(at=pl.col("at") + timedelta(hours=9), score=1 - pl.col("score"))
    saved(other, folder / "other.parquet")
    day = rows[:45].select("id", late=pl.lit(1), timestamp="at", actual_at=pl.lit(EARLY))
    saved(day, folder / "day.csv")
    late = actuals([*rows["id"][40:70], "never"], [i % 2 for i in range(31)])
    saved(late.with_columns(actual_at=pl.lit(EARLY + timedelta(days=1))), folder / "late.csv")
    moved = actuals(rows["id"][10:50].to_list(), [0] * 40)
    saved(moved.with_columns(actual_at=pl.lit(LATE.isoformat())), folder / "moved.jsonl")
    gone = actuals(rows["id"][45:55].to_list(), [None] * 10)
    saved(gone.with_columns(actual_at=pl.lit(LATE + timedelta(days=1))), folder / "withdrawn.csv")
    reference = predictions(3_000, prefix="t", seed=9).with_columns(late=pl.Series(np.arange(3_000) % 2))
    saved(reference, folder / "reference.parquet")
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, empty_home: Path, files: Path) -> Path:
    """Return a home with two versions of the model, both with the same reference."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("template") / "home"))
    store = watched(open_store(home), versions=("v1", "v2"))
    for version in ("v1", "v2"):
        reference = log.prepare_reference(store, LOCAL, model=MODEL, file=files / "reference.parquet")
        accept_contract(store, LOCAL, model=MODEL, version=version, document=reference.contract)
        profiles.set_reference(store, LOCAL, model=MODEL, version=version, reference=reference)
    store.engine.dispose()
    return home


def take(store: Store, path: Path) -> None:
    if path.name in FILES[:4]:
        version = "v2" if path.name == "other.parquet" else "v1"
        outcome = log.ingest_file(store, LOCAL, model=MODEL, version=version, file=path)
    else:
        outcome = log.ingest_actuals(store, LOCAL, model=MODEL, file=path)
    assert (outcome.refused, outcome.quarantined) == (False, 0), outcome.reason


def counted(store: Store) -> dict[tuple[int, str], tuple[tuple[object, ...], bytes, bytes]]:
    """Return the stored profiles of both versions as bytes."""
    profiles.build_profiles(store, LOCAL, model=MODEL)
    found = {}
    with store.read() as session:
        for version_id in (1, 2):
            binning = str(version_by_id(session, version_id).binning_id)
            stack = load(session, version_id=version_id, role="served", binning_id=binning, start=None, end=None)
            found[version_id, "served"] = (stack.days, stack.ints.tobytes(), stack.floats.tobytes())
    return found


def history(template: Path, files: Path, order: tuple[str, ...]) -> tuple[object, object]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(shutil.copytree(template, Path(folder) / "home")))
        for name in order:
            take(store, files / name)
        result = content(store), counted(store)
        assert {name for (name, _) in labels(store)} >= {"r000000", "r000020"}
        store.engine.dispose()
        return result


@pytest.fixture(scope="module")
def expected(template: Path, files: Path) -> tuple[object, object]:
    """Return log and profiles when the files come in the order of their making."""
    return history(template, files, FILES)


@settings(max_examples=ORDERS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(FILES))
def test_any_order_of_files_gives_the_same_log_and_byte_equal_profiles(order, template, files, expected):
    seen, profiled = history(template, files, tuple(order))
    assert seen == expected[0]
    assert profiled == expected[1]


def test_the_winner_is_the_latest_known_and_a_null_withdraws(template, files, tmp_path):
    store = open_store(Path(shutil.copytree(template, tmp_path / "home")))
    for name in FILES:
        take(store, files / name)
    known = labels(store)
    assert known["r000000", 1] == 1, "given by day.csv only"
    assert known["r000020", 1] == known["r000020", 2] == 0, "moved.jsonl is later, and applies to both versions"
    assert ("r000050", 1) not in known, "withdrawn"
    assert known["r000060", 1] == known["r000060", 2] == 0, "late.csv is later than the value inline"
