"""Cached reads of the Service page: ids and strings in, a view out."""

from datetime import timedelta

import streamlit as st

from app.reading import now, opened, query_of
from app.serving.rows import service_view
from app.serving.views import ServiceView
from app.views import Selection
from core.checks.service import recent_states
from core.serving.service import service_detail


def service(home: str, *, model: str, version: str, window: str, reference: str, segment: str) -> ServiceView:
    """Return the service of a selection."""
    _, token, at = now(home)
    return _service(home, token, at, model=model, version=version, window=window, reference=reference, segment=segment)


@st.cache_data(max_entries=128, show_spinner=False)
def _service(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> ServiceView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    detail = service_detail(store, query_of(store, selection))
    states = recent_states(store, model=model, version=version, until=detail.window.end - timedelta(days=1), count=1)
    return service_view(detail, selection, states)
