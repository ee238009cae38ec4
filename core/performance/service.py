"""Performance of the stored windows, whole or by segment."""

from collections.abc import Iterator, Mapping

import numpy as np

from core.errors import NotEnoughDataError
from core.performance.binary import METRICS, NO_ACTUALS, BinaryPerformance, binary_performance
from core.points import MetricPoint, finite
from core.profile.binning import Segment
from core.profile.bins import Ints
from core.profile.profile import (
    confusion,
    performance_counts,
    segment_confusion,
    segment_performance_counts,
)
from core.profile.segments import chosen_segments
from core.profile.summing import summed, window_sums
from core.selection import MetricAnswer, MetricQuery
from core.states import State
from core.store.database import Store
from core.store.series import Series, load_series, unanswered, with_removed
from core.windows import label


def performance_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every performance metric of the windows asked for, with interval and n.

    Without actuals each point is not applicable and says so. By segment the score grid is coarser (hundredths),
    so ROC AUC and average precision carry a wider bound.
    """
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError as why:
            return unanswered(session, query, METRICS, (None,), str(why))
    sums = window_sums(series.current, series.windows)
    probability = series.schema.score_kind == "probability"
    if query.slice is None:
        counts = performance_counts(series.layout, sums.ints, sums.floats)
        places: Mapping[Segment | None, int | None] = {None: None}
        known = confusion(series.layout, sums.ints)
    else:
        counts = segment_performance_counts(series.layout, sums.ints, sums.floats)
        places = dict(chosen_segments(series.layout.binning, query.slice))
        known = segment_confusion(series.layout, sums.ints)
    performance = binary_performance(counts, probability=probability)
    points = tuple(_points(series, performance, places, known, sums.provenance_ids))
    return MetricAnswer(version=series.version.name, points=with_removed(series, points))


def against_reference(store: Store, query: MetricQuery, metric: str) -> tuple[MetricPoint, float | None]:
    """Return a metric of one window (and at most one segment), and its value in the training reference."""
    point = next(point for point in performance_points(store, query).points if point.metric == metric)
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError:
            return point, None
    total = summed(series.reference)
    probability = series.schema.score_kind == "probability"
    if query.slice is None:
        counts = performance_counts(series.layout, total.ints, total.floats)
        before = binary_performance(counts, probability=probability).estimates[metric]
        return point, finite(float(before.value))
    counts = segment_performance_counts(series.layout, total.ints, total.floats)
    place = chosen_segments(series.layout.binning, query.slice)[0][1]
    return point, finite(float(binary_performance(counts, probability=probability).estimates[metric].value[place]))


def _points(
    series: Series,
    performance: BinaryPerformance,
    places: Mapping[Segment | None, int | None],
    known: Ints,
    provenance_ids: tuple[str, ...],
) -> Iterator[MetricPoint]:
    for row, window in enumerate(series.windows):
        for segment, place in places.items():
            index = (row,) if place is None else (row, place)
            for name in METRICS:
                found = performance.estimates[name].at(index)
                value = finite(float(found.value))
                yield MetricPoint(
                    metric=name,
                    window_start=label(window.start, series.schema.grain),
                    window_end=label(window.end, series.schema.grain),
                    segment={} if segment is None else {segment.column: segment.label},
                    value=value,
                    ci_low=finite(float(found.low)),
                    ci_high=finite(float(found.high)),
                    n=int(np.nan_to_num(found.n)),
                    status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
                    reason=_reason(found.note, value, known[index]),
                    provenance_id=provenance_ids[row],
                )


def _reason(note: str, value: float | None, known: Ints) -> str:
    """Return what a reader must know of a value; where it is withheld for want of actuals, what exactly is missing.

    Parameters
    ----------
    known : (3, 3) decision × actual, in rows
    """
    if value is not None or note not in ("", NO_ACTUALS):
        return note
    if not known.sum():
        return "not applicable: no predictions in this window"
    return "not applicable: every row with an actual has the weight 0" if known[:, :2].any() else NO_ACTUALS
