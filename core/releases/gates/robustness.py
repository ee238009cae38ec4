"""The gate "robustness": what the challenger says when a value is missing, at the end of its range, or a little off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.log.schema import ModelSchema
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.outcome import judged, unanswered, worst
from core.stats.intervals import wilson

Floats = NDArray[np.float64]
Ranges = Mapping[str, tuple[float | None, float | None]]

GATE, MEASURE = "robustness", "share of decisions that flip"
PERTURBATION, MISSING, BOUNDARY = "perturbation", "missing", "boundary"
NOISE = 0.01
"""Standard deviation of the perturbation of a number, in its own standard deviations."""
PAST = 0.05
"""How far past an end of its range a number is put, as a share of the range."""
MOVED = 0.1
"""A prediction, or a score without a threshold, is moved when it moves by over this many standard deviations of all."""
SEED = 0
WORDS: Mapping[str, str] = {
    PERTURBATION: "every number moved by a hundredth of its spread",
    MISSING: "one value missing",
    BOUNDARY: "one number a little past an end of its range",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How many of n rows are decided otherwise after one kind of change; `refused` says that the model would not run.

    Attributes
    ----------
    n_off : int
        Answers after the change that are no number, or no probability where the score is one.
    """

    kind: str
    n: int
    n_flipped: int
    n_off: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Rows that are decided twice: `before`, and `after` a change; the very rows where `before` is None."""

    kind: str
    before: pa.Table | None
    after: pa.Table


def variants(rows: pa.Table, schema: ModelSchema, ranges: Ranges) -> tuple[Variant, ...]:
    """Return the rows changed in each way that applies, with the seed 0.

    A perturbation adds N(0, .01 sd) to every numeric feature; a missing value empties one feature of each row, drawn
    evenly; a boundary sets one numeric feature of each row to an end of its declared range (else to the smallest or
    largest of these rows), drawn evenly, and compares that with the same number a twentieth of the range past the end:
    a model may well decide otherwise at an end than in the middle, but not for want of a rule beyond.

    Parameters
    ----------
    ranges : of the contract; an end may be open
    """
    rng = np.random.default_rng(SEED)
    drawn = {name: _numbers(rows, name) for name, feature in schema.features.items() if feature.kind == "numeric"}
    chosen = rng.integers(0, max(len(schema.features), 1), rows.num_rows)
    emptied = {name: _emptied(rows, name, chosen == place) for place, name in enumerate(schema.features)}
    missing = Variant(kind=MISSING, before=None, after=_with(rows, emptied))
    if not drawn:
        return (missing,)
    noise = {
        name: pa.array(values + rng.normal(0, NOISE * _spread(values), len(values))) for name, values in drawn.items()
    }
    chosen, upper = rng.integers(0, len(drawn), rows.num_rows), rng.integers(0, 2, rows.num_rows)
    at_end, past_end = (_at_ends(drawn, ranges, chosen, upper == 1, past=past) for past in (0.0, PAST))
    return (
        Variant(kind=PERTURBATION, before=None, after=_with(rows, noise)),
        missing,
        Variant(kind=BOUNDARY, before=_with(rows, at_end), after=_with(rows, past_end)),
    )


def _at_ends(
    drawn: Mapping[str, Floats], ranges: Ranges, chosen: NDArray[np.int64], upper: NDArray[np.bool_], *, past: float
) -> dict[str, pa.Array]:
    found = {}
    for place, (name, values) in enumerate(drawn.items()):
        low, high = _ends(values, ranges.get(name, (None, None)))
        beyond = past * (high - low)
        found[name] = pa.array(np.where(chosen == place, np.where(upper, high + beyond, low - beyond), values))
    return found


def _numbers(rows: pa.Table, name: str) -> Floats:
    column = rows[name].cast(pa.float64()).combine_chunks()
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _spread(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.std()) if finite.size else 0.0


def _ends(values: Floats, declared: tuple[float | None, float | None]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    return (low if declared[0] is None else declared[0], high if declared[1] is None else declared[1])


def _emptied(rows: pa.Table, name: str, where: NDArray[np.bool_]) -> pa.Array:
    column = rows[name].combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    return pa.array(column.to_pylist(), column.type, mask=where | np.asarray(column.is_null()))


def _with(rows: pa.Table, columns: Mapping[str, pa.Array]) -> pa.Table:
    for name, column in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    return rows


def flips(kind: str, before: Floats, after: Floats, schema: ModelSchema) -> Flips:
    """Return how many rows are decided otherwise: another side of the threshold, another class, a moved prediction.

    A score of two classes without a threshold decides nothing by itself: it is held like a prediction.

    Parameters
    ----------
    before, after : (n,) or (n, K) what the model says; an answer that is no number counts as flipped
    """
    if schema.task == "multiclass":
        flipped = before.argmax(axis=1) != after.argmax(axis=1)
        off = ~np.isfinite(after).all(axis=1)
    elif schema.threshold is None:
        flipped = np.abs(after - before) > MOVED * _spread(before)
        off = ~np.isfinite(after)
    else:
        flipped = (before >= schema.threshold) != (after >= schema.threshold)
        off = ~np.isfinite(after)
    if schema.score_kind == "probability":
        off |= ((after < 0) | (after > 1)).reshape(len(after), -1).any(axis=1)
    return Flips(kind=kind, n=len(before), n_flipped=int((flipped | off).sum()), n_off=int(off.sum()))


def robustness_gate(found: Sequence[Flips], limits: GateLimits, *, why_not: str = "") -> GateResult:
    """Return whether the decisions hold when rows are changed a little: the share that flips, by kind of change.

    Each kind passes when the Wilson interval of its share lies within its limit, fails when it lies beyond, and fails
    when the model refuses such rows or answers with what is no number.

    Parameters
    ----------
    found : empty when the model could not be run
    why_not : why it could not

    References
    ----------
    Wilson 1927; Ribeiro et al. 2020 (perturbation tests of behaviour).
    """
    if not found:
        return unanswered(GATE, MEASURE, why_not or "there is no model file that could be run")
    judgements = [(one, _share(one), _judged(one, limits)) for one in found]
    outcome = worst(said for _, _, said in judgements)
    told, (value, low, high), _ = max(
        (one for one in judgements if one[2] is outcome),
        key=lambda one: one[1][2] / getattr(limits.robustness, one[0].kind),
    )
    return GateResult(
        gate=GATE,
        outcome=outcome,
        measure=f"{MEASURE} with {WORDS[told.kind]}",
        value=None if told.refused else value,
        limit=getattr(limits.robustness, told.kind),
        limit_kind="at most",
        ci_low=None if told.refused else low,
        ci_high=None if told.refused else high,
        n=told.n,
        reason=_reason(outcome, told),
        details={
            "kinds": [
                _document(one, share, said, getattr(limits.robustness, one.kind)) for one, share, said in judgements
            ]
        },
    )


def _share(one: Flips) -> tuple[float, float, float]:
    interval = wilson(one.n_flipped, one.n)
    return one.n_flipped / max(one.n, 1), float(interval.low), float(interval.high)


def _judged(one: Flips, limits: GateLimits) -> GateOutcome:
    if one.refused or one.n_off:
        return GateOutcome.FAILED
    _, low, high = _share(one)
    return judged(low, high, getattr(limits.robustness, one.kind))


def _reason(outcome: GateOutcome, told: Flips) -> str:
    if told.refused:
        return f"with {WORDS[told.kind]} the model cannot be run: {told.refused.rstrip('.')}"
    if told.n_off:
        return f"with {WORDS[told.kind]} {told.n_off:,} of {told.n:,} answers are no usable number"
    share = f"{told.n_flipped:,} of {told.n:,} decisions flip with {WORDS[told.kind]}"
    return share if outcome is not GateOutcome.INCONCLUSIVE else f"{share}; more rows would tell"


def _document(one: Flips, share: tuple[float, float, float], said: GateOutcome, limit: float) -> dict[str, Any]:
    value, low, high = share
    return {"kind": one.kind, "words": WORDS[one.kind], "n": one.n, "flipped": one.n_flipped, "limit": limit} | {
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "outcome": said.value,
        "refused": one.refused,
    }
