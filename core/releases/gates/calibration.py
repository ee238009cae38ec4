"""The gate "calibration": the challenger's probabilities are not further from what happens than the champion's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calibration.groups import Groups, equal_mass
from core.calibration.score_bins import ScoreBins
from core.releases.gates.bootstrap import bootstrap_interval
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.outcome import judged, unanswered
from core.releases.gates.pairs import Pairs, Side, too_few
from core.releases.gates.units import widened, widening

Floats = NDArray[np.float64]

GATE, MEASURE = "calibration", "calibration error that is added"
N_BINS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationChange:
    """The calibration errors of both versions on the same rows, and how much the error grows.

    Attributes
    ----------
    champion, challenger : float
        Root mean square of ȳ - p̄ over ten groups of equal mass, without what chance adds.
    harm, low, high : float
        The error that is added, √(c₂² - c₁²), with its 95 % interval; below 0 as much is taken away.
    widened : float
        Factor of the interval of independent rows, on the squares; see `core.releases.gates.units`.
    points : mapping of version to the groups: mean score, share that happened, rows
    """

    champion: float
    challenger: float
    harm: float
    low: float
    high: float
    n: int
    widened: float
    points: Mapping[str, list[dict[str, float]]]


def calibration_of_pairs(pairs: Pairs) -> CalibrationChange:
    """Return both calibration errors of the pairs and the interval of their difference.

    Of several classes the score is that of the decided class, and "happened" says that it was the right one. Each
    side has its own ten groups of equal mass. Σ w(d² - v), d = ȳ - p̄ and v = r(1 - r)/(n_g - 1), is unbiased for the
    squared error at any n; Σ w|d| is not, which would make a challenger of a calibrated champion look better than it
    is. The difference of the squares has a paired bootstrap interval, centred by taking v out twice (a drawn d² is
    larger by v once more). Value and ends are told on the scale of the error, as the error that is added. Where both
    errors are near 0 the interval is too wide, never too narrow.

    References
    ----------
    Bröcker 2012 (bias of the reliability term); Kumar, Liang & Ma 2019 (debiased squared error).
    """
    sides = (pairs.champion, pairs.challenger)
    before, after = (_one(_happened(pairs, side), side.score) for side in sides)

    def grown(sums: Floats) -> Floats:
        return after.squares_of(sums[:, len(before.n) :]) - before.squares_of(sums[:, : len(before.n)])

    apart, factor = after.squared - before.squared, widening(after.influence - before.influence, pairs.unit)
    drawn = bootstrap_interval(np.column_stack([before.residuals, after.residuals]), grown)
    champion, challenger = (float(np.sqrt(max(one.squared, 0.0))) for one in (before, after))
    harm, low, high = (_signed_root(square) for square in (apart, *widened(apart, *drawn, factor)))
    return CalibrationChange(
        champion=champion,
        challenger=challenger,
        harm=harm,
        low=low,
        high=high,
        n=pairs.n,
        widened=factor,
        points={"champion": before.points, "challenger": after.points},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One side in its groups: n and v by group, the group of each row, and its y - p in the column of that group."""

    n: Floats
    v: Floats
    group: NDArray[np.int64]
    residuals: Floats
    points: list[dict[str, float]]

    def squares_of(self, sums: Floats) -> Floats:
        """Return Σ w(d² - 2v) of drawn sums of y - p by group, (draws, G)."""
        weight = self.n / self.n.sum()
        return np.asarray(((sums / self.n) ** 2 - 2 * self.v) @ weight)

    @property
    def influence(self) -> Floats:
        """What each row adds to Σ w d² to first order: 2d(y - p - d)/n with the d of its group."""
        own = (self.residuals.sum(axis=0) / self.n)[self.group]
        return np.asarray(2 * own * (self.residuals.sum(axis=1) - own) / len(own))

    @property
    def squared(self) -> float:
        """Σ w(d² - v) of the rows as they are; below 0 by chance where the error is 0."""
        apart = self.residuals.sum(axis=0) / self.n
        return float((apart**2 - self.v) @ (self.n / self.n.sum()))


def _signed_root(square: float) -> float:
    return float(np.sign(square) * np.sqrt(abs(square)))


def _happened(pairs: Pairs, side: Side) -> Floats:
    return (side.decision == pairs.actual).astype(np.float64) if pairs.task == "multiclass" else pairs.actual


def _one(y: Floats, p: Floats) -> _Side:
    ends = np.unique(np.quantile(p, np.arange(1, N_BINS + 1) / N_BINS))
    place = np.minimum(np.searchsorted(ends, p, side="left"), len(ends) - 1)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(place, values, len(ends)), np.float64)

    bins = ScoreBins(
        upper=ends,
        n=summed(np.ones_like(p)),
        events=summed(y),
        sum_p=summed(p),
        sum_pp=summed(p * p),
        sum_py=summed(p * y),
        error=np.zeros(len(ends)),
    )
    groups = equal_mass(bins)
    held = np.flatnonzero(groups.n > 0)
    group = np.minimum(np.searchsorted(_right_ends(groups)[held], p, side="left"), len(held) - 1)
    residuals = np.zeros((len(p), len(held)))
    residuals[np.arange(len(p)), group] = y - p
    rate = (groups.events + 0.5) / (groups.n + 1)
    return _Side(
        n=groups.n[held],
        v=(rate * (1 - rate) / np.maximum(groups.n - 1, 1))[held],
        group=group,
        residuals=residuals,
        points=[
            {"mean_score": float(mean), "observed": float(share), "n": float(n)}
            for mean, share, n in zip(groups.mean_score[held], groups.observed[held], groups.n[held], strict=True)
        ],
    )


def _right_ends(groups: Groups) -> Floats:
    """Return the right ends of the groups; NaN where one is empty."""
    return groups.high


def calibration_gate(
    pairs: Pairs | None, found: CalibrationChange | None, limits: GateLimits, *, why_not: str = ""
) -> GateResult:
    """Return whether the calibration error is shown not to grow by more than the limit.

    Parameters
    ----------
    why_not : why calibration means nothing here (a regression, a ranking score); then there is no answer

    References
    ----------
    Bröcker 2012; Kumar, Liang & Ma 2019; docs/method/calibration.md.
    """
    if pairs is None:
        return unanswered(GATE, MEASURE, "there is no champion to compare with")
    why = why_not or too_few(pairs, limits.pairs)
    if why or found is None:
        return unanswered(GATE, MEASURE, why or "no pair has both scores", n=pairs.n)
    outcome = judged(found.low, found.high, limits.calibration)
    return GateResult(
        gate=GATE,
        outcome=outcome,
        measure=MEASURE,
        value=found.harm,
        limit=limits.calibration,
        limit_kind="at most",
        ci_low=found.low,
        ci_high=found.high,
        n=found.n,
        reason=_reason(outcome, found),
        details=_details(found),
    )


def _reason(outcome: GateOutcome, found: CalibrationChange) -> str:
    told = f"{found.champion:.3f} of the champion, {found.challenger:.3f} of the challenger"
    if outcome is GateOutcome.PASSED:
        return f"the probabilities are not further from what happens than the limit allows: {told}"
    if outcome is GateOutcome.FAILED:
        return f"the probabilities are further from what happens than the limit allows: {told}"
    return f"more pairs would tell: {told}"


def _details(found: CalibrationChange) -> dict[str, Any]:
    numbers = {"champion": found.champion, "challenger": found.challenger, "widened": found.widened}
    return {**numbers, "points": dict(found.points)}
