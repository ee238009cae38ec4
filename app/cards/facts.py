"""What a model card is filled with, asked of the services that know it."""

from dataclasses import replace

from app import words
from app.cards.known import FAMILIES, GAPS, METRICS, parts_known
from app.fairness.findings import NAMES
from app.performance.metrics import METRICS as MEANINGS
from app.questions import answered, query_of_job
from core.access.matrix import Action, may
from core.access.principal import Principal
from core.cards.card import Card
from core.cards.facts import CardFacts, FeatureFact, GapFact, LimitFact, ResultFact
from core.cards.service import model_card
from core.checks.limits import load_limits
from core.errors import NotEnoughDataError, NotFoundError
from core.explain.service import explanation
from core.inventory.recording.service import governed_model
from core.inventory.records import VersionInfo
from core.inventory.service import ModelDetail, model_detail, version_schema
from core.log.schema import ModelSchema
from core.performance.service import against_reference, performance_points
from core.points import MetricPoint
from core.selection import MetricQuery
from core.store.database import Store
from core.windows import parse_window


def card(store: Store, principal: Principal, *, model: str, version: str) -> Card:
    """Return the model card of a version. Reading the gaps between groups is an audited read.

    Raises
    ------
    NotFoundError
        When there is no such model or version.
    """
    return model_card(store, card_facts(store, principal, model=model, version=version))


def card_facts(store: Store, principal: Principal, *, model: str, version: str) -> CardFacts:
    """Return what is known of a version: from its own schema, reference and rows, in the role it ran in.

    Raises
    ------
    NotFoundError
        When there is no such model or version.
    """
    detail = model_detail(store, model)
    known = _version(detail, version)
    schema, record = version_schema(store, known), governed_model(store, model)
    query = query_of_job(store, {"model": model, "version": version})
    window, results = _results(store, query, schema)
    fairness, why = _fairness(store, principal, query, schema)
    return CardFacts(
        model=model,
        version=version,
        task=schema.task,
        owner=record.record.document.get("owner", detail.model.owner),
        tier=record.tier.in_force,
        staged=schema.staged or record.record.document.get("staged") is True,
        added=known.created_at.date(),
        added_by=known.added_by,
        artifact_sha256=known.artifact_sha256,
        schema_revision=known.schema_revision,
        target=schema.actual or "not declared",
        label_delay=_days(schema),
        features=_features(schema),
        reference_rows=known.reference_rows,
        reference_sha256=known.reference_sha256,
        window=window,
        results=results,
        limits=_limits(schema),
        protected=schema.protected,
        fairness=fairness,
        fairness_why=why,
        explanation=_explanation(store, query, known),
        known=parts_known(store, model, known),
    )


def _version(detail: ModelDetail, version: str) -> VersionInfo:
    for one in detail.versions:
        if one.name == version:
            return one
    known = ", ".join(one.name for one in detail.versions[-10:]) or "none yet"
    raise NotFoundError(f"The model has no version '{version[:100]}'; known versions: {known}.")


def _days(schema: ModelSchema) -> str:
    hours = schema.actual_delay.total_seconds() / 3600
    number, unit = (hours / 24, "day") if hours >= 24 else (hours, "hour")
    return f"{number:g} {unit if number == 1 else f'{unit}s'}"


def _features(schema: ModelSchema) -> tuple[FeatureFact, ...]:
    return tuple(
        FeatureFact(name=name, kind=one.kind, unit=one.unit or "", meaning=one.meaning or "", sensitive=one.sensitive)
        for name, one in schema.features.items()
    )


def _results(store: Store, query: MetricQuery, schema: ModelSchema) -> tuple[str, tuple[ResultFact, ...]]:
    points = {point.metric: point for point in performance_points(store, query).points}
    found, window = [], ""
    for metric in METRICS[schema.task]:
        point = points[metric]
        window = _window(point, schema) or window
        found.append(
            ResultFact(
                metric=metric,
                name=MEANINGS[metric].name,
                reference=against_reference(store, query, metric)[1],
                value=point.value,
                ci_low=point.ci_low,
                ci_high=point.ci_high,
                n=point.n,
                why=point.reason,
            )
        )
    return window, tuple(found)


def _window(point: MetricPoint, schema: ModelSchema) -> str:
    """Return the window of a point as the pages say it, its last unit included; empty without one."""
    if not point.window_start:
        return ""
    return words.window(parse_window(f"{point.window_start}..{point.window_end}", schema.grain), schema.grain)


def _limits(schema: ModelSchema) -> tuple[LimitFact, ...]:
    checks = load_limits(schema.limits).checks.values()
    return tuple(
        LimitFact(title=one.title, warning=one.warning, critical=one.critical)
        for one in checks
        if one.family in FAMILIES and one.declared
    )


def _fairness(
    store: Store, principal: Principal, query: MetricQuery, schema: ModelSchema
) -> tuple[tuple[GapFact, ...], str]:
    if not schema.protected:
        return (), "No protected column is declared."
    if not may(principal, Action.FAIRNESS_READ):
        return (), "Not shown: reading numbers by protected group is not among your roles."
    points = answered(store, principal, "fairness", replace(query, window=None)).points
    gaps = tuple(
        GapFact(
            column=point.feature or "",
            name=NAMES[point.metric],
            value=point.value,
            ci_low=point.ci_low,
            ci_high=point.ci_high,
        )
        for point in points
        if point.metric in GAPS and not point.segment and point.value is not None
    )
    return gaps, "" if gaps else next((point.reason for point in points if point.reason), "Nothing is released yet.")


def _explanation(store: Store, query: MetricQuery, version: VersionInfo) -> str:
    """Say how the version's scores are explained; empty where nothing can explain them."""
    try:
        found = explanation(store, query)
    except NotEnoughDataError:
        found = None
    if found is None:
        told = "SHAP values are computed from its model file; none of this window were asked for yet."
        return told if version.artifact_sha256 else ""
    kind = "estimated" if found.approximate else "exact"
    return (
        f"SHAP values ({found.explainer}, {kind}, in {found.unit}) of a sample of the rows of the window; the largest "
        f"mean influence is that of {found.importance[0].feature}."
    )
