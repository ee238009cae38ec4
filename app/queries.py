"""Cached reads for the pages: core results become views.

Every cached function takes ids, strings and numbers only. `token` is the store's last audit entry, which every
change moves; `at` is the store's clock, to the minute, by which windows close.
"""

from datetime import datetime, timedelta

import streamlit as st

from app.drift_views import (
    drift_view,
    feature_view,
    headline_change,
    is_of_stored_rule,
    last_unit,
    releases,
)
from app.fleet_views import fleet_row, model_choice
from app.reading import now, opened, query_of
from app.views import Choices, DriftView, FeatureView, FleetView, Selection
from core.checks.day_state import RECENT_UNITS
from core.checks.service import latest_state, recent_headlines, recent_states
from core.drift.service import drift_detail, drift_history
from core.inventory.records import ModelState
from core.inventory.service import champion_segments, model_detail, models
from core.performance.service import against_reference
from core.states import SEVERITY

HISTORY = 60


def choices(home: str) -> Choices:
    """Return what the header offers."""
    _, token, at = now(home)
    return _choices(home, token, at)


@st.cache_data(max_entries=64, show_spinner=False)
def _choices(home: str, token: int, at: str) -> Choices:
    store = opened(home)
    found = []
    for model in models(store):
        if model.state is ModelState.RETIRED:
            continue
        detail = model_detail(store, model.name)
        found.append(
            model_choice(detail, champion_segments(store, model.name), recent_states(store, model=model.name, count=1))
        )
    found.sort(key=lambda choice: (-SEVERITY[choice.state], choice.name))
    return Choices(models=tuple(found), as_of=datetime.fromisoformat(at), frozen=store.clock.frozen_at is not None)


def fleet(home: str) -> FleetView:
    """Return the fleet, worst first."""
    _, token, at = now(home)
    return _fleet(home, token, at)


@st.cache_data(max_entries=16, show_spinner=False)
def _fleet(home: str, token: int, at: str) -> FleetView:
    store = opened(home)
    rows = []
    predictions, week_before, known = 0, 0, True
    for model in models(store):
        if model.state is ModelState.RETIRED:
            continue
        units = recent_headlines(store, model=model.name, count=RECENT_UNITS)
        rows.append(fleet_row(model_detail(store, model.name), units, latest_state(store, model=model.name)))
        if units:
            predictions += units[-1].headline.n
            earlier = [unit for unit in units if unit.day == units[-1].day - timedelta(days=7)]
            known = known and bool(earlier)
            week_before += sum(unit.headline.n for unit in earlier)
    rows.sort(key=lambda row: (-SEVERITY[row.state], row.tier, row.model))
    return FleetView(
        rows=tuple(rows),
        predictions=predictions,
        predictions_week_before=week_before if known and rows else None,
        as_of=datetime.fromisoformat(at),
    )


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
