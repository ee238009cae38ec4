"""Cached reads of the Drift page: core results become views.

Every cached function takes ids, strings and numbers only. `token` is the store's last audit entry, which every
change moves; `at` is the store's clock, to the minute, by which windows close.
"""

from dataclasses import replace
from datetime import datetime

import streamlit as st

from app.choices import ALL_SEGMENTS
from app.drift.compose import drift_view, feature_view, headline_change, is_of_stored_rule, last_unit, releases
from app.drift.rows import with_stored_importance
from app.drift.views import DriftView, FeatureView
from app.reading import now, opened, query_of
from app.views import Selection
from core.checks.service import recent_states
from core.drift.detail import DriftDetail, Where
from core.drift.service import drift_detail, drift_history, drift_where
from core.importance.service import stored_importance
from core.inventory.service import model_detail
from core.performance.of_task import HEADLINE_OF
from core.performance.service import against_reference

HISTORY = 60


def drift(home: str, *, model: str, version: str, window: str, reference: str, segment: str) -> DriftView:
    """Return the drift of a selection."""
    _, token, at = now(home)
    return _drift(home, token, at, model=model, version=version, window=window, reference=reference, segment=segment)


@st.cache_resource(max_entries=16, show_spinner=False)
def _detail(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> DriftDetail:
    """Return the core's detail, which the page and its selected feature share; nobody changes it."""
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    detail = drift_detail(store, query_of(store, selection))
    known = stored_importance(store, model=model, version=version)
    return replace(detail, schema=with_stored_importance(detail.schema, known))


@st.cache_data(max_entries=128, show_spinner=False)
def _drift(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> DriftView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    detail = _detail(home, token, at, **selection.query())
    states = recent_states(store, model=model, version=version, until=detail.window.start, count=2)
    ending = recent_states(store, model=model, version=version, until=last_unit(detail.window), count=1)
    headline = against_reference(store, query_of(store, selection), HEADLINE_OF[detail.schema.task])
    change = headline_change(detail, selection, ending, *headline)
    return drift_view(detail, selection, states, change, at=datetime.fromisoformat(at))


def drift_feature(
    home: str, *, model: str, version: str, window: str, reference: str, segment: str, feature: str
) -> FeatureView:
    """Return one feature of a selection in full."""
    _, token, at = now(home)
    return _drift_feature(
        home,
        token,
        at,
        model=model,
        version=version,
        window=window,
        reference=reference,
        segment=segment,
        feature=feature,
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _drift_feature(
    home: str,
    token: int,
    at: str,
    *,
    model: str,
    version: str,
    window: str,
    reference: str,
    segment: str,
    feature: str,
) -> FeatureView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    detail = _detail(home, token, at, **selection.query())
    view = _drift(home, token, at, **selection.query())
    row = next(row for row in view.rows if row.feature == feature)
    events = releases(model_detail(store, model))
    if is_of_stored_rule(selection):
        until = last_unit(detail.window)
        states = recent_states(store, model=model, version=version, until=until, count=HISTORY, feature=feature)
        return feature_view(detail, feature, row, states, (), events=events)
    query = query_of(store, selection)
    history = drift_history(store, query, feature, until=detail.window.end, count=HISTORY)
    return feature_view(detail, feature, row, (), history, events=events)


def carried_by(
    home: str, *, model: str, version: str, window: str, reference: str, segment: str, feature: str
) -> Where:
    """Return which segments carry the drift of a feature of a selection; nothing within one segment."""
    if segment != ALL_SEGMENTS:
        return Where(segments=(), n_suppressed=0)
    _, token, at = now(home)
    return _carried_by(
        home, token, at, model=model, version=version, window=window, reference=reference, feature=feature
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _carried_by(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, feature: str
) -> Where:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=ALL_SEGMENTS)
    return drift_where(store, query_of(store, selection), feature)
