"""Figures of calibration: the reliability curve over the histogram of scores, and the error over windows."""

import math
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from core import figures
from core.calibration.display import HISTOGRAM_CELLS, ErrorSeries, Reliability
from core.states import State

TOKENS = {State.CRITICAL: figures.CRITICAL, State.WARNING: figures.WARNING}
DEBIASED, RAW, PERFECT = "calibration error without chance", "as defined (ECE)", "what a perfect model would show"
ROOM = 1.15
WIDE = 1.6
NEARLY_ALL = 0.995


def reliability_curve(shown: Reliability, *, small: bool = False) -> go.Figure:
    """What happens against what the score says, with the 95 % band, over the histogram of all scores.

    Both axes run from 0 to the end of what is seen, at most 1; on the dashed diagonal the score is the probability.
    The bars behind have a height of their own: their highest is a quarter of the plot. A `small` figure has no legend.
    """
    drawn = figures.figure()
    top = _end(shown)
    cells = [(cell + 0.5) / HISTOGRAM_CELLS for cell in range(HISTOGRAM_CELLS)]
    figures.volume_behind(drawn, cells, [round(n) for n in shown.histogram], name="scores")
    drawn.update_layout(bargap=0)
    drawn.add_scatter(
        x=[0, top],
        y=[0, top],
        mode="lines",
        line={"color": figures.REFERENCE, "width": 1.5, "dash": "dash"},
        name="the score is the probability",
        hoverinfo="skip",
    )
    figures.band(drawn, list(shown.said), list(shown.low), list(shown.high))
    drawn.add_scatter(
        x=shown.said,
        y=shown.happened,
        mode="lines+markers",
        line={"color": figures.CURRENT, "width": 2},
        marker={"size": 5 if small else 6},
        name="what happened",
        customdata=_groups(shown),
        hovertemplate="%{customdata}<extra></extra>",
    )
    drawn.update_layout(hovermode="closest", showlegend=not small)
    drawn.update_xaxes(range=[0, top], tickformat=".0%", nticks=6, title=None if small else {"text": "the score says"})
    drawn.update_yaxes(
        range=[0, top], tickformat=".0%", title=None if small else {"text": "it happens"}, selector={"overlaying": "y2"}
    )
    drawn.update_layout(legend={"y": figures.LEGEND_BELOW_TITLE})
    return drawn


def _end(shown: Reliability) -> float:
    """Return the end of both axes in whole tenths: every group with its interval, and nearly all scores, are seen."""
    most = max([0.1, *shown.said, *shown.high])
    total, seen = sum(shown.histogram), 0.0
    for cell, n in enumerate(shown.histogram):
        seen += n
        if seen >= NEARLY_ALL * total:
            most = max(most, (cell + 1) / HISTOGRAM_CELLS if total else 0.0)
            break
    return min(1.0, math.ceil(10 * most - 1e-9) / 10)


def _groups(shown: Reliability) -> list[str]:
    """Return what the pointer tells of each group."""
    rows = zip(shown.said, shown.happened, shown.low, shown.high, shown.n, strict=True)
    return [
        f"says {said:.1%}, happens {happened:.1%} [{low:.1%} to {high:.1%}], n = {n:,}"
        for said, happened, low, high, n in rows
    ]


def error_over_windows(series: ErrorSeries) -> go.Figure:
    """Calibration error over windows: as defined, without chance, and what a perfect model would show at each n.

    The grey area reaches from 0 to the value of a perfect model: its height tells the number of rows, so that no
    volume stands behind. The limits judge the line without chance. A window whose labels are still arriving has a
    hollow mark.
    """
    drawn = figures.figure()
    x = figures.unit_places(series.starts, series.grain)
    for at, run in enumerate(_known(series)):
        _stretch(drawn, series, x, run, legend=at == 0)
    drawn.add_scatter(
        x=x,
        y=series.raw,
        mode="lines",
        line={"color": figures.REFERENCE, "width": 1.5, "dash": "dot"},
        name=RAW,
        hovertemplate="%{y:.3f}",
    )
    drawn.add_scatter(
        x=x,
        y=series.debiased,
        mode="lines+markers",
        line={"color": figures.CURRENT, "width": 2},
        marker={
            "size": 6,
            "symbol": ["circle" if mature else "circle-open" for mature in series.mature],
        },
        name=DEBIASED,
        customdata=_hovers(series),
        hovertemplate="%{customdata}",
    )
    top = _top(series)
    levels = [
        figures.Level(
            value=line.value, name=f"{line.name} {line.value:.2f}", token=TOKENS.get(line.state, figures.CRITICAL)
        )
        for line in series.limits
    ]
    figures.limits(drawn, levels, axis=(0, top))
    if series.events:
        told = [(one.day, one.text) for one in series.events]
        figures.events(drawn, told, ends=(series.starts[0], series.starts[-1]))
    drawn.update_yaxes(tickformat=".2f", range=[0, top])
    figures.unit_axis(drawn, series.starts, series.grain)
    return drawn


def _stretch(drawn: go.Figure, series: ErrorSeries, x: list[Any], run: list[int], *, legend: bool) -> None:
    places = [x[place] for place in run]
    figures.band(
        drawn,
        places,
        [0.0] * len(run),
        [series.perfect[place] or 0.0 for place in run],
        token=figures.NO_DATA,
        name=PERFECT,
        legend=legend,
    )
    figures.band(
        drawn,
        places,
        [series.low[place] or 0.0 for place in run],
        [series.high[place] or 0.0 for place in run],
        legend=legend,
    )


def _known(series: ErrorSeries) -> list[list[int]]:
    """Return the stretches of neighbouring windows that have a value, as positions."""
    grouped = groupby(range(len(series.debiased)), key=lambda place: series.debiased[place] is not None)
    return [list(run) for known, run in grouped if known]


def _hovers(series: ErrorSeries) -> list[str]:
    told = []
    for place, value in enumerate(series.debiased):
        low, high = series.low[place], series.high[place]
        interval = "" if low is None or high is None else f" [{low:.3f} to {high:.3f}]"
        early = "" if series.mature[place] else ", labels still arriving"
        told.append("–" if value is None else f"{value:.3f}{interval}, n = {series.n[place]:,}{early}")
    return told


def _top(series: ErrorSeries) -> float:
    """Return the upper end of the axis: every value and limit is seen, very wide intervals run out of it."""
    most = max(
        [0.02]
        + [value for value in (*series.raw, *series.perfect) if value is not None]
        + [line.value for line in series.limits]
    )
    ends = max([high for high in series.high if high is not None], default=0.0)
    return min(ROOM * max(most, min(ends, WIDE * most)), 1.0)
