"""Segments of a model: where it is worst, the heat map of two columns, and those that people save."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.analysis import Analysis, AnalysisKind
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.log.columns import bind
from core.performance.of_task import rows_known
from core.profile.segments import chosen_segments
from core.profile.summing import summed
from core.segments.filters import Filter, to_document, to_text
from core.segments.saved import Progress, SavedSegment, checked_filter, checked_name, filter_of
from core.segments.search_around import windows_around
from core.segments.search_candidates import FEWEST_ROWS
from core.segments.search_grid import SegmentGrid
from core.segments.search_grid import segment_grid as grid_of
from core.segments.search_losses import LossKind, default_loss, losses_of
from core.segments.search_report import SearchReport, search_report
from core.segments.search_result import WorstSegments, from_document, not_searched
from core.segments.search_rows import RowSource
from core.selection import MetricQuery
from core.states import State
from core.store import saved_segments as stored_segments
from core.store.analyses import data_version, find_analysis, put_analysis
from core.store.columns import column_ids
from core.store.database import Session, Store
from core.store.day_states import state_of
from core.store.models import model_by_name
from core.store.series import Series, find_version, load_series, model_schema, roles_of
from core.windows import Window, label

Report = Callable[[float, str], None]

JUDGED = ("performance", "calibration", "impact")
BREACH = (State.WARNING, State.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question to the rows, and the state of the log that it is asked of."""

    series: Series
    window: Window
    loss: LossKind
    roles: tuple[str, ...]
    parameters: Mapping[str, Any]
    version_of_data: str
    source: RowSource
    n_rows: int
    n_labelled: int

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends of the window as unit labels."""
        grain = self.series.schema.grain
        return label(self.window.start, grain), label(self.window.end, grain)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOverview:
    """What a search would be made of.

    Attributes
    ----------
    losses : tuple of LossKind
        By which segments can be searched, first the one that the breach asks for: what the checks stored of the last
        unit of the window.
    n_rows, n_labelled : int
        Rows of the window, and those with a known actual.
    """

    window: Window
    losses: tuple[LossKind, ...]
    n_rows: int
    n_labelled: int


def search_overview(store: Store, query: MetricQuery) -> SearchOverview:
    """Return what a search of a window would be made of.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    """
    with store.read() as session:
        series = _series(session, store, query)
        losses = _losses(session, series)
    n_rows, n_labelled = rows_known(series.layout, summed(series.current, series.windows[-1]).ints).tolist()
    return SearchOverview(window=series.windows[-1], losses=losses, n_rows=n_rows, n_labelled=n_labelled)


def _losses(session: Session, series: Series) -> tuple[LossKind, ...]:
    schema, probability = series.schema, series.schema.score_kind == "probability"
    offered = losses_of(schema.task, probability=probability)
    last = max(series.windows[-1].units(schema.grain))
    state = state_of(session, series.version.id, last)
    breached = [
        one.check
        for one in (state.verdicts if state is not None else ())
        if one.family in JUDGED and one.state in BREACH
    ]
    first = default_loss(schema.task, probability=probability, breached=breached)
    return (first, *(one for one in offered if one is not first))


def worst_segments(store: Store, query: MetricQuery, *, loss: LossKind | None = None) -> WorstSegments | None:
    """Return the stored worst segments of a window; None: not worked out for this state of the log.

    Where fewer than 100 rows have their actual the answer needs no work: it says so.

    Parameters
    ----------
    loss : None: the one that the breach asks for

    Raises
    ------
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    """
    with store.read() as session:
        asked = _asked(session, store, query, loss)
        if asked.n_labelled < 2 * FEWEST_ROWS:
            return _too_few(asked)
        found = _stored(session, asked)
    return None if found is None else from_document(found.document["result"])


def segment_grid(
    store: Store, query: MetricQuery, down: str, across: str, *, loss: LossKind | None = None
) -> SegmentGrid | None:
    """Return the heat map of two columns from the stored search; None: the search has not been made.

    Raises
    ------
    BadInputError
        When the search did not pair these columns.
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    """
    with store.read() as session:
        asked = _asked(session, store, query, loss)
        found = _stored(session, asked)
    if found is None or found.table is None:
        return None
    return grid_of(found.table, found.document["levels"], down, across, loss=asked.loss)


def paired_columns(store: Store, query: MetricQuery, *, loss: LossKind | None = None) -> tuple[str, ...]:
    """Return the columns that the stored search paired, most important first; empty before it was made."""
    with store.read() as session:
        found = _stored(session, _asked(session, store, query, loss))
    return () if found is None else tuple(found.document["columns"])


@refusals_recorded
def find_worst_segments(
    store: Store,
    principal: Principal,
    query: MetricQuery,
    *,
    loss: LossKind | None = None,
    report: Report | None = None,
) -> WorstSegments:
    """Search the rows of a window for the worst segments, unless that is stored; protected columns are never read.

    Raises
    ------
    RefusedError
        When the principal may not run analyses.
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    BadInputError
        When the stored reference is gone.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    with store.read() as session:
        asked = _asked(session, store, query, loss)
        found = _stored(session, asked)
    if found is not None:
        return from_document(found.document["result"])
    if asked.n_labelled < 2 * FEWEST_ROWS:
        return _too_few(asked)
    started = time.perf_counter()
    made = search_report(asked.source, asked.window, asked.loss, n_rows=asked.n_rows, say=report or _silent)
    if made.table is not None:
        _store(store, principal, asked, made, time.perf_counter() - started)
    return made.result


