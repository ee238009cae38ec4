"""The nearest rows that the model would decide otherwise: an own search over values that the reference holds.

Greedy with a beam, then coordinate refinement. Every single change to a quantile or level of the reference is tried;
the most promising ones are combined up to three changed features; what crosses is then shrunk: a change that is not
needed is taken back, and each number is moved back towards the row on nested grids as long as the answer stands.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain.usual import Usual, rows_of
from core.explain.what_if import Range, Value
from core.explain.wording import number
from core.log.schema import ModelSchema

Floats = NDArray[np.float64]
Row = Mapping[str, Value]
Predict = Callable[[pa.Table], Floats]

METHOD = "greedy search over reference quantiles and levels, then coordinate refinement (Watchroom's own)"
MOST_CHANGED = 3
BEAM, KEPT, SHOWN = 20, 12, 3
SAME_FEATURES = 2
"""Crossing changes of one set of features that are refined."""
GRIDS, SHARES = 2, tuple(np.linspace(0, 1, 17)[1:-1].tolist())
"""Grids between the row's value and one that does: each cuts the distance into 16."""
RAREST = 0.01
"""Share of the reference below which a level is not proposed."""
FEWEST_MOVE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a prediction must lie to count: at or above `level` (`above`), else below it."""

    level: float
    above: bool

    def met(self, predictions: Floats) -> NDArray[np.bool_]:
        """Return which predictions do, as `decision = score >= threshold` has it."""
        return predictions >= self.level if self.above else predictions < self.level

    def missing(self, predictions: Floats) -> Floats:
        """Return how far each prediction still is from it; 0 or below where it is met."""
        return self.level - predictions if self.above else predictions - self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """A row that the model decides otherwise.

    Attributes
    ----------
    changes : mapping of feature to its new value
    distance : float > 0
        Σ over changed features of |new - old| / (95 % - 5 % quantile of the reference), 1 for a category (Gower).
    prediction : float
    """

    changes: Mapping[str, Value]
    distance: float
    prediction: float

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"changes": dict(self.changes), "distance": self.distance, "prediction": self.prediction}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactuals:
    """What the search found.

    Attributes
    ----------
    found : tuple of Counterfactual
        Nearest first, at most three, each with another set of changed features.
    reason : str
        Why there is none; empty otherwise.
    tried : int
        Rows that the model was asked for.
    """

    target: Target
    found: tuple[Counterfactual, ...]
    changeable: tuple[str, ...]
    reason: str
    tried: int

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "target": {"level": self.target.level, "above": self.target.above},
            "found": [one.document() for one in self.found],
            "changeable": list(self.changeable),
            "reason": self.reason,
            "tried": self.tried,
        }


def counterfactuals_of(document: Mapping[str, Any]) -> Counterfactuals:
    """Return what `Counterfactuals.document` wrote."""
    return Counterfactuals(
        target=Target(**document["target"]),
        found=tuple(Counterfactual(**one) for one in document["found"]),
        changeable=tuple(document["changeable"]),
        reason=document["reason"],
        tried=int(document["tried"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search knows: the row, what may change to what, and the model."""

    row: Row
    schema: ModelSchema
    usual: Mapping[str, Usual]
    options: Mapping[str, tuple[Value, ...]]
    target: Target
    predict: Predict

    def asked(self, changes: Sequence[Row]) -> Floats:
        """Return the predictions of the row with each of the changes."""
        return self.predict(rows_of([{**self.row, **one} for one in changes], self.schema))

    def distance(self, changes: Row) -> float:
        """Return how far the changed row is; see `Counterfactual`."""
        return sum(self._step(name, value) for name, value in changes.items())

    def _step(self, name: str, value: Value) -> float:
        old = self.row[name]
        if isinstance(value, float) and isinstance(old, float):
            return abs(value - old) / self.usual[name].width
        return 1.0


def nearest(
    row: Row,
    *,
    schema: ModelSchema,
    usual: Mapping[str, Usual],
    allowed: Mapping[str, Range],
    target: Target,
    predict: Predict,
) -> Counterfactuals:
    """Return the nearest rows found whose prediction meets the target.

    A feature that is `immutable`, protected or a proxy never changes, and none becomes missing. Where the model is
    declared `monotone` in a feature, it moves only in the direction in which the prediction goes to the target. At
    most three features change. A search, no proof: a nearer row may exist.

    Parameters
    ----------
    row : values by feature, the protected ones too: they are needed to predict, and stay
    usual : of the reference
    allowed : ranges of the features that may be shown, as `core.explain.what_if.ranges` gives them
    predict : function of a table of rows to their predictions (n,)
    """
    options = _options(row, schema, usual, allowed, above=target.above)
    search = Search(row=row, schema=schema, usual=usual, options=options, target=target, predict=predict)
    crossing, tried = _searched(search) if options else ([], 0)
    refined = [_refined(search, one) for one in crossing]
    tried += sum(n for _, n in refined)
    found = _distinct(search, [one for one, _ in refined])
    return Counterfactuals(
        target=target,
        found=found,
        changeable=tuple(options),
        reason="" if found else _why_none(options, target),
        tried=tried,
    )


def _why_none(options: Collection[str], target: Target) -> str:
    if not options:
        return "no feature of this row may change: all are immutable, protected or at the only value there is"
    side = "at or above" if target.above else "below"
    return (
        f"no counterfactual within {MOST_CHANGED} changed features and the reference's 5 % to 95 % range has a "
        f"prediction {side} {number(target.level)}"
    )


