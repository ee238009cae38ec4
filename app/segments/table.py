"""Weak segments as a table, news first, then by harm; a click anywhere in a row selects the segment shown below."""

from typing import Any

import polars as pl
import streamlit as st

from app import style, tables, words
from app.segments.losses import LOSSES, Spoken
from app.segments.views import SegmentsView, name_of, text_of
from core.segments.search_result import FoundSegment

KEY = "segments.table"
ALL_KEY = "segments.all"
WHERE = "where"
SEEN = "seen.segments.where"
SHOWN = 8


def draw(view: SegmentsView) -> FoundSegment:
    """Draw the table and return the selected segment."""
    _sync(view)
    everything = len(view.segments) <= SHOWN or bool(st.session_state.get(ALL_KEY))
    rows = view.segments if everything else view.segments[:SHOWN]
    event = st.dataframe(
        pl.DataFrame([_cells(view, one) for one in rows], infer_schema_length=None),
        key=KEY,
        on_select=_follow,
        selection_mode=["single-row-required", "single-cell"],
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(view),
        alt="Segments that are worse than the rest, news first, then by harm",
    )
    if len(view.segments) > SHOWN:
        st.toggle(f"all {len(view.segments)} segments", key=ALL_KEY, persist_state="session")
    picked = (event["selection"]["rows"] or [0])[0]
    row = rows[picked if picked < len(rows) else 0]
    st.query_params[WHERE] = text_of(row)
    st.session_state[SEEN] = text_of(row)
    return row


def asked_elsewhere(view: SegmentsView) -> str:
    """Return the filter of the URL where it is none of the segments found; else empty."""
    asked = st.query_params.get(WHERE, "")
    return "" if asked in {text_of(one) for one in view.segments} else asked


def _sync(view: SegmentsView) -> None:
    """Select the segment of the URL when it came from outside: a link, Back, another window."""
    texts = [text_of(one) for one in view.segments]
    asked = st.query_params.get(WHERE)
    if asked is None or asked == st.session_state.get(SEEN) or asked not in texts:
        return
    place = texts.index(asked)
    if place >= SHOWN:
        st.session_state[ALL_KEY] = True
    st.session_state[KEY] = {"selection": {"rows": [place], "columns": [], "cells": []}}


def _follow() -> None:
    """Turn the click on a cell into the selection of its row."""
    picked = st.session_state[KEY]["selection"]
    if picked["cells"]:
        st.session_state[KEY] = {"selection": {"rows": [picked["cells"][0][0]], "columns": [], "cells": []}}


def _cells(view: SegmentsView, one: FoundSegment) -> dict[str, Any]:
    spoken = LOSSES[view.loss]
    before = one.before
    there = "" if before.deficit is None else f", {spoken.plus(before.deficit).removesuffix(' points')}"
    return {
        "segment": tables.cell(name_of(one)),
        "in training": f"{before.standing.value}{there}",
        "harm": round(one.harm),
        "n": one.n,
        "here": f"{spoken.text(one.mean)} [{_within(spoken, one)}], {spoken.text(one.rest)}",
        "surely": f"{spoken.plus(one.shrunk).removesuffix(' points')} [{spoken.bare(one.shrunk_low)} to "
        f"{spoken.bare(one.shrunk_high)}]",
        "p": words.p_value(one.adjusted_p),
        "next": one.later.outcome.value,
    }


def _within(spoken: Spoken, one: FoundSegment) -> str:
    """Return the interval of the value, its unit named once."""
    low = spoken.text(one.low)
    return f"{low.removesuffix(' %')} to {spoken.text(one.high)}"


def _columns(view: SegmentsView) -> dict[str, Any]:
    column, spoken = st.column_config, LOSSES[view.loss]
    return {
        "segment": column.TextColumn("segment", width=300),
        "in training": column.TextColumn(
            "in training",
            width=98,
            help="Was it as weak in the reference: new, worse than there, known, or unclear; and by how much it was "
            "above the rest there.",
        ),
        "harm": column.NumberColumn(
            "harm",
            width=54,
            format="localized",
            help="(segment − rest) × rows: what would be gone if it were as the rest.",
        ),
        "n": column.NumberColumn("n", width=54, format="localized", help="Rows of the segment that count."),
        "here": column.TextColumn(
            "here, rest", width=192, help=f"Its {spoken.name} with its 95 % interval, and that of all other rows."
        ),
        "surely": column.TextColumn(
            "surely worse by" + (" (points)" if spoken.scale == "percent" else ""),
            width=160,
            help="How much worse than the rest once it is known that only large deficits are reported (without the "
            "winner's curse), with its 95 % interval.",
        ),
        "p": column.TextColumn("adjusted p", width=78, help="One-sided, corrected for everything searched."),
        "next": column.TextColumn("next window", width=86, help="Tested again alone in the window that follows."),
    }
