"""Title and sentence of the Inventory, made from its numbers."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from app import words
from app.inventory.views import InventoryRow, InventoryView, PastRow
from core.reviews.review import ReviewKind
from core.states import State


def title(view: InventoryView) -> str:
    """Return how many models there are and how many of the highest tier."""
    live = view.used
    highest = min((row.tier.in_force for row in live), default=0)
    n = sum(row.tier.in_force == highest for row in live)
    many = words.plural(len(live), "model")
    return f"{many} in the inventory, {n} of tier {highest}" if live else "No model is in use"


def sentence(view: InventoryView) -> str:
    """Return what is missing from the records, what is overdue, and what to do."""
    live = view.used
    bare = [row.model for row in live if not row.champion]
    without = [row.model for row in live if row.champion and row.contract.startswith("none")]
    told = [_states(live), *_governance(live)] if live else []
    if bare:
        told.append(f"{_named(bare)} {'has' if len(bare) == 1 else 'have'} no version yet.")
    if without:
        verb = "works" if len(without) == 1 else "work"
        told.append(f"{_named(without)} {verb} without an accepted contract: its owner accepts one on Data quality.")
    staged = sum(row.staged for row in live)
    if staged:
        are = "is a staged sample" if staged == 1 else "are staged samples"
        told.append(f"{words.plural(staged, 'model')} {are}: some of what is written about them is invented.")
    return " ".join(told)


def past_title(found: Sequence[PastRow], day: date) -> str:
    """Return how many models there were on a day, and how many of them were live."""
    used = [row for row in found if not row.retired]
    live = sum(bool(row.champion) for row in used)
    return f"{words.plural(len(used), 'model')} on {words.day(day)}, {live} live"


PAST_SENTENCE = "As it stood at the end of that day, replayed from the audit trail (UTC, by the store's clock)."


def _governance(live: Sequence[InventoryRow]) -> list[str]:
    """Return whose record says too little, and whose validation or drill is overdue."""
    told = []
    incomplete = [row.model for row in live if row.n_missing]
    if incomplete:
        lacks = "lacks" if len(incomplete) == 1 else "lack"
        told.append(f"The {'record' if len(incomplete) == 1 else 'records'} of {_named(incomplete)} {lacks} fields.")
    for kind, what in ((ReviewKind.VALIDATION, "validation"), (ReviewKind.DRILL, "rollback drill")):
        late = [row.model for row in live if any(duty.kind is kind for duty in row.overdue)]
        if late:
            told.append(f"The {what} of {_named(late)} is overdue.")
    return told


def _states(live: Sequence[InventoryRow]) -> str:
    """Return how many models are in trouble, and where the cause is told."""
    counts = Counter(row.state for row in live)
    bad = [f"{counts[state]} {state.value}" for state in (State.CRITICAL, State.WARNING) if counts[state]]
    return f"{words.enumerate_names(bad)}: Fleet says why." if bad else "None is critical or in warning."


def _named(names: list[str]) -> str:
    return words.plain(words.enumerate_names(names))
