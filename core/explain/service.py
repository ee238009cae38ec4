"""Explanations of a version's scores: worked out once for each model file, data version and question, then read.

What opens a model file takes seconds: it runs in a job, or in the command line. Reading a stored result does not.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.analysis import Analysis, AnalysisKind
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.clock import SYSTEM
from core.errors import NotEnoughDataError
from core.explain.asking import Sample, row_parameters, sample_parameters, target_of, target_parameters
from core.explain.cost import estimate
from core.explain.counterfactuals import Counterfactuals, Target, counterfactuals_of, nearest
from core.explain.explanation import SAMPLE, Explanation, Origin, explanation_from, explanation_of
from core.explain.material import Material, context_of, row_by_id, sampled, usual_of
from core.explain.opening import opened, predictions, valued
from core.explain.row_explanation import RowExplanation, facts_of, of_sample, row_explanation, row_explanation_from
from core.explain.usual import plain_row, rows_of
from core.explain.what_if import checked
from core.explain.withheld import withheld_features
from core.segments.filters import to_text
from core.selection import MetricQuery
from core.store.analyses import data_version, find_analysis, put_analysis
from core.store.database import Store
from core.store.explained_rows import Explained, load_explained

KIND = AnalysisKind.EXPLANATION

LOGGED_SECONDS = 2.0

Report = Callable[[float, str], None]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Naming = Callable[[Material], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A question, what names its answer, and the answer if it is stored."""

    asked: Explained
    parameters: dict[str, Any]
    data_version: str
    stored: Analysis | None


def _ask(store: Store, query: MetricQuery, naming: Naming, *, where: str = "", whole: bool = False) -> _Question:
    """Return a question with its stored answer; with `whole` the answer rests on the whole log, as of a row."""
    with store.read() as session:
        asked = load_explained(session, store, query, where, store.clock.now())
        asked.material.refuse_without_source()
        parameters = naming(asked.material)
        if query.saved is not None:
            parameters["saved"] = to_text(asked.part.where)
        named = data_version(session, asked.version, asked.material.roles, None if whole else asked.window)
        stored = find_analysis(session, KIND, asked.version.id, parameters, named)
    return _Question(asked=asked, parameters=parameters, data_version=named, stored=stored)


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
    sample = Sample(where=where, of_class=of_class, n=n, seed=seed)
    question = _ask(store, query, lambda material: sample_parameters(material, query, sample), where=where)
    return None if question.stored is None else _read(question.stored)


@refusals_recorded
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
    began, say = time.perf_counter(), report or _silent
    sample = Sample(where=where, of_class=of_class, n=n, seed=seed)
    question = _ask(store, query, lambda material: sample_parameters(material, query, sample), where=where)
    if question.stored is not None:
        return _read(question.stored)
    say(0.0, "reading the sample")
    found = _explained(question, sample, say)
    return _read(_put(store, principal, question, (found.document(), found.rows), began))


def _explained(question: _Question, sample: Sample, say: Report) -> Explanation:
    material, of_class = question.asked.material, question.parameters["of_class"]
    rows, n_rows = sampled(material, question.asked.part, n=sample.n, seed=sample.seed)
    say(0.1, f"explaining {rows.num_rows:,} rows")
    found = valued(material, rows, of_class, say)
    origin = Origin(
        model=material.model,
        version=material.version,
        window=material.window,
        rows=question.asked.part.words,
        source=found.source,
        n_rows=n_rows,
        seed=sample.seed,
        of_class=of_class,
    )
    return explanation_of(
        found.shap,
        found.rows,
        material.schema,
        origin=origin,
        usual=usual_of(material, found.rows),
        withheld=withheld_features(material.schema),
        summed=found.summed,
    )


def expected_seconds(store: Store, query: MetricQuery) -> float:
    """Return how long explaining a sample will take on two cores, about: by the trees that the model file tells of."""
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
    artifact = asked.material.artifact
    if artifact is None:
        return LOGGED_SECONDS
    return estimate(artifact, SAMPLE, len(asked.material.schema.features))


def row_in_sample(store: Store, query: MetricQuery, found: Explanation, row: str) -> RowExplanation | None:
    """Return the explanation of a row that a stored sample holds; None: it holds no such row."""
    with store.read() as session:
        asked = load_explained(session, store, query, "", store.clock.now())
    return of_sample(found, row, context_of(asked.material, dict(found.usual), found.summed))


