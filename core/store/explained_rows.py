"""Where the rows of a question about explanations lie, and which model file or logged values may explain them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.explain.material import Material, Part
from core.inventory.records import ModelInfo, VersionInfo
from core.log.columns import bind, shap_columns, shap_key
from core.log.schema import ModelSchema
from core.profile.binning import Binning
from core.profile.profile import rows
from core.profile.segments import chosen_segments
from core.segments import filters
from core.segments.saved import filter_of
from core.selection import MetricQuery, Slice
from core.store import saved_segments
from core.store.columns import column_ids
from core.store.contracts import accepted_contract
from core.store.database import Session, Store
from core.store.series import Series, load_series, profiled_days, roles_of
from core.windows import Window, label

ARTIFACTS = "artifacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A version, a window and a part of its rows, ready to be explained.

    Attributes
    ----------
    window : Window
        The one asked for, else the last closed unit.
    """

    version: VersionInfo
    window: Window
    material: Material
    part: Part


def load_explained(session: Session, store: Store, query: MetricQuery, where: str, at: datetime) -> Explained:
    """Return what explaining a question's rows needs; opens no row and no model file.

    Parameters
    ----------
    where : str
        Filter of the rows, as `core.segments.filters.to_text` writes it; empty for all.

    Raises
    ------
    NotFoundError, NotEnoughDataError, BadInputError
        As `core.store.series.load_series`, and for a filter that cannot be read.
    """
    series = load_series(session, query, at, look_back=timedelta(0))
    window = Window(series.windows[0].start, series.windows[-1].end)
    wanted = _within(session, series, query.saved, filters.from_text(where, series.schema))
    return Explained(
        version=series.version,
        window=window,
        material=material_of(session, store, series, query, window),
        part=_part(series.layout.binning, query.slice, wanted),
    )


def _within(session: Session, series: Series, saved: str | None, wanted: filters.Filter) -> filters.Filter:
    """Return the filter of rows within a saved segment, where one is asked for."""
    if saved is None:
        return wanted
    segment = saved_segments.by_name(session, series.model, saved)
    newest = saved_segments.newest_schema(session, series.model)
    outer = filter_of(segment, series.schema, newest, version=series.version.name)
    return filters.Filter(conditions=(*outer.conditions, *wanted.conditions))


def material_of(session: Session, store: Store, series: Series, query: MetricQuery, window: Window) -> Material:
    """Return where the rows of a version lie and what may explain them."""
    roles = roles_of(query.role)
    grain = series.schema.grain
    artifact = artifact_path(store, series.model, series.version)
    known = column_ids(session, series.model.id)
    accepted = accepted_contract(session, series.version.id)
    ids, logged = _columns(series.schema, known)
    inside = [place for place, day in enumerate(series.current.days) if day in window]
    return Material(
        model=series.model.name,
        version=series.version.name,
        window=f"{label(window.start, grain)}..{label(window.end, grain)}",
        log_dir=store.log_dir(series.model.key),
        version_id=series.version.id,
        roles=roles,
        schema=series.schema,
        ids=ids,
        days=tuple(series.current.days[place] for place in inside),
        n_rows=int(rows(series.layout, series.current.ints[inside]).sum()),
        all_days=profiled_days(session, series.version, roles),
        reference_sha256=None if series.version.provisional else series.version.reference_sha256,
        artifact=artifact,
        artifact_sha256=series.version.artifact_sha256,
        contract=None if accepted is None else accepted.contract,
        logged=logged if set(logged) == set(series.schema.features) else {},
    )


def artifact_path(store: Store, model: ModelInfo, version: VersionInfo) -> Path | None:
    """Return the stored model file of a version; None where none was given or it is not kept here."""
    if version.artifact_sha256 is None:
        return None
    path = store.log_dir(model.key) / ARTIFACTS / version.artifact_sha256
    return path if path.is_file() else None


def _columns(schema: ModelSchema, known: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of all columns by the user's names, and the logged SHAP columns by feature."""
    names = [f"shap_{feature}" for feature in schema.features]
    logged = {feature: name for feature, name in shap_columns(schema, names).items() if shap_key(name) in known}
    return {**bind(schema, known), **{name: known[shap_key(name)] for name in logged.values()}}, logged


def _part(binning: Binning, wanted: Slice | None, where: filters.Filter) -> Part:
    if wanted is None:
        return Part(where=where)
    segment = chosen_segments(binning, wanted)[0][0]
    named = tuple(one.level for one in binning.segments if one.column == wanted.column and one.level is not None)
    return Part(where=where, segment=segment, named=named)
