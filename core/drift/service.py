"""Drift of the stored windows against the reference that was asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.daily import daily_cells, outcome_series, series_of
from core.checks.drift import check_codes, check_of, drift_verdicts
from core.checks.drift_judgement import verdict_of
from core.checks.limits import Limits, load_limits
from core.checks.series import DailyCells, drift_reference
from core.checks.series import Series as Compared
from core.checks.verdicts import Verdict, not_applicable
from core.drift.detail import DriftDetail, FeatureDetail, Where, outcome_names, where
from core.drift.feature import FeatureDrift, OrderedDrift, cell_drift, counted_drift, feature_drift, ordered_drift
from core.drift.points import METRICS, window_points
from core.drift.study import WindowStudy, previous, study
from core.errors import BadInputError, NotEnoughDataError
from core.performance.history import maturities
from core.performance.maturity import Maturity
from core.points import MetricPoint, withheld
from core.profile.binning import ACTUAL
from core.profile.bins import NumericBins
from core.profile.counts import TOTAL_LABELLED, TOTAL_ROWS
from core.profile.layout import counted_by_segment
from core.profile.profile import feature_counts, totals
from core.profile.segments import chosen_segments
from core.profile.summing import Summed, WindowSums, summed, window_sums
from core.selection import MetricAnswer, MetricQuery, ReferenceKind
from core.store.database import Store
from core.store.models import model_by_name
from core.store.series import (
    Series,
    find_version,
    load_series,
    model_schema,
    profiled_days,
    removed_words,
    roles_of,
    unanswered,
    with_removed,
)
from core.windows import Window, following

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = tuple[DailyCells, DailyCells]


def drift_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every drift metric of every feature, of the score, of decisions and actuals, with interval and n.

    The status is what the drift rule says of this window alone against the reference asked for; the state
    that counts, with persistence and each feature's own reference, is `watchroom check`'s.
    """
    at = store.clock.now()
    with store.read() as session:
        try:
            series = load_series(session, query, at)
        except NotEnoughDataError as why:
            schema = model_schema(session, model_by_name(session, query.model))
            return unanswered(session, query, METRICS, (*schema.feature_names, "score"), str(why))
    limits = load_limits(series.schema.limits)
    sums = window_sums(series.current, series.windows)
    compared = _compared(series, query)
    ordered = {} if query.slice is not None else _ordered(series, query, sums)
    mature = _maturities(series, sums, at)
    points: list[MetricPoint] = []
    cells = _both(series, query, compared)
    for row, one in enumerate(_studies(series, query, compared, limits, cells)):
        points.extend(
            window_points(
                one,
                compared,
                ordered,
                row=row,
                grain=series.schema.grain,
                mature=mature[row],
                provisional=series.layout.binning.provisional,
                provenance_id=sums.provenance_ids[row],
            )
        )
    return MetricAnswer(
        version=series.version.name, points=with_removed(series, withheld(points, series.schema.protected))
    )


def _maturities(series: Series, sums: WindowSums, at: datetime) -> tuple[Maturity, ...]:
    """Return for each window whether its actuals are complete enough to be judged."""
    known = totals(series.layout, sums.ints)
    reference = totals(series.layout, series.reference.ints).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = known[:, TOTAL_LABELLED] / known[:, TOTAL_ROWS]
    expected = float(reference[TOTAL_LABELLED] / max(int(reference[TOTAL_ROWS]), 1)) or 1.0
    return maturities(series.windows, coverage.tolist(), series.schema, expected=expected, at=at)


def _compared(series: Series, query: MetricQuery) -> tuple[Compared, ...]:
    """Return what a question compares: every feature, the score, decisions and actuals; or segment after segment."""
    binning, seasonal = series.layout.binning, _seasonal(series)
    if query.slice is None:
        return (*series_of(binning, seasonal=seasonal), *outcome_series(binning))
    segments = chosen_segments(binning, query.slice)
    return tuple(one for segment, _ in segments for one in series_of(binning, seasonal=seasonal, segment=segment))


def _studies(
    series: Series, query: MetricQuery, compared: Sequence[Compared], limits: Limits, cells: Cells
) -> tuple[WindowStudy, ...]:
    """Return the windows of a question compared with its reference; all its segments are judged together."""
    return study(
        *cells,
        series.windows,
        query.reference,
        limits,
        codes=check_codes(compared),
        dated=series.dated,
        grain=series.schema.grain,
    )


