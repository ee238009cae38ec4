"""Tiles of the Fleet."""

from app import words
from app.fleet.views import FleetView
from app.tiles import Tile
from core.states import State


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
        label="predictions, last day" if view.by_day else "predictions, last unit",
        value=words.short_count(view.predictions),
        note=note,
        note_more="on the week" if before else "",
        help=f"{view.predictions:,} predictions of all models {'with a log of days ' if view.by_day else ''}"
        "in their last closed window" + (f"; {before:,} one week earlier." if before else "."),
    )
