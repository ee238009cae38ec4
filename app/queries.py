"""Cached reads for the pages: core results become views.

Every cached function takes ids, strings and numbers only. `token` is the store's last audit entry, which every
change moves; `at` is the store's clock, to the minute, by which windows close.
"""

import streamlit as st

from app.drift_views import (
    drift_view,
    feature_view,
    headline_change,
    is_of_stored_rule,
    last_unit,
    releases,
)
from app.reading import now, opened, query_of
from app.views import DriftView, FeatureView, Selection
from core.checks.service import recent_states
from core.drift.service import drift_detail, drift_history
from core.inventory.service import model_detail
from core.performance.service import against_reference

HISTORY = 60


def drift(home: str, *, model: str, version: str, window: str, reference: str, segment: str) -> DriftView:
    """Return the drift of a selection."""
    _, token, at = now(home)
    return _drift(home, token, at, model=model, version=version, window=window, reference=reference, segment=segment)


@st.cache_data(max_entries=128, show_spinner=False)
def _drift(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> DriftView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    query = query_of(store, selection)
    detail = drift_detail(store, query)
    states = recent_states(store, model=model, version=version, until=detail.window.start, count=2)
    ending = recent_states(store, model=model, version=version, until=last_unit(detail.window), count=1)
    change = headline_change(detail, selection, ending, *against_reference(store, query, "roc_auc"))
    return drift_view(detail, selection, states, change)


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
    query = query_of(store, selection)
    detail = drift_detail(store, query)
    view = _drift(home, token, at, model=model, version=version, window=window, reference=reference, segment=segment)
    row = next(row for row in view.rows if row.feature == feature)
    states = recent_states(store, model=model, version=version, until=last_unit(detail.window), count=HISTORY)
    events = releases(model_detail(store, model))
    if is_of_stored_rule(selection):
        return feature_view(detail, feature, row, states, (), events=events)
    history = drift_history(store, query, feature, until=detail.window.end, count=HISTORY)
    return feature_view(detail, feature, row, (), history, events=events)
