"""Impact of the stored windows, whole or by segment, and the periods that the business overview tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import NotEnoughDataError
from core.impact.impact import METRICS
from core.impact.periods import Comparison, Period, compared, full_periods, period_of, settled
from core.impact.words import told
from core.impact.worth import NET_VALUE, VERSUS_BASELINE
from core.log.schema import ModelSchema
from core.performance.estimates import Estimate
from core.points import MetricPoint, finite
from core.profile.binning import Segment
from core.profile.segments import chosen_segments
from core.selection import Every, MetricAnswer, MetricQuery
from core.states import State
from core.store.database import Store
from core.store.models import model_by_name
from core.store.models import schema as schema_of
from core.store.series import (
    LIVE_ROLES,
    Series,
    find_version,
    is_closed,
    load_history,
    load_series,
    model_schema,
    profiled_days,
    removed_rows,
    unanswered,
    with_removed,
)
from core.windows import label

VALUES = (NET_VALUE, VERSUS_BASELINE)
PERIODS: Mapping[Every, int] = {Every.MONTH: 6, Every.WEEK: 8, Every.DAY: 14}
"""Periods of a report by their length: the one that is told, and those before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactReport:
    """What a version was worth in its last full period and in those before.

    Attributes
    ----------
    schema : ModelSchema
        Of the version: its value model is the one that counts.
    periods : tuple of Period
        Oldest first, those with predictions; the last one is told. Empty: `reason` says why.
    before : Period or None
        The period before the last one, where the log holds all of it.
    change : Comparison or None
        Net value of the last period against the one before; None where one of them has no settled value.
    against_baseline : Comparison or None
        The same of the difference to the baseline.
    removed : str
        How many rows of the last period the contract kept out, in words; empty when none.
    """

    model: str
    version: str
    schema: ModelSchema
    periods: tuple[Period, ...]
    before: Period | None
    change: Comparison | None
    against_baseline: Comparison | None
    removed: str
    reason: str = ""


def impact_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every impact metric of the windows asked for, with interval and n.

    Values are of rows whose actual is known, in units (days) whose actuals are complete; `reason` tells the source of
    the values, their currency, the label coverage and the units that are left out. They are never scaled up. A window
    without one complete unit gives what is known so far and says so.
    """
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError as why:
            return unanswered(session, query, METRICS, (None,), str(why))
    units = settled(series.layout, series.current, series.reference, series.schema, store.clock.now())
    by_segment = query.slice is not None
    places: Mapping[Segment | None, int | None] = {None: None}
    if query.slice is not None:
        places = dict(chosen_segments(series.layout.binning, query.slice))
    found = [
        period_of(series.layout, series.schema, series.current, units, window, by_segment=by_segment)
        for window in series.windows
    ]
    points = (point for period in found for point in _points(series, period, places))
    return MetricAnswer(version=series.version.name, points=with_removed(series, points))


def _points(series: Series, period: Period, places: Mapping[Segment | None, int | None]) -> Iterator[MetricPoint]:
    for segment, place in places.items():
        index = () if place is None else (place,)
        for name in METRICS:
            one = period.impact.estimates[name].at(index)
            yield _point(series, period, name, one, segment=segment, coverage=float(period.impact.coverage[index]))


def _point(
    series: Series, period: Period, name: str, one: Estimate, *, segment: Segment | None, coverage: float
) -> MetricPoint:
    grain, value = series.schema.grain, finite(float(one.value))
    reason = one.note
    if name in VALUES and series.schema.value is not None and value is not None:
        reason = "; ".join(filter(None, (told(series.schema.value, period, coverage=coverage), reason)))
    return MetricPoint(
        metric=name,
        window_start=label(period.window.start, grain),
        window_end=label(period.window.end, grain),
        segment={} if segment is None else {segment.column: segment.label},
        value=value,
        ci_low=finite(float(one.low)),
        ci_high=finite(float(one.high)),
        n=int(np.nan_to_num(one.n)),
        status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
        reason=reason,
        provenance_id=period.provenance_id,
    )


def impact_report(
    store: Store, *, model: str, every: Every, version: str | None = None, saved: str | None = None
) -> ImpactReport:
    """Return what a version (None: the champion) was worth in its last full period, and in those before.

    A period is full when its last unit has predictions and is closed. Where nothing can be told, `reason` says why.

    Parameters
    ----------
    saved : str or None
        Name of a saved segment: what its rows alone were worth.

    Raises
    ------
    NotFoundError
        When the model, the version or the saved segment does not exist.
    """
    at = store.clock.now()
    with store.read() as session:
        info = model_by_name(session, model)
        try:
            chosen = find_version(session, info, version)
        except NotEnoughDataError as why:
            return _nothing(model, "", model_schema(session, info), str(why))
        schema = schema_of(session, chosen.schema_id)
        days = [day for day in profiled_days(session, chosen, LIVE_ROLES) if is_closed(day, schema, at)]
        if chosen.binning_id is None or not days:
            return _nothing(model, chosen.name, schema, "no closed day with predictions yet")
        wanted = full_periods(days[-1], every, schema.grain, PERIODS[every])
        try:
            history = load_history(session, chosen, start=wanted[0].start, end=wanted[-1].end, saved=saved)
        except NotEnoughDataError as why:
            return _nothing(model, chosen.name, schema, str(why))
        removed = {} if saved is not None else removed_rows(session, chosen, schema.grain, LIVE_ROLES)
    units = settled(history.layout, history.log, history.reference, schema, at)
    found = [period_of(history.layout, schema, history.log, units, window) for window in wanted]
    last, before = found[-1], found[-2]
    if not last.n_units:
        return _nothing(model, chosen.name, schema, "the log does not hold a full period yet")
    whole = before.n_units > 0 and days[0] <= before.window.start
    return ImpactReport(
        model=model,
        version=chosen.name,
        schema=schema,
        periods=tuple(one for one in found if one.n_units),
        before=before if whole else None,
        change=compared(last, before) if whole else None,
        against_baseline=compared(last, before, VERSUS_BASELINE) if whole else None,
        removed=_removed(sum(n for day, n in removed.items() if day in last.window)),
    )


def _nothing(model: str, version: str, schema: ModelSchema, reason: str) -> ImpactReport:
    return ImpactReport(
        model=model,
        version=version,
        schema=schema,
        periods=(),
        before=None,
        change=None,
        against_baseline=None,
        removed="",
        reason=reason,
    )


def _removed(gone: int) -> str:
    return f"the contract removed {gone:,} rows of this period" if gone else ""
