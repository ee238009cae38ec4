"""Figures of estimation: label coverage by window, and the share of actuals known by age."""

import plotly.graph_objects as go

from core import figures
from core.estimation.display import CoverageStrip, LagSteps

ROOM = 1.02
MOST_TICKS = 7
STEPS = (1, 2, 5, 10, 20, 50, 100, 200)
LATE = 0.6
"""Share of the axis beyond which a label goes left of its line."""


def coverage_bars(strip: CoverageStrip) -> go.Figure:
    """Share of rows with an actual by window: full where complete enough to be judged, hollow where not."""
    drawn = figures.figure()
    x = figures.unit_places(strip.starts, strip.grain)
    kinds = (
        (True, "complete enough", figures.CURRENT),
        (False, "labels still arriving", figures.faded("#000007", 0.3)),
    )
    for held, name, colour in kinds:
        places = [place for place, mature in enumerate(strip.mature) if mature is held]
        drawn.add_bar(
            x=[x[place] for place in places],
            y=[strip.share[place] or 0.0 for place in places],
            marker={
                "color": figures.faded(colour, 0.75) if held else colour,
                "line": {"width": 0},
                "pattern": {"shape": "" if held else "/", "size": 5, "solidity": 0.3, "fgcolor": figures.NO_DATA},
            },
            name=name,
            hovertemplate="%{y:.1%} known<extra></extra>",
            showlegend=bool(places),
        )
    axis = (0.0, ROOM)
    if strip.expected is not None:
        level = figures.Level(
            value=strip.expected, name=f"plateau {100 * strip.expected:.1f} %", token=figures.REFERENCE
        )
        figures.limits(drawn, [level], axis=axis)
    drawn.update_layout(barmode="overlay", hovermode="closest")
    drawn.update_yaxes(range=list(axis), tickformat=".0%")
    figures.unit_axis(drawn, strip.starts, strip.grain)
    return drawn


def lag_curve(steps: LagSteps) -> go.Figure:
    """Share of actuals known by days since the prediction, with its band, its plateau and the 90 % quantile."""
    drawn = figures.figure()
    x, low = _stairs(steps.days, steps.low)
    _, high = _stairs(steps.days, steps.high)
    figures.band(drawn, x, low, high)
    drawn.add_scatter(
        x=steps.days,
        y=steps.share,
        mode="lines",
        line={"color": figures.CURRENT, "width": 2, "shape": "hv"},
        name="known",
        hovertemplate="after %{x:g} days: %{y:.1%}<extra></extra>",
    )
    axis = (0.0, ROOM)
    never = f"{100 * (1 - steps.plateau):.1f} % never" if steps.flat else f"{100 * steps.plateau:.1f} % so far"
    figures.limits(drawn, [figures.Level(value=steps.plateau, name=never, token=figures.REFERENCE)], axis=axis)
    drawn.add_vline(x=steps.wait, line={"color": figures.NO_DATA, "width": 1, "dash": "dot"})
    drawn.add_annotation(
        x=steps.wait,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if steps.wait > LATE * steps.days[-1] else "left",
        text=f"90 % of them by day {steps.wait:g}",
        font={"color": figures.NO_DATA, "size": 11},
        showarrow=False,
    )
    drawn.update_layout(hovermode="closest", showlegend=False)
    drawn.update_yaxes(range=list(axis), tickformat=".0%")
    last = max(steps.days[-1], 1.0)
    drawn.update_xaxes(
        title={"text": "days since the prediction", "font": {"size": 11}},
        tickformat="d",
        tickangle=0,
        range=[0, ROOM * last],
        dtick=next((step for step in STEPS if last <= MOST_TICKS * step), STEPS[-1]),
    )
    return drawn


def _stairs(days: tuple[float, ...], values: tuple[float, ...]) -> tuple[list[float], list[float]]:
    """Return a step function as corners."""
    x, y = [days[0]], [values[0]]
    for place in range(1, len(days)):
        x += [days[place], days[place]]
        y += [values[place - 1], values[place]]
    return x, y
