"""Figures of explanations: importance, beeswarm, dependence, waterfall, and importance beside the reference's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core import figures
from core.explain.beeswarm import Swarm
from core.explain.dependence import Dependence
from core.explain.global_importance import Importance
from core.explain.waterfall import Step
from core.explain.wording import number, quantity

NAME_LENGTH = 24
SCALE = ((0.0, "#2F6FDE"), (0.5, "#9AA0AB"), (1.0, "#D9480F"))
"""Low to high: blue, grey, orange. Real colours, seen on both themes: Plotly cannot mix the tokens of a theme."""
DOT_SIZE = 4
RAISES, LOWERS = SCALE[2][1], SCALE[0][1]
MOST_LEVELS = 12
STEP_ROOM, ABOVE = 0.4, 14
"""Room for the numbers beside the steps on a narrow screen, as a share of their span; pixels from one name of an end
to the other: both point inwards and would meet in one line."""

STANDOFF = 12
"""Pixels from the tick labels to the axis title: fewer, and they touch."""


def importance_bars(points: Sequence[Importance], *, unit: str) -> go.Figure:
    """Mean |SHAP| by feature as a bar with its 95 % interval, the largest on top."""
    drawn = figures.figure()
    shown = [one for one in points if one.value is not None][::-1]
    values = [one.value or 0.0 for one in shown]
    drawn.add_bar(
        x=values,
        y=[_name(one.feature) for one in shown],
        orientation="h",
        marker={"color": figures.faded(figures.CURRENT, 0.75), "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [(one.high or value) - value for one, value in zip(shown, values, strict=True)],
            "arrayminus": [
                value - (value if one.low is None else one.low) for one, value in zip(shown, values, strict=True)
            ],
            "color": figures.INK,
            "thickness": 1.2,
            "width": 3,
        },
        customdata=[_importance_hover(one, unit) for one in shown],
        hovertemplate="%{customdata}<extra></extra>",
    )
    _sideways(drawn, f"mean |SHAP|, {unit}")
    return drawn


def _importance_hover(one: Importance, unit: str) -> str:
    ends = "" if one.low is None or one.high is None else f" [{number(one.low)} to {number(one.high)}]"
    return figures.literal(f"{one.feature}: {number(one.value or 0.0)} {unit}{ends}, n = {one.n:,}")


def beeswarm_dots(swarms: Sequence[Swarm], *, unit: str) -> go.Figure:
    """One dot a row and feature at its SHAP value, coloured by the feature's own value; grey without a colour."""
    drawn = figures.figure()
    for place, one in enumerate(reversed(swarms)):
        known = [at for at, shade in enumerate(one.shades) if math.isfinite(shade)]
        plain = [at for at in range(len(one.values)) if at not in set(known)]
        if plain:
            _dots(drawn, one, plain, place, unit, colours=None)
        if known:
            _dots(drawn, one, known, place, unit, colours=[one.shades[at] for at in known])
    drawn.update_layout(hovermode="closest", showlegend=False)
    _sideways(drawn, f"SHAP value, {unit}")
    names = [_name(one.feature) for one in reversed(swarms)]
    drawn.update_yaxes(
        tickmode="array", tickvals=list(range(len(swarms))), ticktext=names, range=[-0.6, len(swarms) - 0.4]
    )
    drawn.add_vline(x=0, line={"color": figures.NO_DATA, "width": 1})
    if any(one.shades for one in swarms):
        _colour_key(drawn, "low value", "high value of the feature")
    return drawn


def _dots(
    drawn: go.Figure, one: Swarm, places: Sequence[int], line: int, unit: str, *, colours: Sequence[float] | None
) -> None:
    marker: dict[str, object] = {"size": DOT_SIZE, "opacity": 0.75, "line": {"width": 0}}
    if colours is None:
        marker["color"] = figures.NO_DATA
    else:
        marker |= {"color": list(colours), "colorscale": [list(stop) for stop in SCALE], "cmin": 0, "cmax": 1}
    drawn.add_scattergl(
        x=[one.values[at] for at in places],
        y=[line + one.offsets[at] for at in places],
        mode="markers",
        marker=marker,
        hovertemplate=f"{figures.literal(one.feature)}: %{{x:.3g}} {unit}<extra></extra>",
    )


