import numpy as np
import pytest

from core.releases.gates.calibration import calibration_gate, calibration_of_pairs
from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from tests.core.releases.gates.paired_rows import binary, pairs_of, side

LIMITS = gate_limits()


def steepened(n: int, slope: float, seed: int = 0):
    """Return a calibrated champion and a challenger whose logit is stretched."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1.2, n)
    chance = 1 / (1 + np.exp(-logit))
    return pairs_of(rng.random(n) < chance, side(chance), side(1 / (1 + np.exp(-slope * logit))))


def test_ten_equal_groups_by_hand():
    score = np.repeat(np.linspace(0.05, 0.95, 10), 200)
    y = np.tile(np.repeat([1.0, 0.0], 100), 10)  # half of every group happens
    found = calibration_of_pairs(pairs_of(y, side(score), side(np.full(2_000, 0.5))))
    squares = np.mean((np.linspace(0.05, 0.95, 10) - 0.5) ** 2) - 0.25 / 199  # less what chance adds
    assert [one["observed"] for one in found.points["champion"]] == [0.5] * 10
    assert found.champion == pytest.approx(np.sqrt(squares), abs=1e-4)
    assert found.challenger == 0.0


def test_an_overconfident_challenger_fails():
    pairs = steepened(20_000, 2.0)
    found = calibration_gate(pairs, calibration_of_pairs(pairs), LIMITS)
    assert found.outcome is GateOutcome.FAILED
    assert found.ci_low > LIMITS.calibration


def test_an_equally_calibrated_challenger_passes():
    pairs = binary(20_000, noise=0.0)
    found = calibration_gate(pairs, calibration_of_pairs(pairs), LIMITS)
    assert (found.outcome, found.value) == (GateOutcome.PASSED, 0.0)


def test_a_pass_is_never_told_as_nothing_added():
    pairs = steepened(40_000, 1.2)
    found = calibration_gate(pairs, calibration_of_pairs(pairs), LIMITS)
    assert found.outcome is GateOutcome.PASSED
    assert found.ci_low > 0
    assert "not further from what happens than the limit allows" in found.reason


def test_a_score_of_exactly_0_or_1_that_comes_true_counts_with_its_group():
    rng = np.random.default_rng(1)
    day, score = np.repeat(np.arange(20), 200), np.repeat([[0.0, 1.0]], 2_000, axis=0).ravel()
    actual = np.where(rng.random(4_000) < 0.3 * (day % 2), 1 - score, score)  # every second day goes wrong
    champion = side(rng.random(4_000))
    told = [
        calibration_of_pairs(pairs_of(actual, champion, side(one), unit=day)).widened
        for one in (score, np.clip(score, 1e-9, 1 - 1e-9))
    ]
    assert told[0] == pytest.approx(told[1], rel=1e-6)


def test_the_interval_covers_the_true_growth():
    truth = calibration_of_pairs(steepened(200_000, 1.6, seed=99)).harm
    inside = []
    for seed in range(60):
        found = calibration_of_pairs(steepened(3_000, 1.6, seed=seed))
        inside.append(found.low <= truth <= found.high)
    assert 0.90 <= np.mean(inside) <= 1.0


@pytest.mark.parametrize("why", ["a regression has no probability to calibrate"])
def test_what_has_no_probability_is_no_answer(why: str):
    pairs = binary(4_000)
    found = calibration_gate(pairs, None, LIMITS, why_not=why)
    assert (found.outcome, found.reason) == (GateOutcome.INCONCLUSIVE, why)


def test_too_few_pairs_are_no_answer():
    pairs = binary(500)
    assert calibration_gate(pairs, None, LIMITS).reason.endswith("score the challenger in shadow")
