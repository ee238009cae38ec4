"""What changed: the change of a metric by segment from stored profiles, and the analyses that need rows."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.analysis import Analysis, AnalysisKind
from core.attribution.answer import Attribution, no_cause, offered_metrics
from core.attribution.attribution import Change, attribute_change
from core.attribution.changes import SegmentChange, segment_changes, why_not_split
from core.attribution.inputs import fit_inputs
from core.attribution.measures import VALUE
from core.attribution.multivariate import MOST_ROWS, MultivariateDrift, WindowInputs, multivariate_drift
from core.attribution.rows import side_of
from core.attribution.samples import RowsOfVersion, training_sample, window_sample
from core.attribution.shift import Shift, find_cause
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.drift.study import previous
from core.errors import BadInputError, NotEnoughDataError
from core.impact.impact import no_value
from core.log.columns import bind
from core.performance.history import maturities, windows_until
from core.performance.of_task import rows_known
from core.profile.records import REFERENCE_ROLE
from core.profile.summing import Summed, summed
from core.selection import MetricQuery, ReferenceKind
from core.store.analyses import data_version, find_analysis, put_analysis
from core.store.columns import column_ids
from core.store.database import Session, Store
from core.store.series import Series, load_series, removed_words, roles_of
from core.windows import Grain, Window, label

Report = Callable[[float, str], None]

SAMPLED = 20_000
"""Rows a side for the covariate and the concept part."""

REFERENCE_SAMPLE = 40_000
MOST_WINDOWS = 26
SEED = 0
METHOD = 1
"""Raised whenever the same rows would be judged otherwise: a result of an older method is worked out again."""

ONE_BEFORE = timedelta(days=1)
"""A look back that makes the window before the asked one be read."""


def attribution(store: Store, query: MetricQuery, column: str | None = None, metric: str | None = None) -> Attribution:
    """Return the change of a metric against the reference asked for as parts of the segments of a column.

    From stored profiles alone. A segment of the query is not looked at: its rows are part of the whole here.

    Parameters
    ----------
    column : segment column; None: the first one declared
    metric : None: the one to begin with

    Raises
    ------
    NotEnoughDataError
        When nothing can be compared yet.
    BadInputError
        When the column is no segment column, or the task has no such metric.
    """
    at = store.clock.now()
    with store.read() as session:
        series = _series(session, query, store)
    current, reference = summed(series.current, series.windows[-1]), _compared(series, query)
    columns = tuple(dict.fromkeys(one.column for one in series.layout.binning.segments))
    metrics = offered_metrics(series.schema)
    metric = metric or metrics[0]
    if metric not in metrics:
        raise BadInputError(f"'{metric[:60]}' is no metric of this model; known: {', '.join(metrics)}.")
    chosen = column or (columns[0] if columns else "")
    change, changes, why_not = _split(series, reference, current, chosen, metric)
    known = rows_known(series.layout, current.ints).tolist(), rows_known(series.layout, reference.ints).tolist()
    expected = known[1][1] / known[1][0] if known[1][0] and known[1][1] else 1.0
    coverage = known[0][1] / known[0][0] if known[0][0] else float("nan")
    last = series.windows[-1]
    return Attribution(
        version=series.version,
        schema=series.schema,
        window=last,
        columns=columns,
        metrics=metrics,
        column=chosen,
        metric=metric,
        change=change,
        changes=changes,
        why_not=why_not,
        no_cause=no_cause(series.schema, metric, (known[1], known[0])),
        maturity=maturities((last,), (coverage,), series.schema, expected=expected, at=at)[0],
        n_reference=int(known[1][0]),
        n_current=int(known[0][0]),
        compared=_compared_words(query, series),
        removed=removed_words(series, last),
        provenance_id=current.provenance_id,
    )


def _series(session: Session, query: MetricQuery, store: Store) -> Series:
    look_back = ONE_BEFORE if query.reference.kind is ReferenceKind.PREVIOUS else timedelta(0)
    return load_series(session, replace(query, slice=None, every=None), store.clock.now(), look_back=look_back)


def _split(
    series: Series, reference: Summed, current: Summed, column: str, metric: str
) -> tuple[Change | None, tuple[SegmentChange, ...], str]:
    """Return the split change; or the changes of the segments alone and why it was not split."""
    if not column:
        return None, (), "model.yaml names no segment columns"
    why = why_not_split(metric)
    try:
        if why:
            found = segment_changes(series.layout, reference, current, column=column, metric=metric)
            return None, found, f"its change cannot be split: {why}"
        if metric == VALUE and series.schema.value is None:
            return None, (), no_value(series.schema.owner)
        change = attribute_change(
            series.layout, reference, current, column=column, metric=metric, value=series.schema.value, seed=SEED
        )
    except NotEnoughDataError as cannot:
        return None, (), str(cannot)
    return change, (), ""


def _compared(series: Series, query: MetricQuery) -> Summed:
    """Return the counts that the window is compared with."""
    window = series.windows[-1]
    match query.reference.kind:
        case ReferenceKind.RANGE:
            return summed(series.current, query.reference.window)
        case ReferenceKind.PREVIOUS:
            return summed(series.current, previous(window, series.schema.grain))
        case ReferenceKind.SAME_WEEKDAY:
            return summed(series.reference, weekdays=_weekdays(window))
        case _:
            return summed(series.reference)


def _weekdays(window: Window) -> frozenset[int]:
    return frozenset((window.start + timedelta(days=day)).weekday() for day in range(min(window.days, 7)))


def _other_window(query: MetricQuery, series: Series) -> Window | None:
    """Return the window of the log that is the reference; None where it is the training sample."""
    match query.reference.kind:
        case ReferenceKind.RANGE:
            return query.reference.window
        case ReferenceKind.PREVIOUS:
            return previous(series.windows[-1], series.schema.grain)
        case _:
            return None


def _compared_words(query: MetricQuery, series: Series) -> str:
    other = _other_window(query, series)
    return "" if other is None else _labels(other, series.schema.grain)


def _labels(window: Window, grain: Grain) -> str:
    return f"{label(window.start, grain)}..{label(window.end, grain)}"


# What needs rows: worked out once and stored


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question to the rows, and the state of the log that it is asked of."""

    kind: AnalysisKind
    series: Series
    roles: tuple[str, ...]
    parameters: Mapping[str, Any]
    version_of_data: str


