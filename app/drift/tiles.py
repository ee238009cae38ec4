"""Tiles of the Drift page."""

from app import words
from app.drift import findings
from app.drift.views import DriftRow, DriftView, OutcomeView
from app.tiles import Tile
from core.selection import ReferenceKind
from core.states import SEVERITY, State
from core.windows import Grain


def drift(view: DriftView) -> list[Tile]:
    """Return the tiles of the Drift page."""
    outcomes = [_outcome_tile(one, view.limits.warning) for one in view.outcomes if one.name != "predictions"]
    return [_over_tile(view), _score_tile(view), *outcomes, _alarms_tile(view)]


def _over_tile(view: DriftView) -> Tile:
    over = view.over()
    change = None if view.over_before is None else len(over) - view.over_before
    worst = max((row.state for row in over), key=lambda state: state is State.CRITICAL, default=State.HEALTHY)
    silent = sum(row.state is State.NOT_APPLICABLE for row in view.rows)
    note, more = f"limit {words.two(view.limits.warning)}", ""
    if change is not None:
        note, more = (words.signed(f"{change:+d}"), "vs last window") if change else ("as in last window", "")
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
        state=None if _waits(row) else row.state,
        help=f"PSI of the score, 95 % interval {words.within(row.psi_low, row.psi_high)}, n = {row.n:,}. What is above "
        f"chance is judged{', on the same weekdays' if _of_one_weekday(view) else ''}: limits "
        f"{words.two(view.limits.warning)} and {words.two(view.limits.critical)}. "
        f"{words.plain(row.reason)}",
    )


def _outcome_tile(one: OutcomeView, limit: float | None) -> Tile:
    """Return the tile of the decisions or the actuals; while labels arrive it says when they are due."""
    row, label = one.row, {"decisions": "decision drift (PSI)", "actuals": "label drift (PSI)"}[one.name]
    if one.waiting or row.psi is None:
        reason = one.waiting or row.reason
        return Tile(
            label=label,
            value=words.NONE,
            note=f"◌ {one.waiting.removeprefix('labels ') or 'no data'}",
            help=words.plain(reason),
        )
    return Tile(
        label=label,
        value=words.two(row.psi),
        note=_score_note(row, limit),
        state=None if _waits(row) else row.state,
        help=f"PSI of the {one.name}, 95 % interval {words.within(row.psi_low, row.psi_high)}, n = {row.n:,}. "
        f"{findings.distribution_finding(one.distribution, numeric=row.numeric)}. {words.plain(row.reason)}",
    )


def _waits(row: DriftRow) -> bool:
    """Return whether the window is over its limit, but not yet enough of them: no green, no alarm."""
    return SEVERITY[row.raw_state] > SEVERITY[row.state]


def _of_one_weekday(view: DriftView) -> bool:
    """Say whether what is judged is held against the same weekdays of training, and the PSI against all of it."""
    one_day = view.window is not None and view.grain is Grain.DAY and view.window.days == 1
    return one_day and view.reference == ReferenceKind.TRAINING.value


def _score_note(row: DriftRow, limit: float | None) -> str:
    """Return what is judged of the PSI; beyond the limit and yet not significant is said in words."""
    glyph = words.GLYPHS[row.state]
    if row.judged is None:
        return f"{glyph} {words.STATES[row.state]}"
    if _waits(row):
        return "◌ over limit once"
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
