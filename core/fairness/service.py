"""What is released about protected groups, read with a name and a right to it; and the choice of a reference group."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, NotEnoughDataError
from core.fairness.block_counts import BlockCounts, ColumnCounts, Floats, Plan, TableCounts, added, count, plan_blocks
from core.fairness.choice import LONGEST_REASON, GroupChoice
from core.fairness.points import ALL_METRICS, release_points
from core.fairness.release import Release, release_counts
from core.fairness.suppression import Events
from core.inventory.records import ModelInfo, VersionInfo
from core.log.schema import ModelSchema
from core.performance.history import maturities
from core.performance.of_task import rows_known
from core.profile.binning import BINARY
from core.profile.layout import Layout
from core.profile.profile import add_stacks
from core.profile.records import REFERENCE_ROLE
from core.profile.summing import summed
from core.selection import MetricAnswer, MetricQuery, check_grain, consecutive
from core.store import group_choices
from core.store import models as stored_models
from core.store import profiles as stored_profiles
from core.store.database import Session, Store
from core.store.series import LIVE_ROLES, find_version, is_closed, unanswered
from core.windows import Window, label

FIRST_UNITS = 84
"""Units, oldest first, that the length of release blocks is read from: what it is does not change later."""

CHUNK = 28
"""Units that are read from the store at once."""

NOT_BINARY = "fairness by group is computed for binary models; this one is a {task}"
NO_PROTECTED = "no protected column is declared: name it under columns.protected of model.yaml and ingest it"
NO_ROWS = "no closed unit with predictions yet"
NO_REFERENCE = "no reference yet: give one with watchroom version add --reference"
OLD_PROFILES = "the stored profiles do not count groups yet: run watchroom profile {model}"
NOT_SAVED = (
    "not computed for a saved segment: two filters that differ by a few people would show those people; choose "
    "everybody or a declared segment"
)
NOT_ONE_ROLE = (
    "served and canary rows of a version are answered together: one role alone, less both, would show a few people"
)


@refusals_recorded
def fairness_points(store: Store, principal: Principal, query: MetricQuery) -> MetricAnswer:
    """Return every fairness metric by group, between groups and against the chosen group, in the windows asked for.

    A window is answered by the release blocks that lie wholly in it; without a window by the newest block. By
    declared segment the shares of each group inside it are given. Each call is one audited read.

    Raises
    ------
    RefusedError
        When `principal` may not read fairness.
    BadInputError
        For a segment that is not one (a protected column never is), and for one of the two live roles alone.
    """
    authorize(principal, Action.FAIRNESS_READ)
    try:
        release = fairness_release(store, principal, query)
    except NotEnoughDataError as why:
        with store.read() as session:
            return unanswered(session, query, ALL_METRICS, (None,), str(why))
    points = [point for window in _windows(release, query) for point in release_points(release, window, query.slice)]
    return MetricAnswer(version=release.version, points=tuple(points))


@refusals_recorded
def fairness_release(store: Store, principal: Principal, query: MetricQuery) -> Release:
    """Return everything that is released about the protected columns of one version, over its whole log.

    Window and segment of the query do not matter: whoever reads one window may read the others. The read is audited
    with the model, the version and the columns, and no number. A page keeps what it was given for its session as long
    as the store does not change, so that its audit shows one read a person, model, version and state of the store.

    Raises
    ------
    RefusedError
        When `principal` may not read fairness.
    NotEnoughDataError
        When the model is not binary, declares no protected column, or has no closed unit yet; for a saved segment.
    BadInputError
        For one of the two live roles alone.
    """
    authorize(principal, Action.FAIRNESS_READ)
    at = store.clock.now()
    with store.read() as session:
        release = _release(session, query, at)
    with store.write() as session:
        record(
            session,
            principal,
            AuditAction.FAIRNESS_READ,
            object_type="model",
            object_id=release.model,
            after={"version": release.version, "role": query.role or "live", "columns": sorted(release.columns)},
        )
    return release


def gap_is_released(store: Store, query: MetricQuery, metrics: Collection[str]) -> bool:
    """Whether one of these gaps between groups is released: yes or no and no number, so that it is no audited read."""
    try:
        with store.read() as session:
            release = _release(session, query, store.clock.now())
    except NotEnoughDataError:
        return False
    points = (point for window in _windows(release, query) for point in release_points(release, window, query.slice))
    return any(point.metric in metrics and not point.segment and point.value is not None for point in points)


@refusals_recorded
def choose_reference_group(
    store: Store, principal: Principal, *, model: str, column: str, group: str | None, reason: str
) -> GroupChoice:
    """Store which group of a protected column the others are compared with, and why; None withdraws the choice.

    Raises
    ------
    RefusedError
        When `principal` may not decide this.
    BadInputError
        When the column is not protected, the group is not one of its groups, or no reason is given.
    """
    authorize(principal, Action.FAIRNESS_CONFIGURE)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInputError(f"Say why, in at most {LONGEST_REASON:,} characters.")
    with store.write() as session:
        known = stored_models.model_by_name(session, model)
        _check_group(session, known, column, group)
        before = group_choices.newest(session, known.id).get(column)
        choice = GroupChoice(
            column=column, group=group, reason=reason, chosen_by=principal.name, chosen_at=store.clock.now()
        )
        group_choices.add(session, model_id=known.id, choice=choice)
        record(
            session,
            principal,
            AuditAction.REFERENCE_GROUP_CHOSEN,
            object_type="model",
            object_id=known.name,
            before={"column": column, "group": None if before is None else before.group},
            after={"column": column, "group": group},
            reason=reason,
        )
    return choice


def _check_group(session: Session, model: ModelInfo, column: str, group: str | None) -> None:
    version = find_version(session, model, None)
    columns = () if version.binning_id is None else stored_profiles.binning(session, version.binning_id).group_columns
    found = next((one for one in columns if one.name == column), None)
    if found is None:
        raise BadInputError(f"'{column[:100]}' is not a protected column of the champion of '{model.name}'.")
    if group is not None and group not in found.labels:
        raise BadInputError(f"'{column}' has no such group; choose one that the Fairness page shows.")


def _release(session: Session, query: MetricQuery, at: datetime) -> Release:
    model = stored_models.model_by_name(session, query.model)
    version = find_version(session, model, query.version)
    schema = stored_models.schema(session, version.schema_id)
    layout = _layout(session, model, version, schema, query)
    roles = _roles(session, version, query.role)
    units, per_unit = _units(session, version, roles, schema, at=at)
    reference = summed(
        stored_profiles.load(session, version_id=version.id, role=REFERENCE_ROLE, binning_id=layout.binning.id)
    )
    plan = plan_blocks(layout, reference, per_unit, units, schema.grain)
    counted = _counted(session, version, layout, roles, plan, units=units)
    n_rows, n_labelled = rows_known(layout, reference.ints).tolist()
    ready, waiting = _ready(counted, schema, at, expected=n_labelled / n_rows if n_rows and n_labelled else 1.0)
    labelled = any(one.everybody[..., :2].any() for one in counted.columns.values())
    released = release_counts(counted, layout.binning.segments, ready, Events.ACTUALS if labelled else Events.DECISIONS)
    return Release(
        model=model.name,
        version=version.name,
        schema=schema,
        first_day=units[0],
        threshold=layout.binning.threshold,
        probability=layout.binning.score_kind == "probability",
        events=Events.ACTUALS if labelled else Events.DECISIONS,
        columns=released.columns,
        tables=released.tables,
        controls=released.controls,
        everybody=released.everybody,
        sources=released.sources,
        lengths=plan.lengths,
        waiting=waiting,
        choices=group_choices.newest(session, model.id),
    )


def _layout(
    session: Session, model: ModelInfo, version: VersionInfo, schema: ModelSchema, query: MetricQuery
) -> Layout:
    """Return the layout of a version whose profiles count groups."""
    if schema.task != BINARY:
        raise NotEnoughDataError(NOT_BINARY.format(task=f"{schema.task} model"))
    if not schema.protected:
        raise NotEnoughDataError(NO_PROTECTED)
    if query.saved is not None:
        raise NotEnoughDataError(NOT_SAVED)
    if version.binning_id is None:
        raise NotEnoughDataError(NO_REFERENCE)
    layout = Layout(stored_profiles.binning(session, version.binning_id))
    if not layout.binning.group_columns:
        raise NotEnoughDataError(OLD_PROFILES.format(model=model.name))
    return layout


def _roles(session: Session, version: VersionInfo, role: str | None) -> tuple[str, ...]:
    """Return the roles that are answered together; served and canary never apart where there are both."""
    if role is not None and role not in LIVE_ROLES:
        return (role,)
    found = stored_profiles.summaries(session, version_id=version.id, binning_id=version.binning_id, roles=LIVE_ROLES)
    held = {one.role for one in found if one.n_rows}
    if role is not None and held - {role}:
        raise BadInputError(f"Fairness: {NOT_ONE_ROLE}. Leave --role out.")
    return LIVE_ROLES


def _units(
    session: Session, version: VersionInfo, roles: Sequence[str], schema: ModelSchema, *, at: datetime
) -> tuple[list[date], Floats]:
    """Return the closed units with rows, oldest first, and rows and labelled rows (twice) of a usual early one."""
    found = stored_profiles.summaries(session, version_id=version.id, binning_id=version.binning_id, roles=roles)
    totals: dict[date, tuple[int, int]] = {}
    for one in found:
        if one.n_rows and is_closed(one.day, schema, at):
            rows, labelled = totals.get(one.day, (0, 0))
            totals[one.day] = rows + one.n_rows, labelled + one.n_labelled
    units = sorted(totals)
    if not units:
        raise NotEnoughDataError(NO_ROWS)
    first = np.array([totals[day] for day in units[:FIRST_UNITS]], np.float64).mean(0)
    known = first[1] if first[1] else first[0]
    return units, np.array([first[0], known, known])


def _counted(
    session: Session, version: VersionInfo, layout: Layout, roles: Sequence[str], plan: Plan, *, units: Sequence[date]
) -> BlockCounts:
    """Return the counts by release block, read a few units at a time."""
    found: BlockCounts | None = None
    for start in range(0, len(units), CHUNK):
        chosen = units[start : start + CHUNK]
        stacks = [
            stored_profiles.load(
                session,
                version_id=version.id,
                role=role,
                binning_id=layout.binning.id,
                start=chosen[0],
                end=chosen[-1] + timedelta(days=1),
            )
            for role in roles
        ]
        more = count(layout, add_stacks(*(one for one in stacks if one.days)), plan)
        found = more if found is None else added(found, more)
    if found is None:
        raise NotEnoughDataError(NO_ROWS)
    return found


def _ready(
    counted: BlockCounts, schema: ModelSchema, at: datetime, *, expected: float
) -> tuple[set[Window], dict[str, str]]:
    """Return the blocks that have ended and whose labels are complete enough, and why a column has none."""
    ready: set[Window] = set()
    waiting: dict[str, str] = {}
    every: list[ColumnCounts | TableCounts] = [*counted.columns.values(), *counted.pairs.values()]
    for one in (*every, *counted.controls.values()):
        rows, labelled = one.everybody.sum((-2, -1)), one.everybody[..., :2].sum((-2, -1))
        coverage = labelled / np.maximum(rows, 1)
        judged = maturities(one.blocks, coverage.tolist(), schema, expected=expected, at=at)
        never = not labelled.any()
        for block, n, found in zip(one.blocks, rows.tolist(), judged, strict=True):
            if is_closed(block.end - timedelta(days=1), schema, at) and (found.mature or never or not n):
                ready.add(block)
    for name, column in counted.columns.items():
        if not ready.intersection(column.blocks):
            until = label(column.blocks[0].end, schema.grain)
            waiting[name] = f"the first release block ends before {until} and waits for its labels"
    return ready, waiting


def _windows(release: Release, query: MetricQuery) -> tuple[Window | None, ...]:
    """Return the windows asked for; None stands for the newest release block of each column."""
    if query.every is not None:
        days = [
            day for one in release.columns.values() for block in one.blocks for day in block.units(release.schema.grain)
        ]
        days = sorted({day for day in days if day >= release.first_day})
        return consecutive(days, query.every, release.schema.grain) if days else (None,)
    if query.window is not None:
        check_grain(query.window, release.schema.grain)
    return (query.window,)
