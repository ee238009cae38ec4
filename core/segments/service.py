"""Segments of a model: where it is worst, the heat map of two columns."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.analysis import Analysis, AnalysisKind
from core.audit.actions import AuditAction
from core.audit.service import record
from core.errors import NotEnoughDataError
from core.log.columns import bind
from core.log.window_rows import reference_rows, window_rows
from core.performance.of_task import rows_known
from core.profile.segments import chosen_segments
from core.profile.summing import summed
from core.segments.columns import rows_of_segment, searchable
from core.segments.search_around import next_window, windows_around, with_others
from core.segments.search_candidates import FEWEST_ROWS, MOST_PAIRED
from core.segments.search_grid import SegmentGrid, grid_table, level_documents
from core.segments.search_grid import segment_grid as grid_of
from core.segments.search_levels import levels_of
from core.segments.search_losses import LossKind, default_loss, losses_of
from core.segments.search_reference import Losses
from core.segments.search_result import WorstSegments, from_document, not_searched
from core.segments.search_worst import Search, found_segments, known_losses, search
from core.selection import MetricQuery
from core.states import State
from core.store.analyses import data_version, find_analysis, put_analysis
from core.store.columns import column_ids
from core.store.database import Session, Store
from core.store.day_states import state_of
from core.store.series import LIVE_ROLES, Series, load_series
from core.windows import Window, label

Report = Callable[[float, str], None]

MOST_ROWS = 200_000
"""Rows that are searched, and rows of the reference; of more a sample, the same for any order of intake."""

MOST_ROWS_AROUND = 50_000
SEED = 0
JUDGED = ("performance", "calibration", "impact")
BREACH = (State.WARNING, State.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question to the rows, and the state of the log that it is asked of."""

    series: Series
    query: MetricQuery
    window: Window
    loss: LossKind
    roles: tuple[str, ...]
    parameters: Mapping[str, Any]
    version_of_data: str
    ids: Mapping[str, str]
    n_rows: int
    n_labelled: int

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends of the window as unit labels."""
        grain = self.series.schema.grain
        return label(self.window.start, grain), label(self.window.end, grain)


def search_losses(store: Store, query: MetricQuery) -> tuple[LossKind, ...]:
    """Return the losses by which segments of a model can be searched, first the one that the breach asks for.

    The breach is what the checks stored of the last unit of the window.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    """
    with store.read() as session:
        return _losses(session, _series(session, store, query))


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
    say = report or _silent
    say(0.0, "reading the rows of the window")
    columns = searchable(asked.series.schema)
    rows = _rows(store, asked, asked.window, columns, at_most=MOST_ROWS)
    say(0.2, "reading the reference")
    before = _reference(store, asked, columns)
    say(0.4, "searching segments of one and two columns")
    levels = [levels_of(before if before is not None else rows, rows, name) for name in columns]
    reference = None if before is None else known_losses(before, asked.loss)
    try:
        made = search(rows, levels, asked.loss, reference=reference)
    except NotEnoughDataError as why:
        return not_searched(asked.ends, asked.loss, n_rows=rows.num_rows, n_labelled=0, reason=str(why))
    result = _result(store, asked, made, rows.num_rows, reference, say)
    say(0.95, "storing the result")
    pairs = levels[:MOST_PAIRED]
    document = {"result": result.document(), "levels": level_documents(pairs), "columns": [one.column for one in pairs]}
    _store(store, principal, asked, document, grid_table(made.losses, pairs), time.perf_counter() - started)
    return result


def _silent(_share: float, _words: str) -> None:
    """Report nothing."""


def _series(session: Session, store: Store, query: MetricQuery) -> Series:
    return load_series(session, replace(query, slice=None, every=None), store.clock.now(), look_back=timedelta(0))


def _asked(session: Session, store: Store, query: MetricQuery, loss: LossKind | None) -> _Asked:
    series = _series(session, store, query)
    window, grain = series.windows[-1], series.schema.grain
    chosen = loss or _losses(session, series)[0]
    roles = LIVE_ROLES if query.role is None else (query.role,)
    known = rows_known(series.layout, summed(series.current, window).ints)
    around = windows_around(window, grain, n_rows=int(known[0]))
    where = "" if query.slice is None else f"{query.slice.column}={query.slice.level or ''}"
    return _Asked(
        series=series,
        query=query,
        window=window,
        loss=chosen,
        roles=roles,
        parameters={
            "window": f"{label(window.start, grain)}..{label(window.end, grain)}",
            "roles": [*roles],
            "loss": chosen.value,
            "segment": where,
        },
        version_of_data=data_version(session, series.version, roles, Window(around[0].start, around[-1].end)),
        ids=bind(series.schema, column_ids(session, series.model.id)),
        n_rows=int(known[0]),
        n_labelled=int(known[1]),
    )


def _too_few(asked: _Asked) -> WorstSegments:
    reason = f"{asked.n_labelled:,} of {asked.n_rows:,} rows have their actual; a search needs {2 * FEWEST_ROWS}"
    return not_searched(asked.ends, asked.loss, n_rows=asked.n_rows, n_labelled=asked.n_labelled, reason=reason)


def _rows(store: Store, asked: _Asked, window: Window, names: Sequence[str], *, at_most: int) -> pa.Table:
    """Return rows of a window with some columns; where a segment is asked for, only its rows."""
    series, wanted = asked.series, asked.query.slice
    held = list(window.units(series.schema.grain))
    rows = window_rows(
        store.log_dir(series.model.key),
        held,
        version_id=series.version.id,
        roles=asked.roles,
        schema=series.schema,
        ids=asked.ids,
        names=[*names, *([wanted.column] if wanted is not None else [])],
        at_most=at_most,
        seed=SEED,
    )
    return _within(asked, rows)


def _within(asked: _Asked, rows: pa.Table) -> pa.Table:
    if asked.query.slice is None:
        return rows
    binning = asked.series.layout.binning
    segment = chosen_segments(binning, asked.query.slice)[0][0]
    return rows.filter(pa.array(rows_of_segment(rows, segment, binning.segments)))


def _reference(store: Store, asked: _Asked, columns: Sequence[str]) -> pa.Table | None:
    """Return the rows of the reference; None where the version has none of its own."""
    series, wanted = asked.series, asked.query.slice
    if series.version.reference_sha256 is None:
        return None
    rows = reference_rows(
        store.log_dir(series.model.key),
        series.version.reference_sha256,
        schema=series.schema,
        ids=asked.ids,
        names=[*columns, *([wanted.column] if wanted is not None else [])],
        at_most=MOST_ROWS,
        seed=SEED,
    )
    return _within(asked, rows)


def _result(
    store: Store, asked: _Asked, made: Search, n_rows: int, reference: Losses | None, say: Report
) -> WorstSegments:
    grain = asked.series.schema.grain
    found = found_segments(made)
    after = next_window(asked.window, grain)
    if found:
        say(0.6, "testing what was found in the next window, and in those before")
        names = sorted({name for one in found for name in one.where.columns})
        around = windows_around(asked.window, grain, n_rows=asked.n_rows)
        read = [
            (one, known_losses(_rows(store, asked, one, names, at_most=MOST_ROWS_AROUND), asked.loss)) for one in around
        ]
        found = with_others(found, read, grain, why_not="the next window has no actuals yet")
    return WorstSegments(
        window_start=asked.ends[0],
        window_end=asked.ends[1],
        loss=asked.loss,
        n_rows=n_rows,
        n_labelled=made.n_labelled,
        n=len(made.losses.loss),
        mean=float(np.mean(made.losses.loss)),
        n_searched=len(made.found.p),
        n_significant=len(made.found.significant),
        n_columns=len(searchable(asked.series.schema)),
        n_paired=min(MOST_PAIRED, len(searchable(asked.series.schema))),
        n_children=made.shown.n_children,
        n_more=made.shown.n_more,
        n_reference=0 if reference is None else len(reference.loss),
        sampled_from=asked.n_rows if asked.n_rows > MOST_ROWS else 0,
        next_start=label(after.start, grain),
        next_end=label(after.end, grain),
        segments=found,
    )


def _stored(session: Session, asked: _Asked) -> Analysis | None:
    return find_analysis(
        session, AnalysisKind.WORST_SEGMENTS, asked.series.version.id, asked.parameters, asked.version_of_data
    )


def _store(
    store: Store,
    principal: Principal,
    asked: _Asked,
    document: Mapping[str, Any],
    table: pa.Table,
    seconds: float,
) -> None:
    """Store a search with its audit entry in one transaction."""
    found = Analysis(
        kind=AnalysisKind.WORST_SEGMENTS,
        version_id=asked.series.version.id,
        parameters=asked.parameters,
        data_version=asked.version_of_data,
        document=document,
        table=table,
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
                    **{name: str(asked.parameters[name]) for name in ("window", "loss", "segment")},
                },
            )
