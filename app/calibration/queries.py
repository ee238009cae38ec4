"""Cached reads of the Calibration page: ids and strings in, a view out."""

from datetime import timedelta

import streamlit as st

from app.calibration.rows import calibration_view, stored_verdicts
from app.calibration.views import CalibrationView
from app.drift.compose import releases
from app.reading import now, opened, query_of
from app.views import Selection
from core.calibration.service import calibration_detail, calibration_history
from core.checks.service import recent_states
from core.inventory.service import model_detail

HISTORY = 60


def calibration(home: str, *, model: str, version: str, window: str, reference: str, segment: str) -> CalibrationView:
    """Return the calibration of a selection."""
    _, token, at = now(home)
    return _calibration(
        home, token, at, model=model, version=version, window=window, reference=reference, segment=segment
    )


@st.cache_data(max_entries=128, show_spinner=False)
def _calibration(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> CalibrationView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    query = query_of(store, selection)
    detail = calibration_detail(store, query)
    until = detail.window.end - timedelta(days=1)
    states = recent_states(store, model=model, version=version, until=until, count=1)
    history = None if detail.why_not else calibration_history(store, query, count=HISTORY)
    return calibration_view(
        detail, selection, history, stored_verdicts(detail, states), releases(model_detail(store, model))
    )
