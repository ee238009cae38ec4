"""Title and sentence of the Fleet, made from its numbers."""

from app import words
from app.findings import ALARMING, reason, sentence
from app.fleet.views import FleetView
from core.states import State


def fleet_title(view: FleetView) -> str:
    """Return how many models need attention, and which one most."""
    needing = [row for row in view.rows if row.state in ALARMING]
    total = len(view.rows)
    if needing:
        name = words.plain(needing[0].model)
        if total == 1:
            return f"{name} needs attention"
        verb, led = ("needs", f": {name}") if len(needing) == 1 else ("need", f", {name} most")
        return f"{len(needing)} of {words.plural(total, 'model')} {verb} attention{led}"
    silent = view.count(State.NOT_APPLICABLE)
    if silent == total:
        return f"Nothing can be said yet about {words.plural(total, 'model')}"
    if silent:
        return f"{total - silent} of {words.plural(total, 'model')} healthy, {silent} without a verdict"
    return "The only model is healthy" if total == 1 else f"All {total} models are healthy"


def fleet_sentence(view: FleetView) -> str:
    """Return what is behind the title and what to do next."""
    worst = next((row for row in view.rows if row.state in ALARMING), None)
    if worst is None:
        waiting = next((row for row in view.rows if row.state is State.NOT_APPLICABLE), None)
        return words.plain(sentence(waiting.why)) if waiting and waiting.why else "No check is over its limit."
    told = words.plain(reason(worst.why, worst.cause))
    return told if len(view.rows) == 1 else f"{words.plain(worst.model)}: {told}"
