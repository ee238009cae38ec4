"""The one look of every figure: colour tokens, a template, and the marks that figures share.

A figure knows no theme. Its colours are the placeholders ``#000001`` to ``#000010`` that Streamlit
replaces in the browser by the n-th ``chartCategoricalColors`` of the active theme
(``.streamlit/config.toml``); two hex digits behind them carry opacity.
"""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from core.windows import BATCH_ORIGIN, Grain

CURRENT, REFERENCE, CHALLENGER, HEALTHY, WARNING, CRITICAL, NO_DATA, PALE, INK, GRID = (
    f"#0000{number:02d}" for number in range(1, 11)
)
AXIS = NO_DATA
"""Of tick labels and axis titles: Streamlit's own grey has less than 4.5 : 1 on white."""

TEMPLATE = "watchroom"
PLOT_PIXELS = 170
"""Height of the least plot that has limits, without its legend and ticks."""

NAME_PIXELS, LETTER_PIXELS = 14, 6.3
NEAR_EVENTS, LATE = 0.25, 0.6
"""Shares of the axis: within the first two events share a label; beyond the second a label goes left."""

SLICES = "slice (file order, not dates)"
LEGEND_BELOW_TITLE = -0.3
MOST_TICKS = 10
MONTH_STEPS, YEAR_STEPS = (1, 2, 3, 6, 12, 24, 60, 120), (1, 2, 5, 10, 20, 50)

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
            "tracegroupgap": 0,
            "maxheight": 0.6,
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


def unit_places(starts: Sequence[date], grain: Grain) -> list[Any]:
    """Return where units lie on the axis that `unit_axis` lays out: at their dates, numbered slices at their number.

    >>> unit_places([date(2016, 1, 1)], Grain.YEAR), unit_places([date(1970, 1, 8)], Grain.BATCH)
    ([datetime.date(2016, 1, 1)], [7])
    """
    return [(start - BATCH_ORIGIN).days for start in starts] if grain is Grain.BATCH else list(starts)


def unit_edges(starts: Sequence[date], grain: Grain, run: Sequence[int]) -> tuple[Any, Any]:
    """Return where a stretch of windows begins and ends on the axis: half a window beside its first and last mark.

    Parameters
    ----------
    starts : the windows of the whole axis, at least two
    run : neighbouring positions in `starts`
    """
    at = unit_places(starts, grain)
    if grain is not Grain.BATCH:
        at = [datetime.combine(start, time.min) for start in starts]
    half = (at[1] - at[0]) / 2
    return at[run[0]] - half, at[run[-1]] + half


def unit_axis(drawn: go.Figure, starts: Sequence[date], grain: Grain) -> None:
    """Label the time axis in the model's calendar: days, months, years; slices by number, said to be no dates.

    Coarser units than the day get a tick each, or each second, third, … one: never one between two units.
    """
    if grain is Grain.DAY or not starts:
        return
    if grain is Grain.BATCH:
        span = (starts[-1] - starts[0]).days + 1
        step = next(
            step * 10**power for power in range(6) for step in (1, 2, 5) if span <= MOST_TICKS * step * 10**power
        )
        drawn.update_xaxes(type="linear", tick0=0, dtick=step, tickformat="d", title={"text": SLICES, "standoff": 8})
        drawn.update_xaxes(title_font={"size": 11}, unifiedhovertitle={"text": "slice %{x}"})
        drawn.update_layout(legend={"y": LEGEND_BELOW_TITLE})
        return
    months = 12 * (starts[-1].year - starts[0].year) + starts[-1].month - starts[0].month + 1
    steps = MONTH_STEPS if grain is Grain.MONTH else tuple(12 * years for years in YEAR_STEPS)
    step = next((step for step in steps if months <= MOST_TICKS * step), steps[-1])
    drawn.update_xaxes(tick0="2000-01-01", dtick=f"M{step}", tickformat="%b %Y" if grain is Grain.MONTH else "%Y")


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
            "xaxis": {"tickformat": "%-d %b", **_axis_ink()},
            "yaxis": _axis_ink(),
            "hoverlabel": {"font": {"color": INK, "size": 12}},
        }
    )


def _axis_ink() -> dict[str, object]:
    return {"tickfont": {"color": AXIS}, "title": {"font": {"color": AXIS}}}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A limit or a reference as drawn: where it lies, what is written beside it, in which colour."""

    value: float
    name: str
    token: str = CRITICAL


def limits(drawn: go.Figure, levels: Sequence[Level], *, axis: tuple[float, float], logarithmic: bool = False) -> None:
    """Draw levels as dashed lines, each with its name right of the plot, where no line runs through it.

    Names of levels that nearly touch are moved apart; a level outside the axis is not drawn.

    Parameters
    ----------
    axis : both ends of the axis, in the unit of the values
    logarithmic : the axis is: Plotly takes a line there by its value, and a name by its logarithm
    """

    def place(value: float) -> float:
        return math.log10(value) if logarithmic else value

    low, high = (place(end) for end in axis)
    seen = sorted((one for one in levels if axis[0] <= one.value <= axis[1]), key=lambda one: one.value)
    own = [PLOT_PIXELS * (place(one.value) - low) / (high - low) for one in seen]
    for one, at, moved in zip(seen, own, apart(own, NAME_PIXELS), strict=True):
        drawn.add_hline(y=one.value, line={"color": one.token, "width": 1.5, "dash": "dash"})
        drawn.add_annotation(
            text=literal(one.name),
            x=1,
            xref="paper",
            xanchor="left",
            xshift=3,
            y=place(one.value),
            yanchor="middle",
            yshift=round(moved - at),
            font={"color": one.token, "size": 11},
            showarrow=False,
        )
    if seen:
        drawn.update_layout(margin={"r": 8 + round(LETTER_PIXELS * max(len(one.name) for one in seen))})


def apart(places: Sequence[float], least: float) -> list[float]:
    """Return ascending places moved as little as need be so that neighbours are `least` apart.

    >>> apart([0.0, 50.0, 52.0], 14.0)
    [0.0, 44.0, 58.0]
    """
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _first(groups[-1], least) < _first(groups[-2], least) + least * len(groups[-2]):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_first(group, least) + least * at for group in groups for at in range(len(group))]


def _first(group: Sequence[float], least: float) -> float:
    """Return the place of the first of a group that stands around its own middle."""
    return sum(group) / len(group) - least * (len(group) - 1) / 2


def events(drawn: go.Figure, happened: Sequence[tuple[date, str]], *, ends: tuple[date, date]) -> None:
    """Mark what happened: a release, an incident, an upstream job.

    What lies so near that its words would run into each other shares one label, at the first day.

    Parameters
    ----------
    happened : day and words of each
    ends : first and last day of the axis
    """
    width = max((ends[1] - ends[0]).days, 1)
    groups: list[list[tuple[date, str]]] = []
    for day, text in sorted(happened, key=lambda one: one[0]):
        near = bool(groups) and (day - groups[-1][0][0]).days < NEAR_EVENTS * width
        groups[-1 if near else len(groups) :] = [[*groups[-1], (day, text)] if near else [(day, text)]]
    for group in groups:
        for day in dict.fromkeys(day for day, _ in group):
            drawn.add_vline(x=day, line={"color": NO_DATA, "width": 1, "dash": "dot"})
        first = group[0][0]
        drawn.add_annotation(
            x=first,
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor="right" if (first - ends[0]).days > LATE * width else "left",
            text=literal(", ".join(dict.fromkeys(text for _, text in group))),
            font={"color": NO_DATA, "size": 11},
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
