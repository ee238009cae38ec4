"""Cached reads of the Fleet."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from app.fleet.rows import fleet_row
from app.fleet.views import FleetView
from app.reading import all_models, now
from core.checks.day_state import Standing
from core.states import SEVERITY
from core.windows import Grain


def fleet(home: str) -> FleetView:
    """Return the fleet, worst first."""
    _, token, at = now(home)
    return _fleet(home, token, at)


@st.cache_data(max_entries=16, show_spinner=False)
def _fleet(home: str, token: int, at: str) -> FleetView:
    models = all_models(home, token, at)
    rows = [fleet_row(detail, standing) for detail, standing in models]
    rows.sort(key=lambda row: (-SEVERITY[row.state], row.tier, row.model))
    judged = [(detail.schema.grain, standing) for detail, standing in models if standing is not None]
    daily = [standing for grain, standing in judged if grain is Grain.DAY]
    counted = daily or [standing for _, standing in judged]
    return FleetView(
        rows=tuple(rows),
        predictions=sum(standing.last.headline.n for standing in counted),
        predictions_week_before=_week_before(daily),
        as_of=datetime.fromisoformat(at),
        by_day=bool(daily) or not judged,
    )


def _week_before(daily: Sequence[Standing]) -> int | None:
    """Return the predictions 7 days before each model's last closed day; None where one of them has no such day."""
    found = [
        [unit.headline.n for unit in standing.units if unit.day == standing.last.day - timedelta(days=7)]
        for standing in daily
    ]
    return sum(map(sum, found)) if found and all(found) else None
