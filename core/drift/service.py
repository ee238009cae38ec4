"""Drift of the stored windows against the reference that was asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.daily import daily_cells, series_of
from core.checks.drift import LEVELS, drift_verdicts, score_series, verdict_of
from core.checks.limits import Limits, load_limits
from core.checks.series import DailyCells, drift_reference
from core.checks.series import Series as Compared
from core.checks.verdicts import PROVISIONAL, Verdict
from core.drift.chi_square import chi_square, cramers_v, cramers_v_balanced
from core.drift.divergence import js_distance, kl_divergence
from core.drift.feature import FeatureDrift, OrderedDrift, cell_drift, feature_drift, ordered_drift
from core.drift.psi import psi_standard_error
from core.drift.study import WindowStudy, previous, study
from core.errors import BadInputError, NotEnoughDataError
from core.inventory.records import VersionInfo
from core.log.schema import ModelSchema
from core.points import MetricPoint, finite
from core.profile.binning import SCORE, Segment
from core.profile.bins import Bins, NumericBins
from core.profile.profile import ProfileStack, feature_counts
from core.profile.segments import chosen_segments
from core.profile.summing import Summed, WindowSums, summed, window_sums
from core.selection import MetricAnswer, MetricQuery, ReferenceKind
from core.states import State
from core.stats.intervals import Z95
from core.store.database import Store
from core.store.models import model_by_name
from core.store.series import (
    LIVE_ROLES,
    Series,
    find_version,
    load_series,
    model_schema,
    profiled_days,
    removed_words,
    unanswered,
    with_removed,
)
from core.windows import Window, following, label

Floats = NDArray[np.float64]

CELL_METRICS = (
    "psi",
    "psi_excess",
    "js_distance",
    "kl_divergence",
    "chi2_statistic",
    "chi2_p_value",
    "cramers_v",
    "cramers_v_balanced",
)
ORDERED_METRICS = ("ks_statistic", "wasserstein", "wasserstein_scaled")
METRICS = CELL_METRICS + ORDERED_METRICS
NO_ORDER = "not applicable: categories have no order"
NO_FINE_BINS = "not applicable: only display cells are kept by segment"


def drift_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every drift metric of every feature and of the score, with interval and n.

    The status is what the drift rule says of this window alone against the reference asked for; the state
    that counts, with persistence and each feature's own reference, is `watchroom check`'s.
    """
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError as why:
            schema = model_schema(session, model_by_name(session, query.model))
            return unanswered(session, query, METRICS, (*schema.feature_names, "score"), str(why))
    limits = load_limits(series.schema.limits)
    sums = window_sums(series.current, series.windows)
    compared = _compared(series, query)
    ordered = {} if query.slice is not None else _ordered(series, query, sums)
    points: list[MetricPoint] = []
    for row, one in enumerate(_studies(series, query, compared, limits)):
        points.extend(_points(series, compared, one, ordered, row=row, provenance_id=sums.provenance_ids[row]))
    return MetricAnswer(version=series.version.name, points=with_removed(series, points))


def _compared(series: Series, query: MetricQuery) -> tuple[Compared, ...]:
    """Return what a question compares: every feature, the score last, of the whole or of segment after segment."""
    binning, seasonal = series.layout.binning, _seasonal(series)
    return tuple(
        one for segment, _ in _places(series, query) for one in series_of(binning, seasonal=seasonal, segment=segment)
    )


def _studies(
    series: Series, query: MetricQuery, compared: Sequence[Compared], limits: Limits
) -> tuple[WindowStudy, ...]:
    """Return the windows of a question compared with its reference; all its segments are judged together."""
    training, log = _daily(series, query, series.reference), _daily(series, query, series.current)
    return study(
        training,
        log,
        series.windows,
        query.reference,
        limits,
        scores=score_series(compared),
        dated=series.dated,
        grain=series.schema.grain,
    )


