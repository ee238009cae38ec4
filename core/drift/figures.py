"""Figures of drift: the distributions of one feature, and its PSI excess over windows."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core import figures
from core.drift.display import Distribution, DriftSeries
from core.profile.labels import short_numbers
from core.states import State

NAME_LENGTH = 12
UNIT_LENGTH = 3
PLOT_PIXELS = 170
NEAR = 0.12
WIDE = 1.6
TOKENS = {
    State.CRITICAL: figures.CRITICAL,
    State.WARNING: figures.WARNING,
    State.HEALTHY: figures.HEALTHY,
    State.NOT_APPLICABLE: figures.NO_DATA,
}


def distribution_bars(shown: Distribution) -> go.Figure:
    """Reference shares as bars and current shares as a stepped line on the same display cells.

    Cells have the same width whatever they hold (reference deciles), so that the reference is nearly
    flat and every departure from it is seen; the ticks are the values between cells.
    """
    drawn = figures.figure()
    places = list(range(len(shown.names)))
    names = [figures.literal(name) for name in shown.names]
    drawn.add_bar(
        x=places,
        y=shown.reference_share,
        marker={"color": figures.faded(figures.REFERENCE, 0.45), "line": {"width": 0}},
        name="reference",
        customdata=names,
        hovertemplate="%{y:.1%}",
    )
    steps = [place - 0.5 for place in (*places, len(places))]
    drawn.add_scatter(
        x=steps,
        y=[*shown.current_share, *shown.current_share[-1:]],
        mode="lines",
        line={"color": figures.CURRENT, "width": 2, "shape": "hv"},
        name="current",
        hoverinfo="skip",
    )
    drawn.add_scatter(
        x=places,
        y=shown.current_share,
        mode="markers",
        marker={"color": figures.CURRENT, "opacity": 0},
        name="current",
        showlegend=False,
        customdata=names,
        hovertemplate="%{y:.1%}",
    )
    ticks, words = _ticks(shown)
    drawn.update_layout(bargap=0)
    drawn.update_xaxes(tickvals=ticks, ticktext=words, tickformat=None, range=[-0.6, len(places) - 0.4])
    drawn.update_xaxes(unifiedhovertitle={"text": "%{customdata}"})
    drawn.update_yaxes(tickformat=".0%", rangemode="tozero")
    return drawn


def _ticks(shown: Distribution) -> tuple[list[float], list[str]]:
    """Return where the axis is labelled and with what: boundaries of intervals, else names of cells."""
    last = len(shown.names) - 1
    missing = [(float(last), "missing")] if shown.n_missing_cells else []
    room = last - 1.2 if missing else last
    if shown.boundaries is None:
        named = [(float(at), _short(name)) for at, name in enumerate(shown.names[: last + 1 - len(missing)])]
        kept = named[:: max(1, -(-len(named) // 14))]
    else:
        texts = short_numbers(np.array(shown.boundaries))
        pairs = zip(shown.boundaries, texts, strict=True)
        named = [(at + 0.5, number(value) if "e" in text else text) for at, (value, text) in enumerate(pairs)]
        kept = [tick for at, tick in enumerate(named) if (at % 2 == 0 or len(named) <= 6) and tick[0] <= room]
        kept = [(at, _with_unit(word, shown.unit, first=place == 0)) for place, (at, word) in enumerate(kept)]
    every = kept + missing
    return [at for at, _ in every], [figures.literal(word) for _, word in every]


def _with_unit(word: str, unit: str, *, first: bool) -> str:
    """Return the tick with its unit: a short one on every tick, a long one on the first only."""
    return f"{word} {unit}" if unit and (first or len(unit) <= UNIT_LENGTH) else word


def number(value: float) -> str:
    """Return a value of unknown size in at most four digits, never in scientific notation.

    >>> number(12.3456), number(1234567.0), number(0.000123456)
    ('12.35', '1,235,000', '0.0001235')
    """
    if value == 0:
        return "0"
    decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    rounded = f"{float(f'{value:.4g}'):,.{min(decimals, 12)}f}"
    return rounded.rstrip("0").rstrip(".") if "." in rounded else rounded


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def excess_over_windows(series: DriftSeries) -> go.Figure:
    """PSI excess over windows with its interval, the limits, what happened, and volume behind.

    An excess below 0 (less than chance alone gives) is drawn at 0; the hover tells it.
    """
    drawn = figures.figure()
    x: list[Any] = list(series.starts) if series.dated else [figures.literal(text) for text in series.labels]
    figures.volume_behind(drawn, x, series.n)
    for at, run in enumerate(_runs(series)):
        figures.band(
            drawn,
            [x[place] for place in run],
            [series.low[place] or 0.0 for place in run],
            [series.high[place] or 0.0 for place in run],
            legend=at == 0,
        )
    drawn.add_scatter(
        x=x,
        y=[None if value is None else max(value, 0.0) for value in series.excess],
        mode="lines+markers" if len(x) <= 45 else "lines",
        line={"color": figures.CURRENT, "width": 2},
        marker={
            "size": 5,
            "color": [TOKENS[state] if _alarming(state) else figures.CURRENT for state in series.states],
        },
        connectgaps=False,
        name="PSI excess",
        customdata=[
            [value, state.value.replace("_", " ")] for value, state in zip(series.excess, series.states, strict=True)
        ],
        hovertemplate="%{customdata[0]:.2f} (%{customdata[1]})",
    )
    top = _top(series)
    for line in series.limits:
        # At opposite ends, and the lower name above the higher line: on a high axis the two nearly touch.
        lower = line.state is State.WARNING
        gap = max(other.value for other in series.limits) - line.value
        lift = round(PLOT_PIXELS * gap / top) if gap < NEAR * top else 0
        name = f"{line.name} {line.value:.2f}"
        figures.limit(drawn, line.value, name, token=TOKENS[line.state], right=lower, lift=lift)
    for happened in series.events:
        figures.event(drawn, happened.day, happened.text)
    drawn.update_yaxes(tickformat=".2f", range=[0, top], selector={"overlaying": "y2"})
    if not series.dated:
        drawn.update_xaxes(type="category", tickformat=None)
    return drawn


def _alarming(state: State) -> bool:
    return state in (State.WARNING, State.CRITICAL)


def _runs(series: DriftSeries) -> list[Sequence[int]]:
    """Return the stretches of neighbouring windows that have a value, as positions."""
    places = range(len(series.excess))
    grouped = groupby(places, key=lambda place: series.excess[place] is not None)
    return [list(run) for known, run in grouped if known]


def _top(series: DriftSeries) -> float:
    """Return the upper end of the axis: every value and limit is seen; very wide intervals run out of it."""
    values = [value for value in (*series.excess, *(line.value for line in series.limits)) if value]
    most = max([*values, 0.05])
    ends = max([high for high in series.high if high], default=0.0)
    return 1.15 * max(most, min(ends, WIDE * most))
