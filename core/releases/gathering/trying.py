"""The challenger's model file in its limited process: decisions under changed rows, and what moves its score."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from core.errors import CoreError
from core.explain.artifact import path_of
from core.explain.global_importance import importance
from core.explain.scorer import Scorer
from core.explain.values import ScoredModel
from core.log.schema import ModelSchema
from core.releases.gates.robustness import Flips, Ranges, flips, variants
from core.releases.gathering.compared import ComparedVersion
from core.releases.gathering.facts import Importances

EXPLAINED = 300
"""Rows whose SHAP values are worked out where no stored explanation tells the importance."""

NO_FILE = "the version has no model file that is kept here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What running a model file told; `why_not` says why it could not be run."""

    flips: tuple[Flips, ...] = ()
    importance: Importances | None = None
    why_not: str = ""


def scored_model(schema: ModelSchema) -> ScoredModel:
    """Return what must be known of a model to run it."""
    text = frozenset(name for name, feature in schema.features.items() if feature.kind == "categorical")
    positive = str(schema.positive) if schema.task == "binary" else "1"
    return ScoredModel(
        task=schema.task, features=schema.feature_names, categorical=text, classes=schema.classes, positive=positive
    )


def artifact_of(log_dir: Path, side: ComparedVersion) -> Path | None:
    """Return the kept model file of a version; None where there is none."""
    sha256 = side.version.artifact_sha256
    path = None if sha256 is None else path_of(log_dir, sha256)
    return path if path is not None and path.is_file() else None


def tried(
    log_dir: Path,
    side: ComparedVersion,
    rows: pa.Table | None,
    background: pa.Table | None,
    *,
    shaken: bool,
    explained: bool,
) -> Tried:
    """Return what a version's model file says of sampled rows, opened once in its limited process.

    Parameters
    ----------
    rows : with every feature
    background : rows that a linear model or a permutation is compared with
    shaken : try changed rows
    explained : work out the importance
    """
    artifact = artifact_of(log_dir, side)
    if artifact is None or side.version.artifact_sha256 is None:
        return Tried(why_not=NO_FILE)
    if rows is None or not rows.num_rows:
        return Tried(why_not="there are no rows that it could be run on")
    try:
        with Scorer(artifact, side.version.artifact_sha256, scored_model(side.schema), background=background) as scorer:
            found = _shaken(scorer, rows, side) if shaken else ()
            return Tried(flips=found, importance=_importance(scorer, rows, side.schema) if explained else None)
    except CoreError as error:
        return Tried(why_not=f"the model file could not be run: {error}")


def _shaken(scorer: Scorer, rows: pa.Table, side: ComparedVersion) -> tuple[Flips, ...]:
    usual = scorer.predict(rows)
    ranges: Ranges = {} if side.contract is None else side.contract.ranges
    found = []
    for one in variants(rows, side.schema, ranges):
        try:
            before = usual if one.before is None else scorer.predict(one.before)
            found.append(flips(one.kind, before, scorer.predict(one.after), side.schema))
        except CoreError as error:
            found.append(Flips(kind=one.kind, n=rows.num_rows, n_flipped=0, refused=str(error)))
    return tuple(found)


def _importance(scorer: Scorer, rows: pa.Table, schema: ModelSchema) -> Importances:
    try:
        shap = scorer.shap(rows.slice(0, EXPLAINED), of_class=schema.classes[0] if schema.classes else None)
    except CoreError as error:
        return Importances(why=f"the importance could not be worked out: {error}")
    points = importance(shap.features, shap.values)
    return Importances(
        points=tuple((one.feature, one.value or 0.0) for one in points),
        unit=shap.unit,
        explainer=shap.explainer,
        n=len(shap.margin),
    )
