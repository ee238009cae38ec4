"""The parts of the Model page: what people wrote about the model first, then what Watchroom knows of it."""

import streamlit as st

from app import navigation, words
from app.governed import calendar, panel, queries, reviewing, told
from app.record import card, draw, governed, history, tier
from app.record.views import RecordView


def one(home: str, view: RecordView, name: str) -> None:
    """Draw a part, and the form that was opened in it."""
    match name:
        case "record":
            governed.draw(home, view.model)
            governed.drawer(home, view.model)
        case "tier":
            tier.draw(home, view.model)
            tier.drawer(home, view.model)
        case "card":
            card.draw(home, view.model, view.version)
            card.drawer(home, view.model, view.version)
        case "reviews":
            _findings(home, view)
            calendar.draw(home, model=view.model)
            asked = panel.asked(*reviewing.KINDS)
            if asked is not None:
                reviewing.drawer(home, asked)
        case "history":
            history.draw(home, view.model)
        case _:
            draw.part(view, name)


def _findings(home: str, view: RecordView) -> None:
    mine = [found for found in queries.all_findings(home) if found.model == view.model]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="record.findings"):
        st.markdown(f"Open findings: **{words.plain(told.severities(mine))}**", width="content")
        st.page_link(
            navigation.path("findings"),
            label="Findings and reviews",
            icon=":material/assignment_late:",
            query_params={**st.query_params.to_dict(), "of": view.model},
        )