def _silent(_share: float, _words: str) -> None:
    """Report nothing."""


def _series(session: Session, store: Store, query: MetricQuery) -> Series:
    return load_series(
        session, replace(query, slice=None, saved=None, every=None), store.clock.now(), look_back=timedelta(0)
    )


def _asked(session: Session, store: Store, query: MetricQuery, loss: LossKind | None) -> _Asked:
    series = _series(session, store, query)
    window, grain = series.windows[-1], series.schema.grain
    chosen = loss or _losses(session, series)[0]
    roles = roles_of(query.role)
    known = rows_known(series.layout, summed(series.current, window).ints)
    around = windows_around(window, grain, n_rows=int(known[0]))
    source = _source(session, store, series, query)
    return _Asked(
        series=series,
        window=window,
        loss=chosen,
        roles=roles,
        parameters={
            "window": f"{label(window.start, grain)}..{label(window.end, grain)}",
            "roles": [*roles],
            "loss": chosen.value,
            "segment": "" if query.slice is None else f"{query.slice.column}={query.slice.level or ''}",
            "where": to_text(source.wanted),
        },
        version_of_data=data_version(session, series.version, roles, Window(around[0].start, around[-1].end)),
        source=source,
        n_rows=int(known[0]),
        n_labelled=int(known[1]),
    )


def _source(session: Session, store: Store, series: Series, query: MetricQuery) -> RowSource:
    binning, wanted, newest = series.layout.binning, Filter(), model_schema(session, series.model)
    if query.saved is not None:
        saved = stored_segments.by_name(session, series.model, query.saved)
        wanted = filter_of(saved, series.schema, newest, version=series.version.name)
    return RowSource(
        log_dir=store.log_dir(series.model.key),
        version_id=series.version.id,
        roles=roles_of(query.role),
        schema=series.schema,
        ids=bind(series.schema, column_ids(session, series.model.id)),
        reference_sha256=series.version.reference_sha256,
        within=None if query.slice is None else chosen_segments(binning, query.slice)[0][0],
        segments=binning.segments,
        wanted=wanted,
        protected=newest.protected,
    )


def _too_few(asked: _Asked) -> WorstSegments:
    reason = f"{asked.n_labelled:,} of {asked.n_rows:,} rows have their actual; a search needs {2 * FEWEST_ROWS}"
    return not_searched(asked.ends, asked.loss, n_rows=asked.n_rows, n_labelled=asked.n_labelled, reason=reason)


