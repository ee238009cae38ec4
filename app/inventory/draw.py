"""The inventory as a table, now or on a past day; a click on a model opens its record, and the whole is taken away."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from app import navigation, style, tables, words
from app.inventory import rows
from app.inventory.views import InventoryRow, InventoryView, PastRow
from app.tables import Cell
from core.states import State

KEY, PAST_KEY, DAY_KEY = "inventory.table", "inventory.past", "inventory.day"
EVERYTHING = (
    "model",
    "status",
    "tier",
    "owner",
    "live version",
    "validation due",
    "open findings",
    "card",
    "release",
    "last drill",
)
FIRST_DAY = date(2000, 1, 1)
"""No inventory here is older."""

LENS = ("model", "tier", "owner", "validation due", "open findings", "card", "release", "last drill")
"""Columns of the governance lens of the Fleet."""

MARKS = {words.GLYPHS[state]: state for state in (State.CRITICAL, State.WARNING)}
MARKED = ("validation due", "open findings", "card", "release")
WIDTHS = {
    "model": 128,
    "status": 92,
    "tier": 96,
    "owner": 100,
    "live version": 40,
    "validation due": 112,
    "open findings": 100,
    "card": 82,
    "release": 182,
    "last drill": 76,
}
WIDE_MODEL = 184
"""Where no status stands beside the name, the name tells what is staged."""

LEGEND = "A click opens the model's record; on a tier, card, finding, review or release its own page."
HELP = {
    "status": "What its people declared, or how it is live.",
    "tier": "The tier in force, 1 is the highest; computed from the record, overridden, or declared in model.yaml.",
    "live version": "The version whose decisions count.",
    "validation due": "By when it is validated again; ■ overdue.",
    "open findings": "Open findings by severity; ■ one is overdue.",
    "card": "Parts of the live version's model card that are there, of those that its tier requires; ▲ some are not.",
    "release": "Where its newest release stands; ■ a broken glass that nobody reviewed yet.",
    "last drill": "When a rollback was last practised.",
}


def day(today: date) -> date:
    """Draw the choice of the day; return it. It is in the URL, so that a link shows the same day."""
    if DAY_KEY not in st.session_state:
        st.session_state[DAY_KEY] = _in_url(today)
    picked = st.date_input(
        "As of",
        key=DAY_KEY,
        min_value=FIRST_DAY,
        max_value=today,
        format="YYYY-MM-DD",
        width=150,
        on_change=lambda: _keep(today),
        help="The inventory at the end of that day (UTC), and who was live, from the audit trail.",
    )
    return picked if isinstance(picked, date) else today


def _in_url(today: date) -> date:
    try:
        return max(FIRST_DAY, min(date.fromisoformat(st.query_params.get("asof", "")), today))
    except ValueError:
        return today


def _keep(today: date) -> None:
    picked = st.session_state[DAY_KEY]
    if isinstance(picked, date) and picked != today:
        st.query_params["asof"] = picked.isoformat()
    else:
        st.query_params.pop("asof", None)


def draw(view: InventoryView, columns: Sequence[str] = EVERYTHING) -> None:
    """Draw the table as it stands now."""
    today = view.as_of.date()
    st.dataframe(
        _marked([_cells(row, columns, today) for row in view.rows], columns),
        key=KEY,
        on_select=lambda: _open(view.rows, KEY),
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(columns),
        alt="Models, highest risk first",
    )


def _cells(row: InventoryRow, columns: Sequence[str], today: date) -> dict[str, Any]:
    said = rows.texts(row, today)
    shown = {name: tables.cell(said[name]) for name in columns}
    if row.staged:
        place = "status" if "status" in columns else "model"
        shown[place] = tables.cell(f"{said[place]}, staged")
    return {"state": [] if row.retired else [said["state"]], **shown}


def _marked(cells: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Any:
    """Return the cells with what begins with a mark in the colour of its state."""
    marked = [name for name in MARKED if name in columns]
    frame = pl.DataFrame(list(cells), infer_schema_length=None)
    return frame.to_pandas().style.map(_ink, subset=marked)


def _ink(cell: object) -> str:
    return style.glyph_css(str(cell)[:1]) if str(cell)[:1] in MARKS else ""


def _columns(columns: Sequence[str]) -> dict[str, Any]:
    label = {"live version": "live"}
    widths = WIDTHS if "status" in columns else {**WIDTHS, "model": WIDE_MODEL}
    texts = {
        name: st.column_config.TextColumn(label.get(name, name), width=widths[name], help=HELP.get(name))
        for name in columns
    }
    return {"state": style.state_column(), **texts}


def past(found: Sequence[PastRow]) -> None:
    """Draw the table as it stood on a past day."""
    cells = [{name: tables.cell(cell) for name, cell in rows.past_texts(row).items()} for row in found]
    st.dataframe(
        cells,
        key=PAST_KEY,
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={
            "model": st.column_config.TextColumn(width=180),
            "tier": st.column_config.TextColumn(width=190, help=HELP["tier"]),
            "fields missing": st.column_config.NumberColumn(help="Of the record, which its tier asked for."),
        },
        alt="Models as they stood, highest risk first",
    )


def download(shown: Sequence[Mapping[str, Cell]], when: date) -> None:
    """Draw the way to take the table away as CSV."""
    if not shown:
        return
    columns = {name: [row[name] for row in shown] for name in shown[0]}
    table = tables.PlotTable(name=f"inventory-{when.isoformat()}", columns=columns)
    st.download_button(
        "Download as CSV",
        tables.csv_text(table),
        file_name=f"{table.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        key="inventory.csv",
    )


def broken_glass(view: InventoryView) -> None:
    """Say in red which models were released without their quorum and not reviewed since."""
    for row in view.used:
        if row.glass is not None:
            why = words.plain(f"{row.glass.why[0].upper()}{row.glass.why[1:]}.")
            st.error(f"**{words.plain(row.model)}: glass broken.** {why}", icon=":material/emergency_home:")


def _open(shown: Sequence[InventoryRow], key: str) -> None:
    cells = st.session_state[key]["selection"]["cells"]
    there = destination(shown[cells[0][0]], cells[0][1]) if cells else None
    if there is not None:
        st.switch_page(navigation.path(there[0]), query_params=there[1])


def destination(row: InventoryRow, column: str) -> tuple[str, dict[str, str]] | None:
    """Return the page that a click opens, and its query: of findings, reviews and releases their own page.

    None for a model without a live version and for a retired one: no page shows it.
    """
    if not row.champion or row.retired:
        return None
    about = {"model": row.model, "version": row.champion}
    match column:
        case "open findings":
            return "findings", {**about, "of": row.model}
        case "validation due" | "last drill":
            return "findings", {**about, "of": row.model, "half": "reviews"}
        case "release" if row.release:
            return "dossier", about
        case "card":
            return "model", {**about, "part": "card"}
        case "tier":
            return "model", {**about, "part": "tier"}
    return "model", about
