"""The long work of the Attribution page, as the worker runs it."""

from collections.abc import Callable, Mapping
from typing import Any

from app.questions import query_of_job
from core.access.principal import WORKER
from core.attribution.service import find_multivariate, find_shift
from core.store.database import Store

Report = Callable[[float, str], None]


def shift_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Work out whether the inputs moved or the relation changed; returns what was found."""
    metric = str(parameters["metric"])
    found = find_shift(store, WORKER, query_of_job(store, parameters), metric, report=report)
    return f"{metric}: {found.verdict.value} ({found.n_reference:,} and {found.n_current:,} rows)"


def multivariate_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Work out the drift of all inputs together; returns what was done."""
    found = find_multivariate(store, WORKER, query_of_job(store, parameters), report=report)
    return f"{len(found.points)} windows, {found.n_components} components of {found.n_columns} columns"
