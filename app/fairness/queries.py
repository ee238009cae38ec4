"""Cached reads of the Fairness page.

Keys hold names of models and versions and places of columns and groups, never the name of a group. What is read is
kept for one session: each session's read is one line of the audit, a person, model, version and state of the store.
"""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import streamlit as st

from app import persona
from app.choices import ALL_SEGMENTS
from app.fairness.compose import fairness_view, what_if
from app.fairness.findings import surely_apart
from app.fairness.views import FairnessView, WhatIf
from app.reading import now, opened, query_of
from app.views import Selection
from core.fairness import service
from core.fairness.frontier import Objective
from core.fairness.release import Release
from core.selection import MetricQuery
from core.windows import Window

SESSION = "fairness.session"


def fairness(home: str, selection: Selection, *, place: int | None, rate: str) -> FairnessView:
    """Return the fairness of the protected column at `place`; `rate` is what is compared among rows that are alike.

    Parameters
    ----------
    place : int or None
        None: the column whose groups differ most for certain.
    """
    store, token, at = now(home)
    query = query_of(store, replace(selection, segment=ALL_SEGMENTS))
    window = query.window
    if window is None:
        raise ValueError(selection.window)
    key = {"session": _session(), "model": selection.model, "version": selection.version}

    def view(of: int) -> FairnessView:
        return _view(home, token, at[:13], **key, start=window.start, end=window.end, place=of, rate=rate)

    if place is not None:
        return view(place)
    first = view(0)
    return max((first, *(view(of) for of in range(1, len(first.columns)))), key=surely_apart)


def mitigation(home: str, view: FairnessView, *, constraint: str, objective: Objective) -> WhatIf:
    """Return what a smaller gap would cost in the blocks that a view shows."""
    _, token, at = now(home)
    key = {"session": _session(), "model": view.model, "version": view.version}
    return _what_if(
        home,
        token,
        at[:13],
        **key,
        start=view.asked.start,
        end=view.asked.end,
        place=view.place,
        constraint=constraint,
        objective=objective.value,
    )


def choose(home: str, view: FairnessView, *, group: int | None, reason: str) -> None:
    """Store which group the others are compared with; None withdraws the choice.

    Raises
    ------
    RefusedError, BadInputError
        As `core.fairness.service.choose_reference_group`.
    """
    store = opened(home)
    service.choose_reference_group(
        store,
        persona.acting(home),
        model=view.model,
        column=view.column,
        group=None if group is None else view.answer.rates.labels[group],
        reason=reason,
    )


def _session() -> str:
    """Return a name of this browser session and of who acts in it: another persona's read is one of its own."""
    return f"{st.session_state.setdefault(SESSION, uuid4().hex)}/{persona.name()}"


@st.cache_resource(max_entries=16, show_spinner=False)
def _release(home: str, token: int, hour: str, *, session: str, model: str, version: str) -> Release:
    store = opened(home)
    return service.fairness_release(store, persona.acting(home), MetricQuery(model=model, version=version))


@st.cache_resource(max_entries=64, show_spinner=False)
def _view(
    home: str,
    token: int,
    hour: str,
    *,
    session: str,
    model: str,
    version: str,
    start: date,
    end: date,
    place: int,
    rate: str,
) -> FairnessView:
    release = _release(home, token, hour, session=session, model=model, version=version)
    return fairness_view(release, Window(start, end), place, rate)


@st.cache_resource(max_entries=32, show_spinner=False)
def _what_if(
    home: str,
    token: int,
    hour: str,
    *,
    session: str,
    model: str,
    version: str,
    start: date,
    end: date,
    place: int,
    constraint: str,
    objective: str,
) -> WhatIf:
    release = _release(home, token, hour, session=session, model=model, version=version)
    view = fairness_view(release, Window(start, end), place, "selection_rate")
    return what_if(release, view, constraint, Objective(objective))
