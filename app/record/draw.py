"""The parts of a model's record, one at a time."""

from functools import partial
from typing import Any

import streamlit as st

from app import style, tables, words
from app.record.views import RecordView
from app.tiles import Tile
from core.states import State

PARTS = (
    "record",
    "tier",
    "card",
    "reviews",
    "history",
    "versions",
    "schema",
    "contract",
    "lineage",
    "batches",
    "audit",
)
WIDTHS = {
    "schema": {
        "feature": 124,
        "kind": 84,
        "unit": 64,
        "meaning": 326,
        "owner": 104,
        "importance": 84,
        "seasonal": 70,
        "immutable": 76,
        "sensitive": 74,
        "monotone": 84,
    },
    "contract": {"feature": 160},
    "batches": {"file": 230, "taken in": 190},
    "audit": {"entry": 56, "when": 190, "did": 150, "to": 170, "change": 330},
}
"""Widths in pixels of columns whose texts are long; the others share the rest."""
SHOWN_IN_FULL = 20
TALLEST = 660


def tiles(view: RecordView) -> list[Tile]:
    """Return the tiles of the page."""
    return [
        Tile(
            label="live version",
            value=view.champion or "none",
            note=f"of {words.plural(view.n_versions, 'version')}",
            help="The version whose decisions count; only a release moves it.",
        ),
        Tile(
            label="risk tier",
            value=str(view.tier),
            note=view.tier_source,
            help="1 is the highest. It decides which controls a release must pass; under tier stands how it was found.",
        ),
        Tile(
            label="record",
            value=view.status.replace("_", " "),
            note=_lacking(view),
            state=State.WARNING if view.n_missing else None,
            help="What its people declared, and whether the record says all that its tier requires.",
        ),
        Tile(
            label="state",
            value=words.state(view.state),
            note="last closed window",
            state=view.state,
            help="Worst applicable check of the last closed window.",
        ),
        Tile(
            label="files taken in",
            value=f"{view.n_files:,}",
            note=f"log to {words.unit(view.last_unit, view.grain)}" if view.last_unit else "nothing judged yet",
            help="Files of predictions and actuals that count; reverted ones do not.",
        ),
    ]


def _lacking(view: RecordView) -> str:
    return f"{words.plural(view.n_missing, 'field')} missing" if view.n_missing else "complete"


def part(view: RecordView, name: str) -> None:
    """Draw one part: what it is, its named facts, its table."""
    st.caption(words.plain(_caption(view, name)))
    if name in view.facts:
        st.table({fact: words.plain(told) for fact, told in view.facts[name].items()}, border="horizontal")
    if name in view.tables:
        _table(view, name)
    if name == "contract" and view.contract:
        _download(view.contract.text, f"{view.model}-contract.yaml", "Download as data contract (ODCS)")


def _caption(view: RecordView, name: str) -> str:
    accepted = view.contract
    contract = "No person accepted a contract for this version. Its owner accepts one on Data quality."
    if accepted:
        contract = f"Revision {accepted.revision}, accepted by {accepted.by} on {words.day(accepted.at.date())}"
    return {
        "versions": "Every version, newest first",
        "schema": f"Revision {view.revision} of the schema, {view.n_features} features",
        "contract": contract,
        "lineage": f"Version {view.version}: where it comes from, and what came of it",
        "batches": "Files of predictions and actuals, newest first",
        "audit": "The last entries of the audit chain about this model, newest first (system clock)",
    }[name]


def _table(view: RecordView, name: str) -> None:
    rows = view.tables[name]
    if not rows:
        return
    filled = [name for name in rows[0] if any(row[name] not in ("", None) for row in rows)]
    st.dataframe(
        [{name: tables.cell(row[name]) for name in filled} for row in rows],
        hide_index=True,
        height="content" if len(rows) <= SHOWN_IN_FULL else TALLEST,
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(name, filled),
        key=f"record.{name}",
    )
    columns = {column: [row[column] for row in rows] for column in rows[0]}
    table = tables.PlotTable(name=f"{view.model}-{name}", columns=columns)
    _download(tables.csv_text(table), f"{table.name}.csv", "Download as CSV")


def _columns(name: str, filled: list[str]) -> dict[str, Any]:
    """Return the settings of the columns that hold anything; the width of the others goes to the longest text."""
    widths = WIDTHS.get(name, {})
    spare = sum(width for column, width in widths.items() if column not in filled)
    own = {column: width + (spare if column == "meaning" else 0) for column, width in widths.items()}
    kinds = {"importance": partial(st.column_config.NumberColumn, format="%.3f")}
    return {column: kinds.get(column, st.column_config.Column)(width=width) for column, width in own.items()}


def _download(text: str, file: str, label: str) -> None:
    st.download_button(
        label, text, file_name=file, icon=":material/download:", type="tertiary", key=f"record.download.{file}"
    )
