"""From a finding to its cause: the row of links that keeps the model, the window and the filter."""

import streamlit as st

from app import navigation
from app.views import Selection

WAYS = (
    ("segments", "Where", "Segments", ":material/account_tree:"),
    ("explain", "Why", "Explain", ":material/psychology:"),
    ("attribution", "What changed", "Attribution", ":material/stacked_bar_chart:"),
    ("fairness", "Who is hurt", "Fairness", ":material/diversity_3:"),
)

ROWS = ("explain", "Which rows", "Explain", ":material/table_rows:")
"""With a filter: the rows behind the finding, one by one."""


def links(selection: Selection, *, here: str, where: str = "", feature: str = "") -> None:
    """Draw the ways on from a page: where, why, what changed, who is hurt.

    Parameters
    ----------
    here : str
        URL of the page itself, which is left out.
    where : str
        Filter of the rows in question (`core.segments.filters.to_text`).
    feature : str
        The feature in question.
    """
    kept = selection.query() | ({"where": where} if where else {}) | ({"feature": feature} if feature else {})
    known = navigation.urls() - {here}
    with st.container(horizontal=True, gap="small", key=f"onward.{here}"):
        for way in WAYS:
            if way[0] in known:
                _link(way, kept)
            if way[0] == ROWS[0] in known and where:
                _link(ROWS, {**kept, "part": "row"})


def _link(way: tuple[str, str, str, str], kept: dict[str, str]) -> None:
    url, question, title, icon = way
    label = f"{question} → {title}"
    st.page_link(navigation.path(url), label=label, icon=icon, query_params=kept, width="content")