def _both(series: Series, query: MetricQuery, compared: Sequence[Compared]) -> Cells:
    """Return the cells of the compared series by day: of the training reference, and of the log."""
    places = (
        {}
        if query.slice is None
        else {
            (segment.column, segment.label): place
            for segment, place in chosen_segments(series.layout.binning, query.slice)
        }
    )
    at = [next((places[item] for item in one.segment.items()), None) for one in compared]
    training, log = (
        daily_cells(series.layout, stack, series.reference, compared, at)
        for stack in (series.reference, series.current)
    )
    return training, log


def drift_detail(store: Store, query: MetricQuery) -> DriftDetail:
    """Return the drift of one window with its cells and verdicts.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference or no closed unit yet.
    BadInputError
        When the question names several windows or segments.
    """
    if query.every is not None or (query.slice is not None and query.slice.level is None):
        raise BadInputError("The detail of drift is of one window and at most one segment.")
    at = store.clock.now()
    with store.read() as session:
        series = load_series(session, query, at)
    limits = load_limits(series.schema.limits)
    compared = _compared(series, query)
    cells = _both(series, query, compared)
    one = _studies(series, query, compared, limits, cells)[0]
    sums = window_sums(series.current, series.windows)
    mature = _maturities(series, sums, at)[0]
    verdicts = _verdicts(series, query, compared, one, cells, limits=limits)
    references = _references(series, query)
    details = [
        FeatureDetail(
            feature=who.feature,
            bins=series.layout.binning.features.get(who.feature),
            drift=_feature_drift(series, who, one, row, current=sums, reference=references),
            p_value=float(one.judgement.p[row]),
            verdict=_of_actuals(verdicts[row], mature, limits),
        )
        for row, who in enumerate(compared)
    ]
    n_features = sum(check_of(who) in ("feature_drift", "prediction_drift") for who in compared)
    return DriftDetail(
        version=series.version,
        schema=series.schema,
        limits=limits,
        window=one.window,
        features=tuple(details[:n_features]),
        outcomes=tuple(details[n_features:]),
        mature=mature,
        removed=removed_words(series, one.window),
        provenance_id=sums.provenance_ids[0],
    )


def _of_actuals(verdict: Verdict, mature: Maturity, limits: Limits) -> Verdict:
    """Return a verdict on actuals as not applicable while labels of the window are still arriving."""
    if verdict.check != "label_drift" or mature.mature:
        return verdict
    return not_applicable(
        limits["label_drift"],
        mature.reason,
        n=verdict.n,
        window_start=verdict.window_start,
        window_end=verdict.window_end,
        feature=verdict.feature,
    )


def drift_where(store: Store, query: MetricQuery, feature: str) -> Where:
    """Return which segments carry the drift of a feature in one window, against the reference asked for.

    Nothing where the model has no segments, or the feature is not counted by them.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference or no closed unit yet.
    """
    with store.read() as session:
        series = load_series(session, replace(query, slice=None), store.clock.now())
    binning, limits = series.layout.binning, load_limits(series.schema.limits)
    places = [place for place, segment in enumerate(binning.segments) if segment.column != feature]
    if feature not in counted_by_segment(binning) or not places:
        return Where(segments=(), n_suppressed=0)
    segments = [binning.segments[place] for place in places]
    compared = [Compared(feature=feature, segment={one.column: one.label}) for one in segments]
    stacks = (series.reference, series.current)
    training, log = (daily_cells(series.layout, stack, series.reference, compared, places) for stack in stacks)
    one = study(
        training,
        log,
        series.windows[:1],
        query.reference,
        limits,
        codes=check_codes(compared),
        dated=series.dated,
        grain=series.schema.grain,
    )[0]
    return where(
        tuple((segment.column, segment.label) for segment in segments),
        one.comparison.reference,
        one.comparison.current,
        phi=np.nan_to_num(one.judgement.phi, nan=1.0),
        usable=one.comparison.reason == "",
    )


