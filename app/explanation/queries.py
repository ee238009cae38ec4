"""Cached reads of the Explain page: ids and strings in, results out.

Explanations hold Arrow tables, which are kept as they are (`cache_resource`), never copied.
"""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import choices
from app.explanation.views import ExplainView
from app.questions import metric_query
from app.reading import now, opened, query_of
from app.views import Selection
from core.checks.limits import load_limits
from core.checks.service import recent_states
from core.checks.verdicts import Verdict
from core.errors import BadInputError, NotEnoughDataError
from core.explain.attribution_drift import AttributionDrift
from core.explain.counterfactuals import Counterfactuals, Target
from core.explain.row_explanation import RowExplanation
from core.explain.service import (
    expected_seconds,
    explanation,
    row_in_sample,
    stored_counterfactuals,
    stored_row,
)
from core.importance.service import importance_drift
from core.inventory.service import model_detail, version_schema
from core.segments.filters import from_text, words
from core.selection import MetricQuery
from core.store.database import Store

CHECK = "attribution_drift"


def explained(home: str, selection: Selection, *, where: str, of_class: str) -> ExplainView:
    """Return the explanation of a selection, or what is needed to work it out."""
    _, token, at = now(home)
    return _explained(home, token, at, **selection.query(), where=where, of_class=of_class)


@st.cache_resource(max_entries=32, show_spinner=False)
def _explained(
    home: str,
    token: int,
    at: str,
    *,
    model: str,
    version: str,
    window: str,
    reference: str,
    segment: str,
    where: str,
    of_class: str,
) -> ExplainView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    query = query_of(store, selection)
    assert query.window is not None
    detail = model_detail(store, model)
    schema = version_schema(store, next(one for one in detail.versions if one.name == version))
    chosen = of_class if of_class in schema.classes else next(iter(schema.classes), "")
    found = explanation(store, query, where=where, of_class=chosen)
    drift, no_drift = _drift(store, query)
    wanted = from_text(where, schema)
    name = choices.window_name(query.window, schema.grain)
    return ExplainView(
        model=model,
        version=version,
        window=query.window,
        schema=schema,
        explanation=found,
        drift=drift,
        no_drift=no_drift,
        verdict=_verdict(store, query),
        limit=load_limits(schema.limits)[CHECK],
        where=where,
        rows=_rows(words(wanted) if wanted.conditions else "", segment, schema.words.rows),
        of_class=chosen,
        job={
            "model": model,
            "version": version,
            "window": name,
            "reference": reference,
            "segment": segment,
            "where": where,
            "of_class": chosen,
        },
        seconds=expected_seconds(store, query),
    )


def refuses_filter(home: str, selection: Selection, where: str) -> bool:
    """Return whether it is the filter of the URL that cannot be used; all rows may be explained all the same."""
    detail = model_detail(opened(home), selection.model)
    version = next(one for one in detail.versions if one.name == selection.version)
    try:
        from_text(where, version_schema(opened(home), version))
    except BadInputError:
        return True
    return False


def _rows(where: str, segment: str, rows: str) -> str:
    """Return the rows that are meant in words: ``all flights``, or those of a segment or filter."""
    named = "" if segment == choices.ALL_SEGMENTS else choices.segment_words(segment)
    told = " and ".join(one for one in (named, where) if one)
    return f"{rows} with {told}" if told else f"all {rows}"


def _drift(store: Store, query: MetricQuery) -> tuple[AttributionDrift | None, str]:
    try:
        return importance_drift(store, query), ""
    except NotEnoughDataError as why:
        return None, str(why)


def _verdict(store: Store, query: MetricQuery) -> Verdict | None:
    """Return what the stored check says of the window's last unit."""
    assert query.window is not None
    states = recent_states(store, model=query.model, version=query.version or "", until=query.window.end, count=2)
    inside = [state for state in states if state.day in query.window]
    return next((one for state in inside[-1:] for one in state.verdicts if one.check == CHECK), None)


def row(home: str, view: ExplainView, row: str, changes: Mapping[str, Any] | None = None) -> RowExplanation | None:
    """Return the explanation of one row, out of the sample or stored; None: not worked out yet."""
    _, token, at = now(home)
    if not changes and view.explanation is not None:
        found = row_in_sample(opened(home), _query(opened(home), view.job), view.explanation, row)
        if found is not None:
            return found
    asked = json.dumps(changes or {}, sort_keys=True)
    return _row(home, token, at, job=json.dumps(dict(view.job)), row=row, changes=asked)


@st.cache_resource(max_entries=64, show_spinner=False)
def _row(home: str, token: int, at: str, *, job: str, row: str, changes: str) -> RowExplanation | None:
    store, asked = opened(home), json.loads(job)
    return stored_row(store, _query(store, asked), row, of_class=asked["of_class"], changes=json.loads(changes) or None)


def counterfactuals(home: str, view: ExplainView, row: str, target: Target | None) -> Counterfactuals | None:
    """Return the nearest rows that would be decided otherwise; None: not searched yet."""
    _, token, at = now(home)
    named = "" if target is None else json.dumps([target.level, target.above])
    return _counterfactuals(home, token, at, job=json.dumps(dict(view.job)), row=row, target=named)


@st.cache_resource(max_entries=64, show_spinner=False)
def _counterfactuals(home: str, token: int, at: str, *, job: str, row: str, target: str) -> Counterfactuals | None:
    store, asked = opened(home), json.loads(job)
    given = json.loads(target) if target else None
    wanted = None if given is None else Target(level=given[0], above=given[1])
    return stored_counterfactuals(store, _query(store, asked), row, target=wanted, of_class=asked["of_class"])


def _query(store: Store, job: Mapping[str, Any]) -> MetricQuery:
    segment = str(job["segment"])
    return metric_query(
        store,
        str(job["model"]),
        version=str(job["version"]),
        window=str(job["window"]),
        reference=str(job["reference"]),
        segment=None if segment == choices.ALL_SEGMENTS else segment,
    )
