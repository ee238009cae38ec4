"""Gathering the evidence of a release: one reading of the store, the rows of both versions, every gate, one pack."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.analysis import AnalysisKind
from core.audit.service import refusals_recorded
from core.inventory.controls import Controls
from core.inventory.developers import developers
from core.inventory.fields import missing
from core.inventory.records import ModelInfo
from core.profile.summing import Summed
from core.releases.gates.gate import GateResult
from core.releases.gates.limits import GateLimits, gate_limits
from core.releases.gathering.compared import ComparedVersion
from core.releases.gathering.comparing import compare, empty_features, sampled_features
from core.releases.gathering.document import document_of
from core.releases.gathering.facts import Facts, Handed, Importances
from core.releases.gathering.judging import judged_gates
from core.releases.gathering.packing import PackedCounts, pack_profiles
from core.releases.gathering.trying import EXPLAINED, Tried, artifact_of, tried
from core.releases.policy import controls_of
from core.releases.release import Release
from core.reviews.calendar import Duty, ValidationStanding, calendar, validated
from core.reviews.review import Review, ReviewKind
from core.store import models as stored_models
from core.store import releases as stored_releases
from core.store.analyses import newest_analysis
from core.store.database import Session, Store
from core.store.findings import findings
from core.store.pairs import (
    CHALLENGER_ROLES,
    CHAMPION_ROLES,
    compared_version,
    mature_units,
    reference_counts,
    unit_counts,
)
from core.store.records import record_of
from core.store.release_facts import arriving_schema, validity_now
from core.store.reviews import reviews
from core.store.series import model_schema
from core.windows import Grain

Report = Callable[[float, str], None]

EXPLANATION = "explanation"
"""What a card calls the importance of the features."""

MOST_ROWS = 1_000_000
"""Rows of the challenger that are read; of a longer log the newest units."""

NOW_UNITS = {Grain.DAY: 28}
"""Units that the log "now" is made of; of coarser grains the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredEvidence:
    """What `core.releases.requesting.service.settle_evidence` freezes.

    Attributes
    ----------
    document : plain values
    profiles : bytes
        See `core.releases.gathering.packing`.
    validity : mapping
        The thirteen fields as they stood before anything was gathered, without the outcomes of the gates.
    """

    round: int
    document: Mapping[str, Any]
    profiles: bytes
    validity: Mapping[str, Any]
    gates: tuple[GateResult, ...]


@refusals_recorded
def gather(
    store: Store,
    principal: Principal,
    release_id: int,
    *,
    handed: Handed | None = None,
    report: Report | None = None,
) -> GatheredEvidence:
    """Return the evidence of a release as the store and the log stand now; writes nothing.

    Parameters
    ----------
    handed : what other services know; nothing: no card, no fairness

    Raises
    ------
    RefusedError
        When the principal may not gather evidence.
    NotFoundError
        When there is no such release.
    """
    authorize(principal, Action.RELEASE_GATHER)
    say, given, limits = report or _silent, handed or Handed(), gate_limits()
    with store.read() as session:
        facts = _facts(session, store, release_id)
    with ThreadPoolExecutor(2) as beside:  # model files run in processes of their own, while rows are compared here
        trying = {name: beside.submit(_tried, facts, name, limits) for name in ("challenger", "champion")}
        say(0.2, "comparing champion and challenger on the same rows")
        found = compare(facts, given.protected, limits)
        say(0.6, "trying the model files")
        run = {name: one.result() for name, one in trying.items()}
    importances = {name: _importance(facts, name, one) for name, one in run.items()}
    say(0.9, "judging")
    given = _with_explanation(given, importances["challenger"])
    gates, further = judged_gates(facts, given, found, run["challenger"], empty=empty_features(facts), limits=limits)
    return GatheredEvidence(
        round=facts.release.round,
        document=document_of(facts, given, found, importances=importances, further=further, limits=limits),
        profiles=pack_profiles(facts.counts, facts.hidden),
        validity=facts.validity,
        gates=gates,
    )


def _with_explanation(handed: Handed, importance: Importances) -> Handed:
    """Return what was handed over with a card that does not lack the explanation which this very evidence holds."""
    if handed.card is None or not importance.points:
        return handed
    lacking = tuple(name for name in handed.card.missing if name != EXPLANATION)
    return replace(handed, card=replace(handed.card, missing=lacking))


def _silent(_share: float, _words: str) -> None:
    """Report nothing."""


def _tried(facts: Facts, name: str, limits: GateLimits) -> Tried:
    """Run a version's model file: the challenger's on changed rows too, either's importance where none is stored."""
    side = facts.challenger if name == "challenger" else facts.champion
    shaken, explained = name == "challenger", name not in facts.stored_importance
    if side is None:
        return Tried(why_not="there is no champion")
    if artifact_of(facts.log_dir, side) is None or not (shaken or explained):
        return tried(facts.log_dir, side, None, None, shaken=shaken, explained=explained)
    rows = sampled_features(facts, side, n=limits.robustness.rows if shaken else EXPLAINED)
    return tried(facts.log_dir, side, rows, _background(rows), shaken=shaken, explained=explained)


