"""The one look of every figure: colour tokens, a template, and the marks that figures share.

A figure knows no theme. Its colours are the placeholders ``#000001`` to ``#000010`` that Streamlit
replaces in the browser by the n-th ``chartCategoricalColors`` of the active theme
(``.streamlit/config.toml``); two hex digits behind them carry opacity.
"""

import html
import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

CURRENT, REFERENCE, CHALLENGER, HEALTHY, WARNING, CRITICAL, NO_DATA, PALE, INK, GRID = (
    f"#0000{number:02d}" for number in range(1, 11)
)
TEMPLATE = "watchroom"

pio.templates[TEMPLATE] = go.layout.Template(
    layout=go.Layout(
        hovermode="x unified",
        dragmode=False,
        bargap=0.15,
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -0.18,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        xaxis={"showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True},
        yaxis={
            "gridcolor": GRID,
            "zeroline": False,
            "showgrid": True,
            "nticks": 5,
            "tickmode": "auto",
            "automargin": True,
            "fixedrange": True,
        },
    )
)


def faded(token: str, share: float = 0.18) -> str:
    """Return the colour token with opacity `share` in [0, 1].

    >>> faded("#000001", 0.5)
    '#00000180'
    """
    return f"{token}{round(255 * share):02X}"


def literal(text: str) -> str:
    """Return `text` so that Plotly draws it as it is: its labels read a little HTML.

    >>> literal("<b>a & b</b>")
    '&lt;b&gt;a &amp; b&lt;/b&gt;'
    """
    return html.escape(text, quote=False)


def figure() -> go.Figure:
    """Return an empty figure in the shared look.

    Margin, date format and hover font stand on the figure itself, because Streamlit's theme
    would override them in a template.
    """
    name = f"streamlit+{TEMPLATE}" if "streamlit" in pio.templates else TEMPLATE
    return go.Figure(
        layout={
            "template": name,
            "margin": {"l": 0, "r": 4, "t": 22, "b": 0, "pad": 4},
            "xaxis": {"tickformat": "%-d %b"},
            "hoverlabel": {"font": {"color": INK, "size": 12}},
        }
    )


def band(
    drawn: go.Figure,
    x: Sequence[Any],
    low: Sequence[float],
    high: Sequence[float],
    *,
    token: str = CURRENT,
    name: str = "95 % interval",
    legend: bool = True,
) -> None:
    """Draw the interval between `low` and `high` as a band at 18 %."""
    drawn.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        fill="toself",
        fillcolor=faded(token),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name=name,
        legendgroup=name,
        showlegend=legend,
    )


def limit(
    drawn: go.Figure,
    y: float,
    name: str,
    *,
    token: str = CRITICAL,
    right: bool = False,
    lift: int = 0,
    logarithmic: bool = False,
) -> None:
    """Draw a limit as a dashed line with its name at its left or `right` end, `lift` pixels above the line.

    `logarithmic` says that the axis is: Plotly takes a line there by its value, and a name by its logarithm.
    """
    drawn.add_hline(
        y=y,
        line={"color": token, "width": 1.5, "dash": "dash"},
        annotation={
            "text": literal(name),
            "y": math.log10(y) if logarithmic else y,
            "showarrow": False,
            "font": {"color": token, "size": 11},
            "x": 1 if right else 0,
            "xanchor": "right" if right else "left",
            "yanchor": "bottom",
            "yshift": lift,
        },
    )


def event(drawn: go.Figure, x: date | str, text: str, *, token: str = NO_DATA, left: bool = False) -> None:
    """Mark what happened at `x`: a release, an incident, an upstream job; the words go right of it, or `left`."""
    drawn.add_vline(x=x, line={"color": token, "width": 1, "dash": "dot"})
    drawn.add_annotation(
        x=x,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if left else "left",
        text=literal(text),
        font={"color": token, "size": 11},
        showarrow=False,
    )


def volume_behind(drawn: go.Figure, x: Sequence[Any], n: Sequence[int], *, name: str = "predictions") -> None:
    """Draw volume as pale bars; call it before the lines, because y lies over y2."""
    drawn.add_bar(
        x=list(x),
        y=list(n),
        yaxis="y2",
        marker={"color": PALE, "line": {"width": 0}},
        name=name,
        hovertemplate="%{y:,}<extra>n</extra>",
    )
    drawn.update_layout(
        yaxis2={"side": "right", "visible": False, "range": [0, max([*n, 1]) * 4], "fixedrange": True},
        yaxis={"overlaying": "y2", "tickmode": "auto"},
    )
