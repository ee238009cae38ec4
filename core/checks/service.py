"""Judging every closed unit of a model whose evidence changed, and reading what was said."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.checks.day_state import RECENT_UNITS, DayState, Standing, UnitHeadline
from core.checks.evaluation import bases, evaluate_days, first_changed
from core.checks.evidence import Evidence, Outline
from core.checks.limits import load_limits
from core.checks.silence import silence_now, told_now
from core.checks.verdicts import Verdict, not_applicable
from core.errors import NotEnoughDataError
from core.inventory.records import ModelInfo, VersionInfo
from core.log.schema import ModelSchema
from core.profile.records import REFERENCE_ROLE
from core.selection import MetricQuery
from core.store import day_states as stored
from core.store import models as stored_models
from core.store import profiles as stored_profiles
from core.store.database import Session, Store
from core.store.group_choices import reference_groups
from core.store.series import LOOK_BACK, is_closed, live_units, load_history, load_series, model_schema
from core.store.shap_series import shap_digests, shap_series
from core.windows import BATCH_ORIGIN, Grain, following, last_closed

BLOCK_UNITS = 100
"""Units that are judged at a time, with the 56 days before them: what is in memory at once."""


@refusals_recorded
def evaluate(store: Store, principal: Principal, *, model: str) -> int:
    """Judge the closed units of every version whose evidence changed, and all units after the first of them.

    A later unit's state depends on the ones before (persistence, seasonal references), hence "all after". A run
    that finds nothing changed writes nothing. Returns the number of units judged.
    """
    authorize(principal, Action.CHECK_RUN)
    judged = 0
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        versions = stored_models.versions(session, known.id)
    for version in versions:
        judged += _evaluate_version(store, principal, known, version)
    return judged


def _evaluate_version(store: Store, principal: Principal, model: ModelInfo, version: VersionInfo) -> int:
    at = store.clock.now()
    with store.read() as session:
        outline = _outline(session, version, at)
        before = stored.bases(session, version.id)
        wanted = {} if outline is None else bases(outline, at)
        first = first_changed(before, wanted, wanted)
        if first is None:
            return 0
        earlier = max((day for day in before if day < first and day in wanted), default=None)
        last = None if earlier is None else stored.state_of(session, version.id, earlier)
        days = [day for day in wanted if day >= first]
        states = [] if outline is None else _judged(session, version, outline, days, last, at=at)
    vanished = [day for day in before if day not in wanted]
    with store.write() as session:
        stored.drop_states(session, version.id, vanished)
        stored.put_states(session, version.id, states)
        record(
            session,
            principal,
            AuditAction.DAYS_EVALUATED,
            object_type="version",
            object_id=f"{model.name}/{version.name}",
            after={"units": len(states), "first": first.isoformat(), "state": states[-1].state.value if states else ""},
        )
    return len(states)


def _outline(session: Session, version: VersionInfo, at: datetime) -> Outline | None:
    """Return what the states of a version rest on; None without a reference or a closed unit."""
    if version.binning_id is None:
        return None
    schema = stored_models.schema(session, version.schema_id)
    closed = tuple(unit for unit in live_units(session, version) if is_closed(unit.day, schema, at))
    if not closed:
        return None
    return Outline(
        schema=schema,
        limits=load_limits(schema.limits),
        binning_id=version.binning_id,
        reference=stored_profiles.summaries(
            session, version_id=version.id, binning_id=version.binning_id, roles=(REFERENCE_ROLE,)
        ),
        log=closed,
        reference_groups=reference_groups(session, version.model_id),
        shap_digests=shap_digests(session, version),
    )


def _judged(
    session: Session,
    version: VersionInfo,
    outline: Outline,
    days: Sequence[date],
    before: DayState | None,
    *,
    at: datetime,
) -> list[DayState]:
    """Return the states of these units, opening the profiles of one block of them after the other."""
    states: list[DayState] = []
    for place in range(0, len(days), BLOCK_UNITS):
        block = days[place : place + BLOCK_UNITS]
        end = following(block[-1], outline.schema.grain)
        history = load_history(session, version, start=block[0] - LOOK_BACK, end=end)
        evidence = Evidence(
            outline=outline,
            layout=history.layout,
            reference=history.reference,
            log=history.log,
            dated=history.dated,
            shap=shap_series(session, version, outline.schema, history.layout, (history.reference, history.log)),
        )
        states += evaluate_days(evidence, block, states[-1] if states else before, at)
    return states


def latest_state(store: Store, *, model: str, version: str | None = None) -> DayState | None:
    """Return what the checks said of the last closed unit of a version (None: the champion)."""
    found = recent_states(store, model=model, version=version, count=1)
    return found[-1] if found else None


def recent_states(
    store: Store,
    *,
    model: str,
    version: str | None = None,
    until: date | None = None,
    count: int = 30,
    feature: str | None = None,
) -> tuple[DayState, ...]:
    """Return what the checks said of the last closed units up to `until`, oldest first.

    With a `feature` only the verdicts on it are unpacked, and no memories: the others are many.
    """
    with store.read() as session:
        version_id = _version_id(session, model, version)
        if version_id is None:
            return ()
        return stored.last_states(session, version_id, until=until, count=count, feature=feature)


def recent_headlines(store: Store, *, model: str, version: str | None = None, count: int) -> tuple[UnitHeadline, ...]:
    """Return state and figures of a version's last closed units (None: the champion), oldest first."""
    with store.read() as session:
        version_id = _version_id(session, model, version)
        return () if version_id is None else stored.last_headlines(session, version_id, count=count)


