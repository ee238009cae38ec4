"""What is said of each row as a whole: labelled, decided, complete, in error; when it came, how long it took."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.profile.bins import Floats, Ints
from core.profile.columns import buffer_values, coded_chunks, codes_of, numeric_column
from core.profile.counts import N_TOTALS
from core.profile.latency_grid import ARRIVAL_HOURS, LATENCY_EDGES_MS
from core.profile.tally import Tally

Flags = NDArray[np.bool_]

NO_ERROR = frozenset({"", "0", "false", "no", "ok", "none"})
"""Texts of an error field that say that there was none; capitals do not matter."""

INTAKE_AT = "intake_at"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FINE, _ERROR, _UNKNOWN = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What counting the outcome found out about each row, ``(n_rows,)`` each, in the log's order.

    Attributes
    ----------
    labelled : bool
        The actual is known.
    decided : bool
        There is a decision, a predicted class, or a finite prediction.
    """

    labelled: Flags
    decided: Flags


def count_totals(rows: pa.Table, tally: Tally, known: Known) -> None:
    """Count the rows that are labelled, decided, complete and in error, for all rows and by segment."""
    error = _errors(rows, tally.binning.error)
    flags = (known.labelled, known.decided, ~tally.incomplete, error == _ERROR, error != _UNKNOWN)
    codes = np.zeros(rows.num_rows, np.intp)
    for place, flag in enumerate(flags):
        codes += flag.astype(np.intp) << place
    n = 1 << len(flags)
    tally.block("totals")[:] = _by_flag(np.bincount(codes, minlength=n))
    for columns in tally.segments:
        tally.block("segment_totals")[columns.place] = _by_flag(columns.count(columns.codes, codes, (n,)))


def _by_flag(counted: Ints) -> Ints:
    """Return rows, then rows with each flag, from counts by all flags together ``(..., 32)``."""
    combined = np.arange(counted.shape[-1])
    return np.stack(
        [counted.sum(axis=-1), *(counted[..., combined >> k & 1 == 1].sum(axis=-1) for k in range(N_TOTALS - 1))],
        axis=-1,
    )


def _errors(rows: pa.Table, column: str | None) -> Ints:
    """Return 0 for a request without an error, 1 with one, 2 where nothing is known; see `is_error`."""
    if column is None:
        return np.full(rows.num_rows, _UNKNOWN, np.intp)
    return codes_of(coded_chunks(rows, column), lambda text: _ERROR if is_error(text) else _FINE, _UNKNOWN)


def is_error(text: str) -> bool:
    """Say whether what is logged as a request's error means that there was one.

    True for a truth value that is true, a number other than 0, and a text that is not empty and not one of 0,
    false, no, ok, none in any capitals. A null or NaN says nothing: the row's error is then not known.

    >>> [is_error(text) for text in ("timeout", "1", "True", "0.0", "OK", "false", "")]
    [True, True, True, False, False, False, False]
    """
    said = text.strip().lower()
    if said in NO_ERROR:
        return False
    try:
        return float(said) != 0
    except ValueError:
        return True


def count_arrival(rows: pa.Table, tally: Tally, closes_at: datetime | None) -> None:
    """Count the rows by hours between `closes_at`, the end of their unit, and their intake; without one nothing."""
    if closes_at is None or INTAKE_AT not in rows.column_names:
        return
    closed = (closes_at - _EPOCH) // timedelta(microseconds=1)
    edges = closed + np.array(ARRIVAL_HOURS, np.int64) * 3_600_000_000
    counts = tally.block("arrival")
    for chunk in pc.drop_null(rows[INTAKE_AT]).cast(pa.timestamp("us", "UTC")).cast(pa.int64()).chunks:
        places = np.searchsorted(edges, buffer_values(chunk, np.dtype(np.int64)), side="left")
        counts += np.bincount(places, minlength=counts.size)


def count_latency(rows: pa.Table, tally: Tally) -> None:
    """Count the rows by latency where the schema declares it."""
    if tally.binning.latency is not None:
        tally.block("latency")[:] = latency_places(numeric_column(rows, tally.binning.latency)[0])


def latency_places(values: Floats) -> Ints:
    """Return how many of the latencies in milliseconds stand in each bin of the fixed grid, NaN last.

    >>> latency_places(np.array([0.05, 2e6, np.nan, np.nan]))[[0, -2, -1]].tolist()
    [1, 1, 2]
    """
    ordered = np.sort(values)
    n_numbers = int(np.searchsorted(ordered, np.nan, side="left"))
    bounds = np.searchsorted(ordered[:n_numbers], LATENCY_EDGES_MS, side="right")
    return np.append(np.diff(bounds, prepend=0, append=n_numbers), values.size - n_numbers)
