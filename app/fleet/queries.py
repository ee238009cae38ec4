"""Cached reads of the Fleet."""

from datetime import datetime, timedelta

import streamlit as st

from app.fleet.rows import fleet_row
from app.fleet.views import FleetView
from app.reading import all_models, now
from core.states import SEVERITY


def fleet(home: str) -> FleetView:
    """Return the fleet, worst first."""
    _, token, at = now(home)
    return _fleet(home, token, at)


@st.cache_data(max_entries=16, show_spinner=False)
def _fleet(home: str, token: int, at: str) -> FleetView:
    rows = []
    predictions, week_before, known = 0, 0, True
    for detail, standing in all_models(home, token, at):
        rows.append(fleet_row(detail, standing))
        if standing is not None:
            last = standing.last
            predictions += last.headline.n
            earlier = [unit for unit in standing.units if unit.day == last.day - timedelta(days=7)]
            known = known and bool(earlier)
            week_before += sum(unit.headline.n for unit in earlier)
    rows.sort(key=lambda row: (-SEVERITY[row.state], row.tier, row.model))
    return FleetView(
        rows=tuple(rows),
        predictions=predictions,
        predictions_week_before=week_before if known and rows else None,
        as_of=datetime.fromisoformat(at),
    )
