"""Tiles: one number, its meaning and what stands behind it; equal in height and shape within a row."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import words
from app.views import DriftRow, DriftView, FleetView
from core.selection import ReferenceKind
from core.states import State
from core.windows import Grain

MIN_WIDTH = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A tile as drawn. `note` stands below the value in the colour of `state`, or grey.

    `note` is data, `label` is ours: Streamlit reads markdown in labels only.
    """

    label: str
    value: str
    note: str
    help: str
    state: State | None = None
    note_more: str = ""


def row(tiles: Sequence[Tile], *, key: str) -> None:
    """Draw tiles in one row that folds into two columns on a phone."""
    with st.grid(len(tiles), min_column_width=MIN_WIDTH, gap="small", key=key):
        for tile in tiles:
            st.metric(
                tile.label,
                tile.value,
                delta=tile.note,
                delta_arrow="off",
                delta_color=_colour(tile.state),
                delta_description=tile.note_more or None,
                help=tile.help,
                border=True,
                height="stretch",
            )


def _colour(state: State | None) -> words.Colour:
    return words.COLOURS[state] if state else "gray"


def fleet(view: FleetView) -> list[Tile]:
    """Return the tiles of the Fleet page."""
    order = (State.CRITICAL, State.WARNING, State.HEALTHY, State.NOT_APPLICABLE)
    return [_state_tile(view, state) for state in order] + [_volume_tile(view)]


def _state_tile(view: FleetView, state: State) -> Tile:
    change = view.count(state) - view.count_before(state)
    good = state is State.HEALTHY
    worse = change != 0 and state is not State.NOT_APPLICABLE and (change < 0) is good
    arrow = "↑ " if change > 0 else "↓ " if change < 0 else ""
    return Tile(
        label=f":{words.COLOURS[state]}[{words.state(state)}]",
        value=str(view.count(state)),
        note=f"{arrow}{abs(change)}" if change else "no change",
        note_more="vs last window" if change else "",
        state=(State.CRITICAL if worse else State.HEALTHY) if change and state is not State.NOT_APPLICABLE else None,
        help=_STATE_HELP[state],
    )


_STATE_HELP = {
    State.CRITICAL: "Models with at least one check beyond its critical limit in the last closed window.",
    State.WARNING: "Models with a check beyond its warning limit in 2 of the last 3 windows. Drift of features alone "
    "counts as a warning at most.",
    State.HEALTHY: "Models whose checks could be judged and stayed within their limits.",
    State.NOT_APPLICABLE: "Models about which nothing can be said: no closed window, no reference or too few rows. "
    "No data is never counted as healthy.",
}


def _volume_tile(view: FleetView) -> Tile:
    before = view.predictions_week_before
    note = "no week before"
    if before:
        note = f"{words.signed(f'{100 * (view.predictions / before - 1):+.1f}')} %"
    return Tile(
        label="predictions, last day",
        value=words.short_count(view.predictions),
        note=note,
        note_more="on the week" if before else "",
        help=f"{view.predictions:,} predictions of all models in their last closed window"
        + (f"; {before:,} one week earlier." if before else "."),
    )


def drift(view: DriftView) -> list[Tile]:
    """Return the tiles of the Drift page."""
    return [_over_tile(view), _score_tile(view), _alarms_tile(view)]


def _over_tile(view: DriftView) -> Tile:
    over = view.over()
    change = None if view.over_before is None else len(over) - view.over_before
    worst = max((row.state for row in over), key=lambda state: state is State.CRITICAL, default=State.HEALTHY)
    silent = sum(row.state is State.NOT_APPLICABLE for row in view.rows)
    note, more = f"limit {words.two(view.limits.warning)}", ""
    if change is not None:
        note = words.signed(f"{change:+d}") if change else "no change"
        more = "vs last window"
    return Tile(
        label="features over limit",
        value=f"{len(over)} of {len(view.rows)}",
        note=f"◌ {silent} not judged" if silent and not change else note,
        note_more="" if silent and not change else more,
        state=None if not change else worst if change > 0 else State.HEALTHY,
        help=f"Features in warning or critical state. n = {view.n:,} rows in the window, {view.n_reference:,} in the "
        "reference.",
    )


def _score_tile(view: DriftView) -> Tile:
    row = view.score
    if row is None or row.psi is None:
        reason = row.reason if row else view.reason
        return Tile(label="prediction drift (PSI)", value=words.NONE, note="◌ no data", help=words.plain(reason))
    return Tile(
        label="prediction drift (PSI)",
        value=words.two(row.psi),
        note=_score_note(row, view.limits.warning),
        note_more="same weekday" if _of_one_weekday(view) else "",
        state=row.state,
        help=f"PSI of the score, 95 % interval {words.within(row.psi_low, row.psi_high)}, n = {row.n:,}. What is above "
        f"chance is judged: limits {words.two(view.limits.warning)} and {words.two(view.limits.critical)}. "
        f"{words.plain(row.reason)}",
    )


def _of_one_weekday(view: DriftView) -> bool:
    """Say whether what is judged is held against the same weekdays of training, and the PSI against all of it."""
    one_day = view.window is not None and view.grain is Grain.DAY and view.window.days == 1
    return one_day and view.reference == ReferenceKind.TRAINING.value


def _score_note(row: DriftRow, limit: float | None) -> str:
    """Return what is judged of the PSI; beyond the limit and yet not significant is said in words."""
    glyph = words.GLYPHS[row.state]
    if row.judged is None:
        return f"{glyph} {words.STATES[row.state]}"
    beyond = limit is not None and row.judged >= limit
    if beyond and row.state is State.HEALTHY and row.significant is False:
        return f"{glyph} not significant"
    return f"{glyph} {words.two(max(row.judged, 0.0))} above chance"


def _alarms_tile(view: DriftView) -> Tile:
    judged = sum(row.state is not State.NOT_APPLICABLE for row in view.rows)
    return Tile(
        label="false alarms",
        value=words.rate(view.false_alarms_month),
        note="a month",
        note_more=words.plural(judged, "test"),
        help="How many alarms these limits would raise in a month by chance alone, if nothing had changed.",
    )
