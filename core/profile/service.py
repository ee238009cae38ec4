"""References become binnings, marked days become profiles: each day in one transaction, all of it repeatable."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.inventory.records import ModelInfo, VersionInfo
from core.log.columns import bind, shap_ids
from core.log.contract import from_document as contract_from_document
from core.log.outcomes import DirtyDay
from core.log.reference import Reference, load_reference
from core.log.schema import ModelSchema
from core.profile.binning import Binning
from core.profile.binning_format import pack_binning
from core.profile.build_lock import one_build_at_a_time
from core.profile.engines import (
    DayCounts,
    DayTask,
    count_rows,
    day_tasks,
    inline_executor,
    profile_day,
    profile_days,
    provenance,
)
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.plan import Plan, plan_of
from core.profile.provisional import first_rows
from core.profile.records import REFERENCE_ROLE, ROLES, BuildReport, DayProfile, ReferenceSet
from core.profile.reference import by_day
from core.profile.segment_backlog import counts_of
from core.profile.segment_rows import SegmentCounts
from core.store import contracts as stored_contracts
from core.store import models as stored_models
from core.store import profiles as stored
from core.store import saved_segments as stored_segments
from core.store.columns import column_ids
from core.store.database import Session, Store
from core.store.dirty import clear_dirty, dirty_days, mark_dirty

SAY_EVERY = 25

Say = Callable[[str], None]
Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pinned:
    """A version with what its rows mean."""

    model: ModelInfo
    version: VersionInfo
    schema: ModelSchema
    plan: Plan


@refusals_recorded
def set_reference(
    store: Store, principal: Principal, *, model: str, version: str, reference: Reference
) -> ReferenceSet:
    """Make the binning and the reference profiles of a version from reference rows that were read and stored.

    The version's days are marked, so that the next `build_profiles` counts them by the new binning.
    The same reference (and contract) again changes nothing.

    Raises
    ------
    NotFoundError
        When the model or the version does not exist.
    ConflictError
        When the version was changed by somebody else meanwhile.
    """
    authorize(principal, Action.VERSION_ADD)
    return _set_reference(store, principal, (model, version), reference.rows, reference.sha256)


def _set_reference(
    store: Store, principal: Principal, named: tuple[str, str], rows: pa.Table, sha256: str
) -> ReferenceSet:
    model, version = named
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        pinned = _pinned(session, known, stored_models.version_by_name(session, known.id, version))
    binning = make_binning(rows, pinned.plan)
    days = by_day(rows)
    changed = (pinned.version.binning_id, pinned.version.reference_sha256) != (binning.id, sha256)
    if changed:
        layout = Layout(binning)
        counted = ((day, count_rows(of_day, layout, batches_hash=sha256)) for day, of_day in days)
        made = [_day_profile(store, pinned.version.id, REFERENCE_ROLE, day, counts) for day, counts in counted]
        with store.write() as session:
            _install(session, store, principal, pinned, binning=binning, made=made, reference_sha256=sha256)
    return ReferenceSet(
        binning_id=binning.id, rows=rows.num_rows, days=len(days), left_out=binning.left_out, changed=changed
    )


@refusals_recorded
def build_profiles(
    store: Store,
    principal: Principal,
    *,
    model: str,
    executor: Executor | None = None,
    progress: Say | None = None,
) -> BuildReport:
    """Count every marked day of a model anew and put it in place of the day's old profile.

    Each day is one transaction, and its mark goes only if nothing marked it again meanwhile: stopping at any
    point and calling again gives the same profiles. A day whose rows are gone loses its profile. A version
    without a reference gets a provisional one from its first closed days with 1,000 rows; until then its
    days wait.

    Parameters
    ----------
    executor : Executor or None
        Where the days are counted; None: here, one after the other.
    progress : callable or None
        Called with a sentence now and then.

    Raises
    ------
    NotFoundError
        When the model does not exist.
    ConflictError
        When another build of this model does not end.
    """
    authorize(principal, Action.PROFILE_BUILD)
    began = time.monotonic()
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
    with one_build_at_a_time(store.log_dir(known.key)):
        waiting = _settle_binnings(store, principal, known)
        with store.read() as session:
            marked, tasks = _marked_tasks(session, store, known)
        with nullcontext(executor) if executor is not None else inline_executor() as engine:
            counted = _told(profile_days(engine, tasks), len(tasks), progress)
            windows, rows = _store_days(store, principal, known, marked, counted)
        _catch_up(store, principal, known, None)
    reason = "no reference yet, and fewer than 1,000 rows in closed days" if waiting else ""
    return BuildReport(windows=windows, rows=rows, seconds=time.monotonic() - began, waiting=waiting, reason=reason)


@refusals_recorded
def count_segments(store: Store, principal: Principal, *, model: str, report: Report | None = None) -> int:
    """Count the saved segments of a model in every profiled unit that lacks them; returns how many units it were.

    Each unit is one transaction: stopping at any point and calling again gives the same counts.

    Parameters
    ----------
    report : callable or None
        Called with the share that is done and a sentence.

    Raises
    ------
    NotFoundError
        When the model does not exist.
    ConflictError
        When another build of this model does not end.
    """
    authorize(principal, Action.PROFILE_BUILD)
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
    with one_build_at_a_time(store.log_dir(known.key)):
        return _catch_up(store, principal, known, report)


def outdated_models(store: Store) -> tuple[str, ...]:
    """Return the names of the models whose profiles an earlier Watchroom made: `build_profiles` makes them anew."""
    with store.read() as session:
        return stored.outdated_models(session)


def _pinned(session: Session, model: ModelInfo, version: VersionInfo, *, provisional: bool = False) -> _Pinned:
    schema = stored_models.schema(session, version.schema_id)
    accepted = stored_contracts.latest_contract(session, version.id)
    contract = None if accepted is None else contract_from_document(accepted[1])
    known = column_ids(session, model.id)
    plan = plan_of(schema, bind(schema, known), contract, provisional=provisional, shap=shap_ids(schema, known))
    return _Pinned(model=model, version=version, schema=schema, plan=plan)


def _day_profile(store: Store, version_id: int, role: str, day: date, counts: DayCounts) -> DayProfile:
    return DayProfile(
        version_id=version_id,
        role=role,
        day=day,
        profile=counts.profile,
        packed=counts.packed,
        n_rows=counts.n_rows,
        n_labelled=counts.n_labelled,
        log_version=counts.log_version,
        batches_hash=counts.batches_hash,
        provenance_id=provenance(counts.profile, counts.batches_hash, packed=counts.packed),
        built_at=store.clock.now(),
    )


def _install(
    session: Session,
    store: Store,
    principal: Principal,
    pinned: _Pinned,
    *,
    binning: Binning,
    made: Sequence[DayProfile],
    reference_sha256: str | None,
) -> None:
    """Put a binning in force for a version: its reference profiles, and every profiled day marked."""
    version = pinned.version
    stored.put_binning(session, binning, at=store.clock.now())
    stored.remove(session, version_id=version.id, role=REFERENCE_ROLE)
    stored_segments.remove(session, version_id=version.id)
    for one in made:
        stored.put(session, one)
    rows = sum(one.n_rows for one in made)
    changes = {"binning_id": binning.id, "reference_rows": rows, "provisional": binning.provisional}
    stored_models.change_version(session, version, {**changes, "reference_sha256": reference_sha256})
    profiled = stored.summaries(session, version_id=version.id, roles=ROLES)
    mark_dirty(session, ((version.id, one.role, one.day) for one in profiled))
    record(
        session,
        principal,
        AuditAction.REFERENCE_SET,
        object_type="version",
        object_id=f"{pinned.model.name}/{version.name}",
        before={"binning": version.binning_id or "", "reference": version.reference_sha256 or ""},
        after={
            "binning": binning.id,
            "reference": reference_sha256 or "",
            "rows": rows,
            "provisional": binning.provisional,
        },
    )


def _settle_binnings(store: Store, principal: Principal, model: ModelInfo) -> int:
    """Give every version with marked days a binning of this kernel; returns how many days must wait for one."""
    with store.read() as session:
        marked = dirty_days(session, model.id)
        versions = stored_models.versions(session, model.id)
        current = {version.id for version in versions if _is_settled(session, model, version)}
    waiting = 0
    for version in versions:
        if version.id in current:
            continue
        if version.reference_sha256 is not None:
            rows = load_reference(store.log_dir(model.key), version.reference_sha256)
            _set_reference(store, principal, (model.name, version.name), rows, version.reference_sha256)
        elif not _set_provisional(store, principal, model, version, marked):
            waiting += sum(one.version_id == version.id for one in marked)
    return waiting


def _is_settled(session: Session, model: ModelInfo, version: VersionInfo) -> bool:
    """Whether a version's binning is of this kernel and counts every SHAP value that was logged by now."""
    if version.binning_id is None or not stored.binning_is_current(session, version.binning_id):
        return False
    schema = stored_models.schema(session, version.schema_id)
    logged = shap_ids(schema, column_ids(session, model.id))
    return not logged or logged.keys() <= {*stored.binning(session, version.binning_id).shap}


