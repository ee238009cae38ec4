"""Figures of drift: the distributions of one feature, and its PSI excess over windows."""

import math
import re
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
MOST_NAMES = 14
UNIT_LENGTH = 3
WIDE = 1.6
MOST_MARKERS = 45
MANY_TIMES = 10
LOG_FLOOR, LOG_ROOM = 0.01, 1.6
LOG_TICKS = (0.01, 0.1, 1, 10, 100, 1_000, 10_000)
WHOLE_NUMBER = re.compile(r"(?<![\w.,])\d{4,}(?!\w)")
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
        kept = named[:: max(1, -(-len(named) // MOST_NAMES))]
        kept = [(at, _with_unit(word, shown.unit, first=place == 0)) for place, (at, word) in enumerate(kept)]
    else:
        texts = grouped(short_numbers(np.array(shown.boundaries)))
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


def grouped(texts: Sequence[str]) -> list[str]:
    """Return texts whose whole numbers have separators, where any of them has five digits: years stay as they are.

    >>> grouped(["8000 to 374600"]), grouped(["2013", "zone_12345", "1500"])
    (['8,000 to 374,600'], ['2013', 'zone_12345', '1500'])
    """
    if not any(len(found) > 4 for text in texts for found in WHOLE_NUMBER.findall(text)):
        return list(texts)
    return [WHOLE_NUMBER.sub(lambda found: f"{int(found[0]):,}", text) for text in texts]


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def excess_over_windows(series: DriftSeries) -> go.Figure:
    """PSI above chance over windows with its interval, the limits, what happened, and volume behind.

    A value below 0 (less than chance alone gives) is drawn at the floor of the axis; the hover tells it. Where the
    values reach more than ten times the highest limit the axis is logarithmic, so that limits and peaks are seen.
    """
    drawn = figures.figure()
    x = figures.unit_places(series.starts, series.grain)
    figures.volume_behind(drawn, x, series.n)
    low, high = _axis(series)
    _draw_values(drawn, series, x, low=low, high=high)
    levels = [
        figures.Level(
            value=line.value, name=f"{line.name} {line.value:.2f}".replace("-", "−"), token=TOKENS[line.state]
        )
        for line in series.limits
    ]
    figures.limits(drawn, levels, axis=(low, high), logarithmic=low > 0)
    if series.events:
        told = [(one.day, one.text) for one in series.events]
        figures.events(drawn, told, ends=(series.starts[0], series.starts[-1]))
    plain = {"overlaying": "y2"}
    if low > 0:
        ticks = [tick for tick in LOG_TICKS if tick <= high]
        drawn.update_yaxes(
            type="log",
            tickmode="array",
            range=[math.log10(low), math.log10(high)],
            tickvals=ticks,
            ticktext=[f"{tick:,g}" for tick in ticks],
            selector=plain,
        )
    else:
        drawn.update_yaxes(tickformat=".2f", range=[low, high], selector=plain)
    figures.unit_axis(drawn, series.starts, series.grain)
    return drawn


def _draw_values(drawn: go.Figure, series: DriftSeries, x: list[Any], *, low: float, high: float) -> None:
    def on_axis(value: float | None) -> float:
        return min(max(value or 0.0, low), high)

    for at, run in enumerate(_runs(series)):
        figures.band(
            drawn,
            [x[place] for place in run],
            [on_axis(series.low[place]) for place in run],
            [on_axis(series.high[place]) for place in run],
            legend=at == 0,
        )
    drawn.add_scatter(
        x=x,
        y=[None if value is None else on_axis(value) for value in series.excess],
        mode="lines+markers" if len(x) <= MOST_MARKERS else "lines",
        line={"color": figures.CURRENT, "width": 2},
        marker={
            "size": 5,
            "color": [TOKENS[state] if _alarming(state) else figures.CURRENT for state in series.states],
        },
        connectgaps=False,
        name=series.name,
        customdata=_hovers(series),
        hovertemplate="%{customdata}",
    )


def _hovers(series: DriftSeries) -> list[str]:
    """Return what the pointer tells of each window: value, interval, state."""
    told = []
    for value, low, high, state in zip(series.excess, series.low, series.high, series.states, strict=True):
        shown = "–" if value is None else f"{value if series.signed else max(value, 0.0):.2f}"
        interval = "" if low is None or high is None else f" [{low:.2f} to {high:.2f}]"
        told.append(f"{shown}{interval}, {state.value.replace('_', ' ')}")
    return told


def _alarming(state: State) -> bool:
    return state in (State.WARNING, State.CRITICAL)


def _runs(series: DriftSeries) -> list[Sequence[int]]:
    """Return the stretches of neighbouring windows that have a value, as positions."""
    places = range(len(series.excess))
    grouped = groupby(places, key=lambda place: series.excess[place] is not None)
    return [list(run) for known, run in grouped if known]


def _axis(series: DriftSeries) -> tuple[float, float]:
    """Return both ends of the axis; the lower one is above 0 where the axis is logarithmic.

    Every value and limit is seen; very wide intervals run out of it.
    """
    values = [value for value in (*series.excess, *(line.value for line in series.limits)) if value]
    if series.signed:
        most = 1.15 * max([abs(value) for value in values] + [0.05])
        return -most, most
    most = max([*values, 0.05])
    ends = max([high for high in series.high if high], default=0.0)
    limits = [line.value for line in series.limits if line.value > LOG_FLOOR]
    if limits and most > MANY_TIMES * max(limits):
        return LOG_FLOOR, LOG_ROOM * most
    return 0.0, 1.15 * max(most, min(ends, WIDE * most))
