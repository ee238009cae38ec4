from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.checks.limits import load_limits
from core.checks.serving_change import TRAINING, LatencyBefore, change_verdict
from core.performance.estimates import estimate
from core.profile.flags import latency_places
from core.serving.latency import latency_quantile
from core.states import State
from core.windows import Grain, Window

LIMITS = load_limits()
LIMIT, RULES = LIMITS["latency_p95_change"], LIMITS.rules
WINDOW = Window(date(2024, 3, 1), date(2024, 3, 2))


def p95(values):
    found = latency_quantile(np.stack([latency_places(one) for one in values]), 0.95)
    reason = np.where(found.n > 0, "", "not applicable: the latency is empty in every row")
    return found, estimate(
        "latency_p95", found.value, found.interval, n=found.n.astype(float), reason=reason, error=found.log_error
    )


def training(rng, units=20, size=400):
    days = [rng.lognormal(np.log(80), 0.4, size) for _ in range(units)]
    whole = latency_quantile(latency_places(np.concatenate(days)), 0.95)
    return LatencyBefore.of_training(whole, p95(days)[1]).at(0)


def verdict(now, before):
    return change_verdict(LIMIT, p95([now])[1].at(0), before, WINDOW, RULES)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize(
    ("factor", "state"), [(1.0, State.HEALTHY), (1.4, State.WARNING), (1.9, State.CRITICAL), (0.5, State.HEALTHY)]
)
def test_longer_by_a_quarter_warns_by_half_is_critical_and_shorter_is_no_finding(rng, factor, state):
    found = verdict(factor * rng.lognormal(np.log(80), 0.4, 3_000), training(rng))
    assert found.raw_state is state
    assert found.value == pytest.approx(factor - 1, abs=0.1)
    assert found.ci_low < found.value < found.ci_high
    assert TRAINING in found.reason


def test_days_that_wander_widen_the_noise(rng):
    steady = training(rng)
    days = [rng.lognormal(np.log(80 * level), 0.4, 400) for level in np.exp(rng.normal(0, 0.3, 20))]
    whole = latency_quantile(latency_places(np.concatenate(days)), 0.95)
    wandering = LatencyBefore.of_training(whole, p95(days)[1]).at(0)
    assert wandering.tau_squared == pytest.approx(0.09, rel=0.6)
    assert steady.tau_squared < 0.01
    now = 1.4 * rng.lognormal(np.log(80), 0.4, 3_000)
    assert verdict(now, wandering).raw_state is State.HEALTHY


def test_one_undated_unit_leaves_the_noise_unknown_and_says_so(rng):
    alone = training(rng, units=1, size=8_000)
    assert np.isnan(alone.tau_squared)
    now = rng.lognormal(np.log(80), 0.4, 3_000)
    assert "day-to-day variation unknown" in verdict(now, alone).reason
    sliced = change_verdict(LIMIT, p95([now])[1].at(0), alone, WINDOW, RULES, grain=Grain.BATCH)
    assert "slice-to-slice variation unknown" in sliced.reason


def test_too_little_to_compare_is_not_applicable(rng):
    before = training(rng)
    assert "fewer than 100 requests" in verdict(np.full(50, 80.0), before).reason
    assert "empty in every row" in verdict(np.empty(0), before).reason
    few = replace(before, n=np.int64(20))
    assert "fewer than 500 requests" in verdict(np.full(900, 80.0), few).reason


def test_expected_false_alarms_fall_with_the_noise(rng):
    now = rng.lognormal(np.log(80), 0.4, 3_000)
    quiet = verdict(now, training(rng)).false_alarms_month
    noisy = verdict(now, replace(training(rng), tau_squared=np.float64(0.04))).false_alarms_month
    assert 0 <= quiet < noisy <= 30 * 2 * 0.005**2
