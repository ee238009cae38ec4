"""A small model with protected columns: `churn` of tests/small_fleet.py with `sex` and `region`.

Forty served days of 150 rows, the last two without actuals. Of `region` one group has
about three rows a week.
"""

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
from tests.small_fleet import DAYS, MODEL_YAML, NOW, REFERENCE_START, SERVED_START, frame

YAML = MODEL_YAML.replace("  segments: [plan]", "  segments: [plan]\n  protected: [sex, region]")


def grouped(rows: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Return the rows with the protected columns; women have lower scores for the same actual."""
    rng = np.random.default_rng(seed)
    n = rows.height
    sex = rng.choice(["F", "M"], n, p=[0.48, 0.52])
    region = rng.choice(["city", "town", "rural", "island"], n, p=[0.5, 0.3, 0.197, 0.003])
    lower = np.where(sex == "F", 0.06, 0.0)
    return rows.with_columns(
        pl.Series("sex", sex.tolist(), dtype=pl.Utf8),
        pl.Series("region", region.tolist(), dtype=pl.Utf8),
        (pl.col("score") - pl.Series(lower)).clip(0.001, 0.999),
    )


def write_files(folder: Path) -> SimpleNamespace:
    """Write model.yaml, reference, predictions and actuals."""
    folder.mkdir(parents=True, exist_ok=True)
    served = grouped(frame(SERVED_START, DAYS, seed=2, prefix="s"), seed=5)
    known = served.filter(pl.col("at") < pl.lit(NOW) - pl.duration(days=2))
    files = SimpleNamespace(
        schema=folder / "model.yaml",
        reference=folder / "reference.parquet",
        predictions=folder / "predictions.parquet",
        actuals=folder / "actuals.parquet",
        served=served,
    )
    files.schema.write_text(YAML, encoding="utf-8")
    grouped(frame(REFERENCE_START, DAYS, seed=1), seed=4).write_parquet(files.reference)
    served.drop("left").write_parquet(files.predictions)
    known.select("id", "left", pl.col("at").alias("timestamp")).write_parquet(files.actuals)
    return files


def take_in(store: Store, folder: Path) -> tuple[Store, SimpleNamespace]:
    """Bring the model into an empty store; returns the store with its clock at `NOW`, and the files."""
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
    return store, files
