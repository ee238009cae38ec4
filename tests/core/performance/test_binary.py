from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from core.performance.binary import METRICS, binary_performance
from core.performance.estimates import NO_ACTUALS
from core.profile.counts import PerformanceCounts

EDGES = np.linspace(0.0, 1.0, 201)[1:-1]
THRESHOLD = 0.5


def counted(y, s, *, decided=None, unknown=0):
    """Return the counts of rows with actuals `y` and scores `s` the way the kernel counts them."""
    decided = (s >= THRESHOLD).astype(int) if decided is None else decided
    place = np.searchsorted(EDGES, s, side="left")
    scores = np.zeros((3, len(EDGES) + 1), np.int64)
    confusion = np.zeros((3, 3), np.int64)
    np.add.at(scores, (y, place), 1)
    np.add.at(confusion, (decided, y), 1)
    confusion[0, 2] += unknown
    squared = (s - y) ** 2
    with np.errstate(divide="ignore"):
        log = -np.log(np.where(y == 1, s, 1 - s))
    losses = np.stack([[part[y == actual].sum() for part in (squared, squared**2, log, log**2)] for actual in (0, 1)])
    return PerformanceCounts(
        edges=EDGES,
        score_counts=scores,
        score_sums=None,
        score_squares=None,
        confusion=confusion,
        losses=losses,
        n_eff_share=np.ones(()),
    )


def sample(n=2_000, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    s = np.clip(rng.beta(2, 3, n) + 0.15 * y, 0.001, 0.999)
    return y, s


def test_every_exact_metric_agrees_with_scikit_learn():
    y, s = sample()
    called = (s >= THRESHOLD).astype(int)
    found = {name: float(one.value) for name, one in binary_performance(counted(y, s)).estimates.items()}
    expected = {
        "accuracy": metrics.accuracy_score(y, called),
        "precision": metrics.precision_score(y, called),
        "recall": metrics.recall_score(y, called),
        "f1": metrics.f1_score(y, called),
        "mcc": metrics.matthews_corrcoef(y, called),
        "specificity": metrics.recall_score(y, called, pos_label=0),
        "false_positive_rate": 1 - metrics.recall_score(y, called, pos_label=0),
        "false_negative_rate": 1 - metrics.recall_score(y, called),
        "log_loss": metrics.log_loss(y, s),
        "brier_score": metrics.brier_score_loss(y, s),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-9), name
    assert tuple(found) == METRICS


def test_binned_metrics_agree_with_scikit_learn_within_the_bound_that_is_said():
    y, s = sample()
    found = binary_performance(counted(y, s)).estimates
    for name, exact in (
        ("roc_auc", metrics.roc_auc_score(y, s)),
        ("average_precision", metrics.average_precision_score(y, s)),
    ):
        estimate = found[name]
        assert abs(float(estimate.value) - exact) <= float(estimate.bound)
        assert f"binning error at most {float(estimate.bound):.2g}" in estimate.note
        assert estimate.low < estimate.value < estimate.high


def test_ten_rows_are_as_worked_by_hand():
    y = np.array([1] * 5 + [0] * 5)
    s = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.55, 0.4, 0.3, 0.2, 0.1])
    found = binary_performance(counted(y, s)).estimates
    assert float(found["accuracy"].value) == pytest.approx(0.8)
    assert float(found["precision"].value) == pytest.approx(4 / 5)
    assert float(found["recall"].value) == pytest.approx(4 / 5)
    assert float(found["brier_score"].value) == pytest.approx(((s - y) ** 2).mean())
    assert float(found["roc_auc"].value) == pytest.approx((5 * 4 + 1.5) / 25)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_windows_are_computed_side_by_side(seed):
    parts = [counted(*sample(60, seed)), counted(*sample(300, seed + 1))]
    stacked = PerformanceCounts(
        edges=EDGES,
        score_counts=np.stack([part.score_counts for part in parts]),
        score_sums=None,
        score_squares=None,
        confusion=np.stack([part.confusion for part in parts]),
        losses=np.stack([part.losses for part in parts]),
        n_eff_share=np.ones(2),
    )
    together = binary_performance(stacked)
    for place, part in enumerate(parts):
        alone = binary_performance(part)
        for name in METRICS:
            one, other = together.estimates[name].at(place), alone.estimates[name]
            assert np.allclose([one.value, one.low, one.high], [other.value, other.low, other.high], equal_nan=True)
            assert one.note == other.note


def test_without_actuals_everything_says_no_actuals_yet():
    nothing = counted(np.zeros(0, int), np.zeros(0), unknown=500)
    found = binary_performance(nothing)
    assert {one.note for one in found.estimates.values()} == {NO_ACTUALS}
    assert all(np.isnan(one.value) for one in found.estimates.values())
    assert float(found.label_coverage) == 0.0


def test_with_four_positives_the_class_metrics_are_withheld_and_the_others_stand():
    y, s = np.array([1] * 4 + [0] * 96), np.linspace(0.9, 0.1, 100)
    found = binary_performance(counted(y, s)).estimates
    for name in ("roc_auc", "average_precision", "recall", "f1", "mcc"):
        assert "fewer than 5 rows of a class" in found[name].note
    assert np.isfinite(found["accuracy"].value)
    assert np.isfinite(found["specificity"].value)
    assert found["log_loss"].note == "interval approximate: fewer than 20 of a class"


def test_a_model_that_never_says_yes_has_no_precision():
    y, s = sample(200)
    found = binary_performance(counted(y, s * 0.4)).estimates
    assert found["precision"].note == "not applicable: no labelled row was decided positive"
    assert found["mcc"].note == "not applicable: all decisions are the same"
    assert float(found["recall"].value) == 0.0


def test_without_a_decision_only_the_scores_are_judged():
    y, s = sample(200)
    found = binary_performance(counted(y, s, decided=np.full(200, 2))).estimates
    assert "no decision was logged" in found["accuracy"].note
    assert np.isfinite(found["roc_auc"].value)


def test_a_ranking_score_has_no_losses():
    found = binary_performance(counted(*sample(200)), probability=False).estimates
    assert found["brier_score"].note == "not applicable: the score is not declared a probability"
    assert np.isnan(found["log_loss"].value)
    assert np.isfinite(found["roc_auc"].value)


def test_weights_change_the_interval_through_the_effective_number_of_rows():
    plain = counted(*sample(400))
    doubled = replace(
        plain,
        confusion=plain.confusion * 2.0,
        score_counts=plain.score_counts * 2.0,
        losses=plain.losses * 2.0,
        n_eff_share=np.asarray(0.5),
    )
    for name in METRICS:
        one, other = binary_performance(plain).estimates[name], binary_performance(doubled).estimates[name]
        assert float(one.value) == pytest.approx(float(other.value), abs=1e-12)
        assert float(one.low) == pytest.approx(float(other.low), abs=1e-9)
        assert float(one.n) == pytest.approx(float(other.n))
