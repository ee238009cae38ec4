"""Calibration of the stored windows: whole, by segment, by class; its verdicts and its history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.calibration.calibration import METRICS, Calibration
from core.calibration.classes import CLASS_METRICS, ClassCalibration, class_calibration
from core.calibration.drift import CalibrationChange, calibration_change
from core.calibration.windows import histogram, labelled_rows, window_bins, window_calibration, window_counts
from core.checks.calibration import calibration_evidence, tells, why_no_calibration, window_verdicts
from core.checks.limits import Limits, load_limits
from core.checks.verdicts import Verdict
from core.errors import BadInputError, NotEnoughDataError
from core.inventory.records import VersionInfo
from core.log.schema import ModelSchema
from core.performance.estimates import Estimate
from core.performance.maturity import Maturity, maturity
from core.points import MetricPoint, finite
from core.profile.binning import Segment
from core.profile.profile import (
    multiclass_counts,
    performance_counts,
    segment_performance_counts,
)
from core.profile.segments import chosen_segments
from core.profile.summing import Summed, summed, window_sums
from core.selection import MetricAnswer, MetricQuery
from core.states import State
from core.store.database import Store
from core.store.models import model_by_name
from core.store.series import Series, load_series, model_schema, removed_words, unanswered, with_removed
from core.windows import Grain, Window, day_starts_at, following, label, unit_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MULTICLASS = "multiclass"
UNIT_DAYS = {Grain.DAY: 1, Grain.MONTH: 31, Grain.YEAR: 366, Grain.BATCH: 1}


def calibration_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every figure of calibration of the windows asked for, with interval and n.

    Of a multiclass model the points without a `feature` are of the predicted class (its score against whether it
    was right), `ece_classwise` is the mean of the classes, and points whose `feature` is a class are of that
    class. By segment scores are known to hundredths, with the bound in the reason.
    """
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError as why:
            return unanswered(session, query, METRICS, (None,), str(why))
        why_not = why_no_calibration(series.schema.task, series.schema.score_kind)
        if why_not:
            return unanswered(session, query, METRICS, (None,), why_not)
    sums = window_sums(series.current, series.windows)
    places: Mapping[Segment | None, int | None] = {None: None}
    if query.slice is not None:
        places = dict(chosen_segments(series.layout.binning, query.slice))
    found = window_calibration(series.layout, sums.ints, sums.floats, by_segment=query.slice is not None)
    points = list(_points(series, found, places, sums.provenance_ids))
    if series.schema.task == MULTICLASS and query.slice is None:
        classes = class_calibration(multiclass_counts(series.layout, sums.ints, sums.floats))
        points.extend(_class_points(series, classes, sums.provenance_ids))
    return MetricAnswer(version=series.version.name, points=with_removed(series, points))


def _points(
    series: Series,
    found: Calibration,
    places: Mapping[Segment | None, int | None],
    provenance_ids: tuple[str, ...],
) -> Iterator[MetricPoint]:
    for row in range(len(series.windows)):
        for segment, place in places.items():
            one = found.at(row if place is None else (row, place))
            for name in METRICS:
                reason = _reason(one, name)
                yield _point(series, one.estimates[name], row, provenance_ids, segment=segment, reason=reason)


def _class_points(series: Series, classes: ClassCalibration, provenance_ids: tuple[str, ...]) -> Iterator[MetricPoint]:
    for row in range(len(series.windows)):
        yield _point(series, classes.classwise.at(row), row, provenance_ids)
        for place, name in enumerate(classes.classes):
            one = classes.calibration.at((row, place))
            for metric in CLASS_METRICS:
                reason = _reason(one, metric)
                yield _point(series, one.estimates[metric], row, provenance_ids, feature=name, reason=reason)


def _point(
    series: Series,
    found: Estimate,
    row: int,
    provenance_ids: tuple[str, ...],
    *,
    segment: Segment | None = None,
    feature: str | None = None,
    reason: str | None = None,
) -> MetricPoint:
    window, value = series.windows[row], finite(float(found.value))
    return MetricPoint(
        metric=found.metric,
        window_start=label(window.start, series.schema.grain),
        window_end=label(window.end, series.schema.grain),
        segment={} if segment is None else {segment.column: segment.label},
        feature=feature,
        value=value,
        ci_low=finite(float(found.low)),
        ci_high=finite(float(found.high)),
        n=int(np.nan_to_num(found.n)),
        status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
        reason=found.note if reason is None else reason,
        provenance_id=provenance_ids[row],
    )


