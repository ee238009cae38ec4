"""Title and sentence of the Inventory, made from its numbers."""

from collections import Counter

from app import words
from app.inventory.views import InventoryRow, InventoryView
from core.states import State


def title(view: InventoryView) -> str:
    """Return how many models there are and how many of the highest tier."""
    live = [row for row in view.rows if not row.retired]
    highest = min((row.tier for row in live), default=0)
    n = sum(row.tier == highest for row in live)
    many = words.plural(len(live), "model")
    return f"{many} in the inventory, {n} of tier {highest}" if live else "No model is in use"


def sentence(view: InventoryView) -> str:
    """Return what is missing from the records, and what to do."""
    live = [row for row in view.rows if not row.retired]
    bare = [row.model for row in live if not row.champion]
    without = [row.model for row in live if row.champion and row.contract.startswith("none")]
    told = [_states(live)] if live else []
    if bare:
        told.append(f"{_named(bare)} {'has' if len(bare) == 1 else 'have'} no version yet.")
    if without:
        verb = "works" if len(without) == 1 else "work"
        told.append(f"{_named(without)} {verb} without an accepted contract: its owner accepts one on Data quality.")
    staged = sum(row.staged for row in live)
    if staged:
        are = "is a staged sample" if staged == 1 else "are staged samples"
        told.append(f"{words.plural(staged, 'model')} {are}: invented rows and incidents.")
    if not bare and not without:
        told.append("Every model has a live version and an accepted contract.")
    return " ".join(told)


def _states(live: list[InventoryRow]) -> str:
    """Return how many models are in trouble, and where the cause is told."""
    counts = Counter(row.state for row in live)
    bad = [f"{counts[state]} {state.value}" for state in (State.CRITICAL, State.WARNING) if counts[state]]
    return f"{words.enumerate_names(bad)}: Fleet says why." if bad else "None is critical or in warning."


def _named(names: list[str]) -> str:
    return words.plain(words.enumerate_names(names))
