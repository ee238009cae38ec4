"""Why one row got its score, what would change it, and how rows are picked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from core.explain.explanation import PHI, VALUE, Explanation
from core.explain.reasons import reasons
from core.explain.usual import Usual
from core.explain.values import ShapValues
from core.explain.waterfall import Step, step_of, waterfall
from core.explain.what_if import Range, Value
from core.explain.withheld import WITHHELD, Bar, bars
from core.log.schema import ModelSchema

MOST_OFFERED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """What the log says of a row, beside its features."""

    id: str
    day: str | None
    score: float | None
    decision: float | None
    actual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowExplanation:
    """Why one row got its score.

    Attributes
    ----------
    base, margin : float
        In `unit`; base + Σ of the bars is the margin.
    prediction : float
        What the model answers: the probability, or the predicted value.
    bars : tuple of Bar, largest first
    steps : tuple of Step
        Of the waterfall, largest last.
    reasons : tuple of str, at most 3
    values : mapping of feature to its value; withheld features are left out
    ranges : mapping of feature to what it may be changed to
    changes : mapping of feature to the value it was given; empty for the row as logged
    """

    facts: RowFacts
    unit: str
    explainer: str
    approximate: bool
    base: float
    margin: float
    prediction: float
    additivity_error: float
    bars: tuple[Bar, ...]
    steps: tuple[Step, ...]
    reasons: tuple[str, ...]
    values: Mapping[str, Value]
    withheld: tuple[str, ...]
    ranges: Mapping[str, Range]
    can_change: bool
    changes: Mapping[str, Value]

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        plain = ("unit", "explainer", "approximate", "base", "margin", "prediction", "additivity_error", "can_change")
        return {
            **{name: getattr(self, name) for name in plain},
            "facts": {name: getattr(self.facts, name) for name in RowFacts.__dataclass_fields__},
            "bars": [{"features": list(one.features), "phi": one.phi, "withheld": one.withheld} for one in self.bars],
            "steps": [one.document() for one in self.steps],
            "reasons": list(self.reasons),
            "values": dict(self.values),
            "withheld": list(self.withheld),
            "ranges": {
                name: {name: getattr(one, name) for name in Range.__dataclass_fields__} | {"levels": list(one.levels)}
                for name, one in self.ranges.items()
            },
            "changes": dict(self.changes),
        }

    def command_line(self, *, model: str, version: str) -> dict[str, Any]:
        """Return the JSON document of `watchroom explain --row`."""
        return {
            "model": model,
            "version": version,
            "units": self.unit,
            "explainer": self.explainer,
            "n": 1,
            "base": self.base,
            "points": [
                {
                    "feature": WITHHELD if one.withheld else one.features[0],
                    "value": one.phi,
                    "ci_low": None,
                    "ci_high": None,
                }
                for one in self.bars
            ],
            "row": self.facts.id,
            "additivity_error": self.additivity_error,
        }


def row_explanation_from(document: Mapping[str, Any]) -> RowExplanation:
    """Return what `RowExplanation.document` wrote."""
    return RowExplanation(
        **{
            **document,
            "facts": RowFacts(**document["facts"]),
            "bars": tuple(Bar(**{**one, "features": tuple(one["features"])}) for one in document["bars"]),
            "steps": tuple(step_of(one) for one in document["steps"]),
            "reasons": tuple(document["reasons"]),
            "withheld": tuple(document["withheld"]),
            "ranges": {
                name: Range(**{**one, "levels": tuple(one["levels"])}) for name, one in document["ranges"].items()
            },
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a row's explanation needs to know of the model.

    Attributes
    ----------
    summed : tuple of str
        Features of the withheld bar; see `core.explain.withheld.summed_features`.
    """

    schema: ModelSchema
    usual: Mapping[str, Usual]
    withheld: tuple[str, ...]
    summed: tuple[str, ...]
    ranges: Mapping[str, Range]
    can_change: bool


