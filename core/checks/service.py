"""Judging every closed unit of a model whose evidence changed, and reading what was said."""

from collections.abc import Sequence
from datetime import date

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record
from core.checks.day_state import DayState
from core.checks.evaluation import Evidence, bases, evaluate_days, first_changed
from core.checks.history import VerdictMemory
from core.checks.limits import load_limits
from core.checks.verdicts import Verdict
from core.errors import NotEnoughDataError
from core.inventory.records import ModelInfo, VersionInfo
from core.store import day_states as stored
from core.store import models as stored_models
from core.store.database import Session, Store
from core.store.series import is_closed, load_history


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
        evidence = _evidence(session, store, version)
        before = stored.bases(session, version.id)
        wanted = {} if evidence is None else bases(evidence, at)
        first = first_changed(before, wanted, wanted)
        if first is None:
            return 0
        memories = _memories(session, version.id, [day for day in before if day < first and day in wanted])
    days = [day for day in wanted if day >= first]
    states = [] if evidence is None else list(evaluate_days(evidence, days, memories, at))
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


def _evidence(session: Session, store: Store, version: VersionInfo) -> Evidence | None:
    try:
        history = load_history(session, version)
    except NotEnoughDataError:
        return None
    closed = [row for row, day in enumerate(history.log.days) if is_closed(day, history.schema, store.clock.now())]
    if not closed:
        return None
    return Evidence(
        schema=history.schema,
        limits=load_limits(history.schema.limits),
        layout=history.layout,
        reference=history.reference,
        log=history.rows(closed),
        dated=history.dated,
    )


def _memories(session: Session, version_id: int, earlier: Sequence[date]) -> dict[str, VerdictMemory]:
    if not earlier:
        return {}
    last = stored.state_of(session, version_id, max(earlier))
    return {} if last is None else dict(last.memories)


def latest_state(store: Store, *, model: str, version: str | None = None) -> DayState | None:
    """Return what the checks said of the last closed unit of a version (None: the champion)."""
    found = recent_states(store, model=model, version=version, count=1)
    return found[-1] if found else None


def recent_states(
    store: Store, *, model: str, version: str | None = None, until: date | None = None, count: int = 30
) -> tuple[DayState, ...]:
    """Return what the checks said of the last closed units up to `until`, oldest first."""
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        version_id = known.champion_id
        if version is not None:
            version_id = stored_models.version_by_name(session, known.id, version).id
        return () if version_id is None else stored.last_states(session, version_id, until=until, count=count)


def latest_verdicts(store: Store, *, model: str) -> tuple[Verdict, ...]:
    """Return the verdicts of the champion's last closed unit; empty when nothing could be judged yet."""
    state = latest_state(store, model=model)
    return () if state is None else state.verdicts
