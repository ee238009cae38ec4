"""Title and sentence of the Lineage page."""

from app import words
from core.inventory.lineage import Lineage, Stage


def title(model: str, graph: Lineage) -> str:
    """Return from how much a model was made, and what came of it."""
    versions, releases = len(graph.of(Stage.VERSION)), len(graph.of(Stage.RELEASE))
    what = words.plural(releases, "release") if releases else "never released here"
    return words.plain(f"{model}: {words.plural(versions, 'version')}, {what}")


def sentence(graph: Lineage) -> str:
    """Return what the graph shows, and what nobody recorded."""
    without = [node.label for node in graph.of(Stage.VERSION) if "no file" in node.detail]
    told = "From the data on top to the predictions at the foot; a click shows what stands behind a point."
    if without:
        has = "has" if len(without) == 1 else "have"
        told += f" {words.enumerate_names(without)} {has} no model file here."
    return words.plain(told)
