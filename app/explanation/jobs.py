"""The long work of the Explain page, as the worker runs it."""

from collections.abc import Callable, Mapping
from typing import Any

from app import actions
from app.questions import query_of_job
from core.access.principal import WORKER
from core.errors import BadInputError
from core.explain.counterfactuals import Target
from core.explain.service import explain, explain_row, find_counterfactuals
from core.importance.service import sum_units
from core.store.database import Store

Report = Callable[[float, str], None]


def explanation_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Work out the part of an explanation that is asked for: a sample, a row, or a row's counterfactuals."""
    query, of_class = query_of_job(store, parameters), str(parameters.get("of_class", ""))
    part, row = str(parameters.get("part", "sample")), str(parameters.get("row", ""))
    if part == "sample":
        where = str(parameters.get("where", ""))
        found = explain(store, WORKER, query, where=where, of_class=of_class, report=report)
        return f"{found.n:,} rows explained by {found.explainer}, additivity error {found.additivity_error:.1g}"
    if part == "row":
        changes = parameters.get("changes") or None
        one = explain_row(store, WORKER, query, row, of_class=of_class, changes=changes, report=report)
        return f"one row explained by {one.explainer}"
    if part == "counterfactuals":
        given = parameters.get("target")
        target = None if given is None else Target(level=float(given[0]), above=bool(given[1]))
        near = find_counterfactuals(store, WORKER, query, row, target=target, of_class=of_class, report=report)
        return f"{len(near.found)} found, {near.tried:,} rows tried"
    raise BadInputError(f"An explanation has no part '{part[:40]}'; use sample, row or counterfactuals.")


def shap_units_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Work out the SHAP sums of the units that changed, and judge these anew; says how many."""
    model = str(parameters["model"])
    n = sum_units(store, WORKER, model=model, version=str(parameters["version"]), report=report)
    actions.refresh(store, WORKER, model=model)
    return f"{n:,} units explained by samples"
