"""A small made-up model with a log of its own, brought in through the command line as anybody's would be."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.cli import main
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.store.database import open_store

HOSTILE = "*b* $x$ [a](http://evil.example) :red[x] <b>b</b> :smile:"
START = datetime(2024, 1, 1, tzinfo=UTC)
REFERENCE_DAYS, LOG_DAYS, ROWS_A_DAY = 42, 40, 220
SHIFT_FROM = 34
MODEL_YAML = """
model: {name}
task: binary
owner: made-up
risk_tier: 2
timezone: UTC
grain: day
words: {{row: case, rows: cases, positive_decision: flagged, positive_actual: late}}
columns:
  prediction_id: id
  timestamp: at
  score: score
  threshold: 0.5
  actual: late
  positive: 1
  features:
    wind: {{kind: numeric, unit: kn, meaning: made-up wind, importance: 0.5}}
    temp: {{kind: numeric, unit: °C, meaning: made-up temperature, seasonal: true, importance: 0.2}}
    count: {{kind: numeric, meaning: made-up count, importance: 0.1}}
    "{hostile}": {{kind: numeric, meaning: "made-up _name_ <i>", importance: 0.1}}
    place: {{kind: categorical, importance: 0.1}}
  segments: [place]
actual_delay: 1d
"""


def rows(first: int, days: int, *, shift_from: int, rng: np.random.Generator) -> pa.Table:
    """Return `days` made-up days; the wind is stronger from day `shift_from` on, the temperature rises slowly."""
    n = days * ROWS_A_DAY
    day = np.repeat(np.arange(days), ROWS_A_DAY)
    wind = rng.gamma(4, 3, n) + np.where(day >= shift_from, 8, 0)
    temp = rng.normal(5, 4, n) + 0.15 * (first + day)
    count = rng.poisson(1.5, n).astype(float)
    signal = 0.08 * (wind - 12) + 0.4 * (count - 1.5) + rng.normal(0, 0.7, n)
    score = 1 / (1 + np.exp(-signal))
    at = [
        START + timedelta(days=int(first + which), minutes=int(minute))
        for which, minute in zip(day, rng.integers(0, 1440, n), strict=True)
    ]
    return pa.table(
        {
            "id": [f"{first}-{number}" for number in range(n)],
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "score": score,
            "wind": np.where(rng.random(n) < 0.02, np.nan, wind),
            "temp": temp,
            "count": count,
            HOSTILE: rng.normal(size=n),
            "place": rng.choice(["north", "south", "east"], n, p=[0.6, 0.3, 0.1]),
            "late": (rng.random(n) < score).astype(np.int64),
        }
    )


def build(home: Path, folder: Path, *, name: str = "made-up-delay") -> Path:
    """Fill `home` with one model, its reference, its log and actuals; files are left in `folder`."""
    rng = np.random.default_rng(20240101)
    reference = rows(0, REFERENCE_DAYS, shift_from=10**6, rng=rng)
    log = rows(REFERENCE_DAYS, LOG_DAYS, shift_from=SHIFT_FROM, rng=rng)
    actuals = log.select(["id", "late"]).slice(0, (LOG_DAYS - 2) * ROWS_A_DAY)
    pq.write_table(reference, folder / "reference.parquet")
    pq.write_table(log.drop(["late"]), folder / "log.parquet")
    pq.write_table(actuals, folder / "actuals.parquet")
    (folder / "model.yaml").write_text(MODEL_YAML.format(name=name, hostile=HOSTILE), encoding="utf-8")
    run(home, ["init"])
    freeze_clock(open_store(home), LOCAL, START + timedelta(days=REFERENCE_DAYS + LOG_DAYS, hours=3))
    run(home, ["model", "add", str(folder / "model.yaml")])
    run(home, ["version", "add", name, "v1", "--reference", str(folder / "reference.parquet")])
    run(home, ["ingest", name, "v1", str(folder / "log.parquet")])
    run(home, ["actuals", name, str(folder / "actuals.parquet")])
    return home


def run(home: Path, words: Sequence[str]) -> None:
    """Run one command of the program; a failure of it fails the test."""
    try:
        code = main([*words, "--home", str(home)])
    except SystemExit as left:
        code = left.code
    assert code in (0, None), f"watchroom {' '.join(words)} left with {code}"
