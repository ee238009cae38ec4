import numpy as np
from scipy import stats

from core.estimation.early import early_labels

REFERENCE = np.full(50, 20)


def test_labels_that_come_at_random_are_a_fair_sample():
    rng = np.random.default_rng(0)
    unfair = sum(
        early_labels(rng.multinomial(600, np.full(50, 0.02)), rng.multinomial(300, np.full(50, 0.02)), REFERENCE).unfair
        for _ in range(200)
    )
    assert unfair <= 6


def test_early_labels_of_high_scores_only_are_no_fair_sample():
    known, waiting = np.linspace(1, 40, 50).round(), np.linspace(40, 1, 50).round()
    found = early_labels(known, waiting, REFERENCE)
    assert found.unfair
    assert (found.known.sum(), found.waiting.sum()) == (known.sum(), waiting.sum())
    table = np.stack([found.known, found.waiting])
    np.testing.assert_allclose(found.p, stats.chi2_contingency(table, correction=False).pvalue, atol=1e-9)


def test_a_significant_but_small_difference_is_none():
    base = np.full(50, 40_000)
    found = early_labels(base + np.r_[np.zeros(25), np.full(25, 2_000)], base, REFERENCE)
    assert found.p < 0.01
    assert not found.unfair


def test_fewer_than_fifty_rows_are_not_tested():
    found = early_labels([49], [500], [100])
    assert np.isnan(found.p)
    assert not found.unfair
