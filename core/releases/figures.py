"""Figures of a dossier: champion and challenger in one plot, what changes as a share of what is allowed."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core import figures
from core.releases.display import ChangeDot, CurvePair, SharePair
from core.releases.gates.gate import GateOutcome

TOKENS = {
    GateOutcome.PASSED.value: figures.HEALTHY,
    GateOutcome.INCONCLUSIVE.value: figures.NO_DATA,
    GateOutcome.FAILED.value: figures.CRITICAL,
}
AXES = {
    "roc": ("called positive though negative", "positives that are found"),
    "pr": ("positives that are found", "right among those called positive"),
    "reliability": ("the score says", "it happens"),
}
NAME_LENGTH = 24
LEAST_END, MOST_END, ROOM = 1.25, 6.0, 1.1


def change_dots(dots: Sequence[ChangeDot], names: Sequence[str]) -> go.Figure:
    """How much worse the challenger is by each metric, worst first; the dashed line is what the gate allows.

    Every metric is drawn as a share of its own limit, so that they share one axis: right of the line is too much,
    left of 0 is better. An interval that runs out of the plot is cut.

    Parameters
    ----------
    names : the metrics as people write them
    """
    drawn = figures.figure()
    shown = [figures.literal(name) for name in names]
    low, high = _ends(dots)
    for name, dot in zip(shown, dots, strict=True):
        drawn.add_scatter(
            x=[max(dot.low, low), min(dot.high, high)],
            y=[name, name],
            mode="lines",
            line={"color": figures.faded(TOKENS[dot.outcome], 0.45), "width": 5},
            hoverinfo="skip",
        )
    drawn.add_scatter(
        x=[min(max(dot.share, low), high) for dot in dots],
        y=shown,
        mode="markers",
        marker={"size": 10, "color": [TOKENS[dot.outcome] for dot in dots]},
        customdata=[_told(dot) for dot in dots],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    drawn.add_vline(x=0, line={"color": figures.INK, "width": 1})
    drawn.add_vline(x=1, line={"color": figures.CRITICAL, "width": 1.5, "dash": "dash"})
    for at, text, token in ((0, "as before", figures.INK), (1, "limit", figures.CRITICAL)):
        drawn.add_annotation(
            x=at, y=1, yref="paper", yanchor="bottom", text=text, font={"color": token, "size": 11}, showarrow=False
        )
    drawn.update_layout(hovermode="closest", showlegend=False)
    drawn.update_xaxes(
        range=[low * ROOM, high * ROOM], tickformat=".0%", nticks=6, showgrid=True, gridcolor=figures.GRID
    )
    drawn.update_yaxes(type="category", autorange="reversed", showgrid=False, tickmode="linear", dtick=1)
    return drawn


def _ends(dots: Sequence[ChangeDot]) -> tuple[float, float]:
    """Return both ends of the axis: the limit and 0 are always seen, one wild metric does not flatten the others."""
    low = min([-LEAST_END + 1, *(dot.low for dot in dots)])
    high = max([LEAST_END, *(dot.high for dot in dots)])
    return max(low, -MOST_END), min(high, MOST_END)


def _told(dot: ChangeDot) -> str:
    return f"{dot.share:.0%} of the limit [{dot.low:.0%} to {dot.high:.0%}], n = {dot.n:,}"


def curve_overlay(pair: CurvePair, names: tuple[str, str]) -> go.Figure:
    """One curve of both versions in one plot; the dotted diagonal is chance (ROC) or perfect (reliability).

    Parameters
    ----------
    names : of champion and challenger: ``v1``, ``v2``
    """
    drawn = figures.figure()
    if pair.kind != "pr":
        drawn.add_scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": figures.NO_DATA, "width": 1, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
    sides = (
        (pair.champion, names[0], figures.CURRENT, "solid"),
        (pair.challenger, names[1], figures.CHALLENGER, "5px"),
    )
    for points, name, token, dash in sides:
        if points:
            drawn.add_scatter(
                x=[x for x, _ in points],
                y=[y for _, y in points],
                mode="lines+markers" if pair.kind == "reliability" else "lines",
                line={"color": token, "width": 2, "dash": dash},
                marker={"size": 6},
                name=figures.literal(name),
                hovertemplate="%{x:.1%} → %{y:.1%}",
            )
    across, up = AXES[pair.kind]
    drawn.update_layout(hovermode="closest", legend={"y": figures.LEGEND_BELOW_TITLE})
    drawn.update_xaxes(range=[0, 1], tickformat=".0%", nticks=6, title={"text": across})
    drawn.update_yaxes(range=[0, 1.02], tickformat=".0%", title={"text": up})
    return drawn


def importance_shift(pairs: Sequence[SharePair], names: tuple[str, str]) -> go.Figure:
    """How much of the scores each feature moves in both versions, the largest change on top."""
    drawn = figures.figure()
    features = [_short(one.feature) for one in pairs]
    for feature, one in zip(features, pairs, strict=True):
        if one.champion is not None and one.challenger is not None:
            drawn.add_scatter(
                x=[one.champion, one.challenger],
                y=[feature, feature],
                mode="lines",
                line={"color": figures.faded(figures.CHALLENGER, 0.45), "width": 4},
                hoverinfo="skip",
                showlegend=False,
            )
    sides = (
        ([one.champion for one in pairs], names[0], figures.CURRENT, "circle-open"),
        ([one.challenger for one in pairs], names[1], figures.CHALLENGER, "circle"),
    )
    for values, name, token, symbol in sides:
        if any(value is not None for value in values):
            drawn.add_scatter(
                x=values,
                y=features,
                mode="markers",
                marker={"size": 10, "color": token, "symbol": symbol, "line": {"color": token, "width": 2}},
                name=figures.literal(name),
                hovertemplate="%{y}: %{x:.1%}",
            )
    drawn.update_layout(hovermode="closest")
    drawn.update_xaxes(tickformat=".0%", rangemode="tozero", showgrid=True, gridcolor=figures.GRID)
    drawn.update_yaxes(type="category", autorange="reversed", showgrid=False, tickmode="linear", dtick=1)
    return drawn


def _short(name: str) -> str:
    return figures.literal(name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…")
