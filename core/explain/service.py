"""Explanations of a version's scores: worked out once for each model file, data version and question, then read.

What opens a model file takes seconds: it runs in a job, or in the command line. Reading a stored result does not.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.analysis import Analysis, AnalysisKind
from core.audit.actions import AuditAction
from core.audit.service import record
from core.clock import SYSTEM
from core.errors import BadInputError, NotEnoughDataError
from core.explain.counterfactuals import Counterfactuals, Target, counterfactuals_of, nearest
from core.explain.explanation import ARTEFACT, LOGGED, SAMPLE, Explanation, Origin, explanation_from, explanation_of
from core.explain.global_importance import importance_of_sums, shares
from core.explain.material import (
    Material,
    context_of,
    logged_values,
    reference_sample,
    row_by_id,
    sampled,
    unit_sample,
    usual_of,
)
from core.explain.row_explanation import RowExplanation, facts_of, of_sample, row_explanation, row_explanation_from
from core.explain.scorer import Scorer
from core.explain.unit_values import UNIT_ROWS, sums_by_unit
from core.explain.usual import plain_row, rows_of
from core.explain.values import ScoredModel, ShapValues
from core.explain.what_if import checked
from core.explain.withheld import withheld_features
from core.inventory.records import VersionInfo
from core.log.names import shown
from core.profile.records import REFERENCE_ROLE, UNDATED
from core.selection import MetricQuery
from core.store.analyses import data_version, find_analysis, put_analysis
from core.store.database import Session, Store
from core.store.explained_rows import Explained, load_explained
from core.store.models import model_by_name
from core.store.profiles import summaries
from core.store.series import LIVE_ROLES, find_version, load_history
from core.store.shap_series import KIND as SUMS_KIND
from core.store.shap_series import fresh_sums, reference_basis, shap_basis, shap_series
from core.store.unit_sums import UnitSums, put_unit_sums

KIND = AnalysisKind.EXPLANATION
UNITS_AT_A_TIME = 20
BACKGROUND = 100
"""Rows of the reference that the linear and the permutation explainer compare with."""

Report = Callable[[float, str], None]


def explanation(
    store: Store, query: MetricQuery, *, where: str = "", of_class: str = "", n: int = SAMPLE, seed: int = 0
) -> Explanation | None:
    """Return the stored explanation of a version's window for today's rows and model file; None: not worked out yet.

    Parameters
    ----------
    where : str
        Filter of the rows that are meant (`core.segments.filters.to_text`); empty for all.
    of_class : str
        Class of a multiclass model whose score is explained; empty: the first one.
    n, seed : of the sample

    Raises
    ------
    NotEnoughDataError
        When the version has no closed unit, or nothing that could explain it.
    """
    with store.read() as session:
        asked = load_explained(session, store, query, where, store.clock.now())
        asked.material.refuse_without_source()
        found = _find(session, asked, _sample_parameters(asked, query, where, of_class, (n, seed)))
    return None if found is None else _read(found)


def explain(
    store: Store,
    principal: Principal,
    query: MetricQuery,
    *,
    where: str = "",
    of_class: str = "",
    n: int = SAMPLE,
    seed: int = 0,
    report: Report | None = None,
) -> Explanation:
    """Explain a seeded sample of a version's window unless that is stored, and store it.

    Raises
    ------
    NotEnoughDataError
        When nothing can explain the version, no row is meant, or the values do not add up.
    BadInputError
        When the filter cannot be read, or the model file is refused.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    began = time.perf_counter()
    with store.read() as session:
        asked = load_explained(session, store, query, where, store.clock.now())
        asked.material.refuse_without_source()
        parameters = _sample_parameters(asked, query, where, of_class, (n, seed))
        stored = _find(session, asked, parameters)
    if stored is not None:
        return _read(stored)
    say = report or _silent
    say(0.0, "reading the sample")
    rows, n_rows = sampled(asked.material, asked.part, n=n, seed=seed)
    say(0.1, f"explaining {rows.num_rows:,} rows")
    source, shap, rows = _valued(asked.material, rows, parameters["of_class"], say)
    origin = Origin(
        model=asked.material.model,
        version=asked.material.version,
        window=asked.material.window,
        rows=asked.part.words,
        source=source,
        n_rows=n_rows,
        seed=seed,
        of_class=parameters["of_class"],
    )
    found = explanation_of(
        shap,
        rows,
        asked.material.schema,
        origin=origin,
        usual=usual_of(asked.material, rows),
        withheld=withheld_features(asked.material.schema),
    )
    return _read(_put(store, principal, asked, parameters, (found.document(), found.rows), began))