def _background(rows: pa.Table | None) -> pa.Table | None:
    return None if rows is None else rows.slice(0, EXPLAINED)


def _importance(facts: Facts, name: str, found: Tried) -> Importances:
    return facts.stored_importance.get(name) or found.importance or Importances(why=found.why_not)


def _facts(session: Session, store: Store, release_id: int) -> Facts:
    """Return everything but rows, as one transaction sees it."""
    at = store.clock.now()
    release = stored_releases.release_by_id(session, release_id)
    model = stored_models.model_by_id(session, release.model_id)
    challenger = compared_version(session, model, release.version_id, CHALLENGER_ROLES, at)
    champion = None
    if release.champion_id is not None:
        champion = compared_version(session, model, release.champion_id, CHAMPION_ROLES, at)
    days: tuple[date, ...] = ()
    if champion is not None:
        days = mature_units(session, champion, challenger, at, most_rows=MOST_ROWS)
    now = tuple(one.day for one in challenger.units[-NOW_UNITS.get(challenger.schema.grain, 1) :])
    controls, record = controls_of(release), record_of(session, model.id).document
    done = reviews(session, model_id=model.id)
    validation, by = _validation(release, record, done)
    return Facts(
        release=release,
        model=model,
        champion=champion,
        challenger=challenger,
        log_dir=store.log_dir(model.key),
        days=days,
        now=now,
        counts=_counts(session, champion, challenger, days, now),
        controls=controls,
        policy=release.policy,
        validity=validity_now(session, release, {}, at=at),
        record=record,
        missing_fields=tuple(field.code for field in missing(record, controls.tier)),
        findings=findings(session, model_id=model.id),
        validation=validation,
        validated_by=by,
        validation_duty=_validation_duty(model, controls, done, at.date()),
        developers=developers(record, challenger.version.added_by),
        arriving=arriving_schema(session, model.id),
        protected=model_schema(session, model).protected,
        stored_importance=_stored_importance(session, champion, challenger),
        at=at,
    )


def _validation_duty(model: ModelInfo, controls: Controls, done: Sequence[Review], today: date) -> Duty | None:
    """Return how the periodic validation of the model stands; None while nothing of it is live."""
    since = model.champion_since.date() if model.champion_since else None
    duties = calendar(controls, done, live_since=since, today=today)
    return next((duty for duty in duties if duty.kind is ReviewKind.VALIDATION), None)


def _validation(
    release: Release, record: Mapping[str, Any], done: Sequence[Review]
) -> tuple[ValidationStanding, str | None]:
    independent = record.get("validator_independent") is True
    standing = validated(controls_of(release), done, release.version_id, independent=independent)
    by = next((one.done_by for one in done if one.id == standing.review_id), None)
    return standing, by


def _counts(
    session: Session,
    champion: ComparedVersion | None,
    challenger: ComparedVersion,
    days: tuple[date, ...],
    now: tuple[date, ...],
) -> dict[str, PackedCounts]:
    """Return the counts that the dossier's numbers come from; of the challenger alone where nobody is replaced."""
    found: dict[str, PackedCounts] = {}

    def put(name: str, side: ComparedVersion, counts: Summed | None) -> None:
        if counts is not None and side.layout is not None:
            found[name] = PackedCounts(layout=side.layout, ints=counts.ints, floats=counts.floats)

    if champion is not None and days:
        put("champion.window", champion, unit_counts(session, champion, days))
        put("challenger.window", challenger, unit_counts(session, challenger, days))
    put("challenger.reference", challenger, reference_counts(session, challenger))
    if now:
        put("challenger.now", challenger, unit_counts(session, challenger, now))
    return found


def _stored_importance(
    session: Session, champion: ComparedVersion | None, challenger: ComparedVersion
) -> dict[str, Importances]:
    """Return what the last stored explanation of a sample told, of the version's model file as it is."""
    found = {}
    for name, side in (("champion", champion), ("challenger", challenger)):
        if side is None:
            continue
        newest = newest_analysis(session, AnalysisKind.EXPLANATION, side.version.id)
        if newest is None or newest.parameters.get("part") != "sample":
            continue
        told = newest.document
        found[name] = Importances(
            points=tuple((one["feature"], float(one["value"] or 0.0)) for one in told["importance"]),
            unit=str(told["unit"]),
            explainer=str(told["explainer"]),
            n=max((int(one["n"]) for one in told["importance"]), default=0),
        )
    return found


def model_of(store: Store, release_id: int) -> tuple[ModelInfo, Release]:
    """Return a release and its model as they stand, for whoever composes what `gather` is handed.

    Raises
    ------
    NotFoundError
        When there is no such release.
    """
    with store.read() as session:
        release = stored_releases.release_by_id(session, release_id)
        return stored_models.model_by_id(session, release.model_id), release
