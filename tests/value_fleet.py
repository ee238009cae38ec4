"""Three small made-up models with a value: `loans` (per amount; latency, errors, sources), `sales`, `tickets`."""

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

REFERENCE_START, SERVED_START = date(2024, 1, 1), date(2024, 2, 1)
REFERENCE_DAYS, DAYS, ROWS_A_DAY = 28, 62, 60
NOW = datetime(2024, 4, 3, tzinfo=UTC)
SLOW_FROM, FAILING_DAY = 55, 40
LOANS = """
model: loans
task: binary
owner: risk-ml
risk_tier: 1
words: {row: loan, rows: loans, positive_decision: refused, positive_actual: defaulted}
columns:
  prediction_id: id
  timestamp: at
  score: score
  threshold: 0.5
  actual: bad
  amount: amount
  latency_ms: took
  error: failed
  source: channel
  features: {numeric: [income]}
actual_delay: 1d
value: {kind: per_amount, tp: 0.4, fp: -0.05, fn: -0.6, tn: 0.05, currency: EUR, source: measured,
        baseline: all_positive}
"""
SALES = """
model: sales
task: regression
owner: shop-ml
words: {row: article, rows: articles}
columns:
  prediction_id: id
  timestamp: at
  prediction: forecast
  actual: sold
  features: {numeric: [price]}
  segments: [shop]
actual_delay: 1d
value: {kind: error, cost_over: 2, cost_under: 5, currency: USD, source: assumed}
"""
TICKETS = """
model: tickets
task: multiclass
owner: desk-ml
words: {row: ticket, rows: tickets, positive_decision: routed}
columns:
  prediction_id: id
  timestamp: at
  scores: {billing: p_billing, login: p_login}
  actual: topic
  features: {numeric: [length]}
actual_delay: 1d
"""


def moments(start: date, days: int, rng: np.random.Generator) -> list[datetime]:
    """Return one moment a row, `ROWS_A_DAY` rows a day."""
    began = datetime(start.year, start.month, start.day, tzinfo=UTC)
    day = np.repeat(np.arange(days), ROWS_A_DAY)
    minutes = rng.integers(0, 1440, day.size)
    return [began + timedelta(days=int(d), minutes=int(m)) for d, m in zip(day, minutes, strict=True)]


def loans(start: date, days: int, *, seed: int) -> pl.DataFrame:
    """Return loans; every 40th amount is missing, day 40 fails often, from day 55 on all take twice as long."""
    rng = np.random.default_rng(seed)
    n = days * ROWS_A_DAY
    day = np.repeat(np.arange(days), ROWS_A_DAY)
    income = rng.normal(0, 1, n)
    chance = 1 / (1 + np.exp(-income))
    amount = np.round(rng.lognormal(7, 0.8, n), 2)
    took = rng.lognormal(np.log(80), 0.4, n) * np.where(day >= SLOW_FROM, 2.0, 1.0)
    failed = rng.random(n) < np.where(day == FAILING_DAY, 0.4, 0.002)
    return pl.DataFrame(
        {
            "id": [f"l{seed}-{i}" for i in range(n)],
            "at": moments(start, days, rng),
            "score": np.round(chance, 6),
            "income": income,
            "amount": [None if i % 40 == 0 else float(a) for i, a in enumerate(amount)],
            "took": [None if i % 50 == 0 else float(t) for i, t in enumerate(took)],
            "failed": failed.astype(int),
            "channel": rng.choice(["app", "branch"], n, p=[0.7, 0.3]),
            "bad": (rng.random(n) < chance).astype(int),
        }
    )


def sales(start: date, days: int, *, seed: int) -> pl.DataFrame:
    """Return articles with a forecast and what was sold."""
    rng = np.random.default_rng(seed)
    n = days * ROWS_A_DAY
    price = rng.uniform(1, 9, n)
    sold = np.round(40 - 3 * price + rng.normal(0, 5, n), 1)
    return pl.DataFrame(
        {
            "id": [f"s{seed}-{i}" for i in range(n)],
            "at": moments(start, days, rng),
            "forecast": np.round(40 - 3 * price + rng.normal(1, 1, n), 3),
            "price": price,
            "shop": rng.choice(["north", "south"], n),
            "sold": sold,
        }
    )


def tickets(start: date, days: int, *, seed: int) -> pl.DataFrame:
    """Return tickets of two topics."""
    rng = np.random.default_rng(seed)
    n = days * ROWS_A_DAY
    length = rng.normal(0, 1, n)
    billing = np.round(1 / (1 + np.exp(-length)), 6)
    return pl.DataFrame(
        {
            "id": [f"t{seed}-{i}" for i in range(n)],
            "at": moments(start, days, rng),
            "p_billing": billing,
            "p_login": 1 - billing,
            "length": length,
            "topic": np.where(rng.random(n) < billing, "billing", "login"),
        }
    )


def take_in(store: Store, folder: Path) -> Store:
    """Bring the three models into an empty store at `NOW`; the last served day has no actuals yet."""
    folder.mkdir(parents=True, exist_ok=True)
    store = freeze_clock(store, LOCAL, NOW)
    for yaml, rows, actual in ((LOANS, loans, "bad"), (TICKETS, tickets, "topic"), (SALES, sales, "sold")):
        schema = load_schema(yaml)
        name = schema.model
        served = rows(SERVED_START, DAYS, seed=2)
        known = served.filter(pl.col("at") < NOW - timedelta(days=1))
        files = {part: folder / f"{name}-{part}.parquet" for part in ("reference", "served", "actuals")}
        rows(REFERENCE_START, REFERENCE_DAYS, seed=1).drop("took", strict=False).write_parquet(files["reference"])
        served.drop(actual).write_parquet(files["served"])
        known.select("id", actual, pl.col("at").alias("timestamp")).write_parquet(files["actuals"])
        add_model(store, LOCAL, schema)
        actions.add_version(store, LOCAL, model=name, version="v1", artifact=None, reference=files["reference"])
        actions.take_in_history(
            store,
            LOCAL,
            model=name,
            version="v1",
            predictions=[files["served"]],
            actuals=[files["actuals"]],
            say=lambda text: None,
        )
    return store
