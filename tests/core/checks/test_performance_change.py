from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from core.checks.limits import load_limits
from core.checks.performance_change import (
    Judged,
    against_limit,
    alarms_a_month,
    performance_verdicts,
    variance_between,
)
from core.performance.binary import binary_performance
from core.performance.estimates import NO_ACTUALS
from core.performance.maturity import Maturity
from core.performance.multiclass import multiclass_estimates
from core.performance.performance import Performance
from core.profile.counts import PerformanceCounts
from core.states import State
from core.windows import Window
from tests.core.performance.counted import multiclass_counts

DAY = date(2024, 3, 1)
WINDOW = Window(DAY, DAY + timedelta(days=1))
RIPE = Maturity(mature=True, coverage=1.0, reason="")
EDGES = np.linspace(0, 1, 102)[1:-1]
LIMITS = load_limits()


def performance(n, strength=1.0, seed=0, leading=()):
    """Return the performance of `n` rows whose score separates the classes by `strength` (one a unit)."""
    rng = np.random.default_rng(seed)
    scores, confusion, losses = [], [], []
    for one in np.broadcast_to(strength, int(np.prod(leading, dtype=int))):
        y = (rng.random(n) < 0.3).astype(int)
        s = stats.norm.cdf(rng.normal(one * (y - 0.5), 1))
        s = np.clip(s, 0.001, 0.999)
        counted = np.zeros((3, 101), np.int64)
        matrix = np.zeros((3, 3), np.int64)
        np.add.at(counted, (y, np.searchsorted(EDGES, s)), 1)
        np.add.at(matrix, ((s >= 0.5).astype(int), y), 1)
        log = -np.log(np.where(y == 1, s, 1 - s))
        parts = ((s - y) ** 2, (s - y) ** 4, log, log**2)
        scores.append(counted)
        confusion.append(matrix)
        losses.append([[part[y == actual].sum() for part in parts] for actual in (0, 1)])
    return binary_performance(
        PerformanceCounts(
            edges=EDGES, score_counts=np.reshape(scores, (*leading, 3, 101)), score_sums=None, score_squares=None,
            confusion=np.reshape(confusion, (*leading, 3, 3)), losses=np.reshape(losses, (*leading, 2, 4)),
            n_eff_share=np.ones(leading),
        )
    )  # fmt: skip


REFERENCE = performance(20_000, 1.5)


def verdicts(current, *, reference=REFERENCE, maturity=RIPE, limits=LIMITS, tau=None):
    one = Judged(segment={}, current=current, reference=reference, tau_squared=tau or {}, maturity=maturity)
    return {verdict.check: verdict for verdict in performance_verdicts([one], WINDOW, limits)}


def test_a_model_that_lost_its_way_is_critical_and_says_from_where_to_where():
    found = verdicts(performance(4_000, 0.4, 1))
    assert found["roc_auc_change"].raw_state is State.CRITICAL
    assert found["log_loss_change"].raw_state is State.CRITICAL
    assert found["roc_auc_change"].value < -0.05
    assert found["roc_auc_change"].detail.startswith("0.8")
    assert found["roc_auc_change"].reason.startswith("worse than the reference: 0.8")


def test_a_model_that_held_is_healthy():
    found = verdicts(performance(4_000, 1.5, 2))
    assert {one.raw_state for one in found.values()} == {State.HEALTHY}
    assert all("no significant change" in one.reason for one in found.values())


def test_an_improvement_is_never_an_alarm():
    found = verdicts(performance(8_000, 3.0, 3))["roc_auc_change"]
    assert found.raw_state is State.HEALTHY
    assert found.reason.startswith("improved")


def test_weeks_that_wander_in_the_reference_widen_the_test():
    current = performance(4_000, 1.2, 1)
    assert verdicts(current)["roc_auc_change"].raw_state is not State.HEALTHY
    assert verdicts(current, tau={"roc_auc": 0.03**2})["roc_auc_change"].raw_state is State.HEALTHY


def test_the_variance_between_units_is_what_is_beyond_chance():
    steady = variance_between(performance(2_000, 1.5, 4, leading=(12,)))
    assert 0 <= float(steady["roc_auc"]) < 4e-4
    # areas of about .64 and .96, six units each
    units = performance(2_000, [0.5] * 6 + [2.5] * 6, 4, leading=(12,))
    low, high = units.estimates["roc_auc"].value.reshape(2, 6).mean(1)
    assert float(variance_between(units)["roc_auc"]) == pytest.approx(((high - low) / 2) ** 2, rel=0.15)


def test_three_units_are_too_few_to_know_a_variance():
    assert float(variance_between(performance(500, [0.1, 1.0, 2.5], 4, leading=(3,)))["roc_auc"]) == 0.0


