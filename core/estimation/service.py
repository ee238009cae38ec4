"""Estimated performance, label coverage and lag of the stored windows; the sums that need a row model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version as installed

import numpy as np
from numpy.typing import NDArray

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import NotEnoughDataError
from core.estimation.detail import EstimationDetail, LabelLag
from core.estimation.direct_loss import KIND, MOST_ROWS, LossModel, fit_loss_model, model_basis
from core.estimation.early import EarlyLabels, early_labels
from core.estimation.estimated import Estimated, LossSums, Vectors, estimated
from core.estimation.lag import INTAKE_DAYS, KnownShare, came_at_once, lag_curve, maturity_by_lag
from core.estimation.loss_units import LossUnit, loss_units, window_sums_of
from core.estimation.points import coverage_point, estimated_metrics, metric_point
from core.inventory.records import VersionInfo
from core.log.columns import ColumnIds, bind
from core.log.schema import ModelSchema
from core.performance.history import FEWEST_WINDOWS, MOST_WINDOWS, maturities, windows_until
from core.performance.maturity import Maturity
from core.performance.of_task import performance_of, rows_known
from core.points import MetricPoint
from core.profile.binning import REGRESSION, Segment
from core.profile.profile import lag_counts, score_counts
from core.profile.records import REFERENCE_ROLE, UNDATED
from core.profile.segments import chosen_segments
from core.profile.summing import summed, window_sums
from core.profile.window_rows import reference_rows, window_rows
from core.selection import MetricAnswer, MetricQuery
from core.store import models as stored_models
from core.store import profiles as stored_profiles
from core.store.columns import column_ids
from core.store.database import Session, Store
from core.store.models import model_by_name
from core.store.series import (
    Series,
    find_version,
    is_closed,
    load_history,
    load_series,
    model_schema,
    roles_of,
    unanswered,
    with_removed,
)
from core.store.unit_sums import UnitSums, put_unit_sums, unit_sums
from core.windows import Grain, Window, day_of, unit_noun

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Report = Callable[[float, str], None]

NO_LOOK_BACK = timedelta(0)
UNITS_AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A series with the windows that a question needs: those asked for, and the ones before them.

    Attributes
    ----------
    windows : tuple of Window, oldest first
    n_wanted : int
        How many of them, from the end, are answered.
    """

    series: Series
    windows: tuple[Window, ...]
    n_wanted: int
    losses: LossSums | None
    at: datetime


