"""A small model and its files for the tests of the log: flights in New York time, labels a day later."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from core.access.principal import LOCAL
from core.inventory.service import add_model, add_version
from core.log.delta import open_log
from core.log.schema import ModelSchema, load_schema
from core.log.table import days_in_log, read_day
from core.store.database import Store

MODEL = "flights"
KEY = "m0001"
YAML = """
model: flights
task: binary
owner: ops
timezone: America/New_York
columns:
  prediction_id: id
  timestamp: at
  score: score
  actual: late
  features: {numeric: [temp], categorical: [carrier]}
  segments: [origin]
"""
CLASSES = ("card", "loan", "other")
MULTICLASS_YAML = """
model: tickets
task: multiclass
owner: support
columns:
  prediction_id: id
  timestamp: at
  scores: {card: p_card, loan: p_loan, other: p_other}
  decision: routed
  actual: team
  features: {numeric: [words], categorical: [channel]}
  segments: [channel]
"""
REGRESSION_YAML = """
model: demand
task: regression
owner: planning
columns:
  prediction_id: id
  timestamp: at
  prediction: expected
  actual: sold
  features: {numeric: [price], categorical: [shop]}
  segments: [shop]
"""
START = datetime(2013, 7, 1, 12, tzinfo=UTC)
SCHEMA: ModelSchema = load_schema(YAML)


def watched(store: Store, yaml: str = YAML, versions: tuple[str, ...] = ("v1",)) -> Store:
    """Add the model and its versions to a store."""
    schema = load_schema(yaml)
    add_model(store, LOCAL, schema)
    for version in versions:
        add_version(store, LOCAL, model=schema.model, version=version, artifact_sha256=None, has_reference=False)
    return store


def predictions(
    n: int = 40, *, seed: int = 1, prefix: str = "p", start: datetime = START, step_minutes: int = 60
) -> pl.DataFrame:
    """Return `n` predictions, one an hour from `start` on."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "id": [f"{prefix}{i:06d}" for i in range(n)],
            "at": [start + timedelta(minutes=step_minutes * i) for i in range(n)],
            "score": np.round(rng.random(n), 4),
            "temp": np.round(rng.normal(70, 10, n), 2),
            "carrier": rng.choice(["UA", "AA", "DL"], n),
            "origin": rng.choice(["EWR", "JFK"], n),
        }
    )


def tickets(n: int = 40, *, seed: int = 1, prefix: str = "p", start: datetime = START) -> pl.DataFrame:
    """Return `n` predictions of the multiclass model, one an hour; the team with the highest score is the decision."""
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet([2.0, 2.0, 1.0], n)
    return pl.DataFrame(
        {
            "id": [f"{prefix}{i:06d}" for i in range(n)],
            "at": [start + timedelta(hours=i) for i in range(n)],
            **{f"p_{name}": scores[:, k] for k, name in enumerate(CLASSES)},
            "routed": [CLASSES[k] for k in scores.argmax(axis=1)],
            "words": np.round(rng.normal(80, 20, n)),
            "channel": rng.choice(["mail", "web"], n),
        }
    )


def forecasts(n: int = 40, *, seed: int = 1, prefix: str = "p", start: datetime = START) -> pl.DataFrame:
    """Return `n` predictions of the regression model, one an hour."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "id": [f"{prefix}{i:06d}" for i in range(n)],
            "at": [start + timedelta(hours=i) for i in range(n)],
            "expected": np.round(rng.gamma(4, 25, n), 3),
            "price": np.round(rng.normal(10, 2, n), 2),
            "shop": rng.choice(["north", "south"], n),
        }
    )


def actuals(ids: list[str], values: list[int | None]) -> pl.DataFrame:
    """Return actuals without any time."""
    return pl.DataFrame({"id": ids, "late": values}, schema={"id": pl.String, "late": pl.Int64})


def saved(frame: pl.DataFrame, path: Path) -> Path:
    """Write a frame by the suffix of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write: dict[str, Callable[[Path], object]] = {
        ".parquet": frame.write_parquet,
        ".csv": frame.write_csv,
        ".jsonl": frame.write_ndjson,
    }
    write[path.suffix](path)
    return path


def content(store: Store, key: str = KEY) -> dict[tuple[date, int, str], list[dict[str, object]]]:
    """Return everything that the log says, by (day, version, role), rows sorted by id."""
    log_dir = store.log_dir(key)
    columns = ["id", "at", *sorted(n for n in open_log(log_dir).predictions.schema.names if n[:2] in ("f_", "c_"))]
    found = {}
    for unit in days_in_log(log_dir):
        for version, role in unit.keys:
            rows = read_day(log_dir, unit.day, version_id=version, role=role, columns=columns)
            found[unit.day, version, role] = sorted(rows.to_pylist(), key=lambda row: str(row["id"]))
    return found


def labels(store: Store, key: str = KEY) -> dict[tuple[str, int], int]:
    """Return the known actuals by (id, version)."""
    return {
        (str(row["id"]), version): int(str(row["actual"]))
        for (_, version, _), rows in content(store, key).items()
        for row in rows
        if row["actual"] is not None
    }


def data_files(store: Store, key: str = KEY) -> set[str]:
    """Return every data file in the folder of the log, committed or not."""
    return {
        path.relative_to(store.home).as_posix()
        for path in store.log_dir(key).rglob("*.parquet")
        if "_delta_log" not in path.parts
    }
