"""Service metrics of the stored windows, whole or by segment, and what the Service page draws."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Limits, load_limits
from core.errors import NotEnoughDataError
from core.log.schema import ModelSchema
from core.performance.history import windows_until
from core.points import MetricPoint, finite
from core.profile.binning import Segment
from core.profile.profile import rows
from core.profile.segments import chosen_segments
from core.profile.summing import WindowSums, window_sums
from core.selection import MetricAnswer, MetricQuery
from core.serving.serving import METRICS, Serving, empty_means_none, seconds_of, serving_of
from core.states import State
from core.store.database import Store
from core.store.models import model_by_name
from core.store.models import schema as schema_of
from core.store.series import (
    Series,
    find_version,
    is_closed,
    load_history,
    load_series,
    profiled_days,
    removed_rows,
    roles_of,
    unanswered,
    with_removed,
)
from core.windows import Window, following, label

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDetail:
    """Service of one window, of the windows before it, and of each segment.

    Attributes
    ----------
    window : Window
    windows : tuple of Window, length W
        As long as `window`, oldest first, ending with it; only those since the version's first prediction.
    history : Serving with leading axes (W,), of the segment asked for or of all
    segments : tuple of Segment, length S
    by_segment : Serving with leading axes (S,), of `window`
    seconds : (W,) length of each window, NaN for numbered batches
    removed : str
        How many rows of `window` the contract kept out, in words; empty when none.
    """

    schema: ModelSchema
    limits: Limits
    window: Window
    windows: tuple[Window, ...]
    history: Serving
    segments: tuple[Segment, ...]
    by_segment: Serving
    seconds: Floats
    provenance_id: str
    removed: str


def service_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every service metric of the windows asked for, with interval and n.

    What the log does not hold says so: ``latency is not logged``, ``errors are not logged``.
    """
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError as why:
            return unanswered(session, query, METRICS, (None,), str(why))
    sums = window_sums(series.current, series.windows)
    seconds = seconds_of(series.windows, series.schema.zone, series.schema.grain, at=store.clock.now())
    places: Mapping[Segment | None, int | None] = {None: None}
    if query.slice is not None:
        places = dict(chosen_segments(series.layout.binning, query.slice))
    fine = empty_means_none(series.layout, series.current.ints)
    found = serving_of(series.layout, sums.ints, seconds, by_segment=query.slice is not None, empty_is_fine=fine)
    points = tuple(_points(series, found, places, sums))
    return MetricAnswer(version=series.version.name, points=with_removed(series, points))


def _points(
    series: Series, found: Serving, places: Mapping[Segment | None, int | None], sums: WindowSums
) -> Iterator[MetricPoint]:
    grain = series.schema.grain
    for row, window in enumerate(series.windows):
        for segment, place in places.items():
            for name in METRICS:
                one = found.estimates[name].at((row,) if place is None else (row, place))
                value = finite(float(one.value))
                yield MetricPoint(
                    metric=name,
                    window_start=label(window.start, grain),
                    window_end=label(window.end, grain),
                    segment={} if segment is None else {segment.column: segment.label},
                    value=value,
                    ci_low=finite(float(one.low)),
                    ci_high=finite(float(one.high)),
                    n=int(one.n),
                    status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
                    reason=one.note,
                    provenance_id=sums.provenance_ids[row],
                )


def service_detail(store: Store, query: MetricQuery) -> ServiceDetail:
    """Return the service of the window asked for (None: the last closed unit), the windows before it, its segments.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    """
    at = store.clock.now()
    with store.read() as session:
        version = find_version(session, model_by_name(session, query.model), query.version)
        roles = roles_of(query.role)
        days = profiled_days(session, version, roles)
        schema = schema_of(session, version.schema_id)
        closed = [day for day in days if is_closed(day, schema, at)]
        if not closed:
            raise NotEnoughDataError("no closed day with predictions yet")
        window = query.window or Window(closed[-1], following(closed[-1], schema.grain))
        windows = tuple(one for one in windows_until(window, schema.grain) if one.end > days[0]) or (window,)
        start, end = windows[0].start, window.end
        history = load_history(session, version, start=start, end=end, saved=query.saved, role=query.role)
        whole = query.saved is None  # which rows of a saved segment the contract removed is not known
        removed = removed_rows(session, version, schema.grain, roles) if whole else {}
    seconds = seconds_of(windows, schema.zone, schema.grain, at=at)
    sums = window_sums(history.log, windows)
    fine = empty_means_none(history.layout, history.log.ints)
    found = serving_of(history.layout, sums.ints, seconds, empty_is_fine=fine)
    by_segment = serving_of(history.layout, sums.ints, seconds, by_segment=True, empty_is_fine=fine)
    if query.slice is not None:
        found = by_segment.at((slice(None), chosen_segments(history.layout.binning, query.slice)[0][1]))
    n_kept = int(rows(history.layout, sums.ints)[-1])
    return ServiceDetail(
        schema=schema,
        limits=load_limits(schema.limits),
        window=window,
        windows=windows,
        history=found,
        segments=history.layout.binning.segments,
        by_segment=by_segment.at(-1),
        seconds=seconds,
        provenance_id=sums.provenance_ids[-1],
        removed=_removed(sum(n for day, n in removed.items() if day in window), n_kept),
    )


def _removed(gone: int, kept: int) -> str:
    return f"the contract removed {gone:,} of the {gone + kept:,} rows of this window" if gone else ""
