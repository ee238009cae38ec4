"""What to look at: the first finding of each family of every model that needs attention, with a way to it."""

import streamlit as st

from app import findings, navigation, words
from app.fleet import table
from app.fleet.views import FamilyState, FleetRow, FleetView
from core.states import State

MOST_MODELS = 5
STATE_WIDTH, FAMILY_WIDTH = 84, 100
FAMILIES = {
    "service": "service",
    "quality": "data",
    "drift": "drift",
    "performance": "performance",
    "calibration": "calibration",
    "attribution": "explanation",
    "fairness": "fairness",
}


def draw(view: FleetView) -> None:
    """Draw the findings, worst model first; nothing when no model needs attention."""
    needing = [row for row in view.rows if row.state in findings.ALARMING]
    if not needing:
        return
    with st.container(border=True, gap="small", key="attention"):
        st.markdown("**What to look at**")
        for row in needing[:MOST_MODELS]:
            _model(row, named=len(view.rows) > 1)
        if len(needing) > MOST_MODELS:
            st.caption(f"{len(needing) - MOST_MODELS} more need attention: see the table.")


def _model(row: FleetRow, *, named: bool) -> None:
    if named:
        st.markdown(f"**{words.plain(row.model)}**")
    for found in row.families:
        if found.state in findings.ALARMING:
            _line(row, found)
    waiting = [found for found in row.families if found.state is State.NOT_APPLICABLE]
    if waiting:
        told = "; ".join(
            f"{FAMILIES[found.family]} ({found.reason.removeprefix('not applicable: ')})" for found in waiting
        )
        st.caption(f"◌ not judged: {words.plain(told)}")


def _line(row: FleetRow, found: FamilyState) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(words.badge(found.state), width=STATE_WIDTH)
        st.markdown(f":gray[{FAMILIES[found.family]}]", width=FAMILY_WIDTH)
        st.markdown(words.plain(findings.reason(found.reason, found.cause)), width="stretch")
        st.page_link(
            navigation.path(table.page_of(found.family)),
            label=f"See {words.plain(found.cause or FAMILIES[found.family])}",
            icon=":material/arrow_forward:",
            query_params=table.link(row, found.family, found.cause),
        )
