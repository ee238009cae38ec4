"""Two small made-up models for tests: `demand` (regression, a second version in shadow), `tickets` (multiclass)."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from app import actions
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.store.database import Store

REFERENCE_START, SERVED_START = date(2024, 1, 1), date(2024, 3, 1)
DAYS, ROWS_A_DAY, SPOILED_FROM = 16, 120, 12
NOW = datetime(2024, 3, 17, tzinfo=UTC)
CLASSES = ("billing", "account", "network", "other")
SHOPS = ("north", "south", "east", "west")
HEAD = """
owner: made-up
risk_tier: 3
timezone: UTC
actual_delay: 1d
"""
FEATURES = """
  features: {numeric: [x], categorical: [shop]}
  segments: [shop]
"""
DEMAND = f"""
model: demand
task: regression{HEAD}
words: {{row: order, rows: orders}}
columns:
  prediction_id: id
  timestamp: at
  prediction: expected
  actual: sold{FEATURES}"""
TICKETS = f"""
model: tickets
task: multiclass{HEAD}
words: {{row: ticket, rows: tickets}}
columns:
  prediction_id: id
  timestamp: at
  scores: {{billing: p0, account: p1, network: p2, other: p3}}
  actual: team{FEATURES}"""


def rows(start: date, *, seed: int, prefix: str) -> tuple[np.random.Generator, np.ndarray, pl.DataFrame]:
    """Return a generator, the day of each row, and what both models know of their rows."""
    rng = np.random.default_rng(seed)
    n = DAYS * ROWS_A_DAY
    day = np.repeat(np.arange(DAYS), ROWS_A_DAY)
    began = datetime(start.year, start.month, start.day, tzinfo=UTC)
    minutes = rng.integers(0, 1440, n)
    at = [began + timedelta(days=int(d), minutes=int(m)) for d, m in zip(day, minutes, strict=True)]
    frame = pl.DataFrame(
        {
            "id": [f"{prefix}{i:05d}" for i in range(n)],
            "at": at,
            "x": rng.normal(50, 10, n),
            "shop": rng.choice(SHOPS, n, p=[0.5, 0.3, 0.197, 0.003]),
        }
    )
    return rng, day, frame


def demand(start: date, *, seed: int, prefix: str, spoiled: bool, noise: float = 5.0) -> pl.DataFrame:
    """Return orders; once spoiled, the predictions for the shop `south` are 12 too high."""
    rng, day, frame = rows(start, seed=seed, prefix=prefix)
    sold = 100 + 2 * frame["x"].to_numpy() + rng.normal(0, 5, len(day))
    late = (day >= SPOILED_FROM) & (frame["shop"] == "south").to_numpy() & spoiled
    expected = 100 + 2 * frame["x"].to_numpy() + rng.normal(0, noise / 5, len(day)) + 12.0 * late
    return frame.with_columns(expected=pl.Series(np.round(expected, 4)), sold=pl.Series(np.round(sold, 4)))


def tickets(start: date, *, seed: int, prefix: str, spoiled: bool) -> pl.DataFrame:
    """Return tickets; once spoiled, the class `network` is hardly ever predicted."""
    rng, day, frame = rows(start, seed=seed, prefix=prefix)
    y = rng.choice(4, len(day), p=[0.4, 0.3, 0.2, 0.1])
    logits = rng.normal(size=(len(day), 4)) + 2.5 * (y[:, None] == np.arange(4))
    logits[:, 2] -= 4.0 * ((day >= SPOILED_FROM) & spoiled)
    scores = np.exp(logits)
    scores /= scores.sum(1, keepdims=True)
    columns = {f"p{k}": pl.Series(scores[:, k]) for k in range(4)}
    return frame.with_columns(**columns, team=pl.Series(np.array(CLASSES)[y]))


def take_in(store: Store, folder: Path) -> Store:
    """Bring both models into an empty store, with its clock at `NOW`; the last day has no actuals yet."""
    folder.mkdir(parents=True, exist_ok=True)
    store = freeze_clock(store, LOCAL, NOW)
    for name, text, made, actual in (("demand", DEMAND, demand, "sold"), ("tickets", TICKETS, tickets, "team")):
        add_model(store, LOCAL, load_schema(text))
        reference, predictions, actuals = (folder / f"{name}_{what}.parquet" for what in "rpa")
        made(REFERENCE_START, seed=1, prefix="r", spoiled=False).write_parquet(reference)
        served = made(SERVED_START, seed=2, prefix="s", spoiled=True)
        served.drop(actual).write_parquet(predictions)
        known = served.filter(pl.col("at") < NOW - timedelta(days=1))
        known.select("id", actual, pl.col("at").alias("timestamp")).write_parquet(actuals)
        actions.add_version(store, LOCAL, model=name, version="v1", artifact=None, reference=reference)
        actions.take_in_history(
            store, LOCAL, model=name, version="v1", predictions=[predictions], actuals=[actuals], say=lambda text: None
        )
    _shadow(store, folder)
    return store


def _shadow(store: Store, folder: Path) -> None:
    """Add a second version of `demand` that scored the same orders, better, in shadow."""
    file = folder / "shadow.parquet"
    demand(SERVED_START, seed=2, prefix="s", spoiled=False).drop("sold").write_parquet(file)
    actions.add_version(
        store, LOCAL, model="demand", version="v2", artifact=None, reference=folder / "demand_r.parquet"
    )
    actions.ingest(store, LOCAL, model="demand", version="v2", files=[file], role="shadow")
