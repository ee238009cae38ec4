"""Cached reads of the Performance page.

Every cached function takes ids, strings and numbers only; see `app.reading`.
"""

import streamlit as st

from app.choices import ALL_SEGMENTS
from app.drift.compose import releases
from app.performance.compose import last_day, performance_view
from app.performance.views import PerformanceView, WorstWindow
from app.performance.worst import worst_windows
from app.reading import now, opened, query_of
from app.views import Selection
from core.checks.limits import load_limits
from core.checks.service import recent_states
from core.drift.display import Event
from core.errors import NotEnoughDataError
from core.estimation.service import estimation_detail
from core.inventory.service import ModelDetail, model_detail, version_contract
from core.performance.service import VersionComparison, compare_versions, performance_detail
from core.selection import MetricQuery, ReferenceKind
from core.store.database import Store

UNITS_REMEMBERED = 400
"""Units of the past among which the worst windows are looked for."""


def performance(home: str, *, model: str, version: str, window: str, reference: str, segment: str) -> PerformanceView:
    """Return the performance of a selection."""
    _, token, at = now(home)
    return _performance(
        home, token, at, model=model, version=version, window=window, reference=reference, segment=segment
    )


@st.cache_data(max_entries=128, show_spinner=False)
def _performance(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> PerformanceView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    query = query_of(store, selection)
    detail = performance_detail(store, query)
    inventory = model_detail(store, model)
    one_unit = len(list(detail.windows[-1].units(detail.schema.grain))) == 1
    stored = one_unit and segment == ALL_SEGMENTS and reference == ReferenceKind.TRAINING.value
    states = recent_states(store, model=model, version=version, until=last_day(detail), count=1) if stored else ()
    versions = _versions(store, query) if len(inventory.versions) > 1 else None
    return performance_view(
        detail,
        selection,
        [state for state in states if state.day == last_day(detail)],
        versions,
        (*releases(inventory), *_contract(store, inventory, version)),
        estimation=estimation_detail(store, query),
        worst=_worst(home, token, model=model, version=version),
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _worst(home: str, token: int, *, model: str, version: str) -> tuple[WorstWindow, ...]:
    """Return the worst windows of a version; read once for all windows that are looked at."""
    store = opened(home)
    schema = model_detail(store, model).schema
    states = recent_states(store, model=model, version=version, count=UNITS_REMEMBERED)
    return worst_windows(states, schema.grain, load_limits(schema.limits).checks)


def _versions(store: Store, query: MetricQuery) -> VersionComparison | None:
    """Return the versions side by side; None where the champion has no rows, or not those of a saved segment."""
    try:
        return compare_versions(store, query)
    except NotEnoughDataError:
        return None


def _contract(store: Store, inventory: ModelDetail, version: str) -> tuple[Event, ...]:
    """Return when a person accepted the contract that is in force for the version."""
    shown = next((one for one in inventory.versions if one.name == version), None)
    accepted = None if shown is None else version_contract(store, shown)
    if accepted is None:
        return ()
    day = accepted.accepted_at.astimezone(inventory.schema.zone).date()
    return (Event(day=day, text=f"contract {accepted.revision}"),)
