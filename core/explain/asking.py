"""What names a question about explanations, so that its answer is stored once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BadInputError
from core.explain.counterfactuals import Target
from core.explain.material import Material
from core.log.names import shown
from core.selection import MetricQuery

BARS = 2
"""Raised when row views withhold by another rule: older answers beside newer ones would tell what both hide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Which sample of which rows: a filter, the class that is explained, at most `n` rows drawn with `seed`."""

    where: str
    of_class: str
    n: int
    seed: int


def class_of(material: Material, of_class: str) -> str:
    """Return the class that is explained: the one named, else the first; empty for other tasks.

    Raises
    ------
    BadInputError
        When the model has no such class, or a class is named for a model of another task.
    """
    classes = material.schema.classes
    if not classes and of_class:
        raise BadInputError(
            f"This model's task is {material.schema.task}: it has one score and no class {shown(of_class)} to choose; "
            "a class (--class) is for multiclass models only."
        )
    if not classes:
        return ""
    if of_class and of_class not in classes:
        raise BadInputError(f"This model has no class {shown(of_class)}; its classes are {', '.join(classes[:10])}.")
    return of_class or classes[0]


def sample_parameters(material: Material, query: MetricQuery, sample: Sample) -> dict[str, Any]:
    """Return what names the explanation of a sample."""
    wanted = query.slice
    return {
        "part": "sample",
        "window": material.window,
        "segment": "" if wanted is None else f"{wanted.column}={wanted.level}",
        "where": sample.where,
        "role": query.role or "",
        "of_class": class_of(material, sample.of_class),
        "n": sample.n,
        "bars": BARS,
        "seed": sample.seed,
    }


def row_parameters(
    material: Material, query: MetricQuery, row: str, of_class: str, changes: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what names the explanation of a row, as logged or with changes."""
    return {
        "part": "row",
        "row": row,
        "role": query.role or "",
        "of_class": class_of(material, of_class),
        "changes": dict(changes or {}),
        "bars": BARS,
    }


def target_parameters(
    material: Material, query: MetricQuery, row: str, of_class: str, target: Target | None
) -> dict[str, Any]:
    """Return what names the counterfactuals of a row."""
    named = None if target is None else [target.level, target.above]
    plain = row_parameters(material, query, row, of_class, None)
    return {**plain, "part": "counterfactuals", "target": named}


def target_of(material: Material, target: Target | None, prediction: float) -> Target:
    """Return the target named, else the other side of the threshold (.5 where there is none).

    Raises
    ------
    BadInputError
        When a regression is asked without a target.
    """
    if target is not None:
        return target
    if material.schema.task == "regression":
        raise BadInputError("Say which prediction would be wanted: a regression has no threshold to cross.")
    level = material.schema.threshold if material.schema.threshold is not None else 0.5
    return Target(level=level, above=prediction < level)