def row_in_sample(store: Store, query: MetricQuery, found: Explanation, row: str) -> RowExplanation | None:
    """Return the explanation of a row that a stored sample holds; None: it holds no such row."""
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
    return of_sample(found, row, context_of(asked.material, dict(found.usual)))


def stored_row(
    store: Store, query: MetricQuery, row: str, *, of_class: str = "", changes: Mapping[str, Any] | None = None
) -> RowExplanation | None:
    """Return the stored explanation of a row, as logged or with `changes`; None: not worked out yet."""
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
        found = _find(session, asked, _row_parameters(asked, query, of_class, row, dict(changes or {})), whole=True)
    return None if found is None else row_explanation_from(found.document)


def explain_row(
    store: Store,
    principal: Principal,
    query: MetricQuery,
    row: str,
    *,
    of_class: str = "",
    changes: Mapping[str, Any] | None = None,
    report: Report | None = None,
) -> RowExplanation:
    """Explain one row of the version's log, as logged or with other values ("what if"), and store it.

    Raises
    ------
    NotFoundError
        When the log holds no such row.
    NotEnoughDataError
        When nothing can explain it; a change needs the model file.
    BadInputError
        When a change leaves the contract's range or categories, or is of a withheld feature.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    began = time.perf_counter()
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
        asked.material.refuse_without_source()
        parameters = _row_parameters(asked, query, of_class, row, dict(changes or {}))
        stored = _find(session, asked, parameters, whole=True)
    if stored is not None:
        return row_explanation_from(stored.document)
    (report or _silent)(0.1, "finding the row")
    rows = row_by_id(asked.material, row)
    context = context_of(asked.material, usual_of(asked.material, rows))
    wanted = checked(changes, context.ranges) if changes else {}
    values = {**plain_row(rows, 0, asked.material.schema), **wanted}
    if wanted and asked.material.artifact is None:
        raise NotEnoughDataError("logged SHAP values say nothing of other values: a change needs the model file")
    changed = rows_of([values], asked.material.schema) if asked.material.artifact is not None else rows
    _, shap, _ = _valued(asked.material, changed, parameters["of_class"], report or _silent)
    found = row_explanation(shap, 0, facts=facts_of(rows), values=values, context=context, changes=wanted)
    _put(store, principal, asked, parameters, (found.document(), None), began, whole=True)
    return found


def stored_counterfactuals(
    store: Store, query: MetricQuery, row: str, *, target: Target | None = None, of_class: str = ""
) -> Counterfactuals | None:
    """Return the stored nearest counterfactuals of a row; None: not searched yet."""
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
        parameters = _target_parameters(asked, query, of_class, row, target)
        found = _find(session, asked, parameters, whole=True)
    return None if found is None else counterfactuals_of(found.document)


def find_counterfactuals(
    store: Store,
    principal: Principal,
    query: MetricQuery,
    row: str,
    *,
    target: Target | None = None,
    of_class: str = "",
    report: Report | None = None,
) -> Counterfactuals:
    """Search the nearest rows that the model would decide otherwise, and store them.

    Parameters
    ----------
    target : Target or None
        None: the other side of the model's threshold (of .5 for a class's score).

    Raises
    ------
    NotFoundError
        When the log holds no such row.
    NotEnoughDataError
        When the version has no model file here.
    BadInputError
        When a regression is asked without a target.
    """
    authorize(principal, Action.ANALYSIS_RUN)
    began = time.perf_counter()
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
        parameters = _target_parameters(asked, query, of_class, row, target)
        stored = _find(session, asked, parameters, whole=True)
    if stored is not None:
        return counterfactuals_of(stored.document)
    material = asked.material
    if material.artifact is None:
        raise NotEnoughDataError("counterfactuals need the model file: watchroom version add --artifact keeps it")
    rows = row_by_id(material, row)
    context = context_of(material, usual_of(material, rows))
    (report or _silent)(0.2, "searching")
    with _opened(material, report or _silent) as scorer:
        place = _place_of_class(material, parameters["of_class"])
        values = plain_row(rows, 0, material.schema)

        def predict(trials: pa.Table) -> np.ndarray:
            answers = scorer.predict(trials)
            return answers if place is None else answers[:, place]

        wanted = target or _other_side(asked, float(predict(rows_of([values], material.schema))[0]))
        found = nearest(
            values,
            schema=material.schema,
            usual=context.usual,
            allowed=context.ranges,
            target=wanted,
            predict=predict,
        )
    _put(store, principal, asked, parameters, (found.document(), None), began, whole=True)
    return found


def _other_side(asked: Explained, prediction: float) -> Target:
    schema = asked.material.schema
    if schema.task == "regression":
        raise BadInputError("Say which prediction would be wanted: a regression has no threshold to cross.")
    level = schema.threshold if schema.threshold is not None else 0.5
    return Target(level=level, above=prediction < level)


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
    with _opened(asked.material, say) as scorer:
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
    classes = asked.material.schema.classes
    values = [np.abs(scorer.shap(together, of_class=name).values) for name in classes or (None,)]
    found = sums_by_unit(np.sum(values, axis=0), [part.num_rows for part in parts])
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


def _valued(material: Material, rows: pa.Table, of_class: str, say: Report) -> tuple[str, ShapValues, pa.Table]:
    """Return how rows were explained, their values, and the rows that have some."""
    if material.artifact is None:
        shap, kept = logged_values(material, rows)
        return LOGGED, shap, kept
    with _opened(material, say) as scorer:
        features = rows.select(list(material.features))
        return ARTEFACT, scorer.shap(features, of_class=of_class or None), rows


def _opened(material: Material, say: Report) -> Scorer:
    """Return the model file of a version, to be opened in its limited process."""
    schema = material.schema
    if material.artifact is None or material.artifact_sha256 is None:
        raise NotEnoughDataError("this version has no model file here")
    reference = reference_sample(material, n=BACKGROUND)
    return Scorer(
        material.artifact,
        material.artifact_sha256,
        ScoredModel(
            task=schema.task,
            features=schema.feature_names,
            categorical=frozenset(name for name, one in schema.features.items() if one.kind == "categorical"),
            classes=schema.classes,
            positive=str(schema.positive),
        ),
        background=None if reference is None else reference.select(list(schema.feature_names)),
        report=lambda share, what: say(0.1 + 0.8 * share, what),
    )


def _place_of_class(material: Material, of_class: str) -> int | None:
    classes = material.schema.classes
    return classes.index(of_class) if classes else None


def _class(asked: Explained, of_class: str) -> str:
    """Return the class that is explained: the one named, else the first; empty for other tasks."""
    classes = asked.material.schema.classes
    if not classes:
        return ""
    if of_class and of_class not in classes:
        raise BadInputError(f"This model has no class {shown(of_class)}; its classes are {', '.join(classes[:10])}.")
    return of_class or classes[0]


def _sample_parameters(
    asked: Explained, query: MetricQuery, where: str, of_class: str, sample: tuple[int, int]
) -> dict[str, Any]:
    wanted = query.slice
    return {
        "part": "sample",
        "window": asked.material.window,
        "segment": "" if wanted is None else f"{wanted.column}={wanted.level}",
        "where": where,
        "role": query.role or "",
        "of_class": _class(asked, of_class),
        "n": sample[0],
        "seed": sample[1],
    }


def _row_parameters(
    asked: Explained, query: MetricQuery, of_class: str, row: str, changes: dict[str, Any]
) -> dict[str, Any]:
    return {
        "part": "row",
        "row": row,
        "role": query.role or "",
        "of_class": _class(asked, of_class),
        "changes": changes,
    }


def _target_parameters(
    asked: Explained, query: MetricQuery, of_class: str, row: str, target: Target | None
) -> dict[str, Any]:
    named = None if target is None else [target.level, target.above]
    return {**_row_parameters(asked, query, of_class, row, {}), "part": "counterfactuals", "target": named}


def _find(session: Session, asked: Explained, parameters: dict[str, Any], *, whole: bool = False) -> Analysis | None:
    """Return the stored answer; with `whole` one that rests on the whole log, as that of a row does."""
    return find_analysis(session, KIND, asked.version.id, parameters, _data_version(session, asked, whole=whole))


def _data_version(session: Session, asked: Explained, *, whole: bool) -> str:
    return data_version(session, asked.version, asked.material.roles, None if whole else asked.window)


def _put(
    store: Store,
    principal: Principal,
    asked: Explained,
    parameters: dict[str, Any],
    result: tuple[dict[str, Any], pa.Table | None],
    began: float,
    *,
    whole: bool = False,
) -> Analysis:
    with store.write() as session:
        found = Analysis(
            kind=KIND,
            version_id=asked.version.id,
            parameters=parameters,
            data_version=_data_version(session, asked, whole=whole),
            document=result[0],
            table=result[1],
            created_at=SYSTEM.now(),
            seconds=time.perf_counter() - began,
        )
        if put_analysis(session, found):
            record(
                session,
                principal,
                AuditAction.ANALYSIS_STORED,
                object_type="version",
                object_id=f"{asked.material.model}/{asked.material.version}",
                after={"kind": KIND.value, "part": parameters["part"], "key": found.key},
            )
    return found


def _read(found: Analysis) -> Explanation:
    assert found.table is not None
    return explanation_from(found.document, found.table, data_version=found.data_version, seconds=found.seconds)


def _silent(share: float, what: str) -> None:
    """Report to nobody."""
