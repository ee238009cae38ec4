"""A small made-up model for tests: forty reference days, forty served days, `income` shifts on the 31st."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl

from app import actions
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.store.database import Store

REFERENCE_START = date(2024, 1, 1)
SERVED_START = date(2024, 3, 1)
DAYS = 40
ROWS_A_DAY = 150
SHIFT_DAY = 30
NOW = datetime(2024, 4, 10, tzinfo=UTC)
MODEL_YAML = """
model: churn
task: binary
owner: team-crm
risk_tier: 2
timezone: UTC
columns:
  prediction_id: id
  timestamp: at
  score: score
  threshold: 0.5
  actual: left
  positive: 1
  features:
    income: {kind: numeric, unit: kUSD, importance: 0.6}
    age: {kind: numeric, unit: years, importance: 0.3}
    plan: {kind: categorical, importance: 0.1}
  segments: [plan]
actual_delay: 1d
"""


def frame(start: date, days: int, *, seed: int, shift_from: int | None = None, prefix: str = "r") -> pl.DataFrame:
    """Return rows with score and label; `income` moves by one standard deviation from day `shift_from` on."""
    rng = np.random.default_rng(seed)
    n = days * ROWS_A_DAY
    day = np.repeat(np.arange(days), ROWS_A_DAY)
    income = rng.normal(50, 10, n) + (10.0 * (day >= shift_from) if shift_from is not None else 0.0)
    age = rng.integers(18, 80, n)
    plan = rng.choice(["basic", "plus", "max"], n, p=[0.5, 0.3, 0.2])
    chance = 1 / (1 + np.exp(-(0.05 * (income - 50) + 0.02 * (age - 50))))
    left = rng.random(n) < chance
    began = datetime(start.year, start.month, start.day, tzinfo=UTC)
    at = [began + timedelta(days=int(d), minutes=int(m)) for d, m in zip(day, rng.integers(0, 1440, n), strict=True)]
    return pl.DataFrame(
        {
            "id": [f"{prefix}{i:06d}" for i in range(n)],
            "at": at,
            "score": np.round(chance, 6),
            "income": income,
            "age": age.astype(float),
            "plan": plan,
            "left": left.astype(int),
        }
    )


def write_files(folder: Path) -> SimpleNamespace:
    """Write model.yaml, reference, predictions and actuals; the last two served days have no actuals yet."""
    folder.mkdir(parents=True, exist_ok=True)
    served = frame(SERVED_START, DAYS, seed=2, shift_from=SHIFT_DAY, prefix="s")
    known = served.filter(pl.col("at") < datetime(2024, 4, 8, tzinfo=UTC))
    files = SimpleNamespace(
        schema=folder / "model.yaml",
        reference=folder / "reference.parquet",
        predictions=folder / "predictions.parquet",
        actuals=folder / "actuals.parquet",
        served=served,
    )
    files.schema.write_text(MODEL_YAML, encoding="utf-8")
    frame(REFERENCE_START, DAYS, seed=1).write_parquet(files.reference)
    served.drop("left").write_parquet(files.predictions)
    known.select("id", "left", pl.col("at").alias("timestamp")).write_parquet(files.actuals)
    return files


def take_in(store: Store, folder: Path) -> Store:
    """Bring the whole small fleet into an empty store, with its clock at `NOW`; returns the store."""
    files = write_files(folder)
    store = freeze_clock(store, LOCAL, NOW)
    add_model(store, LOCAL, load_schema(files.schema))
    actions.add_version(store, LOCAL, model="churn", version="v1", artifact=None, reference=files.reference)
    actions.take_in_history(
        store,
        LOCAL,
        model="churn",
        version="v1",
        predictions=[files.predictions],
        actuals=[files.actuals],
        say=lambda text: None,
    )
    return store
