"""What the task of a model decides about its log: how actuals, decisions and scores are read and stored."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from core.errors import BadInputError
from core.log.coercion.faults import Coerced, fault
from core.log.coercion.labels import as_amount, as_class, as_label
from core.log.coercion.numbers import as_number
from core.log.names import shown
from core.log.schema import ModelSchema

SUM_TOLERANCE = 1e-6
"""How far the scores of the classes of a row may be from adding up to 1."""


def label_types(task: str) -> dict[str, pa.DataType]:
    """Return the types in which the log holds ``actual`` and ``decision``.

    A truth value (1 positive), the code of a class (its place among the declared ones), or a number;
    a regression decides nothing.

    >>> label_types("multiclass")
    {'actual': DataType(int16), 'decision': DataType(int16)}
    """
    actual = {"multiclass": pa.int16(), "regression": pa.float64()}.get(task, pa.int8())
    return {"actual": actual, "decision": pa.int16() if task == "multiclass" else pa.int8()}


def as_actual(column: pa.Array, schema: ModelSchema) -> Coerced:
    """Return actuals as the log of this model holds them; null unknown."""
    if schema.task == "regression":
        return as_amount(column)
    return as_class(column, schema.classes) if schema.task == "multiclass" else as_label(column, schema.positive)


def as_decision(column: pa.Array, schema: ModelSchema) -> Coerced:
    """Return logged decisions as the log of this model holds them; null: none was logged."""
    return as_class(column, schema.classes) if schema.task == "multiclass" else as_label(column, schema.positive)


def as_score(column: pa.Array, kind: str) -> Coerced:
    """Return scores as float64; not finite, and outside [0, 1] for a probability, are faults."""
    numbers = as_number(column)
    values = np.asarray(numbers.values.fill_null(np.nan))
    finite = np.isfinite(values)
    outside = finite & ((values < 0) | (values > 1)) if kind == "probability" else np.zeros(len(values), dtype=np.bool_)
    what = "prediction" if kind == "prediction" else "score"
    return Coerced(
        values=numbers.values,
        faults=(
            *numbers.faults,
            *fault(~finite, f"{what}_not_finite", f"give every row a finite {what}"),
            *fault(outside, "score_range", "write probabilities in [0, 1], or declare score_kind: ranking"),
        ),
    )


def as_class_score(column: pa.Array) -> Coerced:
    """Return the scores of one class; not finite and outside [0, 1] are faults."""
    coerced = as_score(column, "probability")
    fix = "write the probability of each class, in [0, 1]"
    return Coerced(
        values=coerced.values,
        faults=tuple(
            one if one.rule != "score_range" else part
            for one in coerced.faults
            for part in fault(one.mask, one.rule, fix)
        ),
    )


def top_score(scores: Mapping[str, Coerced]) -> Coerced:
    """Return the largest score of each row; scores that do not add up to 1 ± `SUM_TOLERANCE` are a fault.

    Parameters
    ----------
    scores : mapping of column to its scores, one for each class
    """
    table = np.stack([np.asarray(one.values.fill_null(np.nan)) for one in scores.values()])
    total = table.sum(axis=0)
    off = np.isfinite(total) & (np.abs(total - 1) > SUM_TOLERANCE)
    fix = "the scores of the classes must add up to 1; write the probability of every declared class"
    return Coerced(values=pa.array(table.max(axis=0)), faults=fault(off, "scores_sum", fix, total))


def refuse_other_answers(before: ModelSchema, after: ModelSchema) -> None:
    """Refuse a schema revision under which what versions and their log hold would mean something else.

    Raises
    ------
    BadInputError
        When the task, the classes or their order, the positive label, the grain or the time zone are others.
    """
    name = shown(after.model)
    if after.task != before.task:
        raise BadInputError(
            f"The model {name} has versions of the task {before.task}, and its log holds actuals of that kind; "
            f"add the {after.task} model under another name."
        )
    if after.classes != before.classes:
        raise BadInputError(
            f"The classes of the model {name} are {', '.join(map(shown, before.classes))}, and its log holds them "
            "by their order; keep them as they are, or add the model with other classes under another name."
        )
    if str(after.positive) != str(before.positive):
        raise BadInputError(
            f"The model {name} counts {shown(str(before.positive))} as positive, and its log holds its actuals so; "
            "a model with another positive label needs another name."
        )
    for what, old, new in (("grain", before.grain.value, after.grain.value), ("timezone", *_zones(before, after))):
        if old != new:
            raise BadInputError(
                f"The {what} of the model {name} is {old}, and the units of its log are cut by it; "
                f"a model with the {what} {new} needs another name."
            )


def _zones(before: ModelSchema, after: ModelSchema) -> tuple[str, str]:
    return before.zone.key, after.zone.key
