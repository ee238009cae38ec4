import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.performance.ranking import roc_auc
from core.releases.gates.delong import paired_auc


def rows(n: int = 300, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.4).astype(float)
    return y, np.round(y + rng.normal(0, 1.2, n), 1), y + rng.normal(0, 1.5, n)


def slow_variance(y: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """DeLong 1988 as printed: the kernel of every pair of a positive and a negative."""

    def kernel(score: np.ndarray) -> np.ndarray:
        apart = score[y == 1][:, None] - score[y == 0][None, :]
        return (apart > 0) + 0.5 * (apart == 0)

    apart = kernel(second) - kernel(first)
    by_positive, by_negative = apart.mean(axis=1), apart.mean(axis=0)
    return by_positive.var(ddof=1) / len(by_positive) + by_negative.var(ddof=1) / len(by_negative)


def test_both_areas_agree_with_scikit_learn_ties_included():
    y, first, second = rows()
    found = paired_auc(y, first, second)
    assert found.first == pytest.approx(roc_auc_score(y, first), abs=1e-12)
    assert found.second == pytest.approx(roc_auc_score(y, second), abs=1e-12)


def test_the_error_of_the_difference_is_delongs_over_all_pairs():
    y, first, second = rows()
    assert paired_auc(y, first, second).error == pytest.approx(np.sqrt(slow_variance(y, first, second)), rel=1e-9)


def test_one_area_alone_has_the_variance_of_the_profile_metric():
    y, first, second = rows()
    values, place = np.unique(first, return_inverse=True)
    counts = [np.bincount(place[y == actual], minlength=len(values)) for actual in (1, 0)]
    found = paired_auc(y, first, second)
    own = found.of_positives[0, 0] / found.n_positive + found.of_negatives[0, 0] / found.n_negative
    assert np.sqrt(own) == pytest.approx(float(roc_auc(*counts).error), rel=1e-9)


def test_only_the_order_counts():
    y, first, second = rows()
    plain, bent = paired_auc(y, first, second), paired_auc(y, np.exp(first), second**3)
    assert (bent.difference, bent.error) == pytest.approx((plain.difference, plain.error))


def test_two_scores_of_one_order_do_not_differ_at_all():
    y, first, _ = rows()
    found = paired_auc(y, first, 2 * first + 1)
    assert (found.difference, found.error, found.p_value) == (0.0, 0.0, 1.0)


def test_the_interval_covers_a_true_difference_of_nothing_in_95_of_100():
    inside = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        y = (rng.random(400) < 0.3).astype(float)
        shared = y + rng.normal(0, 1, 400)
        low, high = paired_auc(y, shared + rng.normal(0, 0.7, 400), shared + rng.normal(0, 0.7, 400)).interval
        inside.append(low <= 0 <= high)
    assert 0.92 <= np.mean(inside) <= 0.98


def test_a_difference_without_any_error_is_no_chance():
    y = np.array([0.0, 0, 0, 1, 1, 1])
    found = paired_auc(y, y, np.zeros(6))
    assert (found.difference, found.error, found.p_value) == (-0.5, 0.0, 0.0)
