"""Pictures of what a model was worth."""

import math

import plotly.graph_objects as go

from core import figures
from core.impact.display import ValueSeries

MOST_STEPS = 4
UNITS = ((1e9, " B"), (1e6, " M"), (1e3, " K"))


def value_over_periods(series: ValueSeries, names: tuple[str, ...]) -> go.Figure:
    """Draw an amount a period as bars with their intervals; hatched where actuals are arriving.

    Parameters
    ----------
    names : of the periods, as people write them
    """
    drawn = figures.figure()
    whole = [settled and not left for settled, left in zip(series.settled, series.left_out, strict=True)]
    drawn.add_bar(
        x=bar_names(names),
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
    ends = [one for one in (*series.value, *series.low, *series.high) if one is not None]
    ticks = round_ticks(min([0.0, *ends]), max([0.0, *ends]))
    told = [amount(tick, series.currency) for tick in ticks]
    drawn.update_yaxes(rangemode="tozero", tickmode="array", tickvals=ticks, ticktext=told)
    drawn.update_xaxes(type="category", tickformat=None, tickmode="array", tickangle=0)
    drawn.update_xaxes(tickvals=[*bar_names(names)], ticktext=[_on_lines(name) for name in bar_names(names)])
    drawn.update_layout(hovermode="closest", bargap=0.45)
    return drawn


def bar_names(names: tuple[str, ...]) -> list[str]:
    """Return the names of the bars as Plotly draws them."""
    return [figures.literal(name) for name in names]


def _on_lines(name: str) -> str:
    """Return a month with its year below it: side by side they would not stand next to each other on a phone."""
    month, _, year = name.rpartition(" ")
    return f"{month}<br>{year}" if month and year.isdigit() and len(year) == 4 else name


def round_ticks(low: float, high: float) -> list[float]:
    """Return round amounts between two ends, `MOST_STEPS` steps of 1, 2 or 5 times a power of ten at most.

    >>> round_ticks(-240_000.0, 360_000.0)
    [-200000.0, 0.0, 200000.0]
    >>> round_ticks(0.0, 0.0)
    [0.0]
    """
    if high <= low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / MOST_STEPS))
    step = next(size * power for size in (1, 2, 5, 10) if high - low <= MOST_STEPS * size * power)
    return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def amount(value: float, currency: str) -> str:
    """Return a round amount as it stands at an axis: dollars with their sign, others by their code.

    >>> amount(-200_000, "USD"), amount(1_500_000, "EUR"), amount(0, "USD")
    ('−$200 K', 'EUR 1.5 M', '$0')
    """
    step, letter = next((unit for unit in UNITS if abs(value) >= unit[0]), (1.0, ""))
    size = f"{abs(value) / step:g}{letter}"
    return f"{'−' if value < 0 else ''}{'$' if currency == 'USD' else f'{currency} '}{size}"


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
