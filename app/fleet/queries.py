"""Cached reads of the Fleet."""

from datetime import datetime, timedelta

import streamlit as st

from app.fleet.rows import fleet_row
from app.fleet.views import FleetView
from app.reading import now, opened
from core.checks.day_state import RECENT_UNITS
from core.checks.service import current_headlines
from core.inventory.records import ModelState
from core.inventory.service import model_detail, models
from core.states import SEVERITY


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
        units = current_headlines(store, model=model.name, count=RECENT_UNITS)
        rows.append(fleet_row(model_detail(store, model.name), units))
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
