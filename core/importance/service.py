"""SHAP importance over the units of a log: its sums, kept until rows or the model file change, and their drift."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pyarrow as pa

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import NotEnoughDataError
from core.explain.attribution_drift import AttributionDrift, ShapSeries, attribution_drift
from core.explain.global_importance import importance_of_sums, shares
from core.explain.material import reference_sample, unit_sample
from core.explain.opening import movement, opened
from core.explain.scorer import Scorer
from core.explain.unit_values import UNIT_ROWS, sums_by_unit
from core.inventory.records import VersionInfo
from core.profile.records import REFERENCE_ROLE, UNDATED
from core.selection import MetricQuery
from core.store.database import Session, Store
from core.store.explained_rows import Explained, load_explained
from core.store.models import model_by_name
from core.store.profiles import summaries
from core.store.series import LIVE_ROLES, find_version, load_history, load_series
from core.store.shap_series import KIND as SUMS_KIND
from core.store.shap_series import fresh_sums, reference_basis, shap_basis, shap_series
from core.store.unit_sums import UnitSums, put_unit_sums

UNITS_AT_A_TIME = 20
FEWEST_UNITS = 7
FEWEST_ROWS = 200
"""Explained rows of a window below which its order of importance is chance."""

LOOK_BACK = timedelta(days=56)
NO_SUMS = "no SHAP importance is stored yet: the job shap_units works it out of the model file"

Report = Callable[[float, str], None]


@refusals_recorded
def sum_units(store: Store, principal: Principal, *, model: str, version: str, report: Report | None = None) -> int:
    """Work out the SHAP sums of the reference and of every unit whose rows or model file changed; returns how many.

    Of each unit in each live role 300 rows are explained, of the reference 2,000. Nothing is done for a version
    without a model file here: logged SHAP values are summed in its profiles.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    query = MetricQuery(model=model, version=version)
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
        stale = _stale_units(session, asked.version)
    if asked.material.artifact is None or not stale:
        return 0
    say, done = report or _silent, 0
    with opened(asked.material, say) as scorer:
        for place in range(0, len(stale), UNITS_AT_A_TIME):
            group = stale[place : place + UNITS_AT_A_TIME]
            say(place / len(stale), f"explaining samples of {len(stale):,} units")
            made = _unit_sums(scorer, asked, group)
            with store.write() as session:
                put_unit_sums(session, asked.version.id, SUMS_KIND, made)
                record(
                    session,
                    principal,
                    AuditAction.UNIT_SUMS_STORED,
                    object_type="version",
                    object_id=f"{model}/{version}",
                    after={"kind": SUMS_KIND, "units": len(made)},
                )
            done += len(made)
    return done


def _stale_units(session: Session, version: VersionInfo) -> list[tuple[str, date, str]]:
    """Return (role, unit, basis) of everything whose sums are not those of today's rows and model file."""
    units = summaries(session, version_id=version.id, binning_id=version.binning_id, roles=LIVE_ROLES)
    wanted = [(one.role, one.day, shap_basis(one, version.artifact_sha256)) for one in units if one.n_rows]
    if version.reference_sha256 is not None and not version.provisional:
        wanted.insert(0, (REFERENCE_ROLE, UNDATED, reference_basis(version)))
    held = fresh_sums(session, version)
    return [one for one in wanted if one[:2] not in held]


def _unit_sums(scorer: Scorer, asked: Explained, group: Sequence[tuple[str, date, str]]) -> list[UnitSums]:
    parts = []
    for role, day, _ in group:
        rows = reference_sample(asked.material) if role == REFERENCE_ROLE else None
        parts.append(rows if rows is not None else unit_sample(asked.material, day, role, n=UNIT_ROWS))
    features = [part.select(list(asked.material.features)) for part in parts]
    together = pa.concat_tables(features).unify_dictionaries().combine_chunks()
    values = movement(scorer, together, asked.material)
    found = sums_by_unit(values, [part.num_rows for part in parts])
    return [
        UnitSums(role=role, day=day, basis=basis, sums=one)
        for (role, day, basis), one in zip(group, found, strict=True)
    ]


def stored_importance(store: Store, *, model: str, version: str) -> dict[str, float]:
    """Return the SHAP importance of the reference by feature, as shares of all; empty where none is stored.

    Of logged columns where the reference has them, else of the sample that a job explained.
    """
    with store.read() as session:
        known = model_by_name(session, model)
        pinned = find_version(session, known, version)
        if pinned.binning_id is None:
            return {}
        history = load_history(session, pinned, start=date.max, end=date.max)
        series = shap_series(session, pinned, history.schema, history.layout, (history.reference, history.log))
    if series is None:
        return {}
    return shares(importance_of_sums(series.features, series.reference_sums, series.reference_n))


def importance_drift(store: Store, query: MetricQuery) -> AttributionDrift:
    """Return how the SHAP importance of a window (its last unit, 7 at least) compares with the reference's.

    Raises
    ------
    NotEnoughDataError
        When no sums are stored, or fewer than 200 rows of the window or of the reference are explained.
    """
    with store.read() as session:
        series = load_series(session, query, store.clock.now(), look_back=LOOK_BACK)
        held = shap_series(session, series.version, series.schema, series.layout, (series.reference, series.current))
    if held is None:
        raise NotEnoughDataError(NO_SUMS)
    end = series.windows[-1].end
    own = [day for day in series.current.days if series.windows[0].start <= day < end]
    last = [day for day in series.current.days if day < end][-FEWEST_UNITS:]
    return _drift(held, own if len(own) >= FEWEST_UNITS else last)


def _drift(held: ShapSeries, days: Sequence[date]) -> AttributionDrift:
    sums, n = held.window(days)
    for rows, name in ((int(held.reference_n.min()), "reference"), (int(n.min()) if n.size else 0, "window")):
        if rows < FEWEST_ROWS:
            raise NotEnoughDataError(f"fewer than {FEWEST_ROWS} explained rows in the {name} ({rows})")
    return attribution_drift(held.features, (held.reference_sums, held.reference_n), (sums, n))


def _silent(share: float, what: str) -> None:
    """Report to nobody."""