def _stored(session: Session, asked: _Asked) -> Analysis | None:
    return find_analysis(
        session, AnalysisKind.WORST_SEGMENTS, asked.series.version.id, asked.parameters, asked.version_of_data
    )


def _store(
    store: Store,
    principal: Principal,
    asked: _Asked,
    made: SearchReport,
    seconds: float,
) -> None:
    """Store a search with its audit entry in one transaction."""
    found = Analysis(
        kind=AnalysisKind.WORST_SEGMENTS,
        version_id=asked.series.version.id,
        parameters=asked.parameters,
        data_version=asked.version_of_data,
        document=made.document(),
        table=made.table,
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
                    **{name: str(asked.parameters[name]) for name in ("window", "loss", "segment", "where")},
                },
            )


@refusals_recorded
def save_segment(store: Store, principal: Principal, *, model: str, name: str, where: str) -> SavedSegment:
    """Give a filter a name, so that every page can be asked for its rows once they are counted.

    Counting them is the work of `core.profile.service.count_segments`.

    Parameters
    ----------
    where : str
        The filter, as `core.segments.filters.to_text` writes it.

    Raises
    ------
    NotFoundError
        When the model does not exist.
    BadInputError
        When the name is not usable or taken, or the filter is empty, unreadable, or asks for a protected column.
    """
    authorize(principal, Action.SEGMENT_SAVE)
    with store.write() as session:
        known = model_by_name(session, model)
        wanted = checked_filter(where, model_schema(session, known))
        taken = [one.name for one in stored_segments.standing(session, known.id)]
        saved = stored_segments.add(
            session,
            model_id=known.id,
            name=checked_name(name, taken),
            conditions=to_document(wanted),
            by=principal.name,
            at=store.clock.now(),
        )
        after = {"filter": to_text(wanted)}
        _record_segment(session, principal, AuditAction.SEGMENT_SAVED, (model, saved), after=after)
    return saved


@refusals_recorded
def retire_segment(store: Store, principal: Principal, *, model: str, name: str, reason: str) -> SavedSegment:
    """Let a saved segment stand no longer and delete its counts; its name may be given again.

    Raises
    ------
    NotFoundError
        When the model does not exist or has no such segment.
    """
    authorize(principal, Action.SEGMENT_SAVE)
    with store.write() as session:
        saved = stored_segments.by_name(session, model_by_name(session, model), name)
        stored_segments.retire(session, saved, at=store.clock.now())
        after = {"retired": True}
        _record_segment(session, principal, AuditAction.SEGMENT_RETIRED, (model, saved), after=after, reason=reason)
    return saved


def _record_segment(
    session: Session,
    principal: Principal,
    action: AuditAction,
    segment: tuple[str, SavedSegment],
    *,
    after: Mapping[str, Any],
    reason: str = "",
) -> None:
    model, saved = segment
    identity = f"{model}/{saved.label}"
    record(session, principal, action, object_type="segment", object_id=identity, after=after, reason=reason)


def saved_segments(store: Store, model: str) -> tuple[SavedSegment, ...]:
    """Return the saved segments of a model that stand, by name.

    Raises
    ------
    NotFoundError
        When the model does not exist.
    """
    with store.read() as session:
        return stored_segments.standing(session, model_by_name(session, model).id)


def segment_progress(store: Store, *, model: str, version: str | None, name: str) -> Progress:
    """Return in how many units of a version (None: the champion) a saved segment is counted.

    Raises
    ------
    NotFoundError
        When the model, the version or the segment does not exist.
    NotEnoughDataError
        When the model has no version yet.
    """
    with store.read() as session:
        known = model_by_name(session, model)
        saved = stored_segments.by_name(session, known, name)
        return stored_segments.progress(session, find_version(session, known, version), saved)
