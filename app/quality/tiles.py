"""Tiles of the Data quality page, and what stands behind each number."""

from app import words
from app.explained import Explained
from app.quality import findings
from app.quality.views import IntakeView, QualityView
from app.tiles import Tile
from core.states import SEVERITY, State


def quality(view: QualityView, intake: IntakeView) -> list[Tile]:
    """Return the tiles: rows, complete rows, violations, quarantined, late, silence."""
    return [_rows(view), _complete(view), _violations(view), _quarantined(intake), _late(view), _silence(view)]


def _state(view: QualityView, check: str) -> State | None:
    found = view.whole.get(check)
    if found is None or found.state is State.NOT_APPLICABLE or _waits(view, check):
        return None
    return found.state


def _waits(view: QualityView, check: str) -> bool:
    """Return whether a check is over its limit in this window, but not yet in enough of them: no green, no alarm."""
    found = view.whole.get(check)
    return found is not None and SEVERITY[found.raw_state] > SEVERITY[found.state]


def _rows(view: QualityView) -> Tile:
    ratio = view.points["volume_ratio"]
    shown = "◌ no usual number" if ratio.value is None else f"{ratio.value:.2f} × usual"
    return Tile(
        label="rows",
        value=words.short_count(view.n),
        note=shown,
        state=None if ratio.value is None else _state(view, "volume"),
        help=words.plain(ratio.reason)
        or "Rows of the window, beside the same weekday of the 28 days before: "
        f"{words.interval(ratio.ci_low, ratio.ci_high)} times as many is within what days differ by themselves.",
    )


def _complete(view: QualityView) -> Tile:
    point = view.points["completeness"]
    return Tile(
        label="complete rows",
        value=words.percent(point.value),
        note="over limit once" if _waits(view, "completeness") else f"n = {words.short_count(point.n)}",
        state=_state(view, "completeness"),
        help="Rows in which no declared feature is missing.",
    )


def _violations(view: QualityView) -> Tile:
    worst = findings.worst_violation(view)
    broken = sum(bool(row.shares.get("violation_share")) for row in view.rows)
    return Tile(
        label="rules broken",
        value=f"{broken} of {len(view.rows)}",
        note="none" if worst is None else f"most: {words.percent(worst.shares['violation_share'])}",
        help="Features with rows that break their rule of the accepted contract. Such rows are kept and counted.",
    )


def _quarantined(intake: IntakeView) -> Tile:
    rules = len(intake.kept_out)
    return Tile(
        label="quarantined",
        value=words.short_count(intake.quarantined),
        note=words.plural(rules, "reason") if rules else "nothing kept out",
        help="Rows of all landed files that could not be read as what they should be: they never reached the log.",
    )


def _late(view: QualityView) -> Tile:
    value, note = findings.late_words(view)
    return Tile(
        label="late",
        value=value,
        note=note,
        state=_state(view, "freshness"),
        help="Hours from the end of the window's days to the intake of 90 % of their rows, to the grid's next edge.",
    )


def _silence(view: QualityView) -> Tile:
    verdict = view.whole["silence"]
    known = verdict.value is not None
    return Tile(
        label="silence",
        value=f"{verdict.value:.0f}" if known else words.NONE,
        note="closed windows" if known else "no clock",
        state=_state(view, "silence"),
        help=words.plain(verdict.reason) or "Closed windows without any prediction since the last one.",
    )


def explained(view: QualityView) -> tuple[Explained, ...]:
    """Return what stands behind the numbers of the tiles."""
    ratio, late = view.points["volume_ratio"], findings.late_words(view)[0]
    return (
        _explained(
            view,
            "volume_ratio",
            name="Rows against usual",
            value=words.NONE if ratio.value is None else f"{ratio.value:.2f} ×",
            definition="Rows of the day divided by the middle of the same weekday in the 28 days before. The interval "
            "comes from how much days of this log differ by themselves, on the log scale.",
            formula=r"\ln n_t - \mathrm{median}_{k=1..4}\,\ln n_{t-7k}",
        ),
        _explained(
            view,
            "completeness",
            name="Complete rows",
            value=words.percent(view.points["completeness"].value),
            definition="Share of rows in which no declared feature is missing (null or NaN).",
        ),
        _explained(
            view,
            "freshness_hours",
            name="Late",
            value=late,
            definition="Hours from the end of a day to the intake of its rows within which 90 % of them were "
            "there: the next edge of a fixed grid. Rows that are older than 28 days when they come, and whatever came "
            "with them, are history loaded at once and do not count.",
        ),
        _explained(
            view,
            "silence_units",
            name="Silence",
            value=words.NONE if view.whole["silence"].value is None else f"{view.whole['silence'].value:.0f}",
            definition="Windows that have closed since the last one with a prediction, by the clock of this store.",
        ),
    )


def _explained(
    view: QualityView, metric: str, *, name: str, value: str, definition: str, formula: str = ""
) -> Explained:
    point, bounds = view.points[metric], ""
    if point.ci_low is not None and point.ci_high is not None:
        low, high = point.ci_low, point.ci_high
        share = metric == "completeness"
        bounds = f"{words.percent(low)} to {words.percent(high)}" if share else words.interval(low, high)
    note = {"note": point.reason} if point.reason else {}
    return Explained(
        name=name,
        value=value,
        interval=bounds,
        definition=definition,
        formula=formula,
        facts={"window": words.window(view.window, view.grain), "rows": f"n = {point.n:,}", **note},
        provenance_id=point.provenance_id,
        topic="quality",
    )
