"""From rows to SHAP values: by the version's model file in its limited process, else by its logged values."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.explain.explanation import ARTEFACT, LOGGED
from core.explain.material import Material, logged_values, reference_sample
from core.explain.scorer import Scorer
from core.explain.values import ScoredModel, ShapValues

Report = Callable[[float, str], None]
Floats = NDArray[np.float64]

BACKGROUND = 100
"""Rows of the reference that the linear and the permutation explainer compare with."""

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


def valued(material: Material, rows: pa.Table, of_class: str, say: Report) -> tuple[str, ShapValues, pa.Table]:
    """Return how rows were explained, their values, and those of the rows that have some."""
    if material.artifact is None:
        shap, kept = logged_values(material, rows)
        return LOGGED, shap, kept
    with opened(material, say) as scorer:
        return ARTEFACT, scorer.shap(rows.select(list(material.features)), of_class=of_class or None), rows


def predictions(scorer: Scorer, rows: pa.Table, material: Material, of_class: str) -> Floats:
    """Return what the model says of rows, (n,): of one class where there are several."""
    answers = scorer.predict(rows)
    return answers[:, material.schema.classes.index(of_class)] if of_class else answers


def movement(scorer: Scorer, rows: pa.Table, material: Material) -> Floats:
    """Return |φ| of rows, (n, F); over several classes their sum."""
    classes = material.schema.classes or (None,)
    moved = [np.abs(scorer.shap(rows, of_class=name).values) for name in classes]
    return np.asarray(np.sum(moved, axis=0), np.float64)
