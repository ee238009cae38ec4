"""Figures of fairness: rates of groups with intervals, a gap over windows, the frontier, and what is impossible."""

import math
from collections.abc import Sequence
from itertools import groupby

import plotly.graph_objects as go

from core import figures
from core.fairness.display import GapSeries, RateDots
from core.fairness.frontier import Frontier, Objective
from core.fairness.impossibility import Impossibility
from core.fairness.reweighing import Reweighing
from core.fairness.thresholds import Consequence
from core.states import State

TOKENS = {State.CRITICAL: figures.CRITICAL, State.WARNING: figures.WARNING}
ROW_PIXELS, FRAME_PIXELS = 30, 96
"""Height of a row of groups, and of everything around the rows."""

BETWEEN = 0.08
"""Share of the width between two columns of rates."""

MOST_TICKS = 3
NEARLY_ALL = 0.8
"""A share beyond it has its axis to 100 %, so that its marks stand between two ticks."""

ROOM = 1.15
WIDE = 1.6
FINE, STANDOFF = 0.01, 10
BELOW_TITLE = -0.3
CHANCE = "what no difference would show"


def group_dots(shown: Sequence[RateDots]) -> go.Figure:
    """Rates of groups with their 95 % intervals, one column for each metric; the dashed line is all rows together.

    Groups stand in one order in all columns. A hollow mark is a group that is too small to enter a gap.

    Parameters
    ----------
    shown : one RateDots for each column, of the same groups; one on a narrow screen
    """
    drawn = figures.figure()
    width = (1 - BETWEEN * (len(shown) - 1)) / max(len(shown), 1)
    for place, one in enumerate(shown):
        axis = "" if place == 0 else str(place + 1)
        _dots(drawn, one, axis)
        start = place * (width + BETWEEN)
        drawn.update_layout({f"xaxis{axis}": _rate_axis(one, (start, start + width))})
    names = [figures.literal(name) for name in (shown[0].groups if shown else ())]
    drawn.update_yaxes(
        type="category", categoryorder="array", categoryarray=names[::-1], showgrid=False, tickmode="linear"
    )
    drawn.update_layout(hovermode="closest", showlegend=False, height=FRAME_PIXELS + ROW_PIXELS * max(len(names), 2))
    return drawn


def _rate_axis(one: RateDots, domain: tuple[float, float]) -> dict[str, object]:
    """Return the axis of one rate: a few round ticks, the percent sign in its title, so that columns stay apart."""
    low, high = _ends(one)
    scale = 100 if one.share else 1
    ticks = round_ticks(scale * low, scale * high)
    return {
        "domain": list(domain),
        "range": [low, high],
        "tickmode": "array",
        "tickvals": [tick / scale for tick in ticks],
        "ticktext": [f"{tick:g}" for tick in ticks],
        "tickangle": 0,
        "tickfont": {"color": figures.AXIS},
        "showgrid": True,
        "gridcolor": figures.GRID,
        "title": {
            "text": figures.literal(f"{one.metric}, %" if one.share else one.metric),
            "font": {"size": 11, "color": figures.AXIS},
        },
        "fixedrange": True,
    }


