"""Figures of attribution: parts that add up to a change, parts by segment, a measure over windows with its limits."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core import figures
from core.attribution.display import (
    BETWEEN,
    CHANGE,
    INPUTS,
    MIX,
    RELATION,
    WITHIN,
    LimitedSeries,
    SegmentBars,
    Waterfall,
)
from core.drift.figures import number

TOKENS = {
    MIX: figures.REFERENCE,
    WITHIN: figures.CURRENT,
    BETWEEN: figures.CHALLENGER,
    INPUTS: figures.REFERENCE,
    RELATION: figures.CURRENT,
    CHANGE: figures.INK,
}
NAME_LENGTH = 22
ROOM = 0.14
STANDOFF, BELOW_TITLE = 10, -0.3


def change_waterfall(shown: Waterfall) -> go.Figure:
    """Each part from where the last one ended, with its interval; the last bar is the whole change."""
    drawn = figures.figure()
    reached = 0.0
    scale = 100.0 if shown.share else 1.0
    for step in shown.steps:
        whole = step.name == CHANGE
        base = 0.0 if whole else reached
        amount = step.amount
        drawn.add_bar(
            x=[step.name],
            y=[scale * amount.value],
            base=[scale * base],
            marker={"color": TOKENS[step.name], "line": {"width": 0}},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [scale * max(amount.high - amount.value, 0.0)],
                "arrayminus": [scale * max(amount.value - amount.low, 0.0)],
                "color": figures.INK,
                "thickness": 1.2,
                "width": 5,
            },
            width=0.55,
            showlegend=False,
            customdata=[_told(amount.value, amount.low, amount.high, shown.share)],
            hovertemplate="%{x}: %{customdata}<extra></extra>",
        )
        drawn.add_annotation(
            x=step.name,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=_signed(amount.value, shown.share),
            font={"color": figures.INK, "size": 12},
            showarrow=False,
        )
        reached += amount.value
    drawn.add_hline(y=0, line={"color": figures.INK, "width": 1})
    drawn.update_layout(hovermode="closest", barmode="overlay")
    names = [step.name for step in shown.steps]
    drawn.update_xaxes(
        type="category",
        tickformat=None,
        tickmode="array",
        tickvals=names,
        ticktext=[name.replace(" ", "<br>", 1) for name in names],
        tickangle=0,
    )
    drawn.update_yaxes(title_text="change, percentage points" if shown.share else "change", title_font={"size": 11})
    return drawn


def parts_by_segment(shown: SegmentBars) -> go.Figure:
    """Parts of each segment side by side from 0, those that lower the metric to the left; the largest on top."""
    drawn = figures.figure()
    scale = 100.0 if shown.share else 1.0
    names = [_short(name) for name in shown.names]
    for kind, values in shown.parts:
        drawn.add_bar(
            y=names,
            x=[scale * value for value in values],
            orientation="h",
            name=kind,
            marker={"color": TOKENS[kind], "line": {"width": 0}},
            customdata=[_signed(value, shown.share) for value in values],
            hovertemplate=f"%{{y}}, {kind}: %{{customdata}}<extra></extra>",
        )
    drawn.add_vline(x=0, line={"color": figures.INK, "width": 1})
    drawn.update_layout(barmode="relative", hovermode="closest", bargap=0.35, legend={"y": BELOW_TITLE})
    adds = "adds to the change, percentage points" if shown.share else "adds to the change"
    drawn.update_xaxes(tickformat=None, showgrid=True, gridcolor=figures.GRID, nticks=6, tickangle=0)
    drawn.update_xaxes(title={"text": adds, "font": {"size": 11}, "standoff": STANDOFF})
    drawn.update_yaxes(type="category", autorange="reversed", showgrid=False, tickmode="linear", dtick=1)
    return drawn


def measure_over_windows(shown: LimitedSeries) -> go.Figure:
    """A measure over windows in the band where the reference lies; windows beyond it are marked."""
    drawn = figures.figure()
    x = figures.unit_places(shown.starts, shown.grain)
    known = [value for value in shown.value if value is not None]
    low = shown.limits.low if shown.two_sided else shown.limits.mean
    axis = _axis([*known, low, shown.limits.high, shown.limits.mean])
    if shown.two_sided:
        figures.band(
            drawn, [x[0], x[-1]], [low, low], [shown.limits.high] * 2, token=figures.REFERENCE, name="reference"
        )
    drawn.add_scatter(
        x=x,
        y=shown.value,
        mode="lines+markers",
        line={"color": figures.CURRENT, "width": 2},
        marker={
            "size": 7,
            "symbol": ["triangle-up" if one else "circle" for one in shown.beyond],
            "color": [figures.WARNING if one else figures.CURRENT for one in shown.beyond],
        },
        connectgaps=False,
        name=shown.name,
        customdata=[f"{_plain(value)}, n = {n:,}" for value, n in zip(shown.value, shown.n, strict=True)],
        hovertemplate="%{customdata}",
    )
    levels = [figures.Level(value=shown.limits.high, name=f"limit {_plain(shown.limits.high)}", token=figures.WARNING)]
    levels.append(
        figures.Level(value=shown.limits.mean, name=f"reference {_plain(shown.limits.mean)}", token=figures.REFERENCE)
    )
    figures.limits(drawn, levels, axis=axis)
    drawn.update_layout(showlegend=False)
    drawn.update_yaxes(range=list(axis))
    figures.unit_axis(drawn, shown.starts, shown.grain)
    return drawn


def _axis(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = ROOM * (high - low or abs(high) or 1.0)
    return low - room, high + room


def _plain(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else number(value)


def _signed(value: float, share: bool) -> str:  # noqa: FBT001 - private, one short word
    """Return a part with its sign: of percents in points, of numbers with three decimals or in their unit."""
    shown = f"{100 * value:+.1f} pp" if share else f"{value:+.3f}" if abs(value) < 10 else f"{value:+,.0f}"
    if not any(digit in "123456789" for digit in shown):
        return shown.lstrip("+-")
    return f"−{shown[1:]}" if shown.startswith("-") else shown


def _told(value: float, low: float, high: float, share: bool) -> str:  # noqa: FBT001 - private, one short word
    return f"{_signed(value, share)} [{_signed(low, share)} to {_signed(high, share)}]"


def _short(name: str) -> str:
    return figures.literal(name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…")
