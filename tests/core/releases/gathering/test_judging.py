from dataclasses import replace
from datetime import date

import pytest

from core.inventory.controls import policy
from core.releases.gates.gate import GATES, GateOutcome
from core.releases.gates.limits import gate_limits
from core.releases.gathering.compared import Unit
from core.releases.gathering.comparing import Comparison
from core.releases.gathering.facts import Handed
from core.releases.gathering.judging import exposure, judged_gates, window_words
from core.releases.gathering.trying import Tried
from core.reviews.calendar import ValidationStanding
from core.reviews.review import ReviewKind
from core.windows import Grain


@pytest.mark.parametrize(
    ("tier", "beside"),
    [(1, ()), (2, ()), (3, ("worst_segment", "fairness")), (4, ("calibration", "worst_segment", "fairness"))],
)
def test_the_tier_says_which_gates_decide(facts, tier: int, beside: tuple[str, ...]):
    held = replace(facts, controls=policy()[tier])
    gates, further = judged_gates(held, Handed(), Comparison(pairs=None), Tried(), empty=(), limits=gate_limits())
    assert {one.gate for one in further} == set(beside)
    assert [one.gate for one in gates] == [gate for gate in GATES if gate not in beside]


def test_without_rows_or_file_no_gate_of_a_comparison_passes(facts):
    gates, further = judged_gates(
        replace(facts, counts={}), Handed(), Comparison(pairs=None), Tried(), empty=(), limits=gate_limits()
    )
    compared = {"performance", "calibration", "worst_segment", "fairness", "robustness", "training_drift", "latency"}
    outcomes = {one.outcome for one in (*gates, *further) if one.gate in compared}
    assert outcomes == {GateOutcome.INCONCLUSIVE}


def test_a_model_that_is_live_with_its_validation_overdue_holds_every_release_up(facts):
    assert facts.validation_duty.kind is ReviewKind.VALIDATION  # it was read from the store
    enough = ValidationStanding(enough=True, review_id=1, why="full validation by Vera")
    found = {}
    for blocks in (True, False):
        duty = replace(facts.validation_duty, blocks=blocks, why="validation overdue since 2026-01-01")
        held = replace(facts, validation=enough, validated_by="Vera", validation_duty=duty)
        gates, _ = judged_gates(held, Handed(), Comparison(pairs=None), Tried(), empty=(), limits=gate_limits())
        found[blocks] = next(one for one in gates if one.gate == "validation")
    assert (found[True].outcome, found[False].outcome) == (GateOutcome.FAILED, GateOutcome.PASSED)
    assert "overdue since 2026-01-01" in found[True].reason


def test_the_drift_of_a_protected_feature_is_judged_and_told_in_hundredths(facts):
    told = {}
    for name, hidden in (("exact", facts), ("protected", replace(facts, protected=(*facts.protected, "income")))):
        gates, _ = judged_gates(hidden, Handed(), Comparison(pairs=None), Tried(), empty=(), limits=gate_limits())
        gate = next(one for one in gates if one.gate == "training_drift")
        told[name] = {one["feature"]: one for one in gate.details["features"]}
    assert told["exact"]["age"] == told["protected"]["age"]
    exact, coarse = (told[name]["income"] for name in ("exact", "protected"))
    numbers = ("psi_excess", "ci_low", "ci_high")
    assert [coarse[one] for one in numbers] == [round(exact[one], 2) for one in numbers]
    assert coarse != exact


def test_a_year_in_shadow_counts_with_its_days(facts):
    schema = replace(facts.challenger.schema, grain=Grain.YEAR)
    units = (Unit(day=date(2016, 1, 1), n_rows=10, n_labelled=10), Unit(day=date(2017, 1, 1), n_rows=5, n_labelled=0))
    assert exposure(replace(facts.challenger, schema=schema, units=units)) == (366 + 365, 15)
    assert exposure(facts.challenger) == (40, 6_000)


def test_a_window_is_named_by_its_ends():
    assert window_words((date(2024, 1, 1), date(2024, 1, 2)), Grain.DAY) == "2024-01-01..2024-01-03"
