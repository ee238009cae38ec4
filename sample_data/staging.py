"""What the staged models share: their calendar, and their rows cut into the files of a life in service.

A staged model is invented: its generator returns rows, and here they become what another system would hand over: a
reference, one load of history, then a file for each day at its midnight, and a file of actuals every Monday.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ZONE = ZoneInfo("America/New_York")
CLOCK = datetime(2014, 1, 1, tzinfo=ZONE)
"""Where the demo's clock stands, the same as for the real flights."""

FIRST_REFERENCE, LAST_REFERENCE = date(2013, 6, 3), date(2013, 8, 4)
"""Nine whole weeks, so that daily windows find their own weekday nine times."""

FIRST_SERVED, LAST_SERVED = date(2013, 8, 5), date(2013, 12, 31)
LAST_LOADED = date(2013, 11, 20)
"""Last day of the history that came in as one load; every later day has a file of its own."""

DAY = timedelta(days=1)
WEEKEND = 5
"""Saturday, counted from Monday 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A file and the moment at which it is handed over."""

    at: datetime
    kind: Literal["predictions", "actuals"]
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRows:
    """All rows of a staged model.

    Attributes
    ----------
    rows : frame
        The columns that `model.yaml` names, in event-time order, and ``day`` (date) and ``known_at`` (when the actual
        became known; null when it never does).
    served : tuple of str
        The columns of a file of predictions.
    key, timestamp, actual : str
        Columns of the id, the event time and the actual.
    late : mapping of day to the moment at which its file came, where that is not its midnight
    """

    rows: pl.DataFrame
    served: tuple[str, ...]
    key: str
    timestamp: str
    actual: str
    late: Mapping[date, datetime]


def days_between(first: date, last: date) -> list[date]:
    """Return all days from `first` to `last`, both inclusive.

    >>> len(days_between(FIRST_REFERENCE, LAST_REFERENCE))
    63
    """
    return [first + DAY * place for place in range((last - first).days + 1)]


def all_days() -> list[date]:
    """Return the days of the reference and of the log, which follow each other."""
    return days_between(FIRST_REFERENCE, LAST_SERVED)


def midnight(day: date) -> datetime:
    """Return the start of a day."""
    return datetime.combine(day, time(), ZONE)


def rows_a_day(draw: np.random.Generator, days: Sequence[date], *, weekday: int, weekend: int) -> Ints:
    """Return how many rows each day has: fewer on weekends, and days differ by some 6 % (log-normal)."""
    usual = np.array([weekend if day.weekday() >= WEEKEND else weekday for day in days], np.float64)
    return np.rint(usual * np.exp(draw.normal(0.0, 0.06, len(days)))).astype(np.int64)


def event_times(draw: np.random.Generator, days: Sequence[date], counts: Ints) -> pl.DataFrame:
    """Return ``day`` and ``event_at`` of every row, in order: office hours mostly, whole seconds."""
    day = np.repeat(np.array(days, "datetime64[D]"), counts)
    seconds = np.clip(draw.normal(13.5 * 3600, 3.5 * 3600, len(day)), 4 * 3600, 24 * 3600 - 1).astype(np.int64)
    naive = day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    order = np.argsort(naive, kind="stable")
    moments = pl.Series("event_at", naive[order].astype("datetime64[us]"))
    return pl.DataFrame({"day": pl.Series(day[order]), "event_at": moments.dt.replace_time_zone(ZONE.key)})


def between(rows: pl.DataFrame, first: date, last: date) -> NDArray[np.bool_]:
    """Return which rows lie on the days from `first` to `last`, both inclusive."""
    found: NDArray[np.bool_] = rows["day"].is_between(first, last).to_numpy()
    return found


def expit(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def write_reference(staged: StagedRows, folder: Path, stem: str) -> Path:
    """Write the reference with scores and actuals."""
    file = folder / f"{stem}-reference.parquet"
    rows = staged.rows.filter(pl.col("day") <= LAST_REFERENCE)
    rows.select(*staged.served, staged.actual).write_parquet(file)
    return file


def write_deliveries(staged: StagedRows, folder: Path, stem: str) -> list[Delivery]:
    """Write every file of the log and return them in the order in which they were handed over."""
    served = staged.rows.filter(pl.col("day") >= FIRST_SERVED)
    found = [*_predictions(staged, served, folder, stem), *_actuals(staged, served, folder, stem)]
    return sorted(found, key=lambda one: (one.at, one.kind != "predictions"))


def _predictions(staged: StagedRows, served: pl.DataFrame, folder: Path, stem: str) -> Iterator[Delivery]:
    history = folder / f"{stem}-until-{LAST_LOADED}.parquet"
    served.filter(pl.col("day") <= LAST_LOADED).select(staged.served).write_parquet(history)
    yield Delivery(at=midnight(LAST_LOADED + DAY), kind="predictions", file=history)
    for day in days_between(LAST_LOADED + DAY, LAST_SERVED):
        file = folder / f"{stem}-{day}.parquet"
        served.filter(pl.col("day") == day).select(staged.served).write_parquet(file)
        yield Delivery(at=staged.late.get(day, midnight(day + DAY)), kind="predictions", file=file)


def _actuals(staged: StagedRows, served: pl.DataFrame, folder: Path, stem: str) -> Iterator[Delivery]:
    """Yield what was known at the end of the history, and then what every Monday brought."""
    known = served.drop_nulls("known_at").sort("known_at", staged.key)
    loaded = midnight(LAST_LOADED + DAY)
    mondays = [midnight(day) for day in days_between(LAST_LOADED + DAY, LAST_SERVED) if day.weekday() == 0]
    columns = (
        staged.key,
        staged.actual,
        pl.col(staged.timestamp).alias("timestamp"),
        pl.col("known_at").alias("actual_at"),
    )
    for before, at in pairwise([midnight(FIRST_SERVED), loaded, *mondays]):
        file = folder / f"{stem}-actuals-{at.date()}.parquet"
        new = pl.col("known_at").is_between(_moment(before), _moment(at), closed="right")
        known.filter(new).select(columns).write_parquet(file)
        yield Delivery(at=at, kind="actuals", file=file)


def _moment(at: datetime) -> pl.Expr:
    return pl.lit(at).dt.convert_time_zone(ZONE.key)
