"""Cached reads of the business overview."""

from datetime import datetime

import streamlit as st

from app.choices import ALL_SEGMENTS
from app.overview.rows import story
from app.overview.views import OverviewView, Story
from app.reading import all_models, now, opened
from core.checks.service import recent_states
from core.impact.service import impact_report
from core.inventory.service import ModelDetail, closed_units, model_detail
from core.selection import SAVED_MARK, Every, saved_name
from core.states import SEVERITY
from core.store.database import Store

MOST_STORIES = 8


def overview(home: str, every: str, chosen: str, segment: str = ALL_SEGMENTS) -> OverviewView:
    """Return the stories of the models that need attention most.

    Parameters
    ----------
    every : ``month``, ``week`` or ``day``
    chosen : the model of the header, told even when others come before it; empty when there is none
    segment : the header's; a saved one restricts the story of the chosen model, any other is not told here
    """
    store, token, at = now(home)
    saved = saved_name(segment) or ""
    ranked = _ranked(home, token, at)
    told = list(ranked[:MOST_STORIES])
    if chosen in ranked and chosen not in told:
        told[-1] = chosen
    return OverviewView(
        stories=tuple(_story(home, token, at, name, every, saved=saved if name == chosen else "") for name in told),
        others=tuple(name for name in ranked if name not in told),
        every=Every(every),
        as_of=datetime.fromisoformat(at),
        frozen=store.clock.frozen_at is not None,
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _ranked(home: str, token: int, at: str) -> tuple[str, ...]:
    """Return the names of the models, worst state first, then by risk tier."""
    found = [
        (-SEVERITY[standing.state] if standing else 0, detail.model.risk_tier, detail.model.name)
        for detail, standing in all_models(home, token, at)
    ]
    return tuple(name for _, _, name in sorted(found))


@st.cache_data(max_entries=128, show_spinner=False)
def _story(home: str, token: int, at: str, model: str, every: str, *, saved: str) -> Story:
    store = opened(home)
    standing = next((one for detail, one in all_models(home, token, at) if detail.model.name == model), None)
    period = Every(every)
    detail = model_detail(store, model)
    version = _told_version(store, detail)
    report = impact_report(store, model=model, every=period, version=version, saved=saved or None)
    states = recent_states(store, model=model, count=1)
    segment = f"{SAVED_MARK}{saved}" if saved else ""
    return story(report, detail, period, states, standing=standing, segment=segment)


def _told_version(store: Store, detail: ModelDetail) -> str | None:
    """Return whose worth is told: the champion's, or until its first live rows are in the one's that was live before.

    None where nothing was ever live.
    """
    champion, model = detail.champion, detail.model.name
    if champion is None or closed_units(store, model, champion.name, None):
        return None
    lived = {one.name: closed_units(store, model, one.name, None) for one in detail.versions}
    return max(((units[-1], name) for name, units in lived.items() if units), default=(None, None))[1]
