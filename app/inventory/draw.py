"""The inventory as a table; a click on a model opens its record."""

from typing import Any

import streamlit as st

from app import navigation, style, tables, words
from app.inventory.views import InventoryRow, InventoryView

KEY = "inventory.table"


def draw(view: InventoryView) -> None:
    """Draw the table."""
    st.dataframe(
        [_cells(row) for row in view.rows],
        key=KEY,
        on_select=lambda: _open(view),
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(),
        alt="Models, highest risk first",
    )


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "state": style.state_column(),
        "model": column.TextColumn("model", width=160),
        "tier": column.NumberColumn("tier", width=40, help="Risk tier: 1 is the highest."),
        "owner": column.TextColumn("owner", width=120),
        "task": column.TextColumn("task", width=84),
        "live version": column.TextColumn("live", width=70, help="The version whose decisions count."),
        "live since": column.TextColumn("since", width=90, help="When that version went live in this store."),
        "schema": column.TextColumn("schema", width=84),
        "contract": column.TextColumn("contract", width=150, help="Revision in force, and who accepted it."),
        "log to": column.TextColumn("log to", width=94, help="Last judged unit of the prediction log."),
        "last file": column.TextColumn("last file", width=94, help="When the newest file was taken in."),
    }


def _cells(row: InventoryRow) -> dict[str, Any]:
    kind = " · retired" if row.retired else " · staged" if row.staged else ""
    return {
        "state": [] if row.retired else [words.state(row.state)],
        "model": tables.cell(f"{row.model}{kind}"),
        "tier": row.tier,
        "owner": tables.cell(row.owner),
        "task": row.task,
        "live version": row.champion or words.NONE,
        "live since": words.day(row.champion_since.date()) if row.champion_since else words.NONE,
        "schema": f"revision {row.revision}",
        "contract": row.contract,
        "log to": words.unit(row.last_unit, row.grain) if row.last_unit else "no log yet",
        "last file": words.day(row.last_intake.date()) if row.last_intake else "none",
    }


def _open(view: InventoryView) -> None:
    """Go to the record of the clicked model; a model without a version has no page to go to."""
    cells = st.session_state[KEY]["selection"]["cells"]
    row = view.rows[cells[0][0]] if cells else None
    if row is not None and row.champion and not row.retired:
        st.switch_page(navigation.path("model"), query_params={"model": row.model, "version": row.champion})
