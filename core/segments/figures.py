"""Figures of segments: a segment beside the rest over windows, and the heat map of two columns."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core import figures
from core.drift.figures import number
from core.segments.search_grid import GridCell, SegmentGrid
from core.segments.search_losses import IS_SHARE, LossKind
from core.segments.search_result import Point
from core.windows import Grain, parse_unit

LONGEST_NAME = 18
SHADES = 0.55
LEAST_SHADE = 0.04
MOST_WORDS = 8
ROOM = 1.12


def segment_over_windows(history: Sequence[Point], loss: LossKind, *, grain: Grain, searched: str) -> go.Figure:
    """The loss of a segment with its interval beside the rest of the rows, over windows; its rows behind.

    Parameters
    ----------
    history : windows oldest first
    searched : first unit of the window that was searched: drawn larger
    """
    drawn = figures.figure()
    starts = [parse_unit(one.start, grain) for one in history]
    x = figures.unit_places(starts, grain)
    figures.volume_behind(drawn, x, [one.n for one in history], name="rows of the segment")
    known = [place for place, one in enumerate(history) if one.low is not None and one.high is not None]
    figures.band(
        drawn,
        [x[place] for place in known],
        [history[place].low or 0.0 for place in known],
        [history[place].high or 0.0 for place in known],
    )
    drawn.add_scatter(
        x=x,
        y=[one.rest for one in history],
        mode="lines+markers",
        line={"color": figures.REFERENCE, "width": 1.5, "dash": "dot"},
        marker={"size": 5},
        name="all other rows",
        customdata=[text(one.rest, loss) for one in history],
        hovertemplate="%{customdata}",
    )
    drawn.add_scatter(
        x=x,
        y=[one.mean for one in history],
        mode="lines+markers",
        line={"color": figures.CURRENT, "width": 2},
        marker={"size": [11 if one.start == searched else 6 for one in history]},
        name="the segment",
        customdata=[_told(one, loss) for one in history],
        hovertemplate="%{customdata}",
    )
    low, high = _ends(history)
    drawn.update_yaxes(range=[low, high], tickformat=".0%" if loss in IS_SHARE else None, selector={"overlaying": "y2"})
    figures.unit_axis(drawn, starts, grain)
    if len(x) > 1:
        drawn.update_xaxes(range=list(figures.unit_edges(starts, grain, range(len(x)))))
    return drawn


def _ends(history: Sequence[Point]) -> tuple[float, float]:
    """Return both ends of the axis: every value with its interval; 0 is seen where nothing lies below it."""
    known = [value for one in history for value in (one.mean, one.low, one.high, one.rest) if value is not None]
    low, high = min([*known, 0.0]), max([*known, 1e-9])
    return (ROOM * low if low < 0 else 0.0), ROOM * high


def _told(one: Point, loss: LossKind) -> str:
    if one.mean is None:
        return f"– (n = {one.n:,})"
    return f"{text(one.mean, loss)} [{text(one.low, loss)} to {text(one.high, loss)}], n = {one.n:,}"


def text(value: float | None, loss: LossKind) -> str:
    """Return a loss as figures write it.

    >>> text(0.627, LossKind.ERROR), text(1.2586, LossKind.LOG_LOSS), text(None, LossKind.ERROR)
    ('62.7 %', '1.259', '–')
    """
    if value is None:
        return "–"
    shown = f"{100 * value:.1f} %" if loss in IS_SHARE else f"{value:.3f}" if abs(value) < 10 else number(value)
    return f"−{shown[1:]}" if shown.startswith("-") else shown


def grid_cells(shown: SegmentGrid) -> go.Figure:
    """The mean loss by two columns: the darker, the worse; cells below 30 rows are hatched and say nothing."""
    drawn = figures.figure()
    across = [_short(name) for name in shown.across_levels]
    down = [_short(name) for name in shown.down_levels]
    means = [cell.mean for row in shown.cells for cell in row if cell.mean is not None]
    low, high = min(means, default=0.0), max(means, default=1.0)
    few = len(across) <= MOST_WORDS
    for place in reversed(range(len(down))):
        row = shown.cells[place]
        drawn.add_bar(
            x=across,
            y=[1] * len(across),
            marker={
                "color": [_shade(cell, low, high) for cell in row],
                "line": {"color": figures.GRID, "width": 1},
                "pattern": {
                    "shape": ["/" if cell.mean is None else "" for cell in row],
                    "size": 6,
                    "solidity": 0.25,
                    "fgcolor": figures.NO_DATA,
                },
            },
            text=["" if cell.mean is None or not few else text(cell.mean, shown.loss) for cell in row],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": figures.INK, "size": 12},
            customdata=[_cell_words(cell, shown.loss) for cell in row],
            hovertemplate=f"{down[place]}, %{{x}}: %{{customdata}}<extra></extra>",
            showlegend=False,
        )
    ticks = [len(down) - place - 0.5 for place in range(len(down))]
    drawn.update_layout(barmode="stack", bargap=0, hovermode="closest")
    drawn.update_xaxes(type="category", side="top", tickformat=None)
    drawn.update_yaxes(tickvals=ticks, ticktext=down, showgrid=False, range=[0, len(down)], tickmode="array")
    return drawn


def _shade(cell: GridCell, low: float, high: float) -> str:
    if cell.mean is None:
        return figures.faded(figures.NO_DATA, LEAST_SHADE)
    return figures.faded(figures.CURRENT, LEAST_SHADE + SHADES * (cell.mean - low) / max(high - low, 1e-12))


def _cell_words(cell: GridCell, loss: LossKind) -> str:
    if cell.mean is None:
        return cell.reason
    return f"{text(cell.mean, loss)} [{text(cell.low, loss)} to {text(cell.high, loss)}], n = {cell.n:,}"


def _short(name: str) -> str:
    return figures.literal(name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…")