def _daily(series: Series, query: MetricQuery, stack: ProfileStack) -> DailyCells:
    """Return the cells of `_compared` by day."""
    seasonal = _seasonal(series)
    parts = [
        daily_cells(
            series.layout,
            stack,
            series.reference,
            series_of(series.layout.binning, seasonal=seasonal, segment=segment),
            place,
        )
        for segment, place in _places(series, query)
    ]
    return DailyCells(days=stack.days, cells=np.concatenate([part.cells for part in parts], axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDetail:
    """One feature of a window: its drift against the reference asked for, and the raw verdict of its own rule.

    Against the training reference the verdict uses the matched weekday, and the 28 days before for a seasonal
    feature, as `watchroom check` does; against any other reference it judges exactly what was asked.
    """

    feature: str
    bins: Bins
    drift: FeatureDrift
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftDetail:
    """Everything about the drift of one window, in the order of declaration, the score last.

    `removed` says how many rows of the window the contract kept out, if any.
    """

    version: VersionInfo
    schema: ModelSchema
    limits: Limits
    window: Window
    features: tuple[FeatureDetail, ...]
    provenance_id: str
    removed: str


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
    with store.read() as session:
        series = load_series(session, query, store.clock.now())
    limits = load_limits(series.schema.limits)
    _, place = _places(series, query)[0]
    compared = _compared(series, query)
    one = _studies(series, query, compared, limits)[0]
    verdicts = _verdicts(series, query, compared, one, limits=limits)
    return DriftDetail(
        version=series.version,
        schema=series.schema,
        limits=limits,
        window=one.window,
        features=tuple(
            FeatureDetail(
                feature=who.feature,
                bins=series.layout.binning.features[who.feature],
                drift=_feature_drift(series, query, who, one, row=row, place=place),
                verdict=verdicts[row],
            )
            for row, who in enumerate(compared)
        ),
        removed=removed_words(series, one.window),
        provenance_id=window_sums(series.current, series.windows).provenance_ids[0],
    )


def drift_history(store: Store, query: MetricQuery, feature: str, *, until: date, count: int) -> tuple[Verdict, ...]:
    """Return the raw verdicts of a feature in the last `count` units before `until`, against the reference asked for.

    What persistence makes of them is stored for the training reference only (`core.checks.service`).
    """
    with store.read() as session:
        version = find_version(session, model_by_name(session, query.model), query.version)
        roles = LIVE_ROLES if query.role is None else (query.role,)
        days = [day for day in profiled_days(session, version, roles) if day < until][-count:]
        if not days:
            return ()
        series = load_series(session, replace(query, window=Window(days[0], until), every=None), store.clock.now())
    grain = series.schema.grain
    series = replace(series, windows=tuple(Window(day, following(day, grain)) for day in days))
    limits = load_limits(series.schema.limits)
    compared = _compared(series, query)
    row = next(i for i, who in enumerate(compared) if who.feature == feature)
    studies = _studies(series, query, compared, limits)
    code = "prediction_drift" if feature == SCORE else "feature_drift"
    return tuple(verdict_of(compared[row], one.comparison, one.judgement, row, limits[code]) for one in studies)


def _verdicts(
    series: Series,
    query: MetricQuery,
    compared: Sequence[Compared],
    one: WindowStudy,
    *,
    limits: Limits,
) -> tuple[Verdict, ...]:
    if query.reference.kind is not ReferenceKind.TRAINING:
        codes = ["prediction_drift" if who.feature == SCORE else "feature_drift" for who in compared]
        return tuple(
            verdict_of(who, one.comparison, one.judgement, row, limits[codes[row]]) for row, who in enumerate(compared)
        )
    training = _daily(series, query, series.reference)
    return drift_verdicts(
        drift_reference(training, limits.rules, dated=series.dated, grain=series.schema.grain),
        _daily(series, query, series.current),
        compared,
        one.window,
        limits,
        first_day=series.first_day,
        grain=series.schema.grain,
    )


def _feature_drift(
    series: Series, query: MetricQuery, who: Compared, one: WindowStudy, *, row: int, place: int | None
) -> FeatureDrift:
    bins = series.layout.binning.features[who.feature]
    phi = float(np.nan_to_num(one.judgement.phi[row], nan=1.0))
    if place is not None:
        width = bins.n_cells
        cells = [
            np.append(side[row, :width], side[row, -1]) for side in (one.comparison.reference, one.comparison.current)
        ]
        return cell_drift(bins, cells[0], cells[1], phi=phi)
    sums, references = window_sums(series.current, series.windows), _references(series, query)
    current = feature_counts(series.layout, sums.ints[0], sums.floats[0], who.feature)
    known = feature_counts(series.layout, references.ints[0], references.floats[0], who.feature)
    return feature_drift(bins, known, current, phi=phi)


def _places(series: Series, query: MetricQuery) -> tuple[tuple[Segment | None, int | None], ...]:
    return ((None, None),) if query.slice is None else chosen_segments(series.layout.binning, query.slice)


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


def _points(
    series: Series,
    compared: Sequence[Compared],
    one: WindowStudy,
    ordered: dict[str, OrderedDrift],
    *,
    row: int,
    provenance_id: str,
) -> Iterator[MetricPoint]:
    values = _cell_values(one)
    judged = one.judgement
    grain = series.schema.grain
    for place, who in enumerate(compared):
        reason = str(one.comparison.reason[place])
        for metric in METRICS:
            value, low, high, note = _value(metric, values, place, ordered.get(who.feature), row)
            if metric in ORDERED_METRICS and who.feature not in ordered:
                note = NO_FINE_BINS if who.segment else NO_ORDER
            shown = None if reason else value
            yield MetricPoint(
                metric=metric,
                window_start=label(one.window.start, grain),
                window_end=label(one.window.end, grain),
                segment=dict(who.segment),
                feature=who.feature,
                value=shown,
                ci_low=None if shown is None else low,
                ci_high=None if shown is None else high,
                n=int(judged.n[place]),
                status=State.NOT_APPLICABLE if shown is None else _status(who, LEVELS[int(judged.level[place])]),
                reason=f"not applicable: {reason}" if reason else "; ".join(_notes(series, who, note, one, place)),
                provenance_id=provenance_id,
            )


def _status(who: Compared, level: State) -> State:
    """A seasonal feature's distance from a fixed sample is information, not a verdict."""
    return State.HEALTHY if who.seasonal else level


def _notes(series: Series, who: Compared, note: str, one: WindowStudy, place: int) -> Iterator[str]:
    """Yield what a reader must know of a point, the reason why it is withheld first."""
    if note:
        yield note
    if series.layout.binning.provisional:
        yield PROVISIONAL
    if who.seasonal:
        yield "seasonal feature: information without a verdict"
    if not one.comparison.variation_known[place]:
        yield "day-to-day variation unknown"


def _cell_values(one: WindowStudy) -> dict[str, tuple[Floats, Floats | None, Floats | None]]:
    r, c = one.comparison.reference, one.comparison.current
    judged = one.judgement
    half = Z95 * psi_standard_error(r, c, phi=judged.phi)
    plain = chi_square(r, c)
    return {
        "psi": (judged.psi, np.maximum(judged.psi - half, 0.0), judged.psi + half),
        "psi_excess": (judged.excess, judged.low, judged.high),
        "js_distance": (js_distance(r, c), None, None),
        "kl_divergence": (kl_divergence(r, c), None, None),
        "chi2_statistic": (plain.statistic, None, None),
        "chi2_p_value": (judged.p, None, None),
        "cramers_v": (cramers_v(r, c), None, None),
        "cramers_v_balanced": (cramers_v_balanced(r, c), None, None),
    }


def _value(
    metric: str,
    values: dict[str, tuple[Floats, Floats | None, Floats | None]],
    place: int,
    ordered: OrderedDrift | None,
    row: int,
) -> tuple[float | None, float | None, float | None, str]:
    """Return value, interval and note of one metric of one series; None where it is not defined."""
    if metric in values:
        found, low, high = values[metric]
        ends = (
            None if low is None else finite(float(low[place])),
            None if high is None else finite(float(high[place])),
        )
        return finite(float(found[place])), *ends, ""
    if ordered is None:
        return None, None, None, ""
    value = finite(float(getattr(ordered, metric)[row]))
    return value, None, None, ordered.note(metric, row)
