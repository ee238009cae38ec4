"""Features ranked by their quality, worst first; a click anywhere in a row selects the feature shown below."""

from typing import Any

import polars as pl
import streamlit as st

from app import style, tables, words
from app.quality.views import QualityRow, QualityView
from core.windows import Grain

KEY = "quality.table"
ALL_KEY = "quality.all"
FEATURE = "feature"
SEEN = "seen.quality.feature"
SHOWN = 8
SMALL = 0.1


def draw(view: QualityView) -> QualityRow:
    """Draw the table and return the selected row."""
    _sync(view)
    everything = len(view.rows) <= SHOWN or bool(st.session_state.get(ALL_KEY))
    rows = view.rows if everything else view.rows[:SHOWN]
    event = st.dataframe(
        pl.DataFrame([_cells(row, view.grain) for row in rows], infer_schema_length=None),
        column_order=_order(rows),
        key=KEY,
        on_select=_follow,
        selection_mode=["single-row-required", "single-cell"],
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(),
        alt="Features by data quality, worst first",
    )
    if len(view.rows) > SHOWN:
        st.toggle(f"all {len(view.rows)} features", key=ALL_KEY, persist_state="session")
    picked = (event["selection"]["rows"] or [0])[0]
    row = rows[picked if picked < len(rows) else 0]
    st.query_params[FEATURE] = row.feature
    st.session_state[SEEN] = row.feature
    return row


def _sync(view: QualityView) -> None:
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


def _cells(row: QualityRow, grain: Grain) -> dict[str, Any]:
    return {
        "state": [words.state(row.state)],
        "feature": tables.cell(row.feature),
        "missing": _both(row, "missing_share"),
        "unseen": _share(row, "unseen_share"),
        "outside": _share(row, "out_of_range_share"),
        "violations": _share(row, "violation_share"),
        "scale": _scale(row),
        "whole": _both(row, "integer_share"),
        "since": words.unit(row.since, grain, year=False) if row.since else "",
        "finding": row.short,
    }


def _order(rows: tuple[QualityRow, ...]) -> list[str]:
    """Return the columns that have something to show."""
    held = {
        "unseen": any(row.shares.get("unseen_share") is not None for row in rows),
        "outside": any(row.shares.get("out_of_range_share") is not None for row in rows),
        "violations": any(row.shares.get("violation_share") is not None for row in rows),
        "scale": any(row.shares.get("scale_ratio") is not None for row in rows),
        "whole": any(row.shares.get("integer_share") is not None for row in rows),
        "since": any(row.since for row in rows),
        "finding": any(row.short for row in rows),
    }
    return [name for name in _columns() if held.get(name, True)]


def _share(row: QualityRow, metric: str) -> str:
    return words.percent(row.shares.get(metric))


def _both(row: QualityRow, metric: str) -> str:
    """Return the share of the reference and of the window."""
    now, before = words.percent(row.shares.get(metric)), words.percent(row.reference.get(metric))
    if words.NONE in (now, before) or now == before:
        return now
    return f"{before.removesuffix(' %')} → {now}"


def _scale(row: QualityRow) -> str:
    ratio = row.shares.get("scale_ratio")
    if ratio is None:
        return words.NONE
    return (
        f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2f} ×" if ratio >= 0.1 or not ratio else f"1/{1 / ratio:,.0f}"
    )


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "state": style.state_column(),
        "feature": column.TextColumn("feature", width=128),
        "missing": column.TextColumn("missing", width=104, help="Share of null and NaN: reference → window."),
        "unseen": column.TextColumn("unseen", width=66, help="Rows with a level that the reference does not hold."),
        "outside": column.TextColumn(
            "out of range", width=88, help="Rows below the reference's minimum or above its maximum."
        ),
        "violations": column.TextColumn("violations", width=76, help="Rows that break the accepted contract."),
        "scale": column.TextColumn("size", width=66, help="Median of |x| of the window in units of the reference's."),
        "whole": column.TextColumn("whole numbers", width=108, help="Share of whole numbers: reference → window."),
        "since": column.TextColumn("since", width=58, help="First window of the present breach."),
        "finding": column.TextColumn("finding", width=220, help="What is over a limit in this window."),
    }