def shift(store: Store, query: MetricQuery, metric: str) -> Shift | None:
    """Return the stored covariate and concept part of a change; None: not worked out for this state of the log.

    Raises
    ------
    NotEnoughDataError
        When nothing can be compared yet.
    """
    with store.read() as session:
        asked = _asked(session, store, query, AnalysisKind.SHIFT, metric=metric)
        found = _stored(session, asked)
    return None if found is None else Shift.from_document(found.document)


@refusals_recorded
def find_shift(
    store: Store, principal: Principal, query: MetricQuery, metric: str, *, report: Report | None = None
) -> Shift:
    """Work out the covariate and the concept part of a change from samples of rows, unless they are stored.

    Seeded samples of at most 20,000 rows a side. Inputs are the model's features; a protected column counts only
    where it is one.

    Raises
    ------
    RefusedError
        When the principal may not run analyses.
    NotEnoughDataError
        When a side has too few rows for it.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    with store.read() as session:
        asked = _asked(session, store, query, AnalysisKind.SHIFT, metric=metric)
        found = _stored(session, asked)
        ids = bind(asked.series.schema, column_ids(session, asked.series.model.id))
    if found is not None:
        return Shift.from_document(found.document)
    started = time.perf_counter()
    _say(report, 0.0, "reading a sample of rows of both sides")
    names = asked.series.schema.feature_names
    last, log = asked.series.windows[-1], _rows_of(store, asked, ids)
    other = _other_window(query, asked.series)
    if other is not None:
        before = window_sample(log, other, at_most=SAMPLED)
    else:
        matched = query.reference.kind is ReferenceKind.SAME_WEEKDAY
        before = training_sample(log, at_most=SAMPLED, weekdays=_weekdays(last) if matched else None)
    now = window_sample(log, last, at_most=SAMPLED)
    inputs = fit_inputs(before, names)
    result = find_cause(
        side_of(before, inputs),
        side_of(now, inputs),
        inputs=inputs,
        metric=metric,
        task=asked.series.schema.task,
        value=asked.series.schema.value,
        seed=SEED,
        report=report,
    )
    _store(store, principal, asked, result.document(), time.perf_counter() - started)
    return result


def multivariate(store: Store, query: MetricQuery) -> MultivariateDrift | None:
    """Return the stored drift of all inputs together; None: not worked out for this state of the log.

    Raises
    ------
    NotEnoughDataError
        When nothing can be compared yet.
    """
    with store.read() as session:
        asked = _asked(session, store, query, AnalysisKind.MULTIVARIATE)
        found = _stored(session, asked)
    return None if found is None else MultivariateDrift.from_document(found.document)


@refusals_recorded
def find_multivariate(
    store: Store, principal: Principal, query: MetricQuery, *, report: Report | None = None
) -> MultivariateDrift:
    """Work out the drift of all inputs together, unless it is stored: up to 26 windows that end with the asked one.

    Seeded samples: at most 2,000 rows a window and 40,000 of the training reference, whatever reference the question
    names: limits need rows that no window shares.

    Raises
    ------
    RefusedError
        When the principal may not run analyses.
    NotEnoughDataError
        When the reference or all windows have too few rows.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    with store.read() as session:
        asked = _asked(session, store, query, AnalysisKind.MULTIVARIATE)
        found = _stored(session, asked)
        ids = bind(asked.series.schema, column_ids(session, asked.series.model.id))
    if found is not None:
        return MultivariateDrift.from_document(found.document)
    started = time.perf_counter()
    _say(report, 0.0, "reading a sample of the reference")
    log = _rows_of(store, asked, ids)
    before = training_sample(log, at_most=REFERENCE_SAMPLE)
    inputs = fit_inputs(before, asked.series.schema.feature_names)
    grain, windows = asked.series.schema.grain, _windows(asked.series)
    encoded = []
    for number, window in enumerate(windows):
        _say(report, 0.3 * number / len(windows), f"reading window {number + 1} of {len(windows)}")
        rows = inputs.encode(window_sample(log, window, at_most=MOST_ROWS))
        encoded.append(WindowInputs(start=label(window.start, grain), end=label(window.end, grain), rows=rows))
    result = multivariate_drift(inputs.encode(before), encoded, left_out=inputs.left_out, seed=SEED, report=report)
    _store(store, principal, asked, result.document(), time.perf_counter() - started)
    return result


