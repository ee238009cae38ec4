"""Title and sentence of the Inventory, made from its numbers."""

from app import words
from app.inventory.views import InventoryView


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
    told = []
    if bare:
        told.append(f"{_named(bare)} {'has' if len(bare) == 1 else 'have'} no version yet.")
    if without:
        verb = "works" if len(without) == 1 else "work"
        told.append(f"{_named(without)} {verb} without an accepted contract: its owner accepts one on Data quality.")
    staged = sum(row.staged for row in live)
    if staged:
        are = "is a staged sample" if staged == 1 else "are staged samples"
        told.append(f"{staged} of them {are}: invented rows and incidents.")
    return " ".join(told) or "Every model has a live version and an accepted contract."


def _named(names: list[str]) -> str:
    return words.plain(words.enumerate_names(names))
