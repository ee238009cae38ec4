"""Pictures of the inventory."""

import plotly.graph_objects as go

from core import figures
from core.inventory.lineage import STAGES, Lineage, Node

ROW_PIXELS = 68
ROOM_LEFT, ROOM_RIGHT = 0.15, 0.85
"""Shares of the distance of two neighbours: a label stands to the right of its point."""

LONGEST_LABEL = 22
FADED = 0.45
"""Opacity of the points beside the chosen one; their names stay as readable as before."""


def lineage_rows(lineage: Lineage) -> go.Figure:
    """Draw a lineage in rows from the data on top to the predictions at the foot, so that a phone shows it too.

    Each node is a point that can be chosen: `customdata` is its place in `lineage.nodes`. Its label stands beside it,
    what more there is to say shows under the pointer.
    """
    drawn = figures.figure()
    places = _places(lineage)
    for left, right in lineage.edges:
        (x0, y0), (x1, y1) = places[left], places[right]
        drawn.add_scatter(
            x=[x0, x1],
            y=[y0, y1],
            mode="lines",
            line={"color": figures.GRID, "width": 2},
            hoverinfo="skip",
            showlegend=False,
        )
    drawn.add_scatter(
        x=[places[node.id][0] for node in lineage.nodes],
        y=[places[node.id][1] for node in lineage.nodes],
        mode="markers+text",
        marker={"color": figures.CURRENT, "size": 15},
        text=[_label(node) for node in lineage.nodes],
        textposition="middle right",
        textfont={"color": figures.INK, "size": 12},
        customdata=list(range(len(lineage.nodes))),
        hovertext=[_hover(node) for node in lineage.nodes],
        hoverinfo="text",
        showlegend=False,
        name="nodes",
        unselected={"marker": {"opacity": FADED}, "textfont": {"color": figures.INK}},
    )
    widest = max(len(lineage.of(stage)) for stage in STAGES)
    rows = [stage for stage in STAGES if lineage.of(stage)]
    half = (widest - 1) / 2
    drawn.update_xaxes(range=[-half - ROOM_LEFT, half + ROOM_RIGHT], visible=False)
    drawn.update_yaxes(
        range=[-len(rows) + 0.6, 0.7],
        tickmode="array",
        tickvals=[-row for row in range(len(rows))],
        ticktext=[stage.value for stage in rows],
        showgrid=False,
    )
    drawn.update_layout(hovermode="closest", height=ROW_PIXELS * len(rows) + 30)
    return drawn


def _places(lineage: Lineage) -> dict[str, tuple[float, float]]:
    """Return where each node stands: its place in the row of its stage, centred; a stage without any has no row."""
    rows = [nodes for stage in STAGES if (nodes := lineage.of(stage))]
    return {
        node.id: (place - (len(nodes) - 1) / 2, -float(row))
        for row, nodes in enumerate(rows)
        for place, node in enumerate(nodes)
    }


def _label(node: Node) -> str:
    text = node.label if len(node.label) <= LONGEST_LABEL else f"{node.label[: LONGEST_LABEL - 1]}…"
    return figures.literal(text)


def _hover(node: Node) -> str:
    return figures.literal(f"{node.label}: {node.detail}" if node.detail else node.label)