def _asked(
    session: Session, store: Store, query: MetricQuery, kind: AnalysisKind, *, metric: str | None = None
) -> _Asked:
    if query.saved is not None:
        raise NotEnoughDataError("inputs are compared over all rows, not over a saved segment: choose all segments")
    series = _series(session, query, store)
    roles = roles_of(query.role)
    last, grain = series.windows[-1], series.schema.grain
    parameters: dict[str, Any] = {"window": _labels(last, grain), "roles": [*roles], "method": METHOD}
    if kind is AnalysisKind.SHIFT:
        other = _other_window(query, series)
        parameters |= {"metric": metric, "reference": _compared_words(query, series) or query.reference.kind.value}
        span = last if other is None else Window(min(last.start, other.start), max(last.end, other.end))
    else:
        span = Window(_windows(series)[0].start, last.end)
    return _Asked(
        kind=kind,
        series=series,
        roles=roles,
        parameters=parameters,
        version_of_data=data_version(session, series.version, (*roles, REFERENCE_ROLE), span),
    )


def _rows_of(store: Store, asked: _Asked, ids: Mapping[str, str]) -> RowsOfVersion:
    series = asked.series
    return RowsOfVersion(
        log_dir=store.log_dir(series.model.key),
        version_id=series.version.id,
        reference_sha256=series.version.reference_sha256,
        roles=asked.roles,
        schema=series.schema,
        ids=ids,
        seed=SEED,
    )


def _windows(series: Series) -> tuple[Window, ...]:
    asked = windows_until(series.windows[-1], series.schema.grain, most=MOST_WINDOWS)
    return tuple(one for one in asked if one.end > series.first_day) or asked[-1:]


def _stored(session: Session, asked: _Asked) -> Analysis | None:
    return find_analysis(session, asked.kind, asked.series.version.id, asked.parameters, asked.version_of_data)


def _store(store: Store, principal: Principal, asked: _Asked, document: Mapping[str, Any], seconds: float) -> None:
    """Store a result with its audit entry in one transaction."""
    found = Analysis(
        kind=asked.kind,
        version_id=asked.series.version.id,
        parameters=asked.parameters,
        data_version=asked.version_of_data,
        document=document,
        table=None,
        created_at=store.clock.now(),
        seconds=seconds,
    )
    with store.write() as session:
        if put_analysis(session, found):
            record(
                session,
                principal,
                AuditAction.ANALYSIS_STORED,
                object_type="analysis",
                object_id=found.key,
                after={
                    "kind": found.kind.value,
                    "model": asked.series.model.name,
                    "version": asked.series.version.name,
                    "window": asked.parameters["window"],
                },
            )


def _say(report: Report | None, share: float, what: str) -> None:
    if report is not None:
        report(share, what)
