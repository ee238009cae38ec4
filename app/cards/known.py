"""Which parts of a model card are known of a version: for the card, for its gate, and for the list of all models.

Whether something is known does not depend on who asks, and no number is read by group to say it.
"""

from collections.abc import Callable, Mapping

from app.questions import query_of_job
from core.checks.limits import load_limits
from core.errors import NotEnoughDataError
from core.explain.service import explanation
from core.fairness.service import gap_is_released
from core.inventory.records import VersionInfo
from core.inventory.service import version_schema
from core.log.schema import ModelSchema
from core.performance.service import against_reference, performance_points
from core.selection import MetricQuery
from core.store.database import Store

METRICS = {
    "binary": ("roc_auc", "average_precision", "precision", "recall", "log_loss", "brier_score"),
    "multiclass": ("roc_auc_ovr_macro", "f1_macro", "accuracy", "log_loss"),
    "regression": ("mae", "rmse", "r2", "bias"),
}
"""The metrics of a card, by task."""

GAPS = ("demographic_parity_difference", "equal_opportunity_difference", "equalized_odds_difference")
FAMILIES = ("performance", "calibration", "drift", "fairness")
"""Families of the limits of a card."""


def parts_known(store: Store, model: str, version: VersionInfo) -> frozenset[str]:
    """Return which parts of `core.cards.card.KNOWN` are known of a version, or do not apply: no protected column."""
    schema, query = version_schema(store, version), query_of_job(store, {"model": model, "version": version.name})
    asked: Mapping[str, Callable[[], bool]] = {
        "features": lambda: bool(schema.features),
        "reference": lambda: version.reference_rows is not None,
        "results": lambda: _has_results(store, query, schema),
        "limits": lambda: any(
            one.family in FAMILIES and one.declared for one in load_limits(schema.limits).checks.values()
        ),
        "explanation": lambda: version.artifact_sha256 is not None or _is_explained(store, query),
        "fairness": lambda: not schema.protected or gap_is_released(store, query, GAPS),
    }
    return frozenset(part for part, is_known in asked.items() if is_known())


def _has_results(store: Store, query: MetricQuery, schema: ModelSchema) -> bool:
    metrics = METRICS[schema.task]
    points = performance_points(store, query).points
    if any(point.metric in metrics and point.value is not None for point in points):
        return True
    return any(against_reference(store, query, metric)[1] is not None for metric in metrics)


def _is_explained(store: Store, query: MetricQuery) -> bool:
    try:
        return explanation(store, query) is not None
    except NotEnoughDataError:
        return False
