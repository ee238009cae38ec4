"""Pictures of the service: requests, errors and latency over windows."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from core import figures
from core.serving.display import ServiceLimit, ServiceLine, ServiceSeries
from core.serving.serving import milliseconds
from core.states import State

TOKENS = {State.WARNING: figures.WARNING, State.CRITICAL: figures.CRITICAL}
LATENCY_LOOKS = {
    "latency_p50": ("p50", figures.REFERENCE, "solid"),
    "latency_p95": ("p95", figures.CURRENT, "solid"),
    "latency_p99": ("p99", figures.CHALLENGER, "dot"),
}
MOST_MARKERS = 40
ROOM = 1.15
SEEN_FROM = 0.4
"""A limit is drawn when the values reach this share of it: one far above would press them onto the axis."""


def requests_over_windows(series: ServiceSeries) -> go.Figure:
    """Draw the requests of each window as bars."""
    drawn = figures.figure()
    drawn.add_bar(
        x=_axis(series),
        y=list(series.requests),
        marker={"color": figures.CURRENT, "line": {"width": 0}},
        hovertemplate="%{y:,} requests<extra></extra>",
        showlegend=False,
    )
    drawn.update_yaxes(tickformat="~s", rangemode="tozero")
    return _by_kind(drawn, series)


def errors_over_windows(series: ServiceSeries) -> go.Figure:
    """Draw the error rate with its interval, its limits and the volume behind."""
    drawn, line = figures.figure(), series.lines[0]
    x = _axis(series)
    figures.volume_behind(drawn, x, series.requests, name="requests")
    _band(drawn, x, line)
    hovers = [_percents(*one) for one in zip(line.value, line.low, line.high, strict=True)]
    _line(drawn, x, line, "error rate", hovers=hovers)
    highest = max([one for one in line.value if one is not None], default=0.0)
    near = _near(series.limits, highest)
    ends = sorted(one for one in line.high if one is not None)
    usual = ends[int(0.9 * (len(ends) - 1))] if ends else 0.0
    most = ROOM * max([highest, min(usual, 3 * max(highest, 0.005)), *(one.value for one in near), 0.001])
    figures.limits(drawn, [_level(one) for one in near], axis=(0, most))
    drawn.update_yaxes(tickformat=".1~%", range=[0, most], selector={"overlaying": "y2"})
    return _by_kind(drawn, series)


def latency_over_windows(series: ServiceSeries) -> go.Figure:
    """Draw the percentiles of the latency on a logarithmic axis, the interval of p95 as a band, declared limits."""
    drawn = figures.figure()
    x = _axis(series)
    for line in series.lines:
        name, token, dash = LATENCY_LOOKS[line.metric]
        if line.metric == "latency_p95":
            _band(drawn, x, line, name="95 % interval of p95")
        hovers = [_times(*one) for one in zip(line.value, line.low, line.high, strict=True)]
        _line(drawn, x, line, name, token=token, dash=dash, hovers=hovers)
    _declared(drawn, series)
    ticks = [size * 10.0**power for power in range(-1, 7) for size in (1, 2, 5)]
    drawn.update_yaxes(type="log", tickmode="array", tickvals=ticks, ticktext=[_tick(tick) for tick in ticks])
    return _by_kind(drawn, series)


def _declared(drawn: go.Figure, series: ServiceSeries) -> None:
    """Draw the declared limits on an axis on which they and all values are seen."""
    values = [one for line in series.lines for one in line.value if one]
    if not series.limits or not values:
        return
    every = [*values, *(limit.value for limit in series.limits)]
    axis = min(every) / ROOM, max(every) * ROOM
    levels = [
        figures.Level(value=one.value, name=f"{one.name} {milliseconds(one.value)}", token=TOKENS[one.state])
        for one in series.limits
    ]
    figures.limits(drawn, levels, axis=axis, logarithmic=True)
    drawn.update_yaxes(range=[math.log10(end) for end in axis])


def _tick(value: float) -> str:
    return f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"


def _axis(series: ServiceSeries) -> list[Any]:
    return figures.unit_places(series.starts, series.grain)


def _by_kind(drawn: go.Figure, series: ServiceSeries) -> go.Figure:
    figures.unit_axis(drawn, series.starts, series.grain)
    return drawn


def _band(drawn: go.Figure, x: Sequence[Any], line: ServiceLine, *, name: str = "95 % interval") -> None:
    places = range(len(line.value))
    runs = [list(run) for known, run in groupby(places, key=lambda at: line.low[at] is not None) if known]
    for at, run in enumerate(runs):
        low, high = ([side[place] or 0.0 for place in run] for side in (line.low, line.high))
        figures.band(drawn, [x[place] for place in run], low, high, name=name, legend=at == 0)


def _line(
    drawn: go.Figure,
    x: Sequence[Any],
    line: ServiceLine,
    name: str,
    *,
    hovers: Sequence[str],
    token: str = figures.CURRENT,
    dash: str = "solid",
) -> None:
    drawn.add_scatter(
        x=list(x),
        y=list(line.value),
        mode="lines+markers" if len(x) <= MOST_MARKERS else "lines",
        line={"color": token, "width": 2, "dash": dash},
        marker={"size": 5, "color": token},
        connectgaps=False,
        name=name,
        customdata=list(hovers),
        hovertemplate="%{customdata}",
    )


def _near(limits: Sequence[ServiceLimit], highest: float) -> list[ServiceLimit]:
    """Return those limits that the values come near to, and the lowest."""
    lowest = min((limit.value for limit in limits), default=0.0)
    return [limit for limit in limits if limit.value == lowest or highest >= SEEN_FROM * limit.value]


def _level(limit: ServiceLimit) -> figures.Level:
    return figures.Level(value=limit.value, name=f"{limit.name} {100 * limit.value:g} %", token=TOKENS[limit.state])


def _percents(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return "–"
    return f"{100 * value:.2f} % [{100 * low:.2f} to {100 * high:.2f}]"


def _times(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    between = "" if low is None or high is None else f" [{milliseconds(low)} to {milliseconds(high)}]"
    return f"{milliseconds(value)}{between}"
