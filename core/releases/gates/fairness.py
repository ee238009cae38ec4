"""The gate "fairness": no gap between protected groups grows by the change, on the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.fairness.gaps import FEWEST_EVENTS, FEWEST_ROWS, ODDS_DIFFERENCE, PARITY_DIFFERENCE, difference
from core.profile.group_columns import GroupColumn
from core.profile.groups import group_codes
from core.releases.gates.bootstrap import bootstrap_interval
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.outcome import judged, unanswered, worst
from core.releases.gates.pairs import Pairs, too_few

Floats = NDArray[np.float64]

GATE, MEASURE = "fairness", "gap between protected groups grows by"
SELECTED, CAUGHT, ACCUSED = "selection rate", "true positive rate", "false positive rate"
RATES: Mapping[str, tuple[str, ...]] = {PARITY_DIFFERENCE: (SELECTED,), ODDS_DIFFERENCE: (CAUGHT, ACCUSED)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedGroups:
    """A protected column, and which of its groups may be shown for both versions (`core.fairness.suppression`)."""

    column: GroupColumn
    shown: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapChange:
    """One gap of one protected column in both versions; `reason` says why there is none."""

    column: str
    gap: str
    champion: float
    challenger: float
    low: float
    high: float
    groups: tuple[str, ...]
    n: int
    reason: str = ""

    @property
    def harm(self) -> float:
        """By how much the gap grows."""
        return self.challenger - self.champion

    def as_json(self) -> dict[str, Any]:
        """Return the gap as the evidence holds it."""
        numbers = {"champion": self.champion, "challenger": self.challenger, "ci_low": self.low, "ci_high": self.high}
        told = {name: None if np.isnan(value) else value for name, value in numbers.items()}
        named = {"column": self.column, "gap": self.gap, "groups": list(self.groups), "n": self.n}
        return {**named, **told, "worse_by": None if np.isnan(self.harm) else self.harm, "reason": self.reason}


def gap_changes(pairs: Pairs, protected: Sequence[ProtectedGroups]) -> tuple[GapChange, ...]:
    """Return every gap of every protected column in both versions, on the same rows, with the change's interval.

    Only groups enter that may be shown of both versions, with at least 100 pairs, and 10 in the rate's own
    denominator. The gap is the largest rate less the smallest; of equalized odds the larger gap of the two rates.
    Interval: paired bootstrap of the counts of all groups at once. No count of a group is told.

    References
    ----------
    docs/method/fairness.md; Efron & Tibshirani 1993.
    """
    kept = ~np.isnan(pairs.champion.decision) & ~np.isnan(pairs.challenger.decision)
    return tuple(_gap(pairs, kept, one, gap) for one in protected for gap in RATES)


def _gap(pairs: Pairs, kept: NDArray[np.bool_], one: ProtectedGroups, gap: str) -> GapChange:
    source = pa.table({one.column.source: pairs.rows[one.column.name]})
    codes = np.asarray(group_codes(source, one.column))[kept]
    y = pairs.actual[kept]
    called = [side.decision[kept] for side in (pairs.champion, pairs.challenger)]
    n_rows = np.bincount(codes, minlength=one.column.n)
    large = np.array(one.shown) & (n_rows >= FEWEST_ROWS)
    parts, places, groups = [], [], set()
    for rate in RATES[gap]:
        own = {SELECTED: np.ones(len(y), bool), CAUGHT: y == 1, ACCUSED: y == 0}[rate]
        counted = np.flatnonzero(large & (np.bincount(codes[own], minlength=one.column.n) >= FEWEST_EVENTS))
        groups |= set(counted.tolist())
        inside = [own & (codes == group) for group in counted]
        parts += [mask.astype(np.float64) for mask in inside]
        parts += [mask * called[side] for side in (0, 1) for mask in inside]
        places.append(len(counted))
    if min(places) < 2:
        return _nothing(one, gap, "fewer than two groups are large enough to be compared")
    columns = np.column_stack(parts)
    first, second = gaps_of_sums(columns.sum(axis=0)[None], places)

    def change_of(sums: Floats) -> Floats:
        before, after = gaps_of_sums(sums, places)
        return after - before

    low, high = bootstrap_interval(columns, change_of)
    return GapChange(
        column=one.column.name,
        gap=gap,
        champion=float(first[0]),
        challenger=float(second[0]),
        low=low,
        high=high,
        groups=tuple(one.column.labels[group] for group in sorted(groups)),
        n=int(n_rows[sorted(groups)].sum()),
    )


def gaps_of_sums(sums: Floats, places: Sequence[int]) -> tuple[Floats, Floats]:
    """Return the gap of both versions from sums by group: the largest rate less the smallest, the worse of the rates.

    Parameters
    ----------
    sums : (draws, Σ 3 · places)
        For each rate: the denominators of its groups, then the numerators of the first and of the second version.
    places : groups of each rate

    >>> gaps_of_sums(np.array([[100.0, 100.0, 50.0, 40.0, 50.0, 30.0]]), [2])
    (array([0.1]), array([0.2]))
    """
    found, start = [], 0
    for n in places:
        held = np.maximum(sums[:, start : start + n], 1.0)
        rates = [sums[:, start + (side + 1) * n : start + (side + 2) * n] / held for side in (0, 1)]
        found.append([difference(rate) for rate in rates])
        start += 3 * n
    worst_of = [np.max([gaps[side] for gaps in found], axis=0) for side in (0, 1)]
    return np.round(worst_of[0], 12), np.round(worst_of[1], 12)


def _nothing(one: ProtectedGroups, gap: str, reason: str) -> GapChange:
    nothing = float("nan")
    return GapChange(
        column=one.column.name,
        gap=gap,
        champion=nothing,
        challenger=nothing,
        low=nothing,
        high=nothing,
        groups=(),
        n=0,
        reason=reason,
    )


def fairness_gate(
    pairs: Pairs | None, found: Sequence[GapChange], limits: GateLimits, *, why_not: str = ""
) -> GateResult:
    """Return whether no gap between protected groups is shown to grow by more than the limit.

    Every gap of every column is held to the limit by its interval; the worst is the gate's outcome. A column whose
    groups are too small is no answer: small groups are never judged as equal.

    Parameters
    ----------
    why_not : why nothing is compared: no protected column, not a binary model, nothing may be shown yet
    """
    if pairs is None:
        return unanswered(GATE, MEASURE, "there is no champion to compare with")
    why = why_not or too_few(pairs, limits.pairs)
    if why or not found:
        return unanswered(GATE, MEASURE, why or "no protected column is declared", n=pairs.n)
    judgements = [(one, judged(one.low, one.high, limits.fairness)) for one in found]
    outcome = worst(said for _, said in judgements)
    of_it = [one for one, said in judgements if said is outcome]
    told = max(of_it, key=lambda one: -np.inf if np.isnan(one.high) else one.high)
    has = not np.isnan(told.harm)
    return GateResult(
        gate=GATE,
        outcome=outcome,
        measure=f"{told.gap.replace('_', ' ')} of {told.column} grows by",
        value=told.harm if has else None,
        limit=limits.fairness,
        limit_kind="at most",
        ci_low=told.low if has else None,
        ci_high=told.high if has else None,
        n=told.n,
        reason=told.reason or _reason(outcome, told, len(found)),
        details={"gaps": [{**one.as_json(), "outcome": said.value} for one, said in judgements]},
    )


def _reason(outcome: GateOutcome, told: GapChange, n: int) -> str:
    if outcome is GateOutcome.PASSED:
        return f"none of {n} gaps between groups grows by more than the limit"
    if outcome is GateOutcome.FAILED:
        return f"the gap between the groups of {told.column} grows by more than the limit"
    return f"more rows would tell whether the gap between the groups of {told.column} grows by more than the limit"
