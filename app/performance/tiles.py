"""Tiles of the Performance page: the metrics to look at first, label coverage, false alarms."""

from app import words
from app.performance.metrics import METRICS
from app.performance.views import MetricFact, PerformanceView
from app.tiles import Tile
from core.states import State

ALARMING = (State.WARNING, State.CRITICAL)
SIGNIFICANT = 0.01
SHOWN = {
    "binary": ("roc_auc", "recall", "precision"),
    "multiclass": ("f1_macro", "accuracy", "log_loss"),
    "regression": ("mae", "rmse", "bias"),
}


def performance(view: PerformanceView) -> list[Tile]:
    """Return the tiles in the order in which they are read."""
    return [*(_metric_tile(view.facts[name]) for name in SHOWN[view.task]), _coverage_tile(view), _alarms_tile(view)]


def _metric_tile(fact: MetricFact) -> Tile:
    spoken = METRICS[fact.metric]
    if fact.value is None:
        return Tile(label=spoken.name, value=words.NONE, note="◌ not known", help=words.plain(fact.note))
    between = spoken.interval(fact.low, fact.high)
    note, more = _against_reference(fact)
    return Tile(
        label=spoken.name,
        value=spoken.text(fact.value),
        note=note,
        note_more=more,
        state=fact.state if fact.state in ALARMING else None,
        help=f"95 % interval {between or 'not known'}, n = {fact.n:,}; was: in the "
        f"reference.{_significance(fact)} {words.plain(fact.note[:1].upper() + fact.note[1:])}",
    )


def _against_reference(fact: MetricFact) -> tuple[str, str]:
    """Return the change against the reference, and from what; green never stands beside a fall."""
    if fact.value is None or fact.reference is None:
        return "no reference", ""
    change = METRICS[fact.metric].change(fact.value - fact.reference)
    if fact.state in ALARMING:
        return f"{words.GLYPHS[fact.state]} {change}", words.STATES[fact.state]
    return change, f"was {METRICS[fact.metric].text(fact.reference)}"


def _significance(fact: MetricFact) -> str:
    if fact.adjusted_p is None:
        return ""
    return f" The change is {'not ' if fact.adjusted_p > SIGNIFICANT else ''}significant."


def _coverage_tile(view: PerformanceView) -> Tile:
    share = view.n_labelled / view.n if view.n else None
    return Tile(
        label="label coverage",
        value=words.percent(share),
        note="complete enough" if view.mature else "◌ not judged",
        state=None,
        help=f"{view.n_labelled:,} of {view.n:,} rows have their actual. "
        f"{words.plain(view.maturity_reason[:1].upper() + view.maturity_reason[1:])}",
    )


def _alarms_tile(view: PerformanceView) -> Tile:
    judged = sum(fact.state is not State.NOT_APPLICABLE for fact in view.facts.values())
    return Tile(
        label="false alarms",
        value=words.rate(view.false_alarms_month),
        note="a month" if view.false_alarms_month is not None else "◌ not judged",
        note_more=words.plural(judged, "test") if view.false_alarms_month is not None else "",
        help="How many alarms the limits of all rows would raise in a month by chance alone, if nothing had changed.",
    )
