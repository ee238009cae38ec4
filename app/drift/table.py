"""Features ranked by impact; a click anywhere in a row selects the feature shown below."""

from typing import Any

import polars as pl
import streamlit as st

from app import style, tables, words
from app.drift.views import DriftRow, DriftView
from core.states import State

KEY = "drift.table"
ALL_KEY = "drift.all"
FEATURE = "feature"
SEEN = "seen.feature"
SHOWN = 8


def draw(view: DriftView) -> DriftRow:
    """Draw the table and return the selected row."""
    _sync(view)
    everything = len(view.rows) <= SHOWN or bool(st.session_state.get(ALL_KEY))
    rows = view.rows if everything else view.rows[:SHOWN]
    event = st.dataframe(
        pl.DataFrame([_cells(row) for row in rows], infer_schema_length=None),
        key=KEY,
        on_select=_follow,
        selection_mode=["single-row-required", "single-cell"],
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_order=_order(rows),
        column_config=_columns(rows),
        alt="Features by impact, worst first",
    )
    if len(view.rows) > SHOWN:
        st.toggle(f"all {len(view.rows)} features", key=ALL_KEY, persist_state="session")
    picked = (event["selection"]["rows"] or [0])[0]
    row = rows[picked if picked < len(rows) else 0]
    st.query_params[FEATURE] = row.feature
    st.session_state[SEEN] = row.feature
    return row


def _sync(view: DriftView) -> None:
    """Select the feature of the URL when it came from outside: a link, Back, another model."""
    names = [row.feature for row in view.rows]
    asked = st.query_params.get(FEATURE)
    if asked is None or asked == st.session_state.get(SEEN) or asked not in names:
        return
    place = names.index(asked)
    if place >= SHOWN:
        st.session_state[ALL_KEY] = True
    st.session_state[KEY] = {"selection": {"rows": [place], "columns": [], "cells": []}}


def _follow() -> None:
    """Turn the click on a cell into the selection of its row."""
    picked = st.session_state[KEY]["selection"]
    if picked["cells"]:
        st.session_state[KEY] = {"selection": {"rows": [picked["cells"][0][0]], "columns": [], "cells": []}}


def _cells(row: DriftRow) -> dict[str, Any]:
    top = max([*row.reference_share, *row.current_share, 1e-9])
    return {
        "state": [words.state(row.state)],
        "feature": tables.cell(row.feature),
        "impact": row.impact,
        "importance": row.importance,
        "psi": row.psi,
        "interval": words.within(row.psi_low, row.psi_high),
        "ks": row.ks,
        "missing": _missing(row),
        "reference": [share / top for share in row.reference_share],
        "current": [share / top for share in row.current_share],
        "since": words.unit(row.since, row.grain, year=False) if row.since else "",
        "judged": None if row.judged is None else max(row.judged, 0.0),
        "note": _note(row),
    }


def _missing(row: DriftRow) -> str:
    if row.missing_current is None:
        return words.NONE
    before = "" if row.missing_reference is None else words.percent(row.missing_reference).removesuffix(" %")
    now = words.percent(row.missing_current)
    return f"{before} → {now}" if before and f"{before} %" != now else now


def _note(row: DriftRow) -> str:
    if row.absent:
        return "no values"
    if row.state is State.NOT_APPLICABLE:
        return row.reason
    return f"vs {row.compared_with.removeprefix('the ')}" if row.seasonal else ""


def _order(rows: tuple[DriftRow, ...]) -> list[str]:
    """Return the columns that have something to show."""
    always = [
        "state",
        "feature",
        "impact",
        "importance",
        "psi",
        "interval",
        "judged",
        "ks",
        "missing",
        "reference",
        "current",
    ]
    ranked = any(row.importance is not None for row in rows)
    shown = [name for name in always if ranked or name not in ("impact", "importance")]
    if any(row.since for row in rows):
        shown.append("since")
    if any(_note(row) for row in rows):
        shown.append("note")
    return shown


def _columns(rows: tuple[DriftRow, ...]) -> dict[str, Any]:
    column = st.column_config
    most = max([row.impact or 0.0 for row in rows] + [0.01])
    return {
        "state": style.state_column(),
        "feature": column.TextColumn("feature", width=126),
        "impact": column.ProgressColumn(
            "impact ↓",
            format="%.2f",
            min_value=0,
            max_value=most,
            width=92,
            color="blue",
            help="Importance × PSI above chance: how much of what the model looks at has moved.",
        ),
        "importance": column.NumberColumn(
            "importance", width=76, format="%.2f", help="Share of the model's importance."
        ),
        "psi": column.NumberColumn("PSI", width=50, format="%.2f", help="Population stability index on display cells."),
        "interval": column.TextColumn("95 % interval", width=92, help="95 % interval of the PSI."),
        "ks": column.NumberColumn("KS", width=50, format="%.2f", help="Largest distance of the two cumulative curves."),
        "missing": column.TextColumn("missing", width=98, help="Share of null and NaN: reference → window."),
        "reference": column.BarChartColumn("reference", width=72, color=style.MID_GREY, y_min=0, y_max=1),
        "current": column.BarChartColumn("current", width=72, color="blue", y_min=0, y_max=1),
        "since": column.TextColumn("since", width=58, help="First window of the present breach."),
        "judged": column.NumberColumn(
            "above chance",
            width=94,
            format="%.2f",
            help="The part of the PSI that chance does not explain; this is compared with the limit. Against training "
            "it is taken on the same weekdays, for a seasonal feature on the 28 days before.",
        ),
        "note": column.TextColumn(
            "note", width=146, help="What a seasonal feature is judged against; why a feature cannot be judged."
        ),
    }
