"""What every cached read of a page begins with: the open store, the key of its present state, the question asked."""

import shlex
from datetime import date
from pathlib import Path

import streamlit as st

from app import choices
from app.views import Selection
from core.checks.day_state import Standing
from core.checks.service import recent_headlines, standings
from core.errors import NotEnoughDataError
from core.inventory.records import ModelState
from core.inventory.service import (
    ModelDetail,
    change_token,
    closed_units,
    model_detail,
    model_details,
    role_of,
)
from core.selection import MetricQuery, parse_reference, parse_slice, saved_name
from core.store.database import Store, open_store
from core.windows import Window, following


@st.cache_resource(max_entries=8, show_spinner=False)
def opened(home: str) -> Store:
    """Return the store of a home, opened once for the whole server."""
    return open_store(Path(home))


def now(home: str) -> tuple[Store, int, str]:
    """Return the store, the token of its present state and its clock to the minute."""
    store = opened(home)
    return store, change_token(store), store.clock.now().replace(second=0, microsecond=0).isoformat()


@st.cache_resource(max_entries=4, show_spinner=False)
def all_models(home: str, token: int, at: str) -> tuple[tuple[ModelDetail, Standing | None], ...]:
    """Return every model that is not retired and how it stands (None: never judged), by name.

    Read once for the header and every list of models.
    """
    store = opened(home)
    known = standings(store)
    details = (detail for detail in model_details(store) if detail.model.state is not ModelState.RETIRED)
    return tuple((detail, known.get(detail.model.name)) for detail in details)


@st.cache_data(max_entries=64, show_spinner=False)
def shown_rows(home: str, token: int, at: str, model: str, version: str) -> tuple[str | None, Window] | None:
    """Return role (None: live) and span of the rows by which a version is looked at; None: it has none.

    A cached read: `token` and `at` are parts of its key.
    """
    store = opened(home)
    role = role_of(store, model, version)
    units = closed_units(store, model, version, role)
    if not units:
        return None
    return role, Window(units[0], following(units[-1], model_detail(store, model).schema.grain))


def query_of(store: Store, selection: Selection) -> MetricQuery:
    """Return the question that a selection asks.

    Raises
    ------
    NotEnoughDataError
        When the version has no closed unit with predictions.
    """
    grain = model_detail(store, selection.model).schema.grain
    role = role_of(store, selection.model, selection.version)
    saved = saved_name(selection.segment)
    return MetricQuery(
        model=selection.model,
        version=selection.version,
        role=role,
        window=choices.to_window(selection.window, _last_unit(store, selection, role), grain),
        reference=parse_reference(selection.reference, grain),
        slice=None if saved or selection.segment == choices.ALL_SEGMENTS else parse_slice(selection.segment),
        saved=saved,
    )


def _last_unit(store: Store, selection: Selection, role: str | None) -> date:
    """Return the last unit that counts for a selection: the last judged one, or of a shadow the last closed one."""
    if role is not None:
        last = next(reversed(closed_units(store, selection.model, selection.version, role)), None)
    else:
        newest = recent_headlines(store, model=selection.model, version=selection.version, count=1)
        last = newest[-1].day if newest else None
    if last is None:
        command = f"watchroom ingest {shlex.quote(selection.model)} {shlex.quote(selection.version)} FILE"
        raise NotEnoughDataError(
            f"The version {selection.version} has no judged window yet: {command} hands in its log."
        )
    return last
