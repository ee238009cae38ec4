from core.releases.gates.changes import changes
from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from core.releases.gates.performance import performance_gate
from tests.core.releases.gates.paired_rows import binary
from tests.core.releases.gates.test_changes import VALUE

LIMITS = gate_limits()


def gate(noise: float, n: int = 40_000):
    pairs = binary(n, noise=noise)
    return performance_gate(pairs, changes(pairs, probability=True, value=None), LIMITS)


def test_a_challenger_as_good_as_the_champion_passes_with_interval_limit_and_n():
    found = gate(0.02)
    assert found.outcome is GateOutcome.PASSED
    assert found.ci_low <= found.value <= found.ci_high <= found.limit
    assert found.n == 40_000


def test_a_much_worse_challenger_fails_and_the_worst_metric_is_named():
    found = gate(1.5)
    assert found.outcome is GateOutcome.FAILED
    assert found.ci_low > found.limit
    assert "worse" in found.measure


def test_few_pairs_of_a_slightly_worse_challenger_are_no_answer():
    assert gate(0.15, n=1_500).outcome is GateOutcome.INCONCLUSIVE


def test_too_few_pairs_say_score_the_challenger_in_shadow():
    found = gate(0.0, n=900)
    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert found.reason.endswith("score the challenger in shadow")
    assert (found.n, found.value) == (900, None)


def test_without_a_champion_there_is_no_answer():
    assert performance_gate(None, (), LIMITS).outcome is GateOutcome.INCONCLUSIVE


def test_every_metric_of_the_task_stands_in_the_details_with_its_method():
    told = gate(0.1).details["metrics"]
    assert {one["metric"] for one in told} == {"roc_auc", "log_loss", "brier_score", "accuracy", "f1"}
    assert all(one["method"] and one["limit"] > 0 for one in told)


def test_where_money_is_declared_decisions_are_judged_by_their_worth():
    pairs = binary(noise=0.1)
    found = performance_gate(pairs, changes(pairs, probability=True, value=VALUE), LIMITS)
    assert {one["metric"] for one in found.details["metrics"]} == {"roc_auc", "log_loss", "brier_score", "net_value"}
