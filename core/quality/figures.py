"""Figures of data quality: a share over windows, broken rules over windows, rows over windows."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core import figures
from core.drift.figures import grouped
from core.quality.display import History, ShareSeries
from core.states import State

MOST_MARKERS = 45
RULE_TOKENS = (
    figures.CURRENT,
    figures.CHALLENGER,
    figures.REFERENCE,
    figures.faded(figures.CURRENT, 0.45),
    figures.faded(figures.CHALLENGER, 0.45),
    figures.PALE,
)
"""Colours of rules, the most often broken first; the colours of states would say what they do not mean here."""

ROOM = 1.15
LEAST_TOP = 0.01
TOKENS = {State.WARNING: figures.WARNING, State.CRITICAL: figures.CRITICAL}


def _axis(history: History) -> list[Any]:
    return figures.unit_places(history.starts, history.grain)


def _finished(drawn: go.Figure, history: History) -> go.Figure:
    figures.unit_axis(drawn, history.starts, history.grain)
    return drawn


def share_over_windows(history: History, series: ShareSeries, limits: Sequence[tuple[str, float, State]]) -> go.Figure:
    """One share of one feature over windows, with its interval, the reference, the limits, and volume behind.

    Parameters
    ----------
    limits : name, share and state of each limit line
    """
    drawn = figures.figure()
    x = _axis(history)
    figures.volume_behind(drawn, x, history.n)
    known = [place for place, value in enumerate(series.value) if value is not None]
    figures.band(
        drawn,
        [x[place] for place in known],
        [series.low[place] or 0.0 for place in known],
        [series.high[place] or 0.0 for place in known],
    )
    drawn.add_scatter(
        x=x,
        y=list(series.value),
        mode="lines+markers" if len(x) <= MOST_MARKERS else "lines",
        line={"color": figures.CURRENT, "width": 2},
        marker={"size": 5, "color": figures.CURRENT},
        connectgaps=False,
        name="share of rows",
        hovertemplate="%{y:.2%}",
    )
    if series.reference is not None:
        drawn.add_scatter(
            x=[x[0], x[-1]],
            y=[series.reference, series.reference],
            mode="lines",
            line={"color": figures.REFERENCE, "width": 1.5},
            name="reference",
            hovertemplate="%{y:.2%}",
        )
    levels = [
        figures.Level(value=value, name=f"{name} {100 * value:.1f} %", token=TOKENS[state])
        for name, value, state in limits
    ]
    figures.limits(drawn, levels, axis=(0, _top(series, limits)))
    drawn.update_yaxes(tickformat=".1~%", range=[0, _top(series, limits)], selector={"overlaying": "y2"})
    return _finished(drawn, history)


def _top(series: ShareSeries, limits: Sequence[tuple[str, float, State]]) -> float:
    """Return the upper end of the axis: all values and the nearest limit are seen, far limits are not waited for."""
    highest = max([value for value in (*series.high, series.reference) if value is not None] + [LEAST_TOP])
    nearest = min([value for _, value, _ in limits] + [1.0])
    within = [value for _, value, _ in limits if value <= 2 * highest]
    return min(1.0, ROOM * max([highest, nearest if nearest <= 3 * highest else 0.0, *within]))


def violation_bars(history: History) -> go.Figure:
    """Rows that broke a rule of the contract over windows, as shares of the window's rows, stacked by rule."""
    drawn = figures.figure()
    x = _axis(history)
    for place, rule in enumerate(history.rules):
        drawn.add_bar(
            x=x,
            y=[count / n if n else None for count, n in zip(rule.count, history.n, strict=True)],
            marker={"color": RULE_TOKENS[place % len(RULE_TOKENS)], "line": {"width": 0}},
            name=figures.literal(grouped([rule.name])[0]),
            customdata=[f"{count:,}" for count in rule.count],
            hovertemplate="%{y:.2%} (%{customdata} rows)",
        )
    drawn.update_layout(barmode="stack")
    drawn.update_yaxes(tickformat=".1~%", rangemode="tozero")
    return _finished(drawn, history)


def rows_over_windows(history: History) -> go.Figure:
    """Rows of each window as bars, and what the same weekday of the 28 days before lets expect as a line and band."""
    drawn = figures.figure()
    x = _axis(history)
    drawn.add_bar(
        x=x,
        y=list(history.n),
        marker={"color": figures.faded(figures.CURRENT, 0.45), "line": {"width": 0}},
        name="rows",
        hovertemplate="%{y:,}",
    )
    known = [place for place, value in enumerate(history.expected) if value is not None]
    if known:
        figures.band(
            drawn,
            [x[place] for place in known],
            [history.expected_low[place] or 0.0 for place in known],
            [history.expected_high[place] or 0.0 for place in known],
            token=figures.REFERENCE,
            name="usual on this weekday, 95 %",
        )
        drawn.add_scatter(
            x=[x[place] for place in known],
            y=[history.expected[place] for place in known],
            mode="lines",
            line={"color": figures.REFERENCE, "width": 1.5},
            name="same weekday, 28 days before",
            hovertemplate="%{y:,.0f}",
        )
    drawn.update_yaxes(tickformat=",", rangemode="tozero")
    return _finished(drawn, history)
