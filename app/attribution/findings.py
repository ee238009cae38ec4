"""What the numbers of a change say, in words made from the numbers."""

from app import words
from app.attribution.metrics import LESS_IS_BETTER, NEITHER, between, signed, size, spoken
from app.attribution.views import AttributionView
from core.attribution.attribution import Change
from core.attribution.display import LimitedSeries
from core.attribution.multivariate import MultivariateDrift
from core.attribution.shift import Shift, Verdict
from core.performance import of_task

RULES = {
    Verdict.INPUTS: "the model meets other rows than it was trained on",
    Verdict.RELATION: "the same inputs now lead to other outcomes than in training",
    Verdict.UNKNOWN: "neither can be said",
}


def capital(text: str) -> str:
    """Return a sentence with a capital letter."""
    return text[:1].upper() + text[1:]


def title(view: AttributionView) -> str:
    """Return the page's finding."""
    name = capital(spoken(view.metric).name)
    if view.change is None:
        return words.plain(f"What changed in {spoken(view.metric).name} cannot be split")
    change = view.change
    if _by_chance(change):
        return words.plain(f"{name} did not clearly change against {view.reference}")
    verb = "fell" if change.change.value < 0 else "rose"
    moved = f"{name} {verb} {size(change.metric, change.change.value)} against {view.reference}"
    return words.plain(f"{moved}: {_split(view, change)}")


def _by_chance(change: Change) -> bool:
    return change.change.low <= 0 <= change.change.high


def _split(view: AttributionView, change: Change) -> str:
    inside = change.change.value - change.mix.value
    where = "within segments" if change.between is None else "within and between segments"
    leading = view.leading
    led = "" if leading is None else f", led by {change.column} {leading.name}"
    if abs(change.mix.value) > abs(inside):
        return f"{_of_it(change, change.mix.value)} from the mix of segments{led}; {_rest(change, where)}"
    return f"{_of_it(change, inside)} {where}{led}; {_mixed(change)}"


def _of_it(change: Change, part: float) -> str:
    """Return the larger part: some of the change, or more than it where the other part pulls back."""
    return (
        f"{size(change.metric, part)} of it" if abs(part) <= abs(change.change.value) else signed(change.metric, part)
    )


def _mixed(change: Change) -> str:
    """Return what the mix adds, where segments themselves dominate."""
    if change.mix.value * change.change.value < 0:
        other = "raised" if change.mix.value > 0 else "lowered"
        return f"the mix of segments alone would have {other} it by {size(change.metric, change.mix.value)}"
    return f"the mix of segments explains {size(change.metric, change.mix.value)}"


def _rest(change: Change, where: str) -> str:
    """Return what the segments themselves add, where the mix dominates."""
    inside = change.change.value - change.mix.value
    if inside * change.change.value < 0:
        return f"{where} it moved the other way by {size(change.metric, inside)}"
    return f"{where} {size(change.metric, inside)}"


def sentence(view: AttributionView) -> str:
    """Return why it matters and what to do next."""
    if view.change is None:
        reason = view.why_not or "nothing can be compared"
        more = " The change of each segment alone stands below." if view.changes else ""
        return f"{words.plain(capital(reason))}.{more}"
    if _by_chance(view.change):
        told = between(view.metric, view.change.change.low, view.change.change.high)
        return words.plain(f"The whole change, {told}, is within what chance gives: there is no cause to look for.")
    inside = view.change.change.value - view.change.mix.value
    smaller, larger = sorted((abs(view.change.mix.value), abs(inside)))
    if view.change.mix.value * inside > 0 and smaller * 2 > larger:
        return (
            "Both at once: other segments are more frequent than before, and rows of the same segment fare otherwise. "
            "Look at the leading one's rows next."
        )
    if abs(view.change.mix.value) > abs(inside):
        return (
            "Other segments are more frequent than before, so the average moved: ask whether the population changed "
            "on purpose before the model is blamed."
        )
    worse = _worse(view)
    if worse is None:
        return "Rows of the same segment are treated otherwise than before: look at which and why."
    return (
        "The model got worse inside segments, not because others became frequent: look at the leading one's rows next."
        if worse
        else "The model got better inside segments, not because others became frequent."
    )


