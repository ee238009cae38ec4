"""Pictures of what a model was worth."""

import plotly.graph_objects as go

from core import figures
from core.impact.display import ValueSeries


def value_over_periods(series: ValueSeries, names: tuple[str, ...]) -> go.Figure:
    """Draw an amount a period as bars with their intervals; hatched where actuals are arriving.

    Parameters
    ----------
    names : of the periods, as people write them
    """
    drawn = figures.figure()
    whole = [settled and not left for settled, left in zip(series.settled, series.left_out, strict=True)]
    drawn.add_bar(
        x=[figures.literal(name) for name in names],
        y=list(series.value),
        marker={
            "color": [figures.CURRENT if one else figures.faded(figures.CURRENT, 0.55) for one in whole],
            "pattern": {"shape": ["" if one else "/" for one in whole]},
            "line": {"width": 0},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": _ends(series.value, series.high, 1),
            "arrayminus": _ends(series.value, series.low, -1),
            "color": figures.NO_DATA,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[_hover(series, at) for at in range(len(series.value))],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    drawn.update_yaxes(tickformat="~s", rangemode="tozero")
    drawn.update_xaxes(type="category", tickformat=None)
    drawn.update_layout(hovermode="closest", bargap=0.45)
    return drawn


def _hover(series: ValueSeries, at: int) -> str:
    value, low, high = series.value[at], series.low[at], series.high[at]
    if value is None:
        return "no value"
    between = "" if low is None or high is None else f" [{low:,.0f} to {high:,.0f}]"
    so_far = "" if series.settled[at] else ", so far"
    left = f", {series.left_out[at]} left out" if series.left_out[at] else ""
    return f"{value:,.0f}{between} {series.currency}, n = {series.n[at]:,}{so_far}{left}"


def _ends(value: tuple[float | None, ...], end: tuple[float | None, ...], sign: int) -> list[float]:
    return [
        0.0 if one is None or other is None else sign * (other - one) for one, other in zip(value, end, strict=True)
    ]