def _colour_key(drawn: go.Figure, low: str, high: str) -> None:
    """Write what the two ends of the colours stand for above the plot, right."""
    text = (
        f"<span style='color:{SCALE[0][1]}'>●</span> {figures.literal(low)}  "
        f"<span style='color:{SCALE[2][1]}'>●</span> {figures.literal(high)}"
    )
    drawn.add_annotation(
        text=text,
        x=1,
        xref="paper",
        xanchor="right",
        y=1,
        yref="paper",
        yanchor="bottom",
        font={"size": 11, "color": figures.INK},
        showarrow=False,
    )


def dependence_dots(shown: Dependence, *, unit: str) -> go.Figure:
    """The feature's value against its SHAP value, coloured by the partner's value; missing values at the left."""
    drawn = figures.figure()
    known = [at for at, value in enumerate(shown.shown) if math.isfinite(value)]
    coloured = [at for at in known if shown.shades and math.isfinite(shown.shades[at])]
    plain = [at for at in known if at not in set(coloured)]
    for places in (plain, coloured):
        if places:
            _dependence_trace(drawn, shown, places, unit, coloured=places is coloured)
    drawn.add_hline(y=0, line={"color": figures.NO_DATA, "width": 1})
    drawn.update_layout(hovermode="closest", showlegend=False)
    title = f"{shown.feature}, {shown.unit}" if shown.unit else shown.feature
    drawn.update_xaxes(title=_title(title), tickformat=None, showgrid=False)
    drawn.update_yaxes(title=_title(f"SHAP value, {unit}"))
    if shown.levels:
        step = max(1, math.ceil(len(shown.levels) / MOST_LEVELS))
        places = list(range(0, len(shown.levels), step))
        drawn.update_xaxes(tickmode="array", tickvals=places, ticktext=[_name(shown.levels[at]) for at in places])
    if shown.partner is not None:
        _colour_key(drawn, f"{shown.partner} {shown.partner_ends[0]}", shown.partner_ends[1])
    return drawn


def _dependence_trace(drawn: go.Figure, shown: Dependence, places: Sequence[int], unit: str, *, coloured: bool) -> None:
    marker: dict[str, object] = {"size": 5, "opacity": 0.7, "line": {"width": 0}}
    if coloured:
        shades = [shown.shades[at] for at in places]
        marker |= {"color": shades, "colorscale": [list(stop) for stop in SCALE], "cmin": 0, "cmax": 1}
    else:
        marker["color"] = figures.NO_DATA
    x = [shown.shown[at] for at in places]
    drawn.add_scattergl(
        x=[value + _aside(at) for value, at in zip(x, places, strict=True)] if shown.levels else x,
        y=[shown.values[at] for at in places],
        mode="markers",
        marker=marker,
        customdata=[
            figures.literal(quantity(shown.levels[int(value)] if shown.levels else value, shown.unit)) for value in x
        ],
        hovertemplate=f"%{{customdata}}: %{{y:.3g}} {unit}<extra></extra>",
    )


def _aside(place: int) -> float:
    """Return how far a dot of a category stands beside its level, so that dots do not hide one another."""
    return ((place * 37) % 61 / 60 - 0.5) * 0.5


