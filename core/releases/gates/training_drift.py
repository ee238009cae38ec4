"""The gate "training drift": what the challenger was trained on still looks like what it is asked now."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.drift.feature import feature_drift
from core.errors import CoreError
from core.profile.bins import Floats, Ints
from core.profile.layout import Layout
from core.profile.profile import feature_counts
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.outcome import judged, unanswered, worst

GATE, MEASURE = "training_drift", "PSI excess of a feature"
FEWEST_NOW, FEWEST_BEFORE = 50, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureShift:
    """PSI excess of one feature between the challenger's reference and the rows it is scored on now."""

    feature: str
    value: float
    low: float
    high: float
    n: int
    seasonal: bool

    def as_json(self) -> dict[str, Any]:
        """Return the shift as the evidence holds it."""
        numbers = {"psi_excess": self.value, "ci_low": self.low, "ci_high": self.high, "n": self.n}
        return {"feature": self.feature, **numbers, "seasonal": self.seasonal}


def feature_shifts(
    layout: Layout,
    reference: tuple[Ints, Floats],
    now: tuple[Ints, Floats],
    *,
    seasonal: Collection[str] = (),
    protected: Collection[str] = (),
) -> tuple[FeatureShift, ...]:
    """Return the shift of every declared feature, the largest first, from packed profiles alone.

    Parameters
    ----------
    reference, now : integer and float vector of the reference and of the window
    seasonal : features that are expected to differ by the time of the year
    protected : features told in whole hundredths: a distance at full precision has one solution in counts of groups
    """
    found = []
    for name in layout.binning.declared:
        before, after = (feature_counts(layout, ints, floats, name) for ints, floats in (reference, now))
        try:
            drift = feature_drift(layout.binning.features[name], before, after)
        except CoreError:
            continue
        if int(drift.n) < FEWEST_NOW or int(drift.m) < FEWEST_BEFORE:
            continue
        ends = drift.psi_excess_ci
        value, low, high = (
            round(float(one), 2) + 0.0 if name in protected else float(one)  # -0.0 is 0.0
            for one in (drift.psi_excess, ends.low, ends.high)
        )
        found.append(
            FeatureShift(
                feature=name,
                value=value,
                low=low,
                high=high,
                n=int(drift.n),
                seasonal=name in seasonal,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.value))


def training_drift_gate(found: tuple[FeatureShift, ...], window: str, limits: GateLimits) -> GateResult:
    """Return whether no feature has moved away from the challenger's training by more than the limit.

    Each feature is held by the 95 % interval of its PSI excess. One that is marked seasonal is shown and not judged:
    another season is no other population.

    Parameters
    ----------
    window : the rows of now, in unit labels

    References
    ----------
    Yurdakul & Naranjo 2020; docs/method/drift.md.
    """
    counted = [one for one in found if not one.seasonal]
    if not counted:
        why = (
            "too few rows of the challenger to compare with its training" if not found else "every feature is seasonal"
        )
        return unanswered(GATE, MEASURE, why)
    outcomes = {one.feature: judged(one.low, one.high, limits.training_drift) for one in counted}
    outcome = worst(outcomes.values())
    told = next(one for one in counted if outcomes[one.feature] is outcome)
    n_over = sum(said is GateOutcome.FAILED for said in outcomes.values())
    if outcome is GateOutcome.FAILED:
        reason = f"{n_over} of {len(counted)} features moved away from training, led by {told.feature} ({window})"
    elif outcome is GateOutcome.PASSED:
        reason = f"none of {len(counted)} features moved away from training by more than the limit ({window})"
    else:
        reason = f"more rows would tell whether {told.feature} moved away from training ({window})"
    return GateResult(
        gate=GATE,
        outcome=outcome,
        measure=f"PSI excess of {told.feature}",
        value=told.value,
        limit=limits.training_drift,
        limit_kind="at most",
        ci_low=told.low,
        ci_high=told.high,
        n=told.n,
        reason=reason,
        details={"window": window, "features": [one.as_json() for one in found]},
    )
