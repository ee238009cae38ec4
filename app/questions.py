"""Questions to the stored profiles: options as people type them become a `MetricQuery`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.choices import ALL_SEGMENTS
from core.calibration.service import calibration_points
from core.drift.service import drift_points
from core.errors import BadInputError
from core.estimation.service import estimation_points
from core.fairness.service import fairness_points
from core.impact.service import impact_points
from core.inventory.service import model_detail, role_of
from core.performance.service import performance_points
from core.quality.service import quality_points
from core.selection import Every, MetricQuery, Slice, parse_reference, parse_slice, saved_name
from core.serving.service import service_points
from core.windows import Grain, parse_window

if TYPE_CHECKING:
    from core.access.principal import Principal
    from core.selection import MetricAnswer
    from core.store.database import Store

FAMILIES: Mapping[str, Callable[["Store", MetricQuery], "MetricAnswer"]] = {
    "drift": drift_points,
    "performance": performance_points,
    "quality": quality_points,
    "calibration": calibration_points,
    "service": service_points,
    "impact": impact_points,
    "estimation": estimation_points,
}

AUDITED: Mapping[str, Callable[["Store", "Principal", MetricQuery], "MetricAnswer"]] = {"fairness": fairness_points}
"""Families that only some may read, and whose every read is written down."""

NAMES = (*FAMILIES, *AUDITED)


def answered(store: "Store", principal: "Principal", family: str, query: MetricQuery) -> "MetricAnswer":
    """Return the points of one family.

    Raises
    ------
    RefusedError
        When `principal` may not read this family.
    BadInputError
        When there is no such family.
    """
    if family in AUDITED:
        return AUDITED[family](store, principal, query)
    if family not in FAMILIES:
        raise BadInputError(f"The family '{family[:40]}' is not known in this version; use {', '.join(NAMES)}.")
    return FAMILIES[family](store, query)


def metric_query(
    store: "Store",
    model: str,
    *,
    version: str | None = None,
    role: str | None = None,
    window: str | None = None,
    every: str | None = None,
    reference: str = "training",
    segment: str | None = None,
    by: str | None = None,
) -> MetricQuery:
    """Return the question that the options ask, in the model's own calendar.

    Raises
    ------
    BadInputError
        When two options exclude each other or one cannot be read.
    """
    if window is not None and every is not None:
        raise BadInputError("Give either --window or --every, not both.")
    if segment is not None and by is not None:
        raise BadInputError("Give either --segment or --by, not both.")
    grain: Grain = model_detail(store, model).schema.grain
    saved = None if segment is None else saved_name(segment)
    return MetricQuery(
        model=model,
        version=version,
        role=_role(role),
        window=None if window is None else parse_window(window, grain),
        every=None if every is None else _every(every, grain),
        reference=parse_reference(reference, grain),
        slice=Slice(column=by) if by is not None else (parse_slice(segment) if segment and saved is None else None),
        saved=saved,
    )


def query_of_job(store: "Store", parameters: Mapping[str, Any]) -> MetricQuery:
    """Return the question that the parameters of a job ask; as on pages, a shadow is asked for its shadow rows."""
    model, version = str(parameters["model"]), str(parameters["version"])
    segment = str(parameters.get("segment") or ALL_SEGMENTS)
    return metric_query(
        store,
        model,
        version=version,
        role=role_of(store, model, version),
        window=parameters.get("window"),
        reference=str(parameters.get("reference", "training")),
        segment=None if segment == ALL_SEGMENTS else segment,
    )


def _role(role: str | None) -> str | None:
    roles = ("served", "shadow", "canary", "replay")
    if role is not None and role not in roles:
        raise BadInputError(f"The role '{role[:40]}' is not known; use {', '.join(roles)}.")
    return role


def _every(text: str, grain: Grain) -> Every:
    """Read the length of windows: day, week, month, or the model's own grain; what cannot be cut is refused later."""
    words = [Every.DAY.value, Every.WEEK.value, Every.MONTH.value]
    if grain.value not in words:
        words.append(grain.value)
    if text not in words:
        raise BadInputError(f"--every takes {', '.join(words[:-1])} or {words[-1]}, not '{text[:40]}'.")
    return Every(text)