def _set_provisional(
    store: Store, principal: Principal, model: ModelInfo, version: VersionInfo, marked: Sequence[DirtyDay]
) -> bool:
    """Make a reference of a version's first closed days with 1,000 rows; False when there are not so many yet."""
    with store.read() as session:
        known = stored.summaries(session, version_id=version.id, roles=ROLES)
        keys = {(one.role, one.day) for one in known}
        keys |= {(one.role, one.day) for one in marked if one.version_id == version.id}
        if not keys:
            return True
        pinned = _pinned(session, model, version, provisional=True)
    log_dir, schema, columns = store.log_dir(model.key), pinned.schema, pinned.plan.columns
    found = first_rows(log_dir, keys, version_id=version.id, schema=schema, columns=columns, at=store.clock.now())
    if found is None:
        return False
    role, parts = found
    binning = make_binning(pa.concat_tables(parts.values()), pinned.plan)
    tasks = day_tasks(log_dir, version.id, pack_binning(binning), [(role, day) for day in parts])
    made = [_day_profile(store, version.id, REFERENCE_ROLE, task.day, profile_day(task)) for task in tasks]
    with store.write() as session:
        _install(session, store, principal, pinned, binning=binning, made=made, reference_sha256=None)
    return True


def _marked_tasks(session: Session, store: Store, model: ModelInfo) -> tuple[list[DirtyDay], list[DayTask]]:
    """Return the marks that can be settled now, and the work that each one asks for, in the same order."""
    marked: list[DirtyDay] = []
    tasks: list[DayTask] = []
    everything = dirty_days(session, model.id)
    for version in stored_models.versions(session, model.id):
        if version.binning_id is None or not stored.binning_is_current(session, version.binning_id):
            continue
        mine = [one for one in everything if one.version_id == version.id]
        binning = pack_binning(stored.binning(session, version.binning_id))
        marked += mine
        keys = ((one.role, one.day) for one in mine)
        schema = stored_models.schema(session, version.schema_id)
        log_dir, segments = store.log_dir(model.key), stored_segments.tasks_of(session, model, version)
        tasks += day_tasks(log_dir, version.id, binning, keys, schema=schema, segments=segments)
    return marked, tasks


