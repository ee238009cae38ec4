"""The Segments page in words, made from its numbers."""

from app import words
from app.segments.losses import LOSSES
from app.segments.views import SegmentsView, name_of
from core.segments.search_grid import SegmentGrid
from core.segments.search_losses import IS_SHARE, NOT_A_LOSS_OF_ZERO, LossKind
from core.segments.search_reference import Standing
from core.segments.search_result import FoundSegment, Later, WorstSegments

STANDINGS = {
    Standing.NEW: "new",
    Standing.WORSE: "worse than there",
    Standing.KNOWN: "known",
    Standing.UNCLEAR: "unclear",
}
LEAST_RATIO = 1.05


def capital(text: str) -> str:
    """Return `text` with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"


def title(view: SegmentsView) -> str:
    """Return the finding of the page."""
    worst = view.worst
    if worst is None:
        return f"Where {words.plain(view.model)} is worst"
    if worst.reason:
        return "Too few actuals to search for weak segments"
    if not worst.segments:
        return f"No segment is worse than chance would show: {worst.n_searched:,} searched"
    if view.news:
        first = view.news[0]
        return f"{words.plain(name_of(first))}: {_much(first, view.loss)}, {first.n:,} {words.plain(view.rows)}"
    kinds = words.plural(worst.n_significant, "kind", "kinds")
    return f"No segment is worse than in training: {kinds} of {words.plain(view.rows)} {_are(worst)} weak, as there"


def _are(worst: WorstSegments) -> str:
    return "is" if worst.n_significant == 1 else "are"


def _much(one: FoundSegment, loss: LossKind) -> str:
    """Return how much worse a segment is.

    A loss of zero on average has no "times the usual", and a share says more by itself.
    """
    spoken = LOSSES[loss]
    if loss in IS_SHARE:
        did = "decided wrongly" if loss is LossKind.ERROR else "of its positives missed"
        return f"{spoken.text(one.mean)} {did}, {spoken.text(one.rest)} elsewhere"
    if loss in NOT_A_LOSS_OF_ZERO or one.rest <= 0 or one.mean < LEAST_RATIO * one.rest:
        return f"{spoken.name} {spoken.text(one.mean)}, {spoken.text(one.rest)} elsewhere"
    return f"{one.mean / one.rest:.1f} × the usual {spoken.name}"


def sentence(view: SegmentsView) -> str:
    """Return why it matters and what to do next."""
    worst = view.worst
    if worst is None:
        return (
            "Every segment of one and two columns is tested against the rest, corrected for how many were searched, "
            "and set beside the reference."
        )
    if worst.reason:
        return f"{words.plain(capital(worst.reason))}. Choose a window whose actuals are known."
    if not worst.segments:
        return (
            f"Of {worst.n:,} {words.plain(view.rows)} none stand out: what is weak is weak everywhere. Nothing to do."
        )
    if not view.news:
        return (
            "They are as hard as they were in the reference: a matter for the next model, not for an alarm. Each is "
            "listed below."
        )
    return f"{_carries(view, view.news[0])} {_next(view.news[0])}"


def _carries(view: SegmentsView, one: FoundSegment) -> str:
    worst, spoken = view.worst, LOSSES[view.loss]
    assert worst is not None
    share_of_rows = one.n / worst.n
    total = (worst.mean or 0.0) * worst.n
    if view.loss in NOT_A_LOSS_OF_ZERO or total <= 0:
        return f"It holds {words.percent(share_of_rows)} of the {words.plain(view.rows)} that count."
    carried = words.percent(min(one.mean * one.n / total, 1.0))
    what = "missed positives" if view.loss is LossKind.MISSED_POSITIVES else f"the whole {spoken.name}"
    what = "all errors" if view.loss is LossKind.ERROR else what
    return f"It carries {carried} of {what} with {words.percent(share_of_rows)} of the rows that count."


def _next(one: FoundSegment) -> str:
    before = one.before
    was = {
        Standing.NEW: "In the reference it was no worse than the rest.",
        Standing.WORSE: "In the reference it was weak too, but less.",
        Standing.KNOWN: "In the reference it was as weak.",
        Standing.UNCLEAR: f"Whether it is news cannot be told: {words.plain(before.reason)}.",
    }[before.standing]
    later = {
        Later.HELD: "It held in the next window: see why, and who decides on these rows.",
        Later.DID_NOT_HOLD: "It did not hold in the next window: see what was different.",
        Later.TOO_FEW: "The next window cannot tell yet: see why.",
    }[one.later.outcome]
    return f"{was} {later}"


def searched(view: SegmentsView) -> str:
    """Return what was searched and what is left out of the list."""
    worst = view.worst
    if worst is None:
        return ""
    parts = [
        f"{worst.n_searched:,} segments of {words.plural(worst.n_columns, 'column')} searched, "
        f"{worst.n_significant:,} worse than chance would show (q = 0.02)"
    ]
    n_shadows = sum(one.n_shadows for one in worst.segments)
    if worst.n_children or n_shadows:
        hidden = worst.n_children + n_shadows
        parts.append(f"{hidden:,} of them only repeat a segment of the list and are not shown")
    if worst.n_more:
        parts.append(f"{worst.n_more:,} smaller ones are not listed")
    if worst.coverage < 1:
        parts.append(f"{words.percent(worst.coverage)} of the rows have their actual, and only they count")
    if worst.sampled_from:
        parts.append(f"a fixed sample of {worst.n_rows:,} of {worst.sampled_from:,} rows was searched")
    if not worst.n_reference:
        parts.append("the reference has no actuals: what is news cannot be told")
    return f"{words.plain('; '.join(parts))}."


def over_windows(one: FoundSegment, loss: LossKind, *, searched: str) -> str:
    """Return what the plot of a segment over windows shows.

    Parameters
    ----------
    searched : first unit of the window that was searched
    """
    spoken = LOSSES[loss]
    starts = [point.start for point in one.history]
    before = [point.mean for point in one.history[: starts.index(searched)] if point.mean is not None]
    now = f"{capital(spoken.name)} {spoken.text(one.mean)} in this window"
    if not before:
        return f"{now}; no earlier window has 30 rows of it"
    low, high = spoken.text(min(before)), spoken.text(max(before))
    n = words.plural(len(before), "window")
    return f"{now}; {low} to {high} in the {n} before" if len(before) > 1 else f"{now}; {low} in the one before"


def grid_finding(shown: SegmentGrid) -> str:
    """Return what the heat map shows."""
    spoken, worst = LOSSES[shown.loss], shown.worst
    if worst is None:
        return f"No cell of {words.plain(shown.down)} by {words.plain(shown.across)} has 30 rows"
    down, across, cell = worst
    where = words.plain(f"{shown.down} {down}, {shown.across} {across}")
    return f"Highest where {where}: {spoken.name} {spoken.text(cell.mean)} (n = {cell.n:,})"
