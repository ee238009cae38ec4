"""The stored profiles that answer a question: the reference's days and the days of the windows asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.actions import CHANGES_NOTHING
from core.errors import BadInputError, NotEnoughDataError, NotFoundError
from core.inventory.records import ModelInfo, VersionInfo
from core.log.outcomes import BatchState
from core.log.schema import ModelSchema
from core.points import MetricPoint
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, add_stacks, rows
from core.profile.records import REFERENCE_ROLE, UNDATED, DaySummary
from core.segments.saved import filter_of, waits
from core.selection import MetricAnswer, MetricQuery, check_grain, consecutive
from core.states import State
from core.store import models as stored_models
from core.store import profiles as stored_profiles
from core.store import saved_segments
from core.store.tables import AuditRow, BatchRow, ProfileRow
from core.windows import Grain, Window, following, is_over, label, parse_unit

LIVE_ROLES = ("served", "canary")
LOOK_BACK = timedelta(days=56)
"""How far before a window its widening and its seasonal reference (28 days each) reach."""

UNEVEN = timedelta(days=4)
"""How much longer than a window of months or years the window before it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Everything a metric needs, read in one transaction.

    Attributes
    ----------
    reference : ProfileStack
        The reference's own days (a single unit when it has no timestamps: `dated` is False).
    current : ProfileStack
        The days of `windows`, and what lies up to 56 days (or one window) before them.
    windows : tuple of Window
        Oldest first.
    first_day : date
        The version's first day with predictions.
    removed : mapping of unit to int
        Rows that an explicit ``on_violation: quarantine`` of the contract kept out of the log; of a saved segment
        it is not known.
    """

    model: ModelInfo
    version: VersionInfo
    schema: ModelSchema
    layout: Layout
    reference: ProfileStack
    current: ProfileStack
    windows: tuple[Window, ...]
    first_day: date
    dated: bool
    removed: Mapping[date, int]


def find_version(session: Session, model: ModelInfo, version: str | None) -> VersionInfo:
    """Return the named version, or the champion.

    Raises
    ------
    NotEnoughDataError
        When no version was added yet.
    """
    if version is not None:
        return stored_models.version_by_name(session, model.id, version)
    if model.champion_id is None:
        raise NotEnoughDataError(f"the model '{model.name}' has no version yet")
    return stored_models.version_by_id(session, model.champion_id)


def load_series(session: Session, query: MetricQuery, at: datetime, *, look_back: timedelta = LOOK_BACK) -> Series:
    """Return the profiles behind a question at the moment `at`.

    Parameters
    ----------
    look_back : how far before the windows profiles are wanted; none are read with 0

    Raises
    ------
    NotFoundError
        When the model or the version does not exist.
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    BadInputError
        When the windows are finer than the model's grain, or the segment's column is protected.
    """
    model = stored_models.model_by_name(session, query.model)
    version = find_version(session, model, query.version)
    schema = guarded_schema(session, model, version)
    _refuse_protected(query, schema)
    if version.binning_id is None:
        raise NotEnoughDataError(
            "no reference yet: give one with watchroom version add --reference, or wait for a closed day of 1,000 rows"
        )
    roles = roles_of(query.role)
    days = profiled_days(session, version, roles)
    closed = [day for day in days if is_closed(day, schema, at)]
    if not closed:
        raise NotEnoughDataError("no closed day with predictions yet")
    load = _loader(session, model, version, query.saved)
    windows = _windows(query, schema.grain, closed)
    longest = max(timedelta(days=window.days) for window in windows)
    start = min(window.start for window in windows)
    if look_back:
        start -= min(max(look_back, longest + UNEVEN), start - date.min)
    if query.reference.window is not None:
        start = min(start, query.reference.window.start)
        end = max(windows[-1].end, query.reference.window.end)
    else:
        end = max(window.end for window in windows)
    layout = Layout(stored_profiles.binning(session, version.binning_id))
    current = [load(role=role, start=start, end=end) for role in roles]
    reference = load(role=REFERENCE_ROLE)
    return Series(
        model=model,
        version=version,
        schema=schema,
        layout=layout,
        reference=reference,
        current=_together(current, layout),
        windows=windows,
        first_day=days[0],
        removed={} if query.saved is not None else removed_rows(session, version, schema.grain, roles),
        dated=reference.days != (UNDATED,),
    )


Load = Callable[..., ProfileStack]
"""Reads the profiles of a ``role``, ``start`` and ``end`` being days as `core.store.profiles.load` has them."""


def _loader(session: Session, model: ModelInfo, version: VersionInfo, saved: str | None) -> Load:
    """Return how the profiles of a version are read: those of all rows, or those of a saved segment's.

    Raises
    ------
    NotFoundError
        When no such segment stands.
    NotEnoughDataError
        When the segment does not fit the version, or is not counted in all units yet.
    """
    if version.binning_id is None:
        raise NotEnoughDataError("no reference yet")
    if saved is None:
        return partial(stored_profiles.load, session, version_id=version.id, binning_id=version.binning_id)
    segment = saved_segments.by_name(session, model, saved)
    schema = stored_models.schema(session, version.schema_id)
    filter_of(segment, schema, model_schema(session, model), version=version.name)
    progress = saved_segments.progress(session, version, segment)
    if not progress.complete:
        raise NotEnoughDataError(waits(segment, progress))
    read = saved_segments.load
    return partial(read, session, segment.id, version_id=version.id, binning_id=version.binning_id)


def _together(stacks: Sequence[ProfileStack], layout: Layout) -> ProfileStack:
    """Return the counts of several roles added, well shaped even when there are none."""
    held = [stack for stack in stacks if stack.days]
    if held:
        return add_stacks(*held)
    ints, floats = np.zeros((0, layout.n_ints), np.int64), np.zeros((0, layout.n_floats))
    return ProfileStack(binning_id=layout.binning.id, days=(), ints=ints, floats=floats, provenance_ids=())


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Stored profiles of one version: the reference's days, and days of its log."""

    schema: ModelSchema
    layout: Layout
    reference: ProfileStack
    log: ProfileStack
    dated: bool


