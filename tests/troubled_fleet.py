"""The small fleet with what data quality is there for: a changed unit, a late day, few rows, rounding, broken rows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from app import actions
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.store.database import Store
from tests.small_fleet import DAYS, MODEL_YAML, REFERENCE_START, SERVED_START, frame

HISTORY_DAYS = 35
UNIT_DAY, LATE_DAY, THIN_DAY, ROUNDED_DAY, LAST_DAY = (
    SERVED_START + timedelta(days=HISTORY_DAYS + n) for n in range(5)
)
BROKEN = 7
NOW = datetime(2024, 4, 10, 8, tzinfo=UTC)
YAML = MODEL_YAML.replace("  segments: [plan]", "  segments: [plan]\n  source: channel")


def with_channel(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a request source: every third row came by phone."""
    return rows.with_columns(
        pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("phone")).otherwise(pl.lit("web")).alias("channel")
    )


def served() -> pl.DataFrame:
    """Return forty served days; the last five are each wrong in their own way."""
    day = pl.col("at").dt.date()
    rows = with_channel(frame(SERVED_START, DAYS, seed=2, prefix="s")).with_columns(day.alias("day"))
    rows = rows.with_columns(
        pl.when(day == UNIT_DAY).then(pl.col("income") * 1_000).otherwise(pl.col("income")).alias("income"),
        pl.when(day == ROUNDED_DAY).then(pl.col("age") + 0.5).otherwise(pl.col("age")).alias("age"),
    )
    rows = rows.with_columns(
        pl.when(day == ROUNDED_DAY).then(pl.col("income").round(1)).otherwise(pl.col("income")).alias("income"),
        pl.when((day == LAST_DAY) & (pl.col("channel") == "phone")).then(None).otherwise(pl.col("plan")).alias("plan"),
    )
    thin = pl.int_range(pl.len()).over("day") >= 55
    rows = rows.filter((day != THIN_DAY) | ~thin)
    broken = pl.int_range(pl.len()).over("day") < BROKEN
    return rows.with_columns(
        pl.when((day == LAST_DAY) & broken).then(1.5).otherwise(pl.col("score")).alias("score")
    ).drop("left")


def build(store: Store, folder: Path) -> Store:
    """Bring the troubled fleet into an empty store: 35 days at once, then a day each morning, one of them late."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yaml").write_text(YAML, encoding="utf-8")
    with_channel(frame(REFERENCE_START, DAYS, seed=1)).write_parquet(folder / "reference.parquet")
    rows = served()
    store = freeze_clock(store, LOCAL, _morning_after(HISTORY_DAYS - 1))
    add_model(store, LOCAL, load_schema(folder / "model.yaml"))
    actions.add_version(
        store, LOCAL, model="churn", version="v1", artifact=None, reference=folder / "reference.parquet"
    )
    parts = [(rows.filter(pl.col("day") < UNIT_DAY), _morning_after(HISTORY_DAYS - 1), "history")]
    for number in range(HISTORY_DAYS, DAYS):
        day = SERVED_START + timedelta(days=number)
        at = _morning_after(number) + (timedelta(hours=40) if day == LATE_DAY else timedelta())
        parts.append((rows.filter(pl.col("day") == day), at, day.isoformat()))
    for part, at, name in sorted(parts, key=lambda one: one[1]):
        store = freeze_clock(store, LOCAL, at)
        file = folder / f"{name}.parquet"
        part.drop("day").write_parquet(file)
        actions.ingest(store, LOCAL, model="churn", version="v1", files=[file], role="served")
    store = freeze_clock(store, LOCAL, NOW)
    actions.refresh(store, LOCAL, model="churn")
    return store


def _morning_after(number: int) -> datetime:
    day = SERVED_START + timedelta(days=number + 1)
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