def _options(
    row: Row, schema: ModelSchema, usual: Mapping[str, Usual], allowed: Mapping[str, Range], *, above: bool
) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {}
    for name, feature in schema.features.items():
        if feature.immutable or name not in allowed:
            continue
        old, limits = row[name], allowed[name]
        if not limits.numeric:
            levels = [level for level, share in usual[name].levels if share >= RAREST and level != old]
            values: list[Value] = [level for level in levels if not limits.levels or level in limits.levels]
        else:
            values = [one for one in _numbers(usual[name], limits) if one != old]
            if feature.monotone and isinstance(old, float):
                upward = (feature.monotone == "increasing") is above
                values = [one for one in values if isinstance(one, float) and (one > old) is upward]
        if values:
            found[name] = tuple(values)
    return found


def _numbers(held: Usual, limits: Range) -> list[float]:
    low = -np.inf if limits.low is None else limits.low
    high = np.inf if limits.high is None else limits.high
    return sorted({one for one in held.quantiles[1:-1] if low <= one <= high})


def _searched(search: Search) -> tuple[list[Row], int]:
    """Return changes that meet the target, and how many were tried: one change, then the best ones with another."""
    crossing: list[Row] = []
    beam: list[Row] = [{}]
    tried = 0
    for _ in range(MOST_CHANGED):
        trials = [
            {**one, name: value}
            for one in beam
            for name, values in search.options.items()
            if name not in one
            for value in values
        ]
        unique = list({tuple(sorted(one.items(), key=lambda item: item[0])): one for one in trials}.values())
        if not unique:
            break
        answers = search.asked(unique)
        tried += len(unique)
        met = search.target.met(answers)
        crossing += [one for one, is_met in zip(unique, met, strict=True) if is_met]
        beam = _beam(search, [one for one, is_met in zip(unique, met, strict=True) if not is_met], answers[~met])
    return _worth_refining(search, crossing), tried


def _worth_refining(search: Search, crossing: Sequence[Row]) -> list[Row]:
    """Return the nearest changes that cross, at most two of one set of features."""
    kept: list[Row] = []
    for one in sorted(crossing, key=search.distance):
        if sum(set(held) == set(one) for held in kept) < SAME_FEATURES:
            kept.append(one)
        if len(kept) == KEPT:
            break
    return kept


def _beam(search: Search, changes: Sequence[Row], answers: Floats) -> list[Row]:
    """Return the changes to go on from: half those nearest to the target, half those that gain most a step."""
    if not changes:
        return []
    missing = search.target.missing(answers)
    start = float(search.target.missing(search.asked([{}]))[0])
    steps = np.array([search.distance(one) for one in changes]) + FEWEST_MOVE
    nearest_first = np.argsort(missing, kind="stable")[: BEAM // 2]
    cheapest_first = np.argsort(-(start - missing) / steps, kind="stable")[: BEAM // 2]
    return [changes[place] for place in dict.fromkeys([*nearest_first.tolist(), *cheapest_first.tolist()])]


def _refined(search: Search, changes: Row) -> tuple[Row, int]:
    """Return smaller changes that still meet the target, and how many rows were tried."""
    current, tried = dict(changes), 0
    for name in sorted(changes, key=lambda one: -search.distance({one: changes[one]})):
        without = {one: value for one, value in current.items() if one != name}
        if without:
            tried += 1
            if bool(search.target.met(search.asked([without]))[0]):
                current = without
                continue
        old, new = search.row[name], current[name]
        if isinstance(old, float) and isinstance(new, float):
            current[name], n = _shrunk(search, current, name, old)
            tried += n
    return current, tried


def _shrunk(search: Search, current: Row, name: str, old: float) -> tuple[float, int]:
    """Return the value nearest to `old` of two nested grids with which the target is still met, and rows tried.

    The model is asked once a grid: a question costs more than a row.
    """
    whole, best, tried = search.usual[name].whole, current[name], 0
    assert isinstance(best, float)
    near = old
    for _ in range(GRIDS):
        steps = [near + share * (best - near) for share in SHARES]
        trials = sorted({_rounded(one, whole=whole, up=best > old) for one in steps} - {best, old, near})
        trials.sort(key=lambda one: abs(one - old))
        if not trials:
            break
        tried += len(trials)
        met = search.target.met(search.asked([{**current, name: one} for one in trials]))
        first = int(np.argmax(met)) if met.any() else len(trials)
        near = trials[first - 1] if first else near
        best = trials[first] if first < len(trials) else best
    return best, tried


def _rounded(value: float, *, whole: bool, up: bool) -> float:
    """Return a value of the feature's own kind: whole where all are, else with four digits that count."""
    if whole:
        return float(np.ceil(value) if up else np.floor(value))
    return float(f"{value:.4g}")


def _distinct(search: Search, changes: Sequence[Row]) -> tuple[Counterfactual, ...]:
    """Return the nearest of each set of changed features, no set that holds another one found."""
    kept: list[Row] = []
    for one in sorted(changes, key=search.distance):
        if not any(set(held) <= set(one) for held in kept):
            kept.append(one)
    kept = kept[:SHOWN]
    if not kept:
        return ()
    answers = search.asked(kept)
    return tuple(
        Counterfactual(changes=dict(one), distance=search.distance(one), prediction=float(answer))
        for one, answer in zip(kept, answers, strict=True)
    )
