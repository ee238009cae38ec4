"""Cached reads of the Inventory."""

from datetime import datetime

import streamlit as st

from app.inventory.views import InventoryRow, InventoryView
from app.reading import now, opened
from core.checks.service import recent_headlines
from core.inventory.records import ModelInfo, ModelState
from core.inventory.service import ModelDetail, model_detail, models, version_contract
from core.log.service import batches
from core.states import State
from core.store.database import Store


def inventory(home: str) -> InventoryView:
    """Return every model of the store, retired ones last."""
    _, token, at = now(home)
    return _inventory(home, token, at)


@st.cache_data(max_entries=16, show_spinner=False)
def _inventory(home: str, token: int, at: str) -> InventoryView:
    store = opened(home)
    rows = [_row(store, model, model_detail(store, model.name)) for model in models(store)]
    rows.sort(key=lambda row: (row.retired, row.tier, row.model))
    return InventoryView(rows=tuple(rows), as_of=datetime.fromisoformat(at))


def _row(store: Store, model: ModelInfo, detail: ModelDetail) -> InventoryRow:
    units = recent_headlines(store, model=model.name, count=1)
    taken = batches(store, model.name)
    return InventoryRow(
        model=model.name,
        task=detail.schema.task,
        owner=model.owner,
        tier=model.risk_tier,
        state=units[-1].state if units else State.NOT_APPLICABLE,
        champion=detail.champion.name if detail.champion else "",
        champion_since=model.champion_since,
        n_versions=len(detail.versions),
        revision=detail.schema_revision,
        contract=_contract(store, detail),
        last_unit=units[-1].day if units else None,
        last_intake=max((batch.created_at for batch in taken), default=None),
        staged=detail.schema.staged,
        retired=model.state is ModelState.RETIRED,
        grain=detail.schema.grain,
    )


def _contract(store: Store, detail: ModelDetail) -> str:
    if detail.champion is None:
        return "no version yet"
    found = version_contract(store, detail.champion)
    return f"revision {found.revision}, {found.accepted_by}" if found else "none accepted yet"