def row_explanation(
    shap: ShapValues,
    place: int,
    *,
    facts: RowFacts,
    values: Mapping[str, Value],
    context: Context,
    changes: Mapping[str, Value] | None = None,
) -> RowExplanation:
    """Return the explanation of row `place` of explained rows.

    Raises
    ------
    NotEnoughDataError
        When the only feature is withheld.
    """
    told = {name: value for name, value in values.items() if name not in context.withheld}
    summed = bars(shap.features, shap.values[place], context.summed)
    steps = waterfall(summed, told, base=shap.base)
    return RowExplanation(
        facts=facts,
        unit=shap.unit,
        explainer=shap.explainer,
        approximate=shap.approximate,
        base=shap.base,
        margin=float(shap.margin[place]),
        prediction=float(shap.prediction[place]),
        additivity_error=float(abs(shap.base + shap.values[place].sum() - shap.margin[place])),
        bars=summed,
        steps=steps,
        reasons=reasons(steps, context.schema.features, context.usual, unit=shap.unit),
        values=told,
        withheld=context.withheld,
        ranges=context.ranges,
        can_change=context.can_change,
        changes=changes or {},
    )


def of_sample(explanation: Explanation, row: str, context: Context) -> RowExplanation | None:
    """Return the explanation of a row that the sample holds, from its stored values; None: it holds no such row."""
    places = np.flatnonzero(np.asarray(explanation.rows["id"].to_pylist(), object) == row)
    if not len(places):
        return None
    place = int(places[0])
    one = explanation.rows.slice(place, 1)
    shap = ShapValues(
        features=explanation.features,
        values=np.array([[one[f"{PHI}{name}"][0].as_py() for name in explanation.features]]),
        base=explanation.base,
        margin=one["margin"].to_numpy(),
        prediction=one["prediction"].to_numpy(),
        unit=explanation.unit,
        explainer=explanation.explainer,
        approximate=explanation.approximate,
        additivity_error=explanation.additivity_error,
    )
    values = {name: one[f"{VALUE}{name}"][0].as_py() for name in context.schema.features}
    return row_explanation(shap, 0, facts=facts_of(one), values=values, context=context)


def facts_of(rows: pa.Table) -> RowFacts:
    """Return what the log says of the first of some rows."""
    day, score, decision, actual = (rows[name][0].as_py() for name in ("day", "score", "decision", "actual"))
    return RowFacts(
        id=str(rows["id"][0].as_py()),
        day=None if day is None else day.isoformat(),
        score=None if score is None or not np.isfinite(score) else float(score),
        decision=None if decision is None else float(decision),
        actual=None if actual is None or not np.isfinite(actual) else float(actual),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Which rows of the sample may be looked at; None leaves a side open.

    Attributes
    ----------
    actual, decision : int or None
        -1 asks for rows without one.
    low, high : float or None
        Inclusive, of the score.
    """

    actual: int | None = None
    decision: int | None = None
    low: float | None = None
    high: float | None = None


def drawn(explanation: Explanation, wanted: Draw, *, seed: int = 0, most: int = MOST_OFFERED) -> tuple[str, ...]:
    """Return the ids of rows of the sample that a draw asks for: at most 50, in an order drawn with `seed`."""
    rows = explanation.rows
    kept = np.ones(rows.num_rows, bool)
    for name, asked in (("actual", wanted.actual), ("decision", wanted.decision)):
        if asked is not None:
            kept &= _known(rows, name) == asked
    score = np.asarray(rows["score"].to_numpy(), np.float64)
    if wanted.low is not None:
        kept &= score >= wanted.low
    if wanted.high is not None:
        kept &= score <= wanted.high
    places = np.flatnonzero(kept)
    order = np.random.default_rng(seed).permutation(len(places))[:most]
    ids: Sequence[str] = rows["id"].take(pa.array(places[order])).to_pylist()
    return tuple(ids)


def furthest_off(explanation: Explanation, *, most: int) -> tuple[RowFacts, ...]:
    """Return the rows of the sample whose score was furthest from what came true, the furthest first.

    Rows without an actual or a score are left out. Of classes, what was decided wrongly with the highest score is
    furthest.
    """
    rows = explanation.rows
    score, actual, decision = (_numbers(rows, name) for name in ("score", "actual", "decision"))
    wrong = np.where(decision == actual, 1 - score, score)
    off = wrong if explanation.origin.of_class else np.abs(actual - score)
    known = np.flatnonzero(np.isfinite(off) & np.isfinite(actual))
    order = known[np.argsort(-off[known], kind="stable")][:most]
    return tuple(facts_of(rows.slice(int(place), 1)) for place in order)


def _numbers(rows: pa.Table, name: str) -> np.ndarray:
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), np.float64)


def _known(rows: pa.Table, name: str) -> np.ndarray:
    column = _numbers(rows, name)
    return np.where(np.isfinite(column), column, -1.0)