def _worse(view: AttributionView) -> bool | None:
    if view.change is None or view.metric in NEITHER:
        return None
    less = view.metric in LESS_IS_BETTER or view.metric in of_task.LESS_IS_BETTER
    return (view.change.change.value > 0) is less


def waterfall_finding(change: Change) -> str:
    """Return what the waterfall shows."""
    share = 0.0 if change.change.value == 0 else change.mix.value / change.change.value
    if not 0 <= share <= 1:
        return "Mix and segments themselves pull in opposite directions"
    return words.plain(f"The mix of segments makes up {100 * share:.0f} % of the change")


def segments_finding(view: AttributionView) -> str:
    """Return what the bars by segment show."""
    leading = view.leading
    if view.change is None or leading is None:
        return "No segment adds to the change"
    part = size(view.metric, leading.total)
    return words.plain(
        f"{view.column} {leading.name} adds most: {part} of {size(view.metric, view.change.change.value)}"
    )


def limits(change: Change) -> str:
    """Return what this method cannot say, to stand beside the picture."""
    told = [
        f"Exact: parts add up to the change. Segments count by {change.weight}.",
        "A part says where the change sits, not why; another segment column splits it differently.",
        "Intervals are of 500 draws inside each segment; how many rows each has is taken as seen.",
    ]
    if change.finer is not None:
        finer = signed(change.metric, change.finer)
        told.append(f"By segment scores are known to about hundredths; on the finer bins of all rows it is {finer}.")
    if change.pooled:
        named = words.enumerate_names(list(change.pooled), 4)
        told.append(f"In other, because of fewer than 10 rows in a window or to hide those: {named}.")
    return words.plain(" ".join(told))


def cause_finding(found: Shift) -> str:
    """Return the verdict on inputs and relation."""
    return words.plain(f"{capital(found.verdict.value)}: {RULES[found.verdict]}")


def moved_finding(found: Shift) -> str:
    """Return which input moved most, with how well it alone tells the window from the reference."""
    if not found.moved:
        return "No input can be compared"
    first = found.moved[0]
    return words.plain(f"{first.feature} moved most: AUC {words.two(first.auc)} (0.50: not at all)")


def cause_limits(found: Shift) -> str:
    """Return what the weighting rests on and cannot say."""
    told = [
        f"{found.n_reference:,} rows of the reference weighted to look like {found.n_current:,} of the window "
        f"({found.classifier}, AUC {words.two(found.auc)}); they count as {found.ess:,.0f} rows "
        f"({100 * found.ess_share:.0f} %); about {100 * found.overlap:.0f} % of the window has a counterpart.",
        f"Decided because {found.why}.",
    ]
    if found.clipped is not None and found.covariate is not None:
        told.append("Fewer than half of the rows count, so the largest 1 % of the weights were cut.")
    told.append(
        "Only inputs that are logged can be weighed: a cause outside them shows as a changed relation. The intervals "
        "do not hold the error of the weights."
    )
    return words.plain(" ".join(told))


def series_finding(shown: LimitedSeries) -> str:
    """Return what a measure over windows shows."""
    n_beyond = sum(shown.beyond)
    known = [value for value in shown.value if value is not None]
    if not known:
        return words.plain(f"No window has enough rows for the {shown.name}")
    last = "the last one among them" if shown.beyond[-1] else "not the last one"
    if not n_beyond:
        return words.plain(f"{capital(shown.name)}: all {len(known)} windows are as in the reference")
    return words.plain(f"{capital(shown.name)}: {n_beyond} of {len(known)} windows beyond the reference, {last}")


def together_limits(found: MultivariateDrift) -> str:
    """Return what the measures of all inputs rest on and cannot say."""
    told = [
        "Against training, whatever the header compares with.",
        f"Reconstruction error: {found.n_components} principal components hold {100 * found.kept:.0f} % of the "
        f"variance of {found.n_columns} encoded inputs; limits ({found.error_limits.rule}) from "
        f"{found.error_limits.chunks} chunks of the half of the reference that did not fit them.",
        "Domain classifier: 0.5 means that nothing tells the window from training; limit "
        f"({found.auc_limits.rule}) from {found.auc_limits.chunks} chunks.",
        "Neither says which input moved, or whether it matters. At most 2,000 rows a window.",
    ]
    return words.plain(" ".join(told))
