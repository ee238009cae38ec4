"""Any order of files gives the same log and byte-equal profiles, for models of several classes and for regressions."""

import os
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from core.access.principal import LOCAL
from core.inventory.service import accept_contract, models
from core.log import service as log
from core.log.schema import load_schema
from core.profile import service as profiles
from core.store.database import Store, open_store
from core.store.models import version_by_id
from core.store.profiles import load
from tests.log_kit import CLASSES, MULTICLASS_YAML, REGRESSION_YAML, content, forecasts, saved, tickets, watched

EARLY, LATE = datetime(2013, 8, 1, tzinfo=UTC), datetime(2013, 9, 1, tzinfo=UTC)
ORDERS = int(os.environ.get("WATCHROOM_ORDERS", "12")) // 2
PREDICTIONS = ("a.parquet", "b.csv", "c.parquet", "other.parquet")
FILES = (*PREDICTIONS, "day.csv", "late.csv", "moved.jsonl", "withdrawn.csv")
YAML = {"multiclass": MULTICLASS_YAML, "regression": REGRESSION_YAML}
LABEL = {"multiclass": "team", "regression": "sold"}


def values(task: str, n: int, shift: int = 0) -> pl.Series:
    """Return `n` actuals of a task, no two neighbours alike."""
    if task == "multiclass":
        return pl.Series([CLASSES[(i + shift) % 3] for i in range(n)])
    return pl.Series([round(0.1 * (i * 7 % 11) + shift, 3) for i in range(n)])


def labelled(task: str, ids: pl.Series, actual: pl.Series, at: datetime | None = None) -> pl.DataFrame:
    frame = pl.DataFrame({"id": ids, LABEL[task]: actual})
    return frame if at is None else frame.with_columns(actual_at=pl.lit(at.isoformat()))


@pytest.fixture(scope="module", params=YAML)
def task(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def files(task: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return predictions of two versions and actuals: inline, dated, undated, corrected, withdrawn."""
    folder = tmp_path_factory.mktemp("order")
    made = tickets if task == "multiclass" else forecasts
    rows = made(90, prefix="r")
    saved(rows[:30], folder / "a.parquet")
    saved(rows[30:60], folder / "b.csv")
    inline = values(task, 30).scatter([2, 5, 8], None)
    saved(rows[60:].with_columns(inline.alias(LABEL[task]), actual_at=pl.lit(EARLY)), folder / "c.parquet")
    saved(rows[20:80].with_columns(at=pl.col("at") + timedelta(hours=9)), folder / "other.parquet")
    dated = labelled(task, rows["id"][:45], values(task, 45), EARLY).with_columns(timestamp=rows["at"][:45])
    saved(dated, folder / "day.csv")
    ids = pl.concat([rows["id"][40:70], pl.Series(["never"])])
    saved(labelled(task, ids, values(task, 31, 1), EARLY + timedelta(days=1)), folder / "late.csv")
    saved(labelled(task, rows["id"][10:50], values(task, 40, 2), LATE), folder / "moved.jsonl")
    none = pl.Series([None] * 10, dtype=values(task, 1).dtype)
    saved(labelled(task, rows["id"][45:55], none, LATE + timedelta(days=1)), folder / "withdrawn.csv")
    reference = made(3_000, prefix="t", seed=9).with_columns(values(task, 3_000).alias(LABEL[task]))
    saved(reference, folder / "reference.parquet")
    return folder


@pytest.fixture(scope="module")
def template(task: str, tmp_path_factory: pytest.TempPathFactory, empty_home: Path, files: Path) -> Path:
    """Return a home with two versions of the model, both with the same reference."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("template") / "home"))
    store, model = watched(open_store(home), YAML[task], versions=("v1", "v2")), load_schema(YAML[task]).model
    for version in ("v1", "v2"):
        reference = log.prepare_reference(store, LOCAL, model=model, file=files / "reference.parquet")
        accept_contract(store, LOCAL, model=model, version=version, document=reference.contract)
        profiles.set_reference(store, LOCAL, model=model, version=version, reference=reference)
    store.engine.dispose()
    return home


def take(store: Store, model: str, path: Path) -> None:
    if path.name in PREDICTIONS:
        version = "v2" if path.name == "other.parquet" else "v1"
        outcome = log.ingest_file(store, LOCAL, model=model, version=version, file=path)
    else:
        outcome = log.ingest_actuals(store, LOCAL, model=model, file=path)
    assert (outcome.refused, outcome.quarantined) == (False, 0), outcome.reason


def counted(store: Store, model: str) -> dict[int, tuple[tuple[object, ...], bytes, bytes]]:
    """Return the stored profiles of both versions as bytes."""
    profiles.build_profiles(store, LOCAL, model=model)
    found = {}
    with store.read() as session:
        for version_id in (1, 2):
            binning = str(version_by_id(session, version_id).binning_id)
            stack = load(session, version_id=version_id, role="served", binning_id=binning, start=None, end=None)
            found[version_id] = (stack.days, stack.ints.tobytes(), stack.floats.tobytes())
    return found


def history(template: Path, files: Path, order: tuple[str, ...], home: Path) -> tuple[object, object]:
    store = open_store(Path(shutil.copytree(template, home)))
    (model,) = (one.name for one in models(store))
    for name in order:
        take(store, model, files / name)
    result = content(store), counted(store, model)
    store.engine.dispose()
    return result


@pytest.fixture(scope="module")
def expected(template: Path, files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, object]:
    """Return log and profiles when the files come in the order of their making."""
    return history(template, files, FILES, tmp_path_factory.mktemp("expected") / "home")


@pytest.mark.parametrize("seed", range(ORDERS))
def test_any_order_of_files_gives_the_same_log_and_byte_equal_profiles(seed, template, files, expected, tmp_path):
    order = random.Random(seed).sample(FILES, len(FILES))
    seen, profiled = history(template, files, tuple(order), tmp_path / "home")
    assert seen == expected[0]
    assert profiled == expected[1]


def test_the_winner_is_the_latest_known_and_a_null_withdraws(task, expected):
    rows = {(row["id"], version): row["actual"] for (_, version, _), some in expected[0].items() for row in some}
    stored = CLASSES.index if task == "multiclass" else float
    assert rows["r000000", 1] == stored(values(task, 1)[0]), "given by day.csv only"
    moved = stored(values(task, 40, 2)[10])
    assert rows["r000020", 1] == rows["r000020", 2] == moved, "moved.jsonl is later, and applies to both versions"
    assert rows["r000050", 1] is rows["r000050", 2] is None, "withdrawn"
    assert rows["r000060", 1] == rows["r000060", 2] == stored(values(task, 31, 1)[20]), "later than the value inline"
    assert rows["r000085", 1] == stored(values(task, 30)[25]), "inline only"