def _reason(one: Calibration, metric: str) -> str:
    """Return what a reader must know of a value; the raw error is never told without what chance alone shows."""
    note = one.estimates[metric].note
    if metric != "ece" or str(one.estimates["ece"].reason):
        return note
    beside = (
        f"a perfect model would show {float(one.error.perfect):.3f} at this n; without chance "
        f"{float(one.error.debiased):.3f}, to which the interval belongs"
    )
    return "; ".join(filter(None, (beside, note)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCalibration:
    """Calibration of one segment in a window, with the histogram of its scores and its raw verdict, if any."""

    segment: Mapping[str, str]
    calibration: Calibration
    histogram: tuple[float, ...]
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationDetail:
    """Everything about the calibration of one window (and at most one segment).

    Attributes
    ----------
    why_not : str
        Why the model has no calibration at all; the fields from `calibration` on are then None or empty.
    n_rows : int
        Rows of the window, with or without an actual.
    calibration : Calibration or None, without leading axes
    histogram : tuple of float, length 50
    change : CalibrationChange or None
        Against the reference; None without actuals in it.
    maturity : Maturity or None
    verdicts : tuple of Verdict
        Raw verdicts of this window alone: the whole, and the segments with enough labelled rows.
    segments : tuple of SegmentCalibration
        Those with labelled rows; empty when one segment was asked for.
    classes : tuple of str, and `by_class` (K,) their calibration; multiclass only
    """

    version: VersionInfo
    schema: ModelSchema
    limits: Limits
    window: Window
    provenance_id: str
    removed: str
    why_not: str
    n_rows: int
    calibration: Calibration | None = None
    histogram: tuple[float, ...] = ()
    change: CalibrationChange | None = None
    maturity: Maturity | None = None
    verdicts: tuple[Verdict, ...] = ()
    segments: tuple[SegmentCalibration, ...] = ()
    classes: tuple[str, ...] = ()
    by_class: Calibration | None = None


def calibration_detail(store: Store, query: MetricQuery) -> CalibrationDetail:
    """Return the calibration of one window with its curve, verdicts, segments and classes.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference or no closed unit yet.
    BadInputError
        When the question names several windows or segments.
    """
    if query.every is not None or (query.slice is not None and query.slice.level is None):
        raise BadInputError("The detail of calibration is of one window and at most one segment.")
    at = store.clock.now()
    with store.read() as session:
        series = load_series(session, query, at)
    window, total = series.windows[0], summed(series.current, series.windows[0])
    why_not = why_no_calibration(series.schema.task, series.schema.score_kind)
    limits = load_limits(series.schema.limits)
    place = None if query.slice is None else chosen_segments(series.layout.binning, query.slice)[0][1]
    if why_not:
        return CalibrationDetail(
            version=series.version,
            schema=series.schema,
            limits=limits,
            window=window,
            provenance_id=total.provenance_id,
            removed=removed_words(series, window),
            why_not=why_not,
            n_rows=0,
        )
    return _detail(series, total, limits, place, at=at)


def _detail(series: Series, total: Summed, limits: Limits, place: int | None, *, at: datetime) -> CalibrationDetail:
    window, ints, floats = series.windows[0], total.ints, total.floats
    counts = window_counts(series.layout, ints, floats, by_segment=place is not None)
    found = window_calibration(series.layout, ints, floats, by_segment=place is not None)
    rows, known = (float(n) for n in labelled_rows(counts, place))
    mature = _maturity(rows, known, series.schema, window, at, expected=_expected_coverage(series))
    verdicts = _verdicts(series, total, limits, mature)
    many = None
    if series.schema.task == MULTICLASS and place is None:
        many = class_calibration(multiclass_counts(series.layout, ints, floats))
    return CalibrationDetail(
        version=series.version,
        schema=series.schema,
        limits=limits,
        window=window,
        provenance_id=total.provenance_id,
        removed=removed_words(series, window),
        why_not="",
        n_rows=int(rows),
        calibration=found if place is None else found.at(place),
        histogram=histogram(counts, place),
        change=_change(series, total, place),
        maturity=mature,
        verdicts=verdicts,
        segments=_segments(series, total, verdicts) if place is None else (),
        classes=() if many is None else many.classes,
        by_class=None if many is None else many.calibration,
    )


def _verdicts(series: Series, total: Summed, limits: Limits, mature: Maturity) -> tuple[Verdict, ...]:
    window, schema = series.windows[0], series.schema
    evidence = calibration_evidence(
        series.layout,
        series.reference,
        series.current,
        limits,
        why_not=why_no_calibration(schema.task, schema.score_kind),
        dated=series.dated,
    )
    found = window_verdicts(evidence, total.ints, total.floats, window, mature, n_units=max(total.n_days, 1))
    return tuple(one for one in found if tells(one))


def _change(series: Series, total: Summed, place: int | None) -> CalibrationChange | None:
    before = summed(series.reference)
    sides = [window_bins(series.layout, one.ints, one.floats, by_segment=place is not None) for one in (before, total)]
    then, now = sides if place is None else [side.at(place) for side in sides]
    change = calibration_change(then, now)
    return change if bool(np.isfinite(change.test.statistic)) else None


def _expected_coverage(series: Series) -> float:
    """Return the share of rows whose actual ever comes: that of the reference, 1 when it has none."""
    before = summed(series.reference)
    rows, known = labelled_rows(performance_counts(series.layout, before.ints, before.floats))
    return float(known / rows) if known else 1.0


def _maturity(
    rows: float, known: float, schema: ModelSchema, window: Window, at: datetime, *, expected: float
) -> Maturity:
    no_date = schema.grain is Grain.BATCH
    end = at - schema.actual_delay - timedelta(days=1) if no_date else day_starts_at(window.end, schema.zone)
    return maturity(
        coverage=known / rows if rows else float("nan"),
        window_end_at=end,
        at=at,
        actual_delay=schema.actual_delay,
        expected_coverage=expected,
    )


def _segments(series: Series, total: Summed, verdicts: tuple[Verdict, ...]) -> tuple[SegmentCalibration, ...]:
    segments = series.layout.binning.segments
    if not segments:
        return ()
    counts = segment_performance_counts(series.layout, total.ints, total.floats)
    found = window_calibration(series.layout, total.ints, total.floats, by_segment=True)
    told = {tuple(one.segment.items()): one for one in verdicts if one.segment and one.check == "miscalibration"}
    return tuple(
        SegmentCalibration(
            segment={segment.column: segment.label},
            calibration=found.at(place),
            histogram=histogram(counts, place),
            verdict=told.get(((segment.column, segment.label),)),
        )
        for place, segment in enumerate(segments)
        if found.n[place] > 0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationHistory:
    """Calibration of consecutive units, oldest first.

    Attributes
    ----------
    calibration : Calibration, leading axes (W,), or (W, S) when `place` names the segment asked for
    mature : tuple of bool
        Labels of the unit are complete enough to judge it.
    """

    schema: ModelSchema
    windows: tuple[Window, ...]
    calibration: Calibration
    place: int | None
    mature: tuple[bool, ...]

    def unit(self, row: int) -> Calibration:
        """Return the calibration of one unit."""
        return self.calibration.at(row if self.place is None else (row, self.place))


def calibration_history(store: Store, query: MetricQuery, *, count: int) -> CalibrationHistory | None:
    """Return the calibration of the last `count` units up to the end of the window asked for.

    None where calibration does not apply to the model, or these units hold no rows.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference or no closed unit yet.
    BadInputError
        When the question names no window.
    """
    if query.window is None:
        raise BadInputError("The history of calibration ends with a window: name it.")
    at = store.clock.now()
    with store.read() as session:
        grain = model_schema(session, model_by_name(session, query.model)).grain
        start = min(unit_of(query.window.end - timedelta(days=UNIT_DAYS[grain] * count), grain), query.window.start)
        series = load_series(session, replace(query, window=Window(start, query.window.end)), at)
    if why_no_calibration(series.schema.task, series.schema.score_kind):
        return None
    rows = [row for row, day in enumerate(series.current.days) if start <= day < query.window.end]
    if not rows:
        return None
    place = None if query.slice is None else chosen_segments(series.layout.binning, query.slice)[0][1]
    days = [series.current.days[row] for row in rows]
    return _history(series, series.current.ints[rows], series.current.floats[rows], place, days=days, at=at)


def _history(
    series: Series, ints: Ints, floats: Floats, place: int | None, *, days: Sequence[date], at: datetime
) -> CalibrationHistory:
    windows = tuple(Window(day, following(day, series.schema.grain)) for day in days)
    found = window_calibration(series.layout, ints, floats, by_segment=place is not None)
    rows, known = labelled_rows(window_counts(series.layout, ints, floats, by_segment=place is not None), place)
    expected = _expected_coverage(series)
    mature = tuple(
        _maturity(float(n), float(m), series.schema, window, at, expected=expected).mature
        for n, m, window in zip(rows, known, windows, strict=True)
    )
    return CalibrationHistory(
        schema=series.schema,
        windows=windows,
        calibration=found,
        place=place,
        mature=mature,
    )