def estimation_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every performance metric of the model's task as it is estimated without actuals, and the label coverage.

    The reference is always the version's training reference. The interval is the band in which the realised value
    should fall, with what the mature windows before showed of estimates and truth.
    """
    at = store.clock.now()
    with store.read() as session:
        try:
            asked = _asked(session, query, at)
        except NotEnoughDataError as why:
            schema = model_schema(session, model_by_name(session, query.model))
            return unanswered(session, query, estimated_metrics(schema.task), (None,), str(why))
    places: Mapping[Segment | None, int | None] = {None: None}
    if query.slice is not None:
        places = dict(chosen_segments(asked.series.layout.binning, query.slice))
    points = [point for segment, place in places.items() for point in _points(asked, segment, place)]
    points.sort(key=lambda point: point.window_start)
    return MetricAnswer(version=asked.series.version.name, points=with_removed(asked.series, points))


def _asked(session: Session, query: MetricQuery, at: datetime) -> _Asked:
    if query.every is not None:
        series = load_series(session, query, at, look_back=NO_LOOK_BACK)
        windows, n_wanted = series.windows, len(series.windows)
    else:
        window = query.window or load_series(session, query, at, look_back=NO_LOOK_BACK).windows[0]
        grain = model_schema(session, model_by_name(session, query.model)).grain
        before = windows_until(window, grain)
        whole = replace(query, window=Window(before[0].start, window.end))
        series = load_series(session, whole, at, look_back=NO_LOOK_BACK)
        windows, n_wanted = tuple(one for one in before if one.end > series.first_day) or before[-1:], 1
    told = series.schema.task == REGRESSION and query.saved is None  # a row model's sums are of all rows
    losses = _losses(session, series, windows, query.role) if told else None
    return _Asked(series=series, windows=windows, n_wanted=n_wanted, losses=losses, at=at)


def _estimated(asked: _Asked, place: int | None) -> tuple[Estimated, tuple[Maturity, ...], Ints]:
    """Return the estimates of all windows, their maturity, and rows and labelled rows ``(W, 2)``."""
    series = asked.series
    sums, before = window_sums(series.current, asked.windows), summed(series.reference)
    realised = performance_of(series.layout, sums.ints, sums.floats, by_segment=place is not None)
    known = rows_known(series.layout, sums.ints, by_segment=place is not None)
    if place is not None:
        realised, known = realised.at((slice(None), place)), known[:, place]
    mature = maturities(
        asked.windows,
        realised.label_coverage.tolist(),
        series.schema,
        expected=_expected_coverage(series),
        at=asked.at,
    )
    found = estimated(
        series.layout,
        Vectors(ints=before.ints, floats=before.floats),
        Vectors(ints=sums.ints, floats=sums.floats),
        realised=realised,
        mature=np.array([one.mature for one in mature]),
        place=place,
        losses=asked.losses,
        remembered=MOST_WINDOWS.get(len(list(asked.windows[-1].units(series.schema.grain))), FEWEST_WINDOWS),
    )
    return found, mature, known


def _expected_coverage(series: Series) -> float:
    n_rows, n_labelled = rows_known(series.layout, summed(series.reference).ints).tolist()
    return n_labelled / n_rows if n_rows and n_labelled else 1.0


def _points(asked: _Asked, segment: Segment | None, place: int | None) -> Iterator[MetricPoint]:
    found, _, known = _estimated(asked, place)
    told, grain = found.told(), asked.series.schema.grain
    provenance = window_sums(asked.series.current, asked.windows).provenance_ids
    for row in range(len(asked.windows) - asked.n_wanted, len(asked.windows)):
        window, source = asked.windows[row], provenance[row]
        for one in told.values():
            yield metric_point(one.at(row), window, grain, segment=segment, provenance_id=source)
        both = (int(known[row, 0]), int(known[row, 1]))
        yield coverage_point(both, window, grain, segment=segment, provenance_id=source)


def estimation_detail(store: Store, query: MetricQuery) -> EstimationDetail:
    """Return the estimates of one window with the windows before it, the lag curve, and maturity by it.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference or no closed unit yet.
    BadInputError
        When the segment does not exist.
    """
    at = store.clock.now()
    with store.read() as session:
        asked = _asked(session, replace(query, every=None), at)
        lag = _lag(session, asked.series, at)
    place = None if query.slice is None else chosen_segments(asked.series.layout.binning, query.slice)[0][1]
    found, mature, known = _estimated(asked, place)
    losses = asked.losses
    return EstimationDetail(
        schema=asked.series.schema,
        version=asked.series.version,
        windows=asked.windows,
        found=found,
        maturities=mature,
        by_lag=_by_lag(asked, known, lag.curve),
        known=known,
        lag=lag,
        early=_early(asked),
        needs_row_model=losses is not None and not bool(losses.current[-1, 0]),
    )


def _lag(session: Session, series: Series, at: datetime) -> LabelLag:
    if series.schema.grain is not Grain.DAY:
        return LabelLag(
            curve=None, why_not=f"the log's grain is a {unit_noun(series.schema.grain)}: lags are not known"
        )
    today = day_of(at, series.schema.zone)
    history = load_history(session, series.version, start=today - timedelta(days=INTAKE_DAYS), end=None)
    days = [row for row, day in enumerate(history.log.days) if is_closed(day, series.schema, at)]
    ints = history.log.ints[days]
    counts, known = lag_counts(series.layout, ints), rows_known(series.layout, ints)
    if not days:
        return LabelLag(curve=None, why_not=f"no prediction in the last {INTAKE_DAYS} days")
    if not counts.sum():
        return LabelLag(curve=None, why_not=f"no actual of the last {INTAKE_DAYS} days says when it became known")
    waiting, units = known[:, 0] - known[:, 1], [history.log.days[row] for row in days]
    if came_at_once(units, counts, today=today):
        return LabelLag(curve=None, why_not="the actuals were loaded at once: when each became known is not in the log")
    curve = lag_curve(units, counts, waiting, today=today)
    return LabelLag(curve=curve, why_not="")


def _by_lag(asked: _Asked, known: Ints, curve: KnownShare | None) -> tuple[Maturity, ...]:
    if curve is None:
        return ()
    today = day_of(asked.at, asked.series.schema.zone)
    return tuple(
        maturity_by_lag(labelled / n if n else float("nan"), float((today - window.end).days), curve)
        for window, (n, labelled) in zip(asked.windows, known.tolist(), strict=True)
    )


def _early(asked: _Asked) -> EarlyLabels | None:
    series = asked.series
    if series.schema.task == REGRESSION:
        return None
    now = score_counts(series.layout, summed(series.current, asked.windows[-1]).ints)
    before = score_counts(series.layout, summed(series.reference).ints)
    return early_labels(now[:2].sum(0), now[2], before.sum(0))


# Row model of a regression


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What a row model needs, and the units it has not told yet."""

    version: VersionInfo
    schema: ModelSchema
    ids: ColumnIds
    key: str
    reference_basis: str
    has_reference: bool
    units: tuple[LossUnit, ...]


