"""How the model was served: requests a second, error rate, latency; for many windows or segments at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.performance.confusion import share
from core.performance.estimates import Estimate, Index, Words, estimate, first_reason, said
from core.profile.counts import N_TOTALS, TOTAL_ERROR_KNOWN, TOTAL_ERRORS, TOTAL_ROWS
from core.profile.layout import Layout
from core.profile.profile import latency_counts, segment_totals, totals
from core.serving.latency import LONGEST_MS, LatencyQuantile, latency_quantile
from core.stats.intervals import Interval, wilson
from core.windows import Grain, Window, day_starts_at

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LATENCIES: Mapping[str, float] = MappingProxyType({"latency_p50": 0.50, "latency_p95": 0.95, "latency_p99": 0.99})
"""Latency metrics and the share of requests that are not slower."""

METRICS = ("requests_per_second", "error_rate", *LATENCIES)
"""Names of service metrics, in the order in which they are shown."""

NO_ROWS = "no predictions in this window"
NO_ERROR_COLUMN = "errors are not logged"
NO_LATENCY_COLUMN = "latency is not logged"
NO_CLOCK = "numbered batches have no clock"
WHOLE_ONLY = "latency is counted for the whole population only"
EMPTY_IS_FINE = "an empty error field counts as no error: this log never says otherwise"
EMPTY_ERRORS = "the error field is empty in every row"
EMPTY_LATENCIES = "the latency is empty in every row"
TOO_LONG = f"it lies above {LONGEST_MS / 1000:,.0f} s, the end of the grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Every service metric, in the order of `METRICS`; arrays share the leading axes ``(...)`` of the counts.

    Attributes
    ----------
    estimates : mapping of metric name to Estimate
        Rates in requests a second, shares in [0, 1], latencies in milliseconds. The `error` of a latency is that of
        its natural logarithm: latencies are compared by their ratio.
    n_requests, n_errors, n_error_known : (...) int64
        Requests; those in error; those whose error field is known.
    """

    estimates: Mapping[str, Estimate]
    n_requests: Ints
    n_errors: Ints
    n_error_known: Ints

    def at(self, index: Index) -> "Serving":
        """Return the service of one element (or slice) of the leading axes."""
        return Serving(
            estimates={name: one.at(index) for name, one in self.estimates.items()},
            n_requests=self.n_requests[index],
            n_errors=self.n_errors[index],
            n_error_known=self.n_error_known[index],
        )


def milliseconds(value: float) -> str:
    """Return a latency as people write it, three digits that count.

    >>> milliseconds(8.04), milliseconds(123.4), milliseconds(2345.0)
    ('8.04 ms', '123 ms', '2.35 s')
    """
    if value >= 1000:
        return f"{value / 1000:,.2f} s" if value < 10_000 else f"{value / 1000:,.1f} s"
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def seconds_of(windows: Sequence[Window], zone: ZoneInfo, grain: Grain, *, at: datetime) -> Floats:
    """Return how long each window lasted until `at` in seconds, ``(W,)``.

    A day has 23 to 25 hours. A window that is still open counts as far as it has gone; one that has not begun, and
    numbered batches, have no length: NaN.

    >>> from datetime import UTC, date
    >>> clocks = [Window(date(2013, 3, 10), date(2013, 3, 11)), Window(date(2013, 11, 3), date(2013, 11, 4))]
    >>> new_york, later = ZoneInfo("America/New_York"), datetime(2014, 1, 1, tzinfo=UTC)
    >>> (seconds_of(clocks, new_york, Grain.DAY, at=later) / 3600).tolist()
    [23.0, 25.0]
    """
    if grain is Grain.BATCH:
        return np.full(len(windows), np.nan)
    lasted = [min(day_starts_at(one.end, zone), at) - day_starts_at(one.start, zone) for one in windows]
    seconds = np.array([one.total_seconds() for one in lasted], np.float64)
    return np.where(seconds > 0, seconds, np.nan)


def empty_means_none(layout: Layout, ints: Ints) -> bool:
    """Say whether an empty error field means that there was no error, from all units of a log at hand.

    Some logs write the error's text and leave the field empty otherwise; others write 0 or 1. The first is assumed
    when the field is filled in some row and never says that a request succeeded.

    Parameters
    ----------
    ints : (..., n_ints) int64
    """
    counted = totals(layout, ints).reshape(-1, N_TOTALS).sum(axis=0)
    return bool(0 < counted[TOTAL_ERROR_KNOWN] == counted[TOTAL_ERRORS] < counted[TOTAL_ROWS])


