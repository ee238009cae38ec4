import pytest

from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from core.releases.gates.training_drift import FeatureShift, training_drift_gate

LIMITS = gate_limits()


def shift(name: str, value: float, *, half: float = 0.02, seasonal: bool = False) -> FeatureShift:
    return FeatureShift(
        feature=name, value=value, low=max(value - half, 0.0), high=value + half, n=5_000, seasonal=seasonal
    )


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(0.05, GateOutcome.PASSED), (0.25, GateOutcome.INCONCLUSIVE), (0.4, GateOutcome.FAILED)],
)
def test_a_feature_is_held_by_the_interval_of_its_psi(value: float, outcome: GateOutcome):
    found = training_drift_gate((shift("income", value), shift("age", 0.0)), "March", LIMITS)
    assert found.outcome is outcome
    assert (found.measure, found.n) == ("PSI excess of income", 5_000)


def test_another_season_is_shown_and_not_judged():
    found = training_drift_gate((shift("temp", 2.0, seasonal=True), shift("age", 0.0)), "March", LIMITS)
    assert (found.outcome, found.measure) == (GateOutcome.PASSED, "PSI excess of age")
    assert found.details["features"][0]["feature"] == "temp"


@pytest.mark.parametrize("shifts", [(), (shift("temp", 0.0, seasonal=True),)])
def test_nothing_to_judge_is_no_answer(shifts: tuple[FeatureShift, ...]):
    assert training_drift_gate(shifts, "", LIMITS).outcome is GateOutcome.INCONCLUSIVE
