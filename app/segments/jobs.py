"""The long work of the Segments page, as the worker runs it."""

from collections.abc import Callable, Mapping
from typing import Any

from app import words
from app.questions import query_of_job
from core.access.principal import WORKER
from core.segments.search_losses import LossKind
from core.segments.service import find_worst_segments
from core.store.database import Store

Report = Callable[[float, str], None]


def worst_segments_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Search a window for its worst segments; returns what was found."""
    job = {name: str(parameters[name]) for name in ("model", "version", "window", "reference", "segment", "loss")}
    found = find_worst_segments(store, WORKER, query_of_job(store, job), loss=LossKind(job["loss"]), report=report)
    if found.reason:
        return found.reason
    worse = words.plural(found.n_significant, "is worse than chance would show", "are worse than chance would show")
    return f"{worse}, of {found.n_searched:,} segments searched"
