"""Performance of the stored windows, whole or by segment, and of one version beside another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Limits, load_limits
from core.drift.study import previous
from core.errors import BadInputError, NotEnoughDataError
from core.inventory.records import VersionInfo
from core.log.schema import ModelSchema
from core.performance.difference import Difference, difference
from core.performance.estimates import NO_ACTUALS
from core.performance.history import maturities, windows_until
from core.performance.maturity import Maturity
from core.performance.of_task import METRICS_OF, performance_of, rows_known
from core.performance.performance import Performance
from core.points import MetricPoint, finite
from core.profile.binning import Segment
from core.profile.layout import Layout
from core.profile.segments import chosen_segments
from core.profile.summing import Summed, WindowSums, summed, window_sums
from core.selection import MetricAnswer, MetricQuery, ReferenceKind, Slice
from core.states import State
from core.store import models as stored_models
from core.store.database import Session, Store
from core.store.models import model_by_name
from core.store.series import (
    Series,
    find_version,
    load_series,
    model_schema,
    profiled_days,
    removed_words,
    roles_of,
    shown_role,
    unanswered,
    with_removed,
)
from core.windows import Window, label

Ints = NDArray[np.int64]
Places = Mapping[Segment | None, int | None]

NO_LOOK_BACK = timedelta(0)
OTHER_ROLES = ("served", "canary", "shadow", "replay")


def performance_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every performance metric of the model's task in the windows asked for, with interval and n.

    Without actuals each point is not applicable and says so. By segment the counts are coarser: areas under curves
    carry a wider bound, and what is not kept by segment says so.
    """
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now(), look_back=NO_LOOK_BACK)
        except NotEnoughDataError as why:
            schema = model_schema(session, model_by_name(session, query.model))
            return unanswered(session, query, METRICS_OF[schema.task], (None,), str(why))
    return _answer(series, query)


def _answer(series: Series, query: MetricQuery) -> MetricAnswer:
    sums = window_sums(series.current, series.windows)
    by_segment = query.slice is not None
    performance = performance_of(series.layout, sums.ints, sums.floats, by_segment=by_segment)
    known = rows_known(series.layout, sums.ints, by_segment=by_segment)
    points = tuple(_points(series, performance, _places(series, query.slice), known, sums.provenance_ids))
    return MetricAnswer(version=series.version.name, points=with_removed(series, points))


def _places(series: Series, wanted: Slice | None) -> Places:
    return {None: None} if wanted is None else dict(chosen_segments(series.layout.binning, wanted))


def against_reference(store: Store, query: MetricQuery, metric: str) -> tuple[MetricPoint, float | None]:
    """Return a metric of one window (and at most one segment), and its value in the training reference."""
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now(), look_back=NO_LOOK_BACK)
        except NotEnoughDataError as why:
            schema = model_schema(session, model_by_name(session, query.model))
            nothing = unanswered(session, query, METRICS_OF[schema.task], (None,), str(why))
            return next(point for point in nothing.points if point.metric == metric), None
    before = _of_slice(series, summed(series.reference), query.slice)
    point = next(point for point in _answer(series, query).points if point.metric == metric)
    return point, finite(float(before.estimates[metric].value))


def _of_slice(series: Series, total: Summed, wanted: Slice | None) -> Performance:
    """Return the performance of one sum in the whole population or in the one segment asked for."""
    if wanted is None:
        return performance_of(series.layout, total.ints, total.floats)
    place = chosen_segments(series.layout.binning, wanted)[0][1]
    return performance_of(series.layout, total.ints, total.floats, by_segment=True).at(place)


def _points(
    series: Series, performance: Performance, places: Places, known: Ints, provenance_ids: tuple[str, ...]
) -> Iterator[MetricPoint]:
    for row, window in enumerate(series.windows):
        for segment, place in places.items():
            index = (row,) if place is None else (row, place)
            for name, estimates in performance.estimates.items():
                found = estimates.at(index)
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
                    reason=withheld_words(found.note, value, known[index]),
                    provenance_id=provenance_ids[row],
                )


def withheld_words(note: str, value: float | None, known: Ints) -> str:
    """Return what a reader must know of a value; where it is withheld for want of actuals, what exactly is missing.

    Parameters
    ----------
    known : (2,) rows, and rows with a known actual
    """
    if value is not None or note not in ("", NO_ACTUALS):
        return note
    if not known[0]:
        return "not applicable: no predictions in this window"
    return "not applicable: every row with an actual has the weight 0" if known[1] else NO_ACTUALS


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceDetail:
    """Performance of one window with the windows before it, its reference and its segments.

    Attributes
    ----------
    windows : tuple of Window
        Oldest first, all as long as the last one, which is the window asked for.
    performance : Performance with leading axes (W,)
    maturities : tuple of Maturity, length W
    reference : Performance without leading axes
        Of the reference asked for.
    segments : tuple of Segment, length S
    place : int or None
        Of the segment asked for; None for the whole population.
    by_segment, reference_by_segment : Performance with leading axes (S,), of the last window and of its reference
    current, compared : Summed
        The counts of the last window and of the reference, whole population.
    removed : str
        How many rows of the window the contract kept out, in words; empty when none.
    """

    schema: ModelSchema
    version: VersionInfo
    limits: Limits
    layout: Layout
    windows: tuple[Window, ...]
    performance: Performance
    maturities: tuple[Maturity, ...]
    reference: Performance
    segments: tuple[Segment, ...]
    place: int | None
    by_segment: Performance
    reference_by_segment: Performance
    current: Summed
    compared: Summed
    first_day: date
    removed: str