def round_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return at most three round places from `low` to `high`, as many as their distance allows.

    >>> round_ticks(-8.0, 108.0), round_ticks(-5.0, 73.0), round_ticks(41.0, 44.5)
    ((0.0, 50.0, 100.0), (0.0, 25.0, 50.0), (42.0, 44.0))
    """
    power = 10.0 ** (math.floor(math.log10(high - low)) - 1)
    steps = (first * power * ten for ten in (1, 10) for first in (1, 2, 2.5, 5))
    step = next((one for one in steps if math.floor(high / one) - math.ceil(low / one) < MOST_TICKS), high - low)
    return tuple(step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1))


def _dots(drawn: go.Figure, one: RateDots, axis: str) -> None:
    known = [place for place, value in enumerate(one.values) if value is not None]
    values = [one.values[place] or 0.0 for place in known]
    drawn.add_scatter(
        x=values,
        y=[figures.literal(one.groups[place]) for place in known],
        xaxis=f"x{axis}",
        yaxis="y",
        mode="markers",
        marker={
            "size": 9,
            "color": figures.CURRENT,
            "symbol": ["circle-open" if one.listed_only[place] else "circle" for place in known],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_or(one.high[place], value) - value for place, value in zip(known, values, strict=True)],
            "arrayminus": [value - _or(one.low[place], value) for place, value in zip(known, values, strict=True)],
            "color": figures.CURRENT,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[_hover(one, place) for place in known],
        hovertemplate="%{customdata}<extra></extra>",
        name=figures.literal(one.metric),
    )
    if one.overall is not None:
        drawn.add_shape(
            type="line",
            xref=f"x{axis}",
            yref="paper",
            x0=one.overall,
            x1=one.overall,
            y0=0,
            y1=1,
            line={"color": figures.REFERENCE, "width": 1.5, "dash": "dash"},
        )


def _or(number: float | None, other: float) -> float:
    return other if number is None else number


def _hover(one: RateDots, place: int) -> str:
    value, low, high = (_number(ends[place], share=one.share) for ends in (one.values, one.low, one.high))
    small = ", too small to enter a gap" if one.listed_only[place] else ""
    name = figures.literal(one.groups[place])
    return f"{name}: {figures.literal(one.metric)} {value} [{low} to {high}], n = {one.n[place]:,}{small}"


def _number(number: float | None, *, share: bool) -> str:
    return "–" if number is None else f"{number:.1%}" if share else f"{number:.3f}"


def _ends(one: RateDots) -> tuple[float, float]:
    """Return the ends of the axis: every value and every interval of a compared group; wider ones run out of it."""
    compared = [place for place, small in enumerate(one.listed_only) if not small] or range(len(one.groups))
    seen = [ends[place] for ends in (one.low, one.high) for place in compared]
    known = [number for number in (*one.values, *seen, one.overall) if number is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    high = 1.0 if one.share and high > NEARLY_ALL else high
    room = 0.08 * max(high - low, 0.02)  # a mark at 0 or at 1 is drawn whole
    return low - room, high + room


def gap_over_windows(series: GapSeries) -> go.Figure:
    """A gap over windows with its interval, its limits, and what no difference would show at each window's sizes.

    A window whose labels are still arriving has a hollow mark.
    """
    drawn = figures.figure()
    x = figures.unit_places(series.starts, series.grain)
    for at, run in enumerate(_known(series)):
        low, high = ([_or(ends[place], 0.0) for place in run] for ends in (series.low, series.high))
        figures.band(drawn, [x[place] for place in run], low, high, legend=at == 0)
    drawn.add_scatter(
        x=x,
        y=series.chance,
        mode="lines",
        line={"color": figures.REFERENCE, "width": 1.5, "dash": "dot"},
        name=CHANCE,
        hovertemplate="%{y:.1%}" if series.share else "%{y:.2f}",
    )
    drawn.add_scatter(
        x=x,
        y=series.values,
        mode="lines+markers",
        line={"color": figures.CURRENT, "width": 2},
        marker={"size": 6, "symbol": ["circle" if mature else "circle-open" for mature in series.mature]},
        name=figures.literal(series.metric),
        customdata=_told(series),
        hovertemplate="%{customdata}",
    )
    bottom, top = (0.0, _top(series)) if series.share else (0.0, 1.05)
    levels = [
        figures.Level(
            value=line.value,
            name=f"{line.name} {_level(line.value, share=series.share)}",
            token=TOKENS.get(line.state, figures.CRITICAL),
        )
        for line in series.limits
    ]
    figures.limits(drawn, levels, axis=(bottom, top))
    if series.events:
        told = [(one.day, one.text) for one in series.events]
        figures.events(drawn, told, ends=(series.starts[0], series.starts[-1]))
    drawn.update_yaxes(
        tickformat=".0%" if series.share and top > 0.1 else ".1%" if series.share else ".2f", range=[bottom, top]
    )
    figures.unit_axis(drawn, series.starts, series.grain)
    return drawn


def _level(value: float, *, share: bool) -> str:
    return f"{100 * value:g} %" if share else f"{value:.2f}"


def _known(series: GapSeries) -> list[list[int]]:
    """Return the stretches of neighbouring windows that have a value, as positions."""
    grouped = groupby(range(len(series.values)), key=lambda place: series.values[place] is not None)
    return [list(run) for known, run in grouped if known]


def _told(series: GapSeries) -> list[str]:
    told = []
    for place, value in enumerate(series.values):
        ends = [_number(one[place], share=series.share) for one in (series.low, series.high)]
        early = "" if series.mature[place] else ", labels still arriving"
        text = f"{_number(value, share=series.share)} [{ends[0]} to {ends[1]}], n = {series.n[place]:,}{early}"
        told.append("–" if value is None else text)
    return told


def _top(series: GapSeries) -> float:
    """Return the upper end of the axis: every value and limit is seen, very wide intervals run out of it."""
    seen = [value for value in (*series.values, *series.chance) if value is not None]
    most = max([0.02, *seen, *(line.value for line in series.limits)])
    ends = max([high for high in series.high if high is not None], default=0.0)
    return min(ROOM * max(most, min(ends, WIDE * most)), 1.0)


def frontier_curve(shown: Frontier, reweighted: Reweighing | None = None, *, unit: str = "") -> go.Figure:
    """What a smaller gap costs: accuracy (or money) against the gap, the present point on it.

    The line holds the best that thresholds of each group's own reach; the small marks are estimated for reweighting.

    Parameters
    ----------
    reweighted : Reweighing or None
    unit : str
        Currency of the money.
    """
    drawn = figures.figure()
    money = shown.objective is Objective.VALUE
    drawn.add_scatter(
        x=[point.gap for point in shown.points],
        y=[_gain(point, money=money) for point in shown.points],
        mode="lines+markers",
        line={"color": figures.CURRENT, "width": 2, "shape": "hv"},
        marker={"size": 6},
        name="thresholds by group",
        customdata=[_price(point, unit) for point in shown.points],
        hovertemplate="%{customdata}<extra></extra>",
    )
    if reweighted is not None:
        drawn.add_scatter(
            x=[point.gap for point in reweighted.points],
            y=[_gain(point, money=money) for point in reweighted.points],
            mode="markers",
            marker={"size": 6, "color": figures.CHALLENGER, "symbol": "diamond-open"},
            name="reweighting, estimated",
            customdata=[_price(point, unit) for point in reweighted.points],
            hovertemplate="%{customdata}<extra></extra>",
        )
    drawn.add_scatter(
        x=[shown.present.gap],
        y=[_gain(shown.present, money=money)],
        mode="markers",
        marker={"size": 12, "color": figures.INK, "symbol": "x"},
        name="now",
        customdata=[_price(shown.present, unit)],
        hovertemplate="now: %{customdata}<extra></extra>",
    )
    drawn.update_layout(hovermode="closest", legend={"y": BELOW_TITLE})
    drawn.update_xaxes(tickformat=".0%", rangemode="tozero", title={"text": "gap between groups"})
    low, high = _seen(shown, reweighted, money=money)
    y = f"net value{f', {figures.literal(unit)}' if unit else ''}" if money else "accuracy"
    digits = ".2%" if high - low < FINE else ".1%"
    drawn.update_yaxes(tickformat="~s" if money else digits, title={"text": y, "standoff": STANDOFF}, range=[low, high])
    return drawn


def _gain(point: Consequence, *, money: bool) -> float:
    return point.accuracy if not money or point.value is None else point.value


def _seen(shown: Frontier, reweighted: Reweighing | None, *, money: bool) -> tuple[float, float]:
    """Return the ends of the axis: from the present point and its neighbours, not from deciding everyone alike.

    The far left of a frontier selects nearly everybody or nobody; its price would press all else into a line.
    """
    near = [shown.present, *(() if reweighted is None else reweighted.points)]
    best = max(_gain(point, money=money) for point in (*near, *shown.points))
    now = _gain(shown.present, money=money)
    kept = [_gain(point, money=money) for point in (*near, *shown.points)]
    deepest = min(now, best) - max(4 * (best - now), 0.15 * abs(best), 1e-9)
    low = min(value for value in kept if value >= deepest or math.isclose(value, now))
    room = 0.08 * max(best - low, 1e-9)
    return low - room, best + room


def _price(point: Consequence, unit: str) -> str:
    value = "" if point.value is None else f", net value {point.value:,.0f} {figures.literal(unit)}".rstrip()
    ends = f"[{point.accuracy_low:.1%} to {point.accuracy_high:.1%}]"
    return f"gap {point.gap:.1%}, accuracy {point.accuracy:.1%} {ends}{value}, n = {point.n:,}"


def impossibility_dots(shown: Impossibility) -> go.Figure:
    """False positive rate of each group: as it is, and as it must be if all had the same precision and recall.

    Groups stand from the highest base rate to the lowest. Where the required marks do not lie above each other,
    equal precision and equal error rates cannot both hold.
    """
    drawn = figures.figure()
    order = sorted(range(len(shown.labels)), key=lambda place: -float(shown.base_rate[place]))
    names = [f"{figures.literal(shown.labels[place])} · base rate {shown.base_rate[place]:.0%}" for place in order]
    needed = [float(shown.required_false_positive_rate[place]) for place in order]
    actual = [float(shown.false_positive_rate[place]) for place in order]
    for place, name in enumerate(names):
        drawn.add_scatter(
            x=[actual[place], min(needed[place], 1.0)],
            y=[name, name],
            mode="lines",
            line={"color": figures.PALE, "width": 3},
            hoverinfo="skip",
            showlegend=False,
        )
    for values, label, token, symbol in (
        (actual, "as it is", figures.CURRENT, "circle"),
        ([min(one, 1.0) for one in needed], "needed for equal precision and recall", figures.REFERENCE, "diamond"),
    ):
        drawn.add_scatter(
            x=values,
            y=names,
            mode="markers",
            marker={"size": 10, "color": token, "symbol": symbol},
            name=label,
            hovertemplate="%{x:.1%}<extra>" + label + "</extra>",
        )
    drawn.update_layout(
        hovermode="closest", height=FRAME_PIXELS + ROW_PIXELS * max(len(names), 2), legend={"y": BELOW_TITLE}
    )
    drawn.update_xaxes(tickformat=".0%", rangemode="tozero", title={"text": "false positive rate"})
    drawn.update_yaxes(type="category", categoryorder="array", categoryarray=names[::-1], tickmode="linear")
    return drawn