def live_units(session: Session, version: VersionInfo) -> tuple[DaySummary, ...]:
    """Return what is known of the units of a version's live log without opening them, its roles together."""
    found: dict[date, DaySummary] = {}
    for role in LIVE_ROLES:
        for one in stored_profiles.summaries(
            session, version_id=version.id, binning_id=version.binning_id, roles=(role,)
        ):
            held = found.get(one.day)
            found[one.day] = one if held is None else _joined(held, one)
    return tuple(found[day] for day in sorted(found))


def _joined(first: DaySummary, second: DaySummary) -> DaySummary:
    return DaySummary(
        role=f"{first.role}+{second.role}",
        day=first.day,
        n_rows=first.n_rows + second.n_rows,
        n_labelled=first.n_labelled + second.n_labelled,
        provenance_id=f"{first.provenance_id}+{second.provenance_id}",
        built_at=max(first.built_at, second.built_at),
    )


def load_history(
    session: Session,
    version: VersionInfo,
    *,
    start: date | None = None,
    end: date | None = None,
    saved: str | None = None,
    role: str | None = None,
) -> History:
    """Return the reference of a version and the units ``[start, end)`` of its log (None: open).

    Parameters
    ----------
    role : str or None
        None: what was live.
    saved : str or None
        Name of a saved segment: its rows alone.

    Raises
    ------
    NotFoundError
        When no such segment stands.
    NotEnoughDataError
        When the version has no reference yet, or the segment is not counted in all units yet.
    """
    if version.binning_id is None:
        raise NotEnoughDataError("no reference yet")
    model = stored_models.model_by_id(session, version.model_id)
    load = _loader(session, model, version, saved)
    layout = Layout(stored_profiles.binning(session, version.binning_id))
    log = [load(role=one, start=start, end=end) for one in roles_of(role)]
    reference = load(role=REFERENCE_ROLE)
    return History(
        schema=stored_models.schema(session, version.schema_id),
        layout=layout,
        reference=reference,
        log=_together(log, layout),
        dated=reference.days != (UNDATED,),
    )


def profiled_days(session: Session, version: VersionInfo, roles: tuple[str, ...]) -> tuple[date, ...]:
    """Return the units that have a profile under the version's present binning, oldest first."""
    statement = (
        select(ProfileRow.day)
        .where(
            ProfileRow.version_id == version.id,
            ProfileRow.role.in_(roles),
            ProfileRow.binning_id == version.binning_id,
            ProfileRow.n_rows > 0,
        )
        .distinct()
        .order_by(ProfileRow.day)
    )
    return tuple(session.scalars(statement))


def roles_of(role: str | None) -> tuple[str, ...]:
    """Return the roles that a question means: the one it names, else what was live."""
    return LIVE_ROLES if role is None else (role,)


def shown_role(session: Session, version: VersionInfo) -> str | None:
    """Return in which role a version's rows are looked at: None for what was live, else shadow, else replay.

    A version that only ever ran in shadow is looked at by those rows, the live version too until its first live ones
    are in; beside live rows they are for comparisons.
    """
    if profiled_days(session, version, LIVE_ROLES):
        return None
    return next((role for role in ("shadow", "replay") if profiled_days(session, version, (role,))), None)