@refusals_recorded
def estimate_losses(
    store: Store,
    principal: Principal,
    *,
    model: str,
    version: str | None = None,
    role: str | None = None,
    report: Report | None = None,
) -> int:
    """Tell the errors of every unit of a regression that its row model has not told yet; returns how many.

    The model is fitted on the version's reference (a fixed seed: the same reference, the same model) and kept
    nowhere; the sums by unit are. A run that finds nothing missing fits nothing.

    Raises
    ------
    NotEnoughDataError
        When the model is no regression, or its reference has no actuals to learn from.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    with store.read() as session:
        work = _work(session, model, version, role)
    if not work.units and work.has_reference:
        return 0
    tell = report or _silently
    tell(0.0, "learning how large errors are, from the reference")
    fitted = _fitted(store, work)
    made = [
        UnitSums(role=REFERENCE_ROLE, day=UNDATED, basis=work.reference_basis, sums=fitted.reference_sums),
        *_told(store, work, fitted, tell),
    ]
    with store.write() as session:
        put_unit_sums(session, work.version.id, KIND, made)
        record(
            session,
            principal,
            AuditAction.UNIT_SUMS_STORED,
            object_type="version",
            object_id=f"{model}/{work.version.name}",
            after={"kind": KIND, "units": len(work.units), "basis": work.reference_basis},
        )
    return len(work.units)


def _silently(share: float, text: str) -> None:
    """Tell nobody how far the work is."""
    del share, text


def _work(session: Session, model: str, version: str | None, role: str | None) -> _Work:
    known = model_by_name(session, model)
    found = find_version(session, known, version)
    schema = stored_models.schema(session, found.schema_id)
    if schema.task != REGRESSION:
        raise NotEnoughDataError("this model is no regression: its scores are estimated from counts")
    if found.reference_sha256 is None:
        raise NotEnoughDataError("the version has no reference of its own to learn errors from")
    basis = _model_basis(found, schema)
    roles = roles_of(role)
    wanted = _units(session, found, roles, basis)
    held = _held(session, found, roles)
    return _Work(
        version=found,
        schema=schema,
        ids=bind(schema, column_ids(session, known.id)),
        key=known.key,
        reference_basis=basis,
        has_reference=_reference_unit(basis) in held,
        units=tuple(one for one in wanted if one not in held),
    )


def _units(session: Session, version: VersionInfo, roles: Sequence[str], basis: str) -> tuple[LossUnit, ...]:
    held = stored_profiles.summaries(session, version_id=version.id, binning_id=version.binning_id, roles=roles)
    return loss_units(held, basis)


def _model_basis(version: VersionInfo, schema: ModelSchema) -> str:
    return model_basis(version.reference_sha256 or "", tuple(schema.features), installed("scikit-learn"))


def _fitted(store: Store, work: _Work) -> LossModel:
    names = tuple(work.schema.features)
    rows = reference_rows(
        store.log_dir(work.key),
        work.version.reference_sha256 or "",
        schema=work.schema,
        ids=work.ids,
        names=names,
        at_most=MOST_ROWS,
    )
    return fit_loss_model(rows, names)


def _told(store: Store, work: _Work, fitted: LossModel, tell: Report) -> Iterator[UnitSums]:
    for done, unit in enumerate(work.units):
        rows = window_rows(
            store.log_dir(work.key),
            [unit.day],
            version_id=work.version.id,
            roles=[unit.role],
            schema=work.schema,
            ids=work.ids,
            names=fitted.names,
        )
        yield UnitSums(role=unit.role, day=unit.day, basis=unit.basis, sums=fitted.sums(rows))
        if done % UNITS_AT_ONCE == 0:
            tell(0.3 + 0.7 * done / len(work.units), f"{done:,} of {len(work.units):,} units")


def _losses(session: Session, series: Series, windows: Sequence[Window], role: str | None) -> LossSums:
    """Return the row model's sums of each window; a window with a unit that it has not told is left empty."""
    version, roles = series.version, roles_of(role)
    basis = _model_basis(version, series.schema)
    held, units = _held(session, version, roles), _units(session, version, roles, basis)
    return LossSums(
        current=window_sums_of(windows, units, held),
        reference=held.get(_reference_unit(basis)),
    )


def _held(session: Session, version: VersionInfo, roles: Sequence[str]) -> dict[LossUnit, Floats]:
    """Return the stored sums with the basis that they were told on."""
    found = unit_sums(session, version.id, KIND, (*roles, REFERENCE_ROLE))
    return {LossUnit(role=one.role, day=one.day, basis=one.basis): one.sums for one in found}


def _reference_unit(basis: str) -> LossUnit:
    return LossUnit(role=REFERENCE_ROLE, day=UNDATED, basis=basis)
