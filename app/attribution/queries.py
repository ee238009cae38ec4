"""Cached reads of the Attribution page: ids and strings in, views out."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from app import choices
from app.attribution.views import AttributionView, leading_part
from app.questions import metric_query
from app.reading import now, opened, query_of
from app.views import Selection
from core.attribution import service
from core.attribution.answer import Attribution
from core.attribution.attribution import Change
from core.attribution.multivariate import MultivariateDrift
from core.attribution.shift import Shift
from core.errors import BadInputError
from core.segments.filters import Condition, Filter, to_text
from core.selection import MetricQuery
from core.store.database import Store


def attribution(home: str, selection: Selection, *, column: str, metric: str) -> AttributionView:
    """Return the change of a metric (empty: the one to begin with) by the segments of a column (empty: the first)."""
    _, token, at = now(home)
    return _attribution(home, token, at, **selection.query(), column=column, metric=metric)


@st.cache_data(max_entries=128, show_spinner=False)
def _attribution(
    home: str,
    token: int,
    at: str,
    *,
    model: str,
    version: str,
    window: str,
    reference: str,
    segment: str,
    column: str,
    metric: str,
) -> AttributionView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    query = query_of(store, selection)
    return _view(_found(store, replace(query, slice=None), column, metric), selection)


def _found(store: Store, query: MetricQuery, column: str, metric: str) -> Attribution:
    """Return the answer to what was chosen for another model where this one has no such metric or column."""
    try:
        return service.attribution(store, query, column or None, metric or None)
    except BadInputError:
        return service.attribution(store, query)


def _view(found: Attribution, selection: Selection) -> AttributionView:
    grain = found.schema.grain
    named = choices.reference_words(selection.reference).removeprefix("vs ")
    return AttributionView(
        model=selection.model,
        version=selection.version,
        rows=found.schema.words.rows,
        window=found.window,
        grain=grain,
        reference="the window before" if named == "previous" else named,
        columns=found.columns,
        metrics=found.metrics,
        column=found.column,
        metric=found.metric,
        change=found.change,
        changes=found.changes,
        why_not=found.why_not,
        no_cause=found.no_cause,
        n_reference=found.n_reference,
        n_current=found.n_current,
        of_all="=" in selection.segment,
        waits="" if found.maturity.mature else found.maturity.reason,
        removed=found.removed,
        provisional=found.version.provisional,
        provenance_id=found.provenance_id,
        where="" if found.change is None else _where(found.change),
        job={
            "model": selection.model,
            "version": selection.version,
            "window": choices.window_name(found.window, grain),
            "reference": selection.reference,
        },
    )


def _where(change: Change) -> str:
    """Return the filter of the leading segment's rows; empty where it is "other", which no filter can name."""
    leading = leading_part(change)
    if leading is None or leading.segment is None:
        return ""
    segment = leading.segment
    levels = None if segment.level is None else (segment.level,)
    wanted = Condition(column=segment.column, levels=levels, missing=segment.missing)
    return to_text(Filter(conditions=(wanted,)))


def shift(home: str, job: Mapping[str, str], metric: str) -> Shift | None:
    """Return the stored covariate and concept part; None: not worked out yet."""
    _, token, at = now(home)
    return _shift(home, token, at, **job, metric=metric)


@st.cache_data(max_entries=64, show_spinner=False)
def _shift(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, metric: str
) -> Shift | None:
    store = opened(home)
    return service.shift(store, metric_query(store, model, version=version, window=window, reference=reference), metric)


def multivariate(home: str, job: Mapping[str, str]) -> MultivariateDrift | None:
    """Return the stored drift of all inputs together; None: not worked out yet."""
    _, token, at = now(home)
    return _multivariate(home, token, at, **{name: job[name] for name in ("model", "version", "window")})


@st.cache_data(max_entries=64, show_spinner=False)
def _multivariate(home: str, token: int, at: str, *, model: str, version: str, window: str) -> MultivariateDrift | None:
    store = opened(home)
    return service.multivariate(store, metric_query(store, model, version=version, window=window))
