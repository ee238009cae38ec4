from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from core.performance.estimates import NO_ACTUALS
from core.performance.multiclass import (
    METRICS,
    class_performance,
    multiclass_estimates,
    segment_multiclass_estimates,
)
from core.profile.counts import SegmentMulticlassCounts
from tests.core.performance.counted import drawn_classes, multiclass_counts


def scikit_learn(y, scores):
    called = scores.argmax(1)
    truth = (y[:, None] == np.arange(scores.shape[1])).astype(float)
    return {
        "accuracy": metrics.accuracy_score(y, called),
        "f1_macro": metrics.f1_score(y, called, average="macro"),
        "f1_weighted": metrics.f1_score(y, called, average="weighted"),
        "log_loss": metrics.log_loss(y, scores, labels=np.arange(scores.shape[1])),
        "brier_score": float(((scores - truth) ** 2).sum(1).mean()),
    }


def of_segments(*parts):
    """Return the counts of several populations as segments."""
    kept = []
    for counts in parts:
        matrix = counts.confusion[:-1, :-1]
        kept.append(np.stack([np.diagonal(matrix), matrix.sum(1), matrix.sum(0), counts.confusion[:-1].sum(1)], -1))
    return SegmentMulticlassCounts(
        classes=parts[0].classes,
        edges=parts[0].edges,
        segment_classes=np.stack(kept),
        segment_score_counts=np.stack([counts.score_counts for counts in parts]),
        segment_class_losses=np.stack([counts.class_losses for counts in parts]),
    )


def test_every_exact_metric_agrees_with_scikit_learn():
    y, scores = drawn_classes(4_000)
    found = multiclass_estimates(multiclass_counts(y, scores))
    assert tuple(found) == METRICS
    for name, value in scikit_learn(y, scores).items():
        assert float(found[name].value) == pytest.approx(value, abs=1e-9), name
        assert float(found[name].low) < value < float(found[name].high), name


def test_the_area_agrees_with_scikit_learn_within_the_bound_that_is_said():
    y, scores = drawn_classes(4_000)
    found = multiclass_estimates(multiclass_counts(y, scores))["roc_auc_ovr_macro"]
    exact = metrics.roc_auc_score(y, scores, multi_class="ovr", average="macro")
    assert abs(float(found.value) - exact) <= float(found.bound)
    assert "binning error at most" in found.note


def test_softmax_outputs_of_a_real_network_agree_with_scikit_learn(shared):
    rows = pl.read_parquet(shared / "data" / "dnn_calibration" / "lenet-5-cifar-10.parquet")
    y = rows["y_true"].to_numpy()
    scores = np.clip(rows.select(f"p{k}" for k in range(10)).to_numpy().astype(np.float64), 1e-15, None)
    scores /= scores.sum(1, keepdims=True)
    found = multiclass_estimates(multiclass_counts(y, scores))
    for name, value in scikit_learn(y, scores).items():
        assert float(found[name].value) == pytest.approx(value, abs=1e-9), name
    exact = metrics.roc_auc_score(y, scores, multi_class="ovr", average="macro")
    assert abs(float(found["roc_auc_ovr_macro"].value) - exact) <= float(found["roc_auc_ovr_macro"].bound)


def test_four_rows_worked_by_hand():
    y = np.array([0, 0, 1, 2])
    scores = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    found = multiclass_estimates(multiclass_counts(y, scores))
    assert float(found["accuracy"].value) == 0.75
    assert float(found["brier_score"].value) == pytest.approx((0.26 + 1.14 + 0.06 + 0.54) / 4)
    assert "no class has 5 rows" in found["f1_macro"].note


def test_classes_with_fewer_than_five_rows_are_named_and_left_out():
    y, scores = drawn_classes(400, prevalence=(0.6, 0.395, 0.005), seed=1)
    assert 0 < (y == 2).sum() < 5
    found = multiclass_estimates(multiclass_counts(y, scores))
    assert "left out with fewer than 5 rows: class 2" in found["f1_macro"].note
    assert "class 2" in found["roc_auc_ovr_macro"].note
    by_class = metrics.f1_score(y, scores.argmax(1), average=None)
    assert float(found["f1_macro"].value) == pytest.approx(by_class[:2].mean(), abs=1e-9)
    assert found["f1_weighted"].note == ""