def drift_history(store: Store, query: MetricQuery, feature: str, *, until: date, count: int) -> tuple[Verdict, ...]:
    """Return the raw verdicts of a feature in the last `count` units before `until`, against the reference asked for.

    What persistence makes of them is stored for the training reference only (`core.checks.service`).
    """
    with store.read() as session:
        version = find_version(session, model_by_name(session, query.model), query.version)
        roles = roles_of(query.role)
        days = [day for day in profiled_days(session, version, roles) if day < until][-count:]
        if not days:
            return ()
        series = load_series(session, replace(query, window=Window(days[0], until), every=None), store.clock.now())
    grain = series.schema.grain
    series = replace(series, windows=tuple(Window(day, following(day, grain)) for day in days))
    limits = load_limits(series.schema.limits)
    compared = _compared(series, query)
    row = next(i for i, who in enumerate(compared) if who.feature == feature)
    studies = _studies(series, query, compared, limits, _both(series, query, compared))
    limit = limits[check_of(compared[row])]
    return tuple(verdict_of(compared[row], one.comparison, one.judgement, row, limit, grain=grain) for one in studies)


def _verdicts(
    series: Series,
    query: MetricQuery,
    compared: Sequence[Compared],
    one: WindowStudy,
    cells: Cells,
    *,
    limits: Limits,
) -> tuple[Verdict, ...]:
    if query.reference.kind is not ReferenceKind.TRAINING:
        return tuple(
            verdict_of(who, one.comparison, one.judgement, row, limits[check_of(who)], grain=series.schema.grain)
            for row, who in enumerate(compared)
        )
    training, log = cells
    return drift_verdicts(
        drift_reference(training, limits.rules, dated=series.dated, grain=series.schema.grain),
        log,
        compared,
        one.window,
        limits,
        first_day=series.first_day,
        grain=series.schema.grain,
    )


def _feature_drift(
    series: Series, who: Compared, one: WindowStudy, row: int, *, current: WindowSums, reference: WindowSums
) -> FeatureDrift:
    bins = series.layout.binning.features.get(who.feature)
    phi = float(np.nan_to_num(one.judgement.phi[row], nan=1.0))
    names = (*bins.cell_names,) if bins is not None else outcome_names(series.schema, who.feature)
    if who.segment or bins is None or who.feature == ACTUAL:
        sides = (one.comparison.reference, one.comparison.current)
        before, now = (np.append(side[row, : len(names)], side[row, -1]) for side in sides)
        if bins is None:
            return counted_drift((*names, "missing"), before, now, phi=phi)
        return cell_drift(bins, before, now, phi=phi)
    counted = feature_counts(series.layout, current.ints[0], current.floats[0], who.feature)
    known = feature_counts(series.layout, reference.ints[0], reference.floats[0], who.feature)
    return feature_drift(bins, known, counted, phi=phi)


def _seasonal(series: Series) -> frozenset[str]:
    return frozenset(name for name, feature in series.schema.features.items() if feature.seasonal)


def _ordered(series: Series, query: MetricQuery, sums: WindowSums) -> dict[str, OrderedDrift]:
    """Return the ordered metrics of each numeric feature, every window against its own reference."""
    references = _references(series, query)
    found = {}
    for name, bins in series.layout.binning.features.items():
        if not isinstance(bins, NumericBins):
            continue
        current = feature_counts(series.layout, sums.ints, sums.floats, name)
        known = feature_counts(series.layout, references.ints, references.floats, name)
        found[name] = ordered_drift(bins, known, current)
    return found


def _references(series: Series, query: MetricQuery) -> WindowSums:
    """Return the reference of each window: one row for all, or a row a window."""
    kind = query.reference.kind
    if kind is ReferenceKind.TRAINING:
        return _one(summed(series.reference))
    if kind is ReferenceKind.RANGE:
        return _one(summed(series.current, query.reference.window))
    if kind is ReferenceKind.PREVIOUS:
        return window_sums(series.current, [previous(window, series.schema.grain) for window in series.windows])
    sums = [summed(series.reference, weekdays=_weekdays(window)) for window in series.windows]
    return WindowSums(
        ints=np.stack([one.ints for one in sums]),
        floats=np.stack([one.floats for one in sums]),
        provenance_ids=tuple(one.provenance_id for one in sums),
    )


def _one(total: Summed) -> WindowSums:
    return WindowSums(ints=total.ints[None], floats=total.floats[None], provenance_ids=(total.provenance_id,))


def _weekdays(window: Window) -> set[int]:
    return {(window.start + timedelta(days=day)).weekday() for day in range(min(window.days, 7))}
