"""Pictures of the inventory."""

import plotly.graph_objects as go

from core import figures
from core.inventory.lineage import STAGES, Lineage, Node

ROW_PIXELS, LEAST_PIXELS = 76, 190
LONGEST_LABEL = 26


def lineage_columns(lineage: Lineage) -> go.Figure:
    """Draw a lineage in columns from the data on the left to the predictions on the right.

    Each node is a point that can be chosen: `customdata` is its place in `lineage.nodes`. Its label stands above it,
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
        textposition="top center",
        textfont={"color": figures.INK, "size": 12},
        customdata=list(range(len(lineage.nodes))),
        hovertext=[_hover(node) for node in lineage.nodes],
        hoverinfo="text",
        showlegend=False,
        name="nodes",
    )
    tallest = max(len(lineage.of(stage)) for stage in STAGES)
    names = [stage.value for stage in STAGES]
    drawn.update_xaxes(range=[-0.5, len(STAGES) - 0.5], tickvals=list(range(len(STAGES))), ticktext=names, side="top")
    drawn.update_yaxes(range=[-0.7, max(tallest, 2) - 0.3], visible=False)
    drawn.update_layout(hovermode="closest", height=max(LEAST_PIXELS, ROW_PIXELS * (tallest + 1)))
    return drawn


def _places(lineage: Lineage) -> dict[str, tuple[float, float]]:
    """Return where each node stands: its column, and its place in it, the column centred, the first on top."""
    tallest = max(len(lineage.of(stage)) for stage in STAGES)
    found: dict[str, tuple[float, float]] = {}
    for x, stage in enumerate(STAGES):
        nodes = lineage.of(stage)
        top = (max(tallest, 2) - 1 + len(nodes) - 1) / 2
        found |= {node.id: (float(x), top - row) for row, node in enumerate(nodes)}
    return found


def _label(node: Node) -> str:
    text = node.label if len(node.label) <= LONGEST_LABEL else f"{node.label[: LONGEST_LABEL - 1]}…"
    return figures.literal(text)


def _hover(node: Node) -> str:
    return figures.literal(f"{node.label}: {node.detail}" if node.detail else node.label)
