"""Cached reads of the Data quality page."""

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from app.choices import ALL_SEGMENTS
from app.quality.rows import intake_view, quality_view
from app.quality.views import IntakeView, QualityView
from app.reading import now, opened, query_of
from app.views import Selection
from core.checks.service import recent_states
from core.inventory.service import model_detail
from core.log.outcomes import QuarantinedRow
from core.quality import service
from core.quality.display import History
from core.windows import unit_of

UNITS = 60


def quality(home: str, *, model: str, version: str, window: str, reference: str, segment: str) -> QualityView:
    """Return the quality of a selection."""
    _, token, at = now(home)
    return _quality(home, token, at, model=model, version=version, window=window, reference=reference, segment=segment)


@st.cache_data(max_entries=128, show_spinner=False)
def _quality(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> QualityView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    detail = service.quality_detail(store, query_of(store, selection))
    schema = model_detail(store, model).schema
    grain = schema.grain
    last = unit_of(detail.window.end - timedelta(days=1), grain)
    states = recent_states(store, model=model, version=version, until=last, count=1)
    judged = bool(states) and states[-1].day == last and segment == ALL_SEGMENTS
    verdicts = states[-1].verdicts if judged else ()
    view = quality_view(detail, selection, grain, verdicts, last if judged else None)
    return replace(view, protected=schema.protected)


def history(home: str, *, model: str, version: str, window: str, reference: str, segment: str) -> History:
    """Return the quality of the last units up to the end of the window, unit by unit."""
    _, token, at = now(home)
    return _history(home, token, at, model=model, version=version, window=window, reference=reference, segment=segment)


@st.cache_data(max_entries=64, show_spinner=False)
def _history(
    home: str, token: int, at: str, *, model: str, version: str, window: str, reference: str, segment: str
) -> History:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    return service.quality_history(store, query_of(store, selection), count=UNITS)


def intake(home: str, *, model: str, version: str) -> IntakeView:
    """Return the batches of a model, what was kept out, and the contract of the version."""
    _, token, _ = now(home)
    return _intake(home, token, model=model, version=version)


@st.cache_data(max_entries=64, show_spinner=False)
def _intake(home: str, token: int, *, model: str, version: str) -> IntakeView:
    store = opened(home)
    grain = model_detail(store, model).schema.grain
    return intake_view(service.intake(store, model=model, version=version), version, grain)


def quarantine(home: str, *, model: str, offset: int, count: int) -> tuple[tuple[str, QuarantinedRow], ...]:
    """Return one page of the rows that were kept out, each with its file."""
    _, token, _ = now(home)
    return _quarantine(home, token, model=model, offset=offset, count=count)


@st.cache_data(max_entries=64, show_spinner=False)
def _quarantine(
    home: str, token: int, *, model: str, offset: int, count: int
) -> tuple[tuple[str, QuarantinedRow], ...]:
    return service.quarantine_page(opened(home), model=model, offset=offset, count=count)