def waterfall_steps(steps: Sequence[Step], *, unit: str, base: float, margin: float) -> go.Figure:
    """Steps from the base to the row's margin, the smallest on top, so that the last one read is the largest."""
    drawn = figures.figure()
    names = [step_name(one) for one in steps]
    for raises, token in ((True, RAISES), (False, LOWERS)):
        own = [at for at, one in enumerate(steps) if (one.phi > 0) is raises]
        drawn.add_bar(
            x=[steps[at].phi for at in own],
            y=[figures.literal(names[at]) for at in own],
            base=[steps[at].start for at in own],
            orientation="h",
            marker={"color": token, "line": {"width": 0}},
            name="raises" if raises else "lowers",
            text=[_signed(steps[at].phi) for at in own],
            textposition="outside",
            textfont={"size": 11, "color": figures.INK},
            cliponaxis=False,
            customdata=[_step_hover(steps[at], unit) for at in own],
            hovertemplate="%{customdata}<extra></extra>",
        )
    order = [figures.literal(name) for name in names]
    _sideways(drawn, unit)
    drawn.update_yaxes(categoryorder="array", categoryarray=order[::-1], type="category")
    drawn.update_layout(barmode="overlay", showlegend=True, hovermode="closest")
    ends = [base, margin, *(one.start for one in steps), *(one.end for one in steps)]
    room = STEP_ROOM * ((max(ends) - min(ends)) or 1.0)
    drawn.update_xaxes(range=[min(ends) - room, max(ends) + room])
    drawn.update_layout(margin={"t": 36})
    for place, (value, name) in enumerate(sorted(((base, "base"), (margin, "this row")))):
        drawn.add_vline(x=value, line={"color": figures.NO_DATA, "width": 1, "dash": "dot"})
        drawn.add_annotation(
            x=value,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"{name} {_signed(value)}",
            font={"color": figures.NO_DATA, "size": 11},
            showarrow=False,
            xanchor="right" if place else "left",
            yshift=ABOVE if place else 0,
        )
    return drawn


def step_name(step: Step) -> str:
    """Return what a step is called on the axis.

    >>> step_name(Step(features=("a", "b"), kind="rest", value=None, phi=0.1, start=0.0, end=0.1))
    '2 other features'
    """
    if step.kind == "rest":
        return f"{len(step.features)} other features"
    return "withheld" if step.kind == "withheld" else step.features[0]


def _step_hover(step: Step, unit: str) -> str:
    shown = "" if step.kind != "feature" else f" = {quantity(step.value)}"
    return figures.literal(f"{step_name(step)}{shown}: {_signed(step.phi)} {unit}")


def _signed(value: float) -> str:
    text = number(float(f"{value:.3g}"))
    return text if value <= 0 else f"+{text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Shares of all importance of one feature: in the reference and in a window."""

    feature: str
    before: float
    now: float


def importance_shift(shifts: Sequence[Shift]) -> go.Figure:
    """Share of all importance by feature: the reference as a ring, the window as a dot, a line between them."""
    drawn = figures.figure()
    shown = list(reversed(shifts))
    names = [_name(one.feature) for one in shown]
    for one, name in zip(shown, names, strict=True):
        drawn.add_scatter(
            x=[one.before, one.now],
            y=[name, name],
            mode="lines",
            line={"color": figures.faded(figures.CURRENT, 0.45), "width": 5},
            hoverinfo="skip",
            showlegend=False,
        )
    for values, label, marker in (
        ([one.before for one in shown], "reference", {"symbol": "circle-open", "color": figures.REFERENCE}),
        ([one.now for one in shown], "window", {"symbol": "circle", "color": figures.CURRENT}),
    ):
        drawn.add_scatter(
            x=values,
            y=names,
            mode="markers",
            marker={"size": 9, **marker},
            name=label,
            hovertemplate=f"%{{y}}: %{{x:.1%}}<extra>{label}</extra>",
        )
    drawn.update_layout(hovermode="closest")
    drawn.update_xaxes(tickformat=".0%", rangemode="tozero", showgrid=True, gridcolor=figures.GRID)
    drawn.update_yaxes(type="category", showgrid=False, nticks=len(names))
    return drawn


def _sideways(drawn: go.Figure, title: str) -> None:
    """Set the axes of a plot whose values run from left to right."""
    drawn.update_xaxes(title=_title(title), tickformat=None, showgrid=True, gridcolor=figures.GRID)
    drawn.update_yaxes(showgrid=False, nticks=0)


def _title(text: str) -> dict[str, object]:
    return {"text": figures.literal(text), "font": {"size": 11}, "standoff": STANDOFF}


def _name(name: str) -> str:
    return figures.literal(name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…")