@pytest.mark.parametrize(
    ("n", "reason"), [(0, NO_ACTUALS), (8, "fewer than 5 rows of a class"), (25, "fewer than 30 rows")]
)
def test_too_few_actuals_are_not_applicable(n, reason):
    found = verdicts(performance(n, 1.5, 5))["roc_auc_change"]
    assert found.raw_state is State.NOT_APPLICABLE
    assert reason in found.reason


def test_an_immature_window_is_not_applicable():
    young = Maturity(mature=False, coverage=0.4, reason="labels still arriving: due 1 day after the window")
    found = verdicts(performance(4_000, 0.1, 1), maturity=young)
    assert {one.raw_state for one in found.values()} == {State.NOT_APPLICABLE}
    assert found["roc_auc_change"].reason == young.reason


def test_a_reference_without_actuals_is_said():
    found = verdicts(performance(4_000), reference=None)["roc_auc_change"]
    assert found.reason == "the reference has no actuals to compare with"


@pytest.mark.parametrize(
    ("low", "high", "state", "inconclusive"),
    [
        (0.81, 0.85, State.HEALTHY, False),
        (0.78, 0.85, State.HEALTHY, True),
        (0.72, 0.79, State.WARNING, False),
        (0.60, 0.69, State.CRITICAL, False),
        (0.65, 0.75, State.WARNING, False),
    ],
)
def test_an_interval_is_judged_as_a_whole(low, high, state, inconclusive):
    limit = load_limits({"roc_auc": {"warning": 0.8, "critical": 0.7}})["roc_auc"]
    assert against_limit(low, high, limit) == (state, inconclusive)
    mirrored = load_limits({"brier_score": {"warning": 0.2, "critical": 0.3}})["brier_score"]
    assert against_limit(1 - high, 1 - low, mirrored) == (state, inconclusive)


def test_a_declared_limit_is_a_check_of_its_own():
    limits = load_limits({"roc_auc": {"warning": 0.9, "critical": 0.88}})
    found = verdicts(performance(4_000, 0.8, 1), limits=limits)["roc_auc"]
    assert found.raw_state is State.CRITICAL
    assert found.limit == 0.88
    assert "binning error at most" in found.reason
    assert found.false_alarms_month >= 0


def test_without_a_change_alarms_are_rare():
    flags = [
        any(one.raw_state is not State.HEALTHY for one in verdicts(performance(400, 1.5, seed)).values())
        for seed in range(10, 210)
    ]
    assert np.mean(flags) <= 0.02


def test_a_value_without_an_interval_is_no_evidence_either_way():
    limit = load_limits({"average_precision": 0.9})["average_precision"]
    assert against_limit(float("nan"), float("nan"), limit) == (State.HEALTHY, True)


def test_expected_alarms_count_critical_windows_at_once_and_warnings_two_of_three():
    both = load_limits({"roc_auc": {"warning": 0.8, "critical": 0.7}})["roc_auc"]
    chances = {0.8: 0.02, 0.7: 0.001}
    assert alarms_a_month(both, chances.__getitem__) == pytest.approx(30 * (2 * 0.02**2 + 0.001))
    alone = load_limits({"roc_auc": {"critical": 0.7}})["roc_auc"]
    assert alarms_a_month(alone, chances.__getitem__) == pytest.approx(30 * 0.001, rel=0.01)
    slow = replace(both, persistence=replace(both.persistence, critical_at_once=False))
    assert alarms_a_month(slow, chances.__getitem__) == pytest.approx(30 * 2 * 0.02**2)


def of_classes(n, n_rare, seed=0):
    """Return the performance of two hard classes and an easy one that is rare."""
    rng = np.random.default_rng(seed)
    y = np.r_[rng.integers(0, 2, n), np.full(n_rare, 2)]
    called = np.where((y < 2) & (rng.random(n + n_rare) < 0.3), 1 - y, y)
    scores = np.full((n + n_rare, 3), 0.1)
    scores[np.arange(n + n_rare), called] = 0.8
    found = multiclass_estimates(multiclass_counts(y, scores))
    rows = np.float64(n + n_rare)
    return Performance(estimates=found, n_rows=rows, n_labelled=rows, label_coverage=np.float64(1))


def test_a_macro_mean_is_never_compared_with_one_over_other_classes():
    reference, thin, full = of_classes(30_000, 300), of_classes(400, 4), of_classes(400, 5)
    assert float(reference.estimates["f1_macro"].value - thin.estimates["f1_macro"].value) > 0.05
    for now, judged in ((thin, False), (full, True)):
        one = Judged(
            segment={}, current=now, reference=reference, tau_squared={}, maturity=RIPE, task="multiclass"
        )  # fmt: skip
        found = {verdict.check: verdict for verdict in performance_verdicts([one], WINDOW, LIMITS)}
        assert found["accuracy_change"].raw_state is State.HEALTHY
        expected = State.HEALTHY if judged else State.NOT_APPLICABLE
        assert found["f1_macro_change"].raw_state is expected
        assert ("left out with fewer than 5 rows: class 2" in found["f1_macro_change"].reason) is not judged
