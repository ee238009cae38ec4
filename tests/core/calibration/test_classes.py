from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from core.calibration.classes import class_calibration, multiclass_brier
from core.profile.counts import MulticlassCounts, SegmentMulticlassCounts

GRID = np.arange(1, 100) / 100


def made_up(n=3_000, seed=1):
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet([2, 1, 1], n)
    actual = np.array([rng.choice(3, p=row) for row in scores])
    losses = ((scores - np.eye(3)[actual]) ** 2).sum(1)
    top, right = scores.max(1), (scores.argmax(1) == actual).astype(int)
    score_counts = np.zeros((3, 100), int)
    np.add.at(score_counts, (right, np.searchsorted(GRID, top)), 1)
    class_counts, class_sums = np.zeros((3, 3, 100), int), np.zeros((3, 2, 100))
    for k in range(3):
        place, is_k = np.searchsorted(GRID, scores[:, k]), (actual == k).astype(int)
        np.add.at(class_counts[k], (is_k, place), 1)
        np.add.at(class_sums[k], (is_k, place), scores[:, k])
    counts = MulticlassCounts(
        classes=("a", "b", "c"),
        edges=GRID,
        class_edges=GRID,
        confusion=np.zeros((4, 4), int),
        score_counts=score_counts,
        score_sums=np.zeros((2, 100)),
        score_squares=np.zeros((2, 100)),
        class_score_counts=class_counts,
        class_score_sums=class_sums,
        class_losses=np.array([losses.sum(), (losses**2).sum(), 0.0, 0.0]),
    )
    return SimpleNamespace(counts=counts, scores=scores, actual=actual)


def test_each_class_is_compared_with_how_often_it_is_the_actual():
    made = made_up()
    found = class_calibration(made.counts)
    for k, name in enumerate(found.classes):
        one = found.calibration.at(k)
        assert name == "abc"[k]
        assert float(one.events) == (made.actual == k).sum()
        assert float(one.groups.sum_p.sum()) == pytest.approx(made.scores[:, k].sum())
        slope = one.estimates["calibration_slope"]
        assert float(slope.low) - 0.1 < 1 < float(slope.high) + 0.1
    mean = np.mean([float(found.calibration.at(k).estimates["ece"].value) for k in range(3)])
    assert float(found.classwise.value) == pytest.approx(mean)


def test_the_multiclass_brier_score_agrees_with_scikit_learn():
    made = made_up()
    expected = brier_score_loss(made.actual, made.scores, labels=[0, 1, 2])
    assert float(multiclass_brier(made.counts).value) == pytest.approx(expected, abs=1e-9)


def test_the_brier_score_of_segments_is_that_of_their_losses():
    counts = SegmentMulticlassCounts(
        classes=("a", "b"),
        edges=np.array([0.5]),
        segment_classes=np.zeros((2, 2, 4), int),
        segment_score_counts=np.array([[[1, 1], [1, 1], [7, 7]], [[0, 0], [0, 0], [1, 0]]]),
        segment_class_losses=np.array([[1.2, 0.5, 0, 0], [0, 0, 0, 0]], float),
    )
    found = multiclass_brier(counts)
    assert float(found.value[0]) == pytest.approx(0.3)
    assert str(found.reason[1]) == "not applicable: no actuals yet"