def state_token(session: Session) -> int:
    """Return a number that grows with every change of the store: part of every cache key.

    Reads of fairness, exports and denied attempts are in the audit chain too, and change nothing.
    """
    statement = select(AuditRow.seq).where(AuditRow.action.not_in([action.value for action in CHANGES_NOTHING]))
    return int(session.scalar(statement.order_by(AuditRow.seq.desc()).limit(1)) or 0)


def is_closed(day: date, schema: ModelSchema, at: datetime) -> bool:
    """Say whether a unit of a model had ended at `at`."""
    return is_over(day, at, schema.zone, schema.grain)


def _windows(query: MetricQuery, grain: Grain, closed: list[date]) -> tuple[Window, ...]:
    if query.every is not None:
        return consecutive(closed, query.every, grain)
    if query.window is not None:
        check_grain(query.window, grain)
        return (query.window,)
    return (Window(closed[-1], following(closed[-1], grain)),)


def removed_rows(session: Session, version: VersionInfo, grain: Grain, roles: Sequence[str]) -> dict[date, int]:
    """Return by unit how many rows of a version the contract removed at intake."""
    statement = select(BatchRow.details).where(
        BatchRow.version_id == version.id, BatchRow.role.in_(roles), BatchRow.state == BatchState.LANDED.value
    )
    found: dict[date, int] = {}
    for details in session.scalars(statement):
        for unit, n in details.get("removed", {}).items():
            day = parse_unit(unit, grain)
            found[day] = found.get(day, 0) + int(n)
    return found


def removed_words(series: Series, window: Window) -> str:
    """Return how many rows of a window the contract removed, in words; empty when it removed none."""
    gone = sum(n for day, n in series.removed.items() if day in window)
    if not gone:
        return ""
    kept = rows(series.layout, series.current.ints)
    total = gone + sum(int(n) for day, n in zip(series.current.days, kept, strict=True) if day in window)
    return f"the contract removed {gone:,} of the {total:,} rows of this window"


def with_removed(series: Series, points: Iterable[MetricPoint]) -> tuple[MetricPoint, ...]:
    """Return the points, each with the rows that the contract removed from its window told beside it."""
    told = {label(one.start, series.schema.grain): removed_words(series, one) for one in series.windows}
    if not any(told.values()):
        return tuple(points)
    return tuple(_beside(point, told.get(point.window_start, "")) for point in points)


def _beside(point: MetricPoint, words: str) -> MetricPoint:
    return replace(point, reason="; ".join(filter(None, (point.reason, words))))


def unanswered(
    session: Session, query: MetricQuery, metrics: tuple[str, ...], features: tuple[str | None, ...], reason: str
) -> MetricAnswer:
    """Return one "not applicable" point with the reason for every metric and feature: never an empty answer."""
    model = stored_models.model_by_name(session, query.model)
    version = query.version
    if version is None and model.champion_id is not None:
        version = stored_models.version_by_id(session, model.champion_id).name
    schema = model_schema(session, model)
    ends = ("", "")
    if query.window is not None:
        ends = (label(query.window.start, schema.grain), label(query.window.end, schema.grain))
    points = tuple(
        MetricPoint(
            metric=metric,
            window_start=ends[0],
            window_end=ends[1],
            feature=feature,
            value=None,
            n=0,
            status=State.NOT_APPLICABLE,
            reason=f"not applicable: {reason}",
        )
        for feature in features
        for metric in metrics
    )
    return MetricAnswer(version=version or "", points=points)


def model_schema(session: Session, model: ModelInfo) -> ModelSchema:
    """Return a model's newest schema."""
    if model.schema_id is None:
        raise NotFoundError(f"The model '{model.name}' has no schema; run watchroom model add model.yaml.")
    return stored_models.schema(session, model.schema_id)


def guarded_schema(session: Session, model: ModelInfo, version: VersionInfo) -> ModelSchema:
    """Return a version's schema, in which what the newest revision protects is protected too."""
    schema = stored_models.schema(session, version.schema_id)
    later = [name for name in model_schema(session, model).protected if name not in schema.protected]
    if not later:
        return schema
    columns = schema.columns.model_copy(update={"protected": [*schema.protected, *later]})
    return replace(schema, columns=columns)


def _refuse_protected(query: MetricQuery, schema: ModelSchema) -> None:
    if query.slice is not None and query.slice.column in schema.protected:
        raise BadInputError(
            f"'{query.slice.column}' is protected: it is never a segment. Groups are compared on the page Fairness."
        )
