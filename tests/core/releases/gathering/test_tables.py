import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve, roc_curve

from core.releases.gathering.tables import curves, latency_of, metric_table, pr_points, roc_points


def counted(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y, score = rng.integers(0, 2, 400), rng.integers(0, 20, 400)
    return np.bincount(score[y == 1], minlength=20), np.bincount(score[y == 0], minlength=20), y, score


def test_the_roc_points_lie_on_the_curve_of_scikit_learn():
    positives, negatives, y, score = counted()
    fpr, tpr, _ = roc_curve(y, score, drop_intermediate=False)
    theirs = {(round(a, 9), round(b, 9)) for a, b in zip(fpr, tpr, strict=True)}
    assert {
        (round(a, 9), round(b, 9)) for a, b in roc_points(positives.astype(float), negatives.astype(float))
    } <= theirs


def test_the_precision_recall_points_are_those_of_scikit_learn():
    positives, negatives, y, score = counted()
    precision, recall, _ = precision_recall_curve(y, score)
    theirs = {(round(a, 9), round(b, 9)) for a, b in zip(recall, precision, strict=True)}
    assert {
        (round(a, 9), round(b, 9)) for a, b in pr_points(positives.astype(float), negatives.astype(float))
    } <= theirs


def test_one_class_alone_has_no_curve():
    assert roc_points(np.zeros(3), np.ones(3)) == []
    assert pr_points(np.zeros(3), np.ones(3)) == []


def test_many_bins_become_at_most_some_sixty_points():
    assert len(roc_points(np.ones(5_000), np.ones(5_000))) <= 62


def test_a_version_without_rows_has_an_empty_column(facts):
    table = metric_table(None, facts.counts["challenger.window"], ())
    assert table[0]["champion"] is None
    assert table[0]["challenger"]["value"] == pytest.approx(0.7, abs=0.1)
    assert curves(None) == {"roc": [], "pr": [], "reliability": []}


def test_latency_that_is_not_logged_is_none(facts):
    assert latency_of(facts.counts["champion.window"]) is None
    assert latency_of(None) is None