def standings(store: Store) -> Mapping[str, Standing]:
    """Return how the champion of every model stands, by the model's name; those never judged are left out.

    A silence since the last unit counts, by the store's clock. One transaction for all models.
    """
    at = store.clock.now()
    with store.read() as session:
        schemas = stored_models.newest_schemas(session)
        found = {
            model.name: (schemas[model.id][1], standing)
            for model in stored_models.models(session)
            if model.champion_id is not None and model.id in schemas
            if (standing := stored.standing(session, model.champion_id, count=RECENT_UNITS)) is not None
        }
    return {name: _with_silence(standing, schema, at) for name, (schema, standing) in found.items()}


def _with_silence(standing: Standing, schema: ModelSchema, at: datetime) -> Standing:
    return told_now(standing, silence_now([u.day for u in standing.units], schema, load_limits(schema.limits), at))


def _version_id(session: Session, model: str, version: str | None) -> int | None:
    known = stored_models.model_by_name(session, model)
    return known.champion_id if version is None else stored_models.version_by_name(session, known.id, version).id


def latest_verdicts(store: Store, *, model: str) -> tuple[Verdict, ...]:
    """Return the verdicts of the champion's last closed unit.

    When nothing could be judged yet, every check that would run says why not, of the unit that closed last.
    """
    state = latest_state(store, model=model)
    return _nothing_judged(store, model) if state is None else (*state.verdicts, _silence(store, model))


def _silence(store: Store, model: str) -> Verdict:
    at = store.clock.now()
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        schema = model_schema(session, known)
        units = (
            () if known.champion_id is None else stored.last_headlines(session, known.champion_id, count=RECENT_UNITS)
        )
    return silence_now([unit.day for unit in units], schema, load_limits(schema.limits), at)


def _nothing_judged(store: Store, model: str) -> tuple[Verdict, ...]:
    at = store.clock.now()
    with store.read() as session:
        schema = model_schema(session, stored_models.model_by_name(session, model))
        reason = _why_nothing(session, model, at)
    start = BATCH_ORIGIN if schema.grain is Grain.BATCH else last_closed(at, schema.zone, schema.grain)
    end = following(start, schema.grain)
    return tuple(
        not_applicable(limit, reason, n=0, window_start=start, window_end=end)
        for limit in load_limits(schema.limits).checks.values()
        if limit.declared
    )


def _why_nothing(session: Session, model: str, at: datetime) -> str:
    try:
        load_series(session, MetricQuery(model=model), at)
    except NotEnoughDataError as why:
        return str(why)
    return "the last closed unit was not judged yet: run watchroom profile"