def stored_row(
    store: Store, query: MetricQuery, row: str, *, of_class: str = "", changes: Mapping[str, Any] | None = None
) -> RowExplanation | None:
    """Return the stored explanation of a row, as logged or with `changes`; None: not worked out yet."""
    question = _ask(store, query, lambda material: row_parameters(material, query, row, of_class, changes), whole=True)
    return None if question.stored is None else row_explanation_from(question.stored.document)


@refusals_recorded
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
    began, say = time.perf_counter(), report or _silent
    question = _ask(store, query, lambda material: row_parameters(material, query, row, of_class, changes), whole=True)
    if question.stored is not None:
        return row_explanation_from(question.stored.document)
    say(0.1, "finding the row")
    found = _explained_row(question, row, say)
    _put(store, principal, question, (found.document(), None), began)
    return found


def _explained_row(question: _Question, row: str, say: Report) -> RowExplanation:
    material, parameters = question.asked.material, question.parameters
    rows = row_by_id(material, row)
    context = context_of(material, usual_of(material, rows), ())
    wanted = checked(parameters["changes"], context.ranges) if parameters["changes"] else {}
    if wanted and material.artifact is None:
        raise NotEnoughDataError("logged SHAP values say nothing of other values: a change needs the model file")
    values = {**plain_row(rows, 0, material.schema), **wanted}
    scored = rows if material.artifact is None else rows_of([values], material.schema)
    found = valued(material, scored, parameters["of_class"], say)
    context = replace(context, summed=found.summed)
    return row_explanation(found.shap, 0, facts=facts_of(rows), values=values, context=context, changes=wanted)


def stored_counterfactuals(
    store: Store, query: MetricQuery, row: str, *, target: Target | None = None, of_class: str = ""
) -> Counterfactuals | None:
    """Return the stored nearest counterfactuals of a row; None: not searched yet."""
    question = _ask(
        store, query, lambda material: target_parameters(material, query, row, of_class, target), whole=True
    )
    return None if question.stored is None else counterfactuals_of(question.stored.document)


@refusals_recorded
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
    began, say = time.perf_counter(), report or _silent
    question = _ask(
        store, query, lambda material: target_parameters(material, query, row, of_class, target), whole=True
    )
    if question.stored is not None:
        return counterfactuals_of(question.stored.document)
    found = _searched(question, row, target, say)
    _put(store, principal, question, (found.document(), None), began)
    return found


def _searched(question: _Question, row: str, target: Target | None, say: Report) -> Counterfactuals:
    material, of_class = question.asked.material, question.parameters["of_class"]
    with opened(material, say) as scorer:
        rows = row_by_id(material, row)
        context = context_of(material, usual_of(material, rows), ())
        values = plain_row(rows, 0, material.schema)

        def predict(trials: pa.Table) -> Floats:
            return predictions(scorer, trials, material, of_class)

        before = float(predict(rows_of([values], material.schema))[0])
        say(0.5, "searching")
        return nearest(
            values,
            schema=material.schema,
            usual=context.usual,
            allowed=context.ranges,
            target=target_of(material, target, before),
            predict=predict,
        )


def _put(
    store: Store,
    principal: Principal,
    question: _Question,
    result: tuple[dict[str, Any], pa.Table | None],
    began: float,
) -> Analysis:
    """Store an answer under the state of the log that was read for it."""
    material = question.asked.material
    found = Analysis(
        kind=KIND,
        version_id=question.asked.version.id,
        parameters=question.parameters,
        data_version=question.data_version,
        document=result[0],
        table=result[1],
        created_at=SYSTEM.now(),
        seconds=time.perf_counter() - began,
    )
    with store.write() as session:
        if put_analysis(session, found):
            record(
                session,
                principal,
                AuditAction.ANALYSIS_STORED,
                object_type="version",
                object_id=f"{material.model}/{material.version}",
                after={"kind": KIND.value, "part": question.parameters["part"], "key": found.key},
            )
    return found


def _read(found: Analysis) -> Explanation:
    assert found.table is not None
    return explanation_from(found.document, found.table, data_version=found.data_version, seconds=found.seconds)


def _silent(share: float, what: str) -> None:
    """Report to nobody."""
