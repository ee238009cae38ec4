"""The gate "fairness": no gap between protected groups grows by the change, on the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.fairness.gaps import FEWEST_EVENTS, FEWEST_ROWS, ODDS_DIFFERENCE, PARITY_DIFFERENCE
from core.profile.group_columns import GroupColumn
from core.profile.groups import group_codes
from core.releases.gates.gap_growth import gap_growth
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.outcome import judged, unanswered, worst
from core.releases.gates.pairs import Pairs, too_few
from core.releases.gates.units import widening

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
    Interval: see `core.releases.gates.gap_growth`, widened by what units do to all rates together. No count of a
    group is told.

    References
    ----------
    docs/method/fairness.md; Agresti & Min 2005.
    """
    kept = ~np.isnan(pairs.champion.decision) & ~np.isnan(pairs.challenger.decision)
    return tuple(_gap(pairs, kept, one, gap) for one in protected for gap in RATES)


def _gap(pairs: Pairs, kept: NDArray[np.bool_], one: ProtectedGroups, gap: str) -> GapChange:
    source = pa.table({one.column.source: pairs.rows[one.column.name]})
    codes = np.asarray(group_codes(source, one.column))[kept]
    y = pairs.actual[kept]
    called = 2 * pairs.champion.decision[kept].astype(np.int64) + pairs.challenger.decision[kept].astype(np.int64)
    n_rows = np.bincount(codes, minlength=one.column.n)
    large = np.array(one.shown) & (n_rows >= FEWEST_ROWS)
    counts, groups, rows = [], set(), []
    for rate in RATES[gap]:
        own = {SELECTED: np.ones(len(y), bool), CAUGHT: y == 1, ACCUSED: y == 0}[rate]
        cells = np.bincount(4 * codes[own] + called[own], minlength=4 * one.column.n).reshape(-1, 4)
        counted = np.flatnonzero(large & (cells.sum(axis=1) >= FEWEST_EVENTS))
        groups |= set(counted.tolist())
        counts.append(cells[counted].astype(np.float64))
        rows += [_influence(called, own & (codes == group)) for group in counted]
    if min(len(held) for held in counts) < 2:
        return _nothing(one, gap, "fewer than two groups are large enough to be compared")
    found = gap_growth(counts, widened=widening(np.hstack(rows), pairs.unit[kept]))
    return GapChange(
        column=one.column.name,
        gap=gap,
        champion=found.first,
        challenger=found.second,
        low=found.low,
        high=found.high,
        groups=tuple(one.column.labels[group] for group in sorted(groups)),
        n=int(n_rows[sorted(groups)].sum()),
    )


def _influence(called: NDArray[np.int64], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what each row adds to the rates of both versions in one group, (n, 2)."""
    both = np.column_stack([called // 2, called % 2])[inside]
    influence = np.zeros((len(called), 2))
    influence[inside] = (both - both.mean(axis=0)) / len(both)
    return influence


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
