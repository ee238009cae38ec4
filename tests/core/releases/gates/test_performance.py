import numpy as np
import pytest

from core.releases.gates.changes import changes
from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from core.releases.gates.performance import performance_gate
from tests.core.releases.gates.paired_rows import binary, pairs_of, side
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


def test_a_metric_that_few_pairs_can_tell_is_no_answer_however_narrow_its_interval():
    pairs = binary(40_000, noise=0.02)
    pairs.challenger.decision[999:] = np.nan
    found = performance_gate(pairs, changes(pairs, probability=True, value=None), LIMITS)
    told = {one["metric"]: one["outcome"] for one in found.details["metrics"]}
    assert (told["roc_auc"], told["accuracy"]) == ("pass", "inconclusive")
    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert "999 pairs hold what it needs, 1,000 are needed" in found.reason


def test_the_same_scores_pass_and_it_is_said_that_they_are_the_same():
    found = gate(0.0, n=5_000)
    assert (found.outcome, found.value) == (GateOutcome.PASSED, 0.0)
    assert found.ci_low < 0 < found.ci_high  # accuracy: as many discordant pairs as may have been missed
    assert "the same score" in found.reason
    assert "the same score" not in gate(0.02).reason


@pytest.mark.parametrize("constant", [0.0, 0.3, 1.0])
def test_a_constant_score_is_judged_by_what_it_loses(constant: float):
    pairs = binary(5_000)
    flat = pairs_of(pairs.actual, pairs.champion, side(np.full(5_000, constant)))
    both = pairs_of(pairs.actual, flat.challenger, flat.challenger)
    outcomes = [
        performance_gate(one, changes(one, probability=True, value=None), LIMITS).outcome for one in (flat, both)
    ]
    assert outcomes == [GateOutcome.FAILED, GateOutcome.PASSED]


def test_rows_that_err_together_are_no_pass_though_each_by_itself_would_be():
    rng = np.random.default_rng(5)
    day = np.repeat(np.arange(40), 1_000)
    weather = rng.normal(size=40)
    logit = rng.normal(0, 1.2, 40_000) + weather[day]
    ours, theirs = (1 / (1 + np.exp(-(logit + 0.5 * rng.normal(size=40)[day]))) for _ in range(2))
    actual = rng.random(40_000) < 1 / (1 + np.exp(-logit))
    alone, together = (
        performance_gate(pairs, changes(pairs, probability=True, value=None), LIMITS)
        for pairs in (pairs_of(actual, side(ours), side(theirs), unit=unit) for unit in (None, day))
    )
    assert (alone.outcome, together.outcome) == (GateOutcome.PASSED, GateOutcome.INCONCLUSIVE)
    assert "fewer than 14 windows do not tell" in alone.reason
    assert "rows of one window err together" in together.reason
