"""From rows to SHAP values: by the version's model file in its limited process, else by its logged values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.explain.explanation import ARTEFACT, LOGGED
from core.explain.material import Material, fixed_sample, logged_numbers, logged_values, reference_sample
from core.explain.scorer import Scorer
from core.explain.values import ScoredModel, ShapValues
from core.explain.withheld import summed_features, withheld_features

Report = Callable[[float, str], None]
Floats = NDArray[np.float64]

BACKGROUND = 100
"""Rows of the reference that the linear and the permutation explainer compare with, and that choose what is summed."""

BEFORE, DURING = 0.1, 0.8
"""Shares of the work before the model file is opened, and while it explains."""


def opened(material: Material, say: Report) -> Scorer:
    """Return the model file of a version, to be opened in its limited process.

    Raises
    ------
    NotEnoughDataError
        When none was given, or it is not kept here.
    """
    if material.artifact is None or material.artifact_sha256 is None:
        raise NotEnoughDataError("this needs the model file: watchroom version add --artifact keeps it")
    reference = reference_sample(material, n=BACKGROUND)
    return Scorer(
        material.artifact,
        material.artifact_sha256,
        scored_model(material),
        background=None if reference is None else reference.select(list(material.features)),
        report=lambda share, what: say(BEFORE + DURING * share, what),
    )


def scored_model(material: Material) -> ScoredModel:
    """Return what must be known of a model to run it."""
    schema = material.schema
    return ScoredModel(
        task=schema.task,
        features=schema.feature_names,
        categorical=frozenset(name for name, one in schema.features.items() if one.kind == "categorical"),
        classes=schema.classes,
        positive=str(schema.positive),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """Explained rows.

    Attributes
    ----------
    source : ``artefact`` or ``logged``
    rows : those of the rows that have values
    summed : features of the withheld bar; see `core.explain.withheld.summed_features`
    """

    source: str
    shap: ShapValues
    rows: pa.Table
    summed: tuple[str, ...]


def valued(material: Material, rows: pa.Table, of_class: str, say: Report) -> Valued:
    """Return the SHAP values of rows.

    Raises
    ------
    NotEnoughDataError
        When they do not add up.
    """
    withheld = withheld_features(material.schema)
    fixed = fixed_sample(material, n=BACKGROUND) if withheld else None
    summed: tuple[str, ...] = ()
    if material.artifact is None:
        shap, kept = logged_values(material, rows)
        if fixed is not None:
            summed = _summed(material, withheld, logged_numbers(material, fixed))
        return Valued(source=LOGGED, shap=shap, rows=kept, summed=summed)
    with opened(material, say) as scorer:
        features, asked = list(material.features), of_class or None
        shap = scorer.shap(rows.select(features), of_class=asked)
        if fixed is not None:
            summed = _summed(material, withheld, scorer.shap(fixed.select(features), of_class=asked).values)
    return Valued(source=ARTEFACT, shap=shap, rows=rows, summed=summed)


def _summed(material: Material, withheld: Sequence[str], values: Floats) -> tuple[str, ...]:
    """Return the features of the withheld bar by the SHAP values of fixed rows, (n, F); NaN where one has none."""
    known = np.isfinite(values)
    means = np.where(known, np.abs(values), 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return summed_features(material.features, withheld, dict(zip(material.features, means.tolist(), strict=True)))


def predictions(scorer: Scorer, rows: pa.Table, material: Material, of_class: str) -> Floats:
    """Return what the model says of rows, (n,): of one class where there are several."""
    answers = scorer.predict(rows)
    return answers[:, material.schema.classes.index(of_class)] if of_class else answers


def movement(scorer: Scorer, rows: pa.Table, material: Material) -> Floats:
    """Return |φ| of rows, (n, F); over several classes their sum."""
    classes = material.schema.classes or (None,)
    moved = [np.abs(scorer.shap(rows, of_class=name).values) for name in classes]
    return np.asarray(np.sum(moved, axis=0), np.float64)