def _told(counted: Iterable[DayCounts], total: int, progress: Say | None) -> Iterator[DayCounts]:
    """Pass the counts on, with a sentence every 25 days and at the end."""
    for done, counts in enumerate(counted, start=1):
        yield counts
        if progress is not None and (done % SAY_EVERY == 0 or done == total):
            progress(f"{done:,} of {total:,} days profiled")


def _store_days(
    store: Store, principal: Principal, model: ModelInfo, marked: Sequence[DirtyDay], counted: Iterable[DayCounts]
) -> tuple[int, int]:
    """Store each day as it comes, the last one together with the audit entry; returns days and rows."""
    days: list[date] = []
    rows = 0
    for place, (seen, counts) in enumerate(zip(marked, counted, strict=True), start=1):
        with store.write() as session:
            if _store_day(session, store, seen, counts):
                days.append(seen.day)
                rows += counts.n_rows
            if place == len(marked) and days:
                record(
                    session,
                    principal,
                    AuditAction.DAYS_PROFILED,
                    object_type="model",
                    object_id=model.name,
                    after={"days": len(days), "rows": rows, "first": str(min(days)), "last": str(max(days))},
                )
    return len(days), rows


def _store_day(session: Session, store: Store, seen: DirtyDay, counts: DayCounts) -> bool:
    """Put a day's profile in place of the old one; False when the version has another binning by now."""
    version = stored_models.version_by_id(session, seen.version_id)
    if version.binning_id != counts.profile.binning_id:
        return False
    stored_segments.remove(session, version_id=seen.version_id, role=seen.role, day=seen.day)
    if counts.n_rows:
        stored.put(session, _day_profile(store, seen.version_id, seen.role, seen.day, counts))
        _put_segments(session, store, (seen.version_id, seen.role, seen.day), counts.segments, counts.batches_hash)
    else:
        stored.remove(session, version_id=seen.version_id, role=seen.role, day=seen.day)
    clear_dirty(session, seen)
    return True


def _put_segments(
    session: Session, store: Store, unit: tuple[int, str, date], made: Sequence[SegmentCounts], batches_hash: str
) -> None:
    named = ((one, provenance(one.profile, batches_hash)) for one in made)
    stored_segments.put(session, unit, named, at=store.clock.now())


def _catch_up(store: Store, principal: Principal, model: ModelInfo, report: Report | None) -> int:
    """Count saved segments where they are lacking; the model's build lock is held."""
    with store.read() as session:
        units = stored_segments.lacking(session, model)
    counted = zip(units, counts_of(store.log_dir(model.key), units), strict=True)
    for done, (unit, (made, batches_hash)) in enumerate(counted, start=1):
        with store.write() as session:
            _put_segments(session, store, unit.key, made, batches_hash)
            if done == len(units):
                after = {"units": done, "segments": len({one.segment_id for unit in units for one in unit.segments})}
                what = AuditAction.DAYS_PROFILED
                record(session, principal, what, object_type="model", object_id=model.name, after=after)
        if report is not None:
            report(done / len(units), f"{done:,} of {len(units):,} units counted")
    return len(units)
