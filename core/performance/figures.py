"""Figures of performance: a metric over windows, a dot plot with intervals, what was taken for what."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from core import figures
from core.drift.figures import number
from core.performance.display import Confusion, Dot, Dots, EstimatedLine, MetricSeries
from core.states import State

MOST_MARKERS = 70
NAME_LENGTH = 24
ROW_PIXELS, TALL_ROW_PIXELS = 26, 36
WORDS_LENGTH, FEW_WORDS_LENGTH = 14, 24
MOST_CELL_WORDS = 12
TOKENS = {State.CRITICAL: figures.CRITICAL, State.WARNING: figures.WARNING}
ROOM = 0.12
SHADES = 0.75


def metric_over_windows(series: MetricSeries) -> go.Figure:
    """The metric with its interval, the reference, the limits and what happened; rows behind, hatched without actual.

    Windows whose actuals are not complete enough are hollow and stand in a hatched stretch.
    """
    drawn = figures.figure()
    x = figures.unit_places(series.starts, series.grain)
    _rows_behind(drawn, series, x)
    for at, run in enumerate(_runs([value is not None for value in series.low])):
        figures.band(
            drawn,
            [x[place] for place in run],
            [series.low[place] or 0.0 for place in run],
            [series.high[place] or 0.0 for place in run],
            legend=at == 0,
        )
    if series.estimated is not None:
        _estimated(drawn, series.estimated, x, share=series.share)
    _line(drawn, series, x)
    figures.limits(drawn, _levels(series), axis=_axis(series))
    if series.events:
        told = [(one.day, one.text) for one in series.events]
        figures.events(drawn, told, ends=(series.starts[0], series.starts[-1]))
    _immature(drawn, series, x)
    low, high = _axis(series)
    drawn.update_yaxes(range=[low, high], tickformat=".0%" if series.share else None, selector={"overlaying": "y2"})
    figures.unit_axis(drawn, series.starts, series.grain)
    if len(x) > 1:
        drawn.update_xaxes(range=list(figures.unit_edges(series.starts, series.grain, range(len(x)))))
    return drawn


def _levels(series: MetricSeries) -> list[figures.Level]:
    """Return the reference and the limits with their values."""
    found = [
        figures.Level(value=line.value, name=f"{line.name} {_text(line.value, series.share)}", token=TOKENS[line.state])
        for line in series.limits
    ]
    if series.reference is not None:
        named = f"reference {_text(series.reference, series.share)}"
        found.append(figures.Level(value=series.reference, name=named, token=figures.REFERENCE))
    return found


def _rows_behind(drawn: go.Figure, series: MetricSeries, x: list[Any]) -> None:
    """Draw the rows as pale bars: those with an actual, and hatched on top those that wait for one."""
    figures.volume_behind(drawn, x, series.labelled, name="rows with actual")
    waiting = [n - known for n, known in zip(series.n, series.labelled, strict=True)]
    drawn.add_bar(
        x=x,
        y=waiting,
        yaxis="y2",
        marker={
            "color": figures.faded(figures.PALE, 0.35),
            "line": {"width": 0},
            "pattern": {"shape": "/", "size": 5, "solidity": 0.25, "fgcolor": figures.NO_DATA},
        },
        name="no actual yet",
        hovertemplate="%{y:,}<extra>no actual yet</extra>",
        showlegend=any(waiting),
    )
    drawn.update_layout(barmode="stack", yaxis2={"range": [0, max([*series.n, 1]) * 4]})


def _line(drawn: go.Figure, series: MetricSeries, x: list[Any]) -> None:
    hollow = "rgba(0,0,0,0)"
    drawn.add_scatter(
        x=x,
        y=series.value,
        mode="lines+markers" if len(x) <= MOST_MARKERS else "lines",
        line={"color": figures.CURRENT, "width": 2},
        marker={
            "size": 6,
            "color": [figures.CURRENT if mature else hollow for mature in series.mature],
            "line": {"color": figures.CURRENT, "width": 1.5},
        },
        connectgaps=False,
        name=series.name,
        customdata=_hovers(series),
        hovertemplate="%{customdata}",
    )


def _estimated(drawn: go.Figure, line: EstimatedLine, x: list[Any], *, share: bool) -> None:
    """Draw what was expected without actuals: dashed with its band, grey where it is not to be trusted."""
    for at, run in enumerate(_runs([value is not None for value in line.low])):
        figures.band(
            drawn,
            [x[place] for place in run],
            [line.low[place] or 0.0 for place in run],
            [line.high[place] or 0.0 for place in run],
            token=figures.NO_DATA,
            name="band of the estimate",
            legend=at == 0,
        )
    kinds = ((True, "estimated without actuals", figures.CURRENT), (False, "estimate, suspended", figures.NO_DATA))
    for trusted, name, token in kinds:
        mine = [
            value if line.trusted[place] is trusted or _turns(line, place, trusted=trusted) else None
            for place, value in enumerate(line.value)
        ]
        if any(value is not None for value in mine):
            drawn.add_scatter(
                x=x,
                y=mine,
                mode="lines+markers" if len(x) == 1 else "lines",
                line={"color": token, "width": 1.5, "dash": "dash"},
                connectgaps=False,
                name=name,
                customdata=["–" if value is None else _text(value, share) for value in mine],
                hovertemplate=f"%{{customdata}}<extra>{name}</extra>",
            )


def _turns(line: EstimatedLine, place: int, *, trusted: bool) -> bool:
    """Whether the grey stretch begins after this window or ends with it: both lines meet there."""
    after = line.trusted[place + 1] if place + 1 < len(line.trusted) else line.trusted[place]
    return not trusted and line.trusted[place] and not after


def _hovers(series: MetricSeries) -> list[str]:
    """Return what the pointer tells of each window: value, interval, maturity."""
    told = []
    for place, value in enumerate(series.value):
        low, high = series.low[place], series.high[place]
        shown = "–" if value is None else _text(value, series.share)
        between = "" if low is None or high is None else f" [{_text(low, series.share)} to {_text(high, series.share)}]"
        told.append(f"{shown}{between}{'' if series.mature[place] else ', labels still arriving'}")
    return told


def _text(value: float, share: bool) -> str:  # noqa: FBT001 - private, one short word
    """Return a value as the axis writes it."""
    shown = f"{100 * value:.1f} %" if share else f"{value:.3f}" if abs(value) < 10 else number(value)
    return f"−{shown[1:]}" if shown.startswith("-") else shown


def _immature(drawn: go.Figure, series: MetricSeries, x: list[Any]) -> None:
    """Hatch the stretches of windows whose actuals are not complete enough."""
    for run in _runs([not mature for mature in series.mature]):
        if len(x) < 2:
            continue
        first, last = figures.unit_edges(series.starts, series.grain, run)
        drawn.add_scatter(
            x=[first, last, last, first],
            y=[1, 1, 0, 0],
            yaxis="y3",
            fill="toself",
            mode="none",
            hoverinfo="skip",
            name="labels still arriving",
            legendgroup="immature",
            showlegend=run[-1] == len(x) - 1,
            fillpattern={
                "shape": "/",
                "size": 7,
                "solidity": 0.12,
                "fgcolor": figures.NO_DATA,
                "bgcolor": "rgba(0,0,0,0)",
            },
        )
    drawn.update_layout(yaxis3={"overlaying": "y2", "range": [0, 1], "visible": False, "fixedrange": True})


def _runs(held: Sequence[bool]) -> list[list[int]]:
    """Return the stretches of neighbouring places that hold."""
    grouped = groupby(range(len(held)), key=lambda place: held[place])
    return [list(run) for known, run in grouped if known]


def _expected(series: MetricSeries) -> tuple[float | None, ...]:
    return () if series.estimated is None else series.estimated.value


def _axis(series: MetricSeries) -> tuple[float, float]:
    """Return both ends of the axis: every value, the reference and the limits are seen, very wide intervals run out."""
    known = [
        value
        for value in (*series.value, *_expected(series), series.reference, *(line.value for line in series.limits))
        if value is not None
    ]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    wide = max(high - low, 0.02 * max(abs(low), abs(high)), 1e-9)
    ends_low = min([one for one in series.low if one is not None], default=low)
    ends_high = max([one for one in series.high if one is not None], default=high)
    return max(ends_low, low - wide) - ROOM * wide, min(ends_high, high + wide) + ROOM * wide


def dot_plot(shown: Dots) -> go.Figure:
    """One dot with its interval for each population, the reference as a tick, the whole population as a line."""
    drawn = figures.figure()
    names = [_on_lines(dot.name) for dot in shown.dots]
    for name, dot in zip(names, shown.dots, strict=True):
        if dot.low is not None and dot.high is not None:
            drawn.add_scatter(
                x=[dot.low, dot.high],
                y=[name, name],
                mode="lines",
                line={"color": figures.faded(figures.CURRENT, 0.45), "width": 5},
                hoverinfo="skip",
                showlegend=False,
            )
    compared = [(name, dot.reference) for name, dot in zip(names, shown.dots, strict=True) if dot.reference is not None]
    if compared:
        drawn.add_scatter(
            x=[value for _, value in compared],
            y=[name for name, _ in compared],
            mode="markers",
            marker={"symbol": "line-ns", "size": 12, "line": {"color": figures.REFERENCE, "width": 2.5}},
            name="in the reference",
            hoverinfo="skip",
        )
    drawn.add_scatter(
        x=[dot.value for dot in shown.dots],
        y=names,
        mode="markers",
        marker={
            "size": 9,
            "color": [figures.CURRENT if dot.judged else "rgba(0,0,0,0)" for dot in shown.dots],
            "line": {"color": figures.CURRENT, "width": 1.5},
        },
        name=shown.name,
        customdata=[_told(dot, shown.share) for dot in shown.dots],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    if shown.overall is not None:
        drawn.add_vline(x=shown.overall, line={"color": figures.INK, "width": 1, "dash": "dot"})
        drawn.add_annotation(
            x=shown.overall, y=1, yref="paper", yanchor="bottom", text=figures.literal(shown.overall_name),
            font={"color": figures.INK, "size": 11}, showarrow=False,
        )  # fmt: skip
    drawn.update_layout(hovermode="closest", showlegend=bool(compared))
    drawn.update_xaxes(tickformat=".0%" if shown.share else None, showgrid=True, gridcolor=figures.GRID)
    drawn.update_yaxes(type="category", autorange="reversed", showgrid=False, tickmode="linear", dtick=1)
    return drawn


def row_pixels(dots: Sequence[Dot]) -> int:
    """Return the height that a row of the dot plot needs: more where a name stands on two lines."""
    return TALL_ROW_PIXELS if any("<br>" in _on_lines(dot.name) for dot in dots) else ROW_PIXELS


def _told(dot: Dot, share: bool) -> str:  # noqa: FBT001 - private, one short word
    between = "" if dot.low is None or dot.high is None else f" [{_text(dot.low, share)} to {_text(dot.high, share)}]"
    before = "" if dot.reference is None else f", {_text(dot.reference, share)} in the reference"
    return f"{_text(dot.value, share)}{between}{before}, n = {dot.n:,}"


def _on_lines(name: str) -> str:
    """Return a name on one line, or the column and its value on two where it is long."""
    column, sign, value = name.partition(" = ")
    return _short(name) if len(name) <= NAME_LENGTH or not sign else f"{_short(column)} =<br>{_short(value)}"


def _short(name: str, length: int = NAME_LENGTH) -> str:
    return figures.literal(name if len(name) <= length else f"{name[: length - 1]}…")


def confusion_cells(shown: Confusion) -> go.Figure:
    """What the model said (rows) against what happened (columns): shade by the share of the column, rows as text."""
    drawn = figures.figure()
    length = WORDS_LENGTH if len(shown.actual) > 2 else FEW_WORDS_LENGTH
    called = [_short(name, WORDS_LENGTH) for name in shown.called]
    actual = [_short(name, length) for name in shown.actual]
    totals = [max(sum(row[place] for row in shown.counts), 1) for place in range(len(actual))]
    few = len(called) <= MOST_CELL_WORDS
    for place in reversed(range(len(called))):
        shares = [count / total for count, total in zip(shown.counts[place], totals, strict=True)]
        drawn.add_bar(
            x=actual,
            y=[1] * len(actual),
            marker={
                "color": [figures.faded(figures.CURRENT, SHADES * one) for one in shares],
                "line": {"color": figures.GRID, "width": 1},
            },
            text=[f"{count:,}" if few else "" for count in shown.counts[place]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": figures.INK, "size": 12},
            customdata=[
                f"{count:,} rows, {100 * one:.1f} % of the column"
                for count, one in zip(shown.counts[place], shares, strict=True)
            ],
            hovertemplate=f"{called[place]}, in truth %{{x}}: %{{customdata}}<extra></extra>",
            showlegend=False,
        )
    ticks = [len(called) - place - 0.5 for place in range(len(called))]
    drawn.update_layout(barmode="stack", bargap=0, hovermode="closest")
    drawn.update_xaxes(type="category", side="top", tickformat=None)
    drawn.update_yaxes(tickvals=ticks, ticktext=called, showgrid=False, range=[0, len(called)], tickmode="array")
    return drawn
