"""The lineage as a graph and as a list, and the chosen point with the way to its page."""

from typing import Any

import streamlit as st

from app import navigation, plots, style, tables, words
from core.inventory.figures import lineage_rows
from core.inventory.lineage import Lineage, Node

GRAPH_KEY, LIST_KEY, CHOSEN = "lineage.graph", "lineage.list", "lineage.chosen"
WIDTHS = {"what": 110, "name": 220, "detail": 620}
PAGES = {
    "version": ("model", "versions", "Its version"),
    "schema": ("model", "schema", "Its schema"),
    "log": ("model", "batches", "Its files"),
    "release": ("dossier", "", "Its dossier"),
}
"""Kind of a link → page, part of it, and what the link is called."""


def draw(model: str, graph: Lineage) -> None:
    """Draw the graph, the chosen point, and the list, in which a row chooses too."""
    drawn = lineage_rows(graph)
    key = f"{GRAPH_KEY}.{model}.{st.context.theme.type}"
    with st.container(border=True, key="lineage.frame"):
        st.plotly_chart(
            drawn,
            height=drawn.layout.height or plots.HEIGHT,
            config={"displayModeBar": False},
            key=key,
            on_select=lambda: _clicked(key, graph),
            selection_mode="points",
            alt="Lineage from the data to the predictions",
        )
    _chosen(model, graph)
    st.dataframe(
        {
            "what": [node.stage.value for node in graph.nodes],
            "name": [tables.cell(node.label) for node in graph.nodes],
            "detail": [tables.cell(node.detail) or words.NONE for node in graph.nodes],
        },
        key=LIST_KEY,
        on_select=lambda: _picked(graph),
        selection_mode="single-row",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()},
        alt="Everything in the graph, from the data to the predictions",
    )


def _clicked(key: str, graph: Lineage) -> None:
    points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
    found = points[0].get("customdata") if points else None
    place = found[0] if isinstance(found, list | tuple) else found
    if isinstance(place, int | float) and 0 <= int(place) < len(graph.nodes):
        st.session_state[CHOSEN] = graph.nodes[int(place)].id


def _picked(graph: Lineage) -> None:
    rows = st.session_state[LIST_KEY]["selection"]["rows"]
    if rows:
        st.session_state[CHOSEN] = graph.nodes[rows[0]].id


def _chosen(model: str, graph: Lineage) -> None:
    node = next((one for one in graph.nodes if one.id == st.session_state.get(CHOSEN)), None)
    if node is None:
        st.caption("Choose a point of the graph, or a row of the list.")
        return
    with st.container(border=True, gap="xsmall", key="lineage.chosen_box"):
        st.markdown(f":blue-badge[{node.stage.value}] **{words.plain(node.label)}**")
        if node.detail:
            st.markdown(words.plain(node.detail))
        _way(model, node)


def _way(model: str, node: Node) -> None:
    url, part, label = PAGES.get(node.link[0] if node.link else "", ("", "", ""))
    if url not in navigation.urls():
        return
    query = {**st.query_params.to_dict(), "model": model, **({"part": part} if part else {})}
    if node.link[0] == "release":
        query["release"] = node.link[1]
    elif len(node.link) > 2:
        query["version"] = node.link[2]
    st.page_link(navigation.path(url), label=label, icon=":material/arrow_forward:", query_params=query)
