"""The small fleet with one weak segment: in the third week, customers over 50 on the plan "plus" did the opposite."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from app import actions
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.store.database import Store
from core.windows import Window
from tests.small_fleet import DAYS, MODEL_YAML, NOW, REFERENCE_START, SERVED_START, frame

MODEL, VERSION = "churn", "v1"
WEEK = Window(SERVED_START + timedelta(days=14), SERVED_START + timedelta(days=21))
QUIET = Window(SERVED_START, SERVED_START + timedelta(days=7))
UNKNOWN = Window(date(2024, 4, 8), date(2024, 4, 9))
YAML = MODEL_YAML.replace("segments: [plan]", "segments: [plan]\n  protected: [sex]")


def with_sex(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a protected column."""
    return rows.with_columns(sex=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("f")).otherwise(pl.lit("m")))


def served() -> pl.DataFrame:
    """Return the served rows; in `WEEK` the actual of the weak segment is the opposite of the decision."""
    rows = with_sex(frame(SERVED_START, DAYS, seed=2, prefix="s"))
    day = pl.col("at").dt.date()
    weak = (pl.col("plan") == "plus") & (pl.col("age") > 50) & day.is_between(WEEK.start, WEEK.end, closed="left")
    return rows.with_columns(left=pl.when(weak).then((pl.col("score") < 0.5).cast(pl.Int64)).otherwise(pl.col("left")))


def build(store: Store, folder: Path) -> Store:
    """Bring the fleet into an empty store; the last two days have no actuals yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yaml").write_text(YAML, encoding="utf-8")
    with_sex(frame(REFERENCE_START, DAYS, seed=1)).write_parquet(folder / "reference.parquet")
    rows = served()
    rows.drop("left").write_parquet(folder / "predictions.parquet")
    known = rows.filter(pl.col("at") < datetime(2024, 4, 8, tzinfo=UTC))
    known.select("id", "left", pl.col("at").alias("timestamp")).write_parquet(folder / "actuals.parquet")
    store = freeze_clock(store, LOCAL, NOW)
    add_model(store, LOCAL, load_schema(folder / "model.yaml"))
    actions.add_version(
        store, LOCAL, model=MODEL, version=VERSION, artifact=None, reference=folder / "reference.parquet"
    )
    actions.take_in_history(
        store,
        LOCAL,
        model=MODEL,
        version=VERSION,
        predictions=[folder / "predictions.parquet"],
        actuals=[folder / "actuals.parquet"],
        say=lambda text: None,
    )
    return store