def test_without_actuals_everything_is_withheld():
    counts = multiclass_counts(np.zeros(0, int), np.zeros((0, 3)), unknown=12)
    found = multiclass_estimates(counts)
    assert {str(one.reason) for one in found.values()} == {NO_ACTUALS}
    segments = segment_multiclass_estimates(of_segments(counts))
    assert {str(one.reason[0]) for one in segments.values()} == {NO_ACTUALS}


def test_a_ranking_score_has_no_losses():
    y, scores = drawn_classes(500)
    found = multiclass_estimates(multiclass_counts(y, scores), probability=False)
    assert "not declared a probability" in found["log_loss"].note
    assert found["accuracy"].note == ""


def test_few_wrong_rows_and_one_frequent_class_make_intervals_approximate():
    y, scores = drawn_classes(300, prevalence=(0.97, 0.02, 0.01), strength=6.0, seed=2)
    found = multiclass_estimates(multiclass_counts(y, scores))
    assert "fewer than 20 wrong rows" in found["f1_weighted"].note
    assert "outside the most frequent class" in found["log_loss"].note


def test_a_logged_decision_wins_over_the_largest_score():
    y, scores = drawn_classes(500)
    decided = np.zeros(500, int)
    found = multiclass_estimates(multiclass_counts(y, scores, decided=decided))
    assert float(found["accuracy"].value) == pytest.approx(np.mean(y == 0))


def test_a_segment_says_what_its_rows_alone_say():
    parts = [drawn_classes(600, seed=seed) for seed in (3, 4)]
    found = segment_multiclass_estimates(of_segments(*(multiclass_counts(*part) for part in parts)))
    for name, value in scikit_learn(*parts[1]).items():
        assert float(found[name].value[1]) == pytest.approx(value, abs=1e-9), name
    assert "not kept by segment" in str(found["roc_auc_ovr_macro"].reason[0])


def test_leading_axes_give_what_each_window_gives_alone():
    one, two = (multiclass_counts(*drawn_classes(500, seed=seed)) for seed in (5, 6))
    names = ("confusion", "score_counts", "score_sums", "score_squares", "class_score_counts", "class_score_sums",
             "class_losses")  # fmt: skip
    both = replace(one, **{name: np.stack([getattr(one, name), getattr(two, name)]) for name in names})
    together, alone = multiclass_estimates(both), multiclass_estimates(two)
    for name in METRICS:
        assert float(together[name].at(1).low) == pytest.approx(float(alone[name].low), rel=1e-12), name


def test_each_class_agrees_with_scikit_learn():
    y, scores = drawn_classes(2_000)
    found, called = class_performance(multiclass_counts(y, scores)), scores.argmax(1)
    assert found.precision == pytest.approx(metrics.precision_score(y, called, average=None), abs=1e-12)
    assert found.recall == pytest.approx(metrics.recall_score(y, called, average=None), abs=1e-12)
    assert found.were.tolist() == np.bincount(y).tolist()
    assert (found.recall_interval.low < found.recall).all()
    for k in range(3):
        assert found.roc_auc[k] == pytest.approx(metrics.roc_auc_score(y == k, scores[:, k]), abs=5e-3)


def test_the_interval_of_the_mean_area_is_conservative():
    given = []
    for seed in range(300):
        y, scores = drawn_classes(200, strength=1.0, seed=seed)
        found = multiclass_estimates(multiclass_counts(y, scores))["roc_auc_ovr_macro"]
        given.append((float(found.low), float(found.high)))
    y, scores = drawn_classes(200_000, strength=1.0, seed=1_000)
    truth = float(multiclass_estimates(multiclass_counts(y, scores))["roc_auc_ovr_macro"].value)
    assert np.mean([low <= truth <= high for low, high in given]) >= 0.945