def serving_of(
    layout: Layout, ints: Ints, seconds: Floats, *, by_segment: bool = False, empty_is_fine: bool = False
) -> Serving:
    """Return all service metrics of the windows.

    ``requests_per_second``: rows of the window over its seconds; a full count, so without an interval.
    ``error_rate``: requests in error over those whose error field is known, Wilson interval.
    ``latency_p50`` and so on: see `core.serving.latency.latency_quantile`.

    Not applicable, with the reason: everything without a row; errors and latency where the schema names no column or
    no row holds one; requests a second of numbered batches; latency by segment, which is not counted.

    Parameters
    ----------
    ints : (W, n_ints) int64
    seconds : (W,) float64, length of each window; NaN where it has none
    by_segment : bool
        One more trailing axis, the segments of the binning.
    empty_is_fine : bool
        An empty error field means that there was no error (`empty_means_none`).
    """
    counted = segment_totals(layout, ints) if by_segment else totals(layout, ints)
    n, known, errors = (
        np.asarray(counted[..., place], np.int64) for place in (TOTAL_ROWS, TOTAL_ERROR_KNOWN, TOTAL_ERRORS)
    )
    known = n if empty_is_fine else known
    empty = said(n <= 0, NO_ROWS)
    lasted = np.broadcast_to(np.asarray(seconds, np.float64)[..., None] if by_segment else seconds, n.shape)
    found = (
        _requests(n, lasted, empty),
        _error_rate(layout, n, known, errors, reason=empty, remark=EMPTY_IS_FINE if empty_is_fine else ""),
        *_latencies(layout, ints, n, empty, by_segment=by_segment),
    )
    return Serving(
        estimates=MappingProxyType({one.metric: one for one in found}),
        n_requests=n,
        n_errors=errors,
        n_error_known=known,
    )


def _requests(n: Ints, seconds: Floats, empty: Words) -> Estimate:
    none = np.full(n.shape, np.nan)
    reason = first_reason(empty, said(np.isnan(seconds), NO_CLOCK))
    interval = Interval(low=none, high=none)
    return estimate("requests_per_second", share(n, seconds), interval, n=n.astype(np.float64), reason=reason)


def _error_rate(layout: Layout, n: Ints, known: Ints, errors: Ints, *, reason: Words, remark: str) -> Estimate:
    unlogged = np.broadcast_to(said(np.bool_(layout.binning.error is None), NO_ERROR_COLUMN), n.shape)
    return estimate(
        "error_rate",
        share(errors, known),
        wilson(errors, known),
        n=known.astype(np.float64),
        reason=first_reason(reason, unlogged, said(known <= 0, EMPTY_ERRORS)),
        remark=np.full(n.shape, remark) if remark else _left_out(n - known, n, "the error field"),
    )


def _left_out(n_missing: Ints, n: Ints, what: str) -> Words:
    """Return in words how many rows a value leaves out because the field is empty; nothing where there are none."""
    percent = np.char.mod("%.1f", 100 * n_missing / np.maximum(n, 1))
    words = np.char.add(f"{what} is empty in ", np.char.add(percent, " % of the rows, which are left out"))
    return np.where(n_missing > 0, words, "")


def _latencies(layout: Layout, ints: Ints, n: Ints, empty: Words, *, by_segment: bool) -> tuple[Estimate, ...]:
    why = WHOLE_ONLY if by_segment and layout.binning.latency is not None else ""
    try:
        counts = latency_counts(layout, ints)
    except NotEnoughDataError:
        why = NO_LATENCY_COLUMN
    if why:
        reason = first_reason(empty, np.full(n.shape, f"not applicable: {why}"))
        return tuple(_withheld(name, n, reason) for name in LATENCIES)
    return tuple(_latency(name, latency_quantile(counts, part), empty) for name, part in LATENCIES.items())


def _withheld(name: str, n: Ints, reason: Words) -> Estimate:
    none = np.full(n.shape, np.nan)
    return estimate(name, none, Interval(low=none, high=none), n=np.zeros(n.shape), reason=reason)


def _latency(name: str, found: LatencyQuantile, empty: Words) -> Estimate:
    reason = first_reason(empty, said(found.n <= 0, EMPTY_LATENCIES), said(np.isnan(found.value), TOO_LONG))
    alone = np.isnan(found.interval.low) & (reason == "")
    few = np.where(alone, "too few requests for an interval", "")
    missing = _left_out(found.n_missing, found.n + found.n_missing, "the latency")
    both = np.where((few != "") & (missing != ""), "; ", "")
    return estimate(
        name,
        found.value,
        found.interval,
        n=found.n.astype(np.float64),
        reason=reason,
        error=found.log_error,
        bound=np.nan_to_num(found.bound),
        remark=np.char.add(np.char.add(few, both), missing),
    )