def performance_detail(store: Store, query: MetricQuery) -> PerformanceDetail:
    """Return everything about the performance of one window of a selection.

    Raises
    ------
    NotEnoughDataError
        When nothing can be compared yet.
    BadInputError
        When the query names no window, or a segment that does not exist.
    """
    if query.window is None:
        raise BadInputError("A detail of performance needs one window.")
    at = store.clock.now()
    with store.read() as session:
        grain = model_schema(session, model_by_name(session, query.model)).grain
        asked = windows_until(query.window, grain)
        series = load_series(session, replace(query, window=Window(asked[0].start, query.window.end)), at)
    windows = tuple(one for one in asked if one.end > series.first_day) or asked[-1:]
    sums = window_sums(series.current, windows)
    current, compared = summed(series.current, query.window), _compared(series, query)
    place = None if query.slice is None else chosen_segments(series.layout.binning, query.slice)[0][1]
    performance = performance_of(series.layout, sums.ints, sums.floats, by_segment=place is not None)
    if place is not None:
        performance = performance.at((slice(None), place))
    return PerformanceDetail(
        schema=series.schema,
        version=series.version,
        limits=load_limits(series.schema.limits),
        layout=series.layout,
        windows=windows,
        performance=performance,
        maturities=maturities(
            windows, performance.label_coverage.tolist(), series.schema, expected=_expected(series), at=at
        ),
        reference=_of_slice(series, compared, query.slice),
        segments=series.layout.binning.segments,
        place=place,
        by_segment=performance_of(series.layout, current.ints, current.floats, by_segment=True),
        reference_by_segment=performance_of(series.layout, compared.ints, compared.floats, by_segment=True),
        current=current,
        compared=compared,
        first_day=series.first_day,
        removed=removed_words(series, query.window),
    )


def _expected(series: Series) -> float:
    """Return the share of rows whose actual ever comes: that of training, 1 when it has none."""
    n_rows, n_labelled = rows_known(series.layout, summed(series.reference).ints).tolist()
    return n_labelled / n_rows if n_rows and n_labelled else 1.0


def _compared(series: Series, query: MetricQuery) -> Summed:
    """Return the counts of the reference that a window is compared with."""
    window = query.window or series.windows[-1]
    match query.reference.kind:
        case ReferenceKind.RANGE:
            return summed(series.current, query.reference.window)
        case ReferenceKind.PREVIOUS:
            return summed(series.current, previous(window, series.schema.grain))
        case ReferenceKind.SAME_WEEKDAY:
            days = {(window.start + timedelta(days=day)).weekday() for day in range(min(window.days, 7))}
            return summed(series.reference, weekdays=days)
        case _:
            return summed(series.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPerformance:
    """One version in one or more roles over the windows of a comparison.

    Attributes
    ----------
    role : str
        ``served + canary`` of the champion (``shadow`` until its first live rows are in); ``served``, ``canary``,
        ``shadow`` or ``replay`` of another version.
    performance : Performance with leading axes (W,)
    differences : mapping of metric to Difference with leading axes (W,)
        This version less the champion; empty for the champion itself.
    """

    version: str
    role: str
    performance: Performance
    differences: Mapping[str, Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionComparison:
    """The champion beside all other versions that scored rows of the same windows.

    The comparison is unpaired: profiles hold no row of one version beside the same row of another.
    """

    windows: tuple[Window, ...]
    champion: VersionPerformance
    others: tuple[VersionPerformance, ...]


def compare_versions(store: Store, query: MetricQuery) -> VersionComparison:
    """Return the champion beside every other version and role with rows in the same windows.

    The version of the query does not matter; its windows and segment do. A version of another task, or whose
    reference does not know the segment, is left out.

    Raises
    ------
    NotEnoughDataError
        When the champion has no closed unit with predictions.
    """
    at = store.clock.now()
    with store.read() as session:
        champion = find_version(session, stored_models.model_by_name(session, query.model), None)
        role = shown_role(session, champion)
        series = load_series(session, replace(query, version=None, role=role), at)
        whole = replace(query, every=None, window=Window(series.windows[0].start, series.windows[-1].end))
        first = _version(series, series.windows, query.slice, role=" + ".join(roles_of(role)))
        others = tuple(
            _beside(first, found)
            for version in stored_models.versions(session, series.model.id)
            if version.id != series.version.id and version.binning_id is not None
            for role in OTHER_ROLES
            if profiled_days(session, version, (role,))
            and (found := _other(session, replace(whole, version=version.name, role=role), series, at)) is not None
        )
    return VersionComparison(windows=series.windows, champion=first, others=others)


def _other(session: Session, query: MetricQuery, champion: Series, at: datetime) -> VersionPerformance | None:
    """Return another version in one role; None where there is nothing to compare."""
    try:
        series = load_series(session, query, at)
        if series.layout.binning.task != champion.layout.binning.task:
            return None
        found = _version(series, champion.windows, query.slice, role=query.role or "")
    except (BadInputError, NotEnoughDataError):
        return None
    return found if found.performance.n_rows.any() else None


def _version(series: Series, windows: tuple[Window, ...], wanted: Slice | None, *, role: str) -> VersionPerformance:
    sums: WindowSums = window_sums(series.current, windows)
    performance = performance_of(series.layout, sums.ints, sums.floats, by_segment=wanted is not None)
    if wanted is not None:
        place = chosen_segments(series.layout.binning, wanted)[0][1]
        performance = performance.at((slice(None), place))
    return VersionPerformance(version=series.version.name, role=role, performance=performance, differences={})


def _beside(champion: VersionPerformance, other: VersionPerformance) -> VersionPerformance:
    mine, theirs = champion.performance.estimates, other.performance.estimates
    return replace(other, differences={name: difference(mine[name], theirs[name]) for name in mine})
