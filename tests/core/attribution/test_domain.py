"""The domain classifier: every row is scored by one that has not seen it, and the simpler one wins ties."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.attribution.domain import FOLDS, auc_of_rows, domain_auc, domain_scores, stratified_folds


def test_equal_sides_cannot_be_told_apart():
    rng = np.random.default_rng(0)
    found = domain_scores(rng.normal(size=(2_000, 3)), rng.normal(size=(2_000, 3)))
    assert found.auc == pytest.approx(0.5, abs=0.03)
    assert found.classifier == "logistic regression"
    assert found.density_ratio().mean() == pytest.approx(1.0, abs=0.05)


def test_boosting_is_kept_where_the_difference_is_not_linear():
    rng = np.random.default_rng(0)
    found = domain_scores(rng.normal(size=(3_000, 2)), 0.4 * rng.normal(size=(3_000, 2)))
    assert found.classifier == "gradient boosting"
    assert found.auc > 0.7


def test_odds_are_self_normalised_whatever_the_sizes():
    rng = np.random.default_rng(0)
    found = domain_scores(rng.normal(size=(3_000, 1)), rng.normal(0.5, 1, size=(1_000, 1)))
    assert found.odds().mean() == pytest.approx(1.0)
    assert found.density_ratio().mean() == pytest.approx(1.0, abs=0.1)


def test_folds_hold_both_sides_evenly_and_are_seeded():
    sides = np.r_[np.zeros(103), np.ones(52)]
    folds = stratified_folds(sides, 7)
    assert (folds == stratified_folds(sides, 7)).all()
    for side in (0, 1):
        counts = np.bincount(folds[sides == side], minlength=FOLDS)
        assert counts.max() - counts.min() <= 1


def test_the_auc_of_rows_is_that_of_scikit_learn_with_and_without_weights():
    rng = np.random.default_rng(0)
    labels, scores, weights = rng.integers(0, 2, 500), rng.integers(0, 30, 500) / 30, rng.random(500)
    assert auc_of_rows(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert auc_of_rows(scores, labels, weights) == pytest.approx(expected, abs=1e-12)


def test_the_small_classifier_sees_a_move():
    rng = np.random.default_rng(0)
    assert domain_auc(rng.normal(size=(600, 2)), rng.normal(1, 1, size=(600, 2))) > 0.75
