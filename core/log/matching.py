"""Which days hold a prediction id: how an actual without a timestamp finds its prediction."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from core.log.coercion.texts import hashed
from core.log.delta import LogFile, Table
from core.log.schema import ModelSchema
from core.log.table import hits, read_ids
from core.windows import Grain, day_of, unit_of

_NEVER = np.iinfo(np.int32).max
FOUND = {"id": pl.String, "day": pl.Date}


def find_units(log: Table, ids: pl.Series, *, dedup_days: int) -> pl.DataFrame:
    """Return (id, day) for every unit that an id is found in.

    Units are searched newest first, reading ids only and skipping files whose bounds exclude all
    that is still wanted, until every id is found. An id counts as the same prediction in units at
    most `dedup_days` before one where it was found (another version may have scored it on the
    other side of midnight); further back it is another prediction.
    """
    wanted = _sorted_by_hash(ids.unique())
    hashes = hashed(wanted)
    last = np.full(len(wanted), _NEVER, dtype=np.int64)
    bounds = (str(ids.min()), str(ids.max())) if len(ids) else ("", "")
    found: list[pl.DataFrame] = [pl.DataFrame(schema=FOUND)]
    for day in reversed(log.days):
        number = day.toordinal()
        active = (last == _NEVER) | (last - number <= dedup_days)
        if not active.any():
            break
        for file in log.of_day(day):
            if file.ids[1] < bounds[0] or file.ids[0] > bounds[1]:
                continue
            places = _places(read_ids(log, file), wanted, hashes, active)
            last[places] = number
            found.append(
                pl.DataFrame(
                    {
                        "id": pl.Series(values=wanted.take(pa.array(places)), dtype=pl.String),
                        "day": [day] * len(places),
                    },
                    schema=FOUND,
                )
            )
    return pl.concat(found).unique(maintain_order=True)


def _sorted_by_hash(ids: pl.Series) -> pa.Array:
    array = ids.to_arrow().cast(pa.string())
    return array.take(pa.array(np.argsort(hashed(array), kind="stable")))


def _places(
    there: pa.Array, wanted: pa.Array, hashes: NDArray[np.uint64], active: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the places in `wanted` of active ids that are `there`, compared as text."""
    rows, places = hits(hashed(there), hashes)
    keep = active[places]
    rows, places = rows[keep], places[keep]
    same = pl.Series(values=there.take(pa.array(rows))) == pl.Series(values=wanted.take(pa.array(places)))
    exact = places[same.to_numpy()]
    clashing = rows[~same.to_numpy()]
    if not len(clashing):
        return np.unique(exact)
    index = {value: place for place, value in enumerate(wanted.to_pylist())}  # two texts with one hash: about never
    more = [index[value] for value in there.take(pa.array(clashing)).to_pylist() if value in index]
    return np.unique(np.concatenate([exact, np.array(more, dtype=np.int64)]))


def units_with(log: Table, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return those of the (id, day) pairs that a prediction is there for."""
    kept: list[pl.DataFrame] = [pl.DataFrame(schema=FOUND)]
    for (day,), asked in pairs.unique().group_by("day", maintain_order=True):
        files = log.of_day(day)
        there = _ids_of(log, files)
        kept.append(asked.join(there, on="id", how="semi").select("id", "day"))
    return pl.concat(kept)


def _ids_of(log: Table, files: Iterable[LogFile]) -> pl.DataFrame:
    parts = [pl.DataFrame({"id": pl.Series(values=read_ids(log, file), dtype=pl.String)}) for file in files]
    return pl.concat(parts).unique() if parts else pl.DataFrame(schema={"id": pl.String})


def earliest_unit(actual_at: datetime, schema: ModelSchema) -> date | None:
    """Return the first unit that an actual known at `actual_at` may apply to under `actual_window`; None: any.

    >>> from core.log.schema import load_schema
    >>> text = ("{model: m, task: binary, owner: o, actual_window: 2d, columns: {prediction_id: i, timestamp: t,"
    ...         " score: s, features: []}}")
    >>> earliest_unit(datetime.fromisoformat("2013-07-19T12:00:00Z"), load_schema(text))
    datetime.date(2013, 7, 17)
    """
    if schema.actual_window is None or schema.grain is Grain.BATCH:
        return None
    return unit_of(day_of(actual_at - schema.actual_window, schema.zone), schema.grain)


def in_window(pairs: pl.DataFrame, schema: ModelSchema) -> pl.Series:
    """Return which rows with ``day``, ``actual_at`` and ``all_days`` lie inside `actual_window`."""
    if schema.actual_window is None or schema.grain is Grain.BATCH:
        return pl.Series([True] * pairs.height, dtype=pl.Boolean)
    moments = pairs["actual_at"].unique()
    first = {moment: earliest_unit(moment, schema) for moment in moments}
    limits = pl.DataFrame(
        {"actual_at": moments, "first": [first[moment] for moment in moments]}, schema_overrides={"first": pl.Date}
    )
    joined = pairs.join(limits, on="actual_at", how="left", maintain_order="left")
    return ((joined["day"] >= joined["first"]) | (joined["all_days"] == 1)).fill_null(True)


def neighbours(days: Iterable[date], dedup_days: int) -> tuple[date, date]:
    """Return the first and the last day within `dedup_days` of `days`."""
    ordered = sorted(days)
    margin = timedelta(days=dedup_days)
    return ordered[0] - margin, ordered[-1] + margin
