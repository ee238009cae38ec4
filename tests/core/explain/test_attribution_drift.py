from datetime import date

import numpy as np
import pytest
from scipy import stats

from core.explain.attribution_drift import ShapSeries, attribution_drift, ndcg, spearman
from core.explain.global_importance import sums_of

Sums = tuple[np.ndarray, np.ndarray]


def side(scale: np.ndarray, n: int, seed: int) -> Sums:
    values = np.random.default_rng(seed).gamma(0.7, 1.0, (n, len(scale))) * scale
    return sums_of(values), np.full(len(scale), n)


def test_ndcg_is_that_of_scikit_learn_also_with_ties():
    from sklearn.metrics import ndcg_score

    rng = np.random.default_rng(0)
    for _ in range(100):
        before, now = rng.random(7).round(1) + 0.01, rng.random(7).round(1)
        assert float(ndcg(before, now)) == pytest.approx(ndcg_score([before], [now]), abs=1e-12)


def test_the_rank_correlation_is_that_of_scipy():
    rng = np.random.default_rng(1)
    before, now = rng.random((50, 6)).round(1), rng.random((50, 6)).round(1)
    found = spearman(before, now)
    for row in range(50):
        assert found[row] == pytest.approx(stats.spearmanr(before[row], now[row]).statistic, abs=1e-9)


def test_two_features_that_change_places_give_the_value_worked_by_hand():
    best = 3 + 2 / np.log2(3)
    assert float(ndcg(np.array([3.0, 2.0]), np.array([1.0, 2.0]))) == pytest.approx((2 + 3 / np.log2(3)) / best)


def test_nothing_that_matters_and_nothing_that_varies_are_no_change():
    assert float(ndcg(np.zeros(3), np.array([1.0, 2.0, 3.0]))) == 1.0
    assert float(spearman(np.ones(3), np.array([1.0, 2.0, 3.0]))) == 1.0


def test_the_order_of_features_does_not_matter():
    before, now = np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0])
    assert float(ndcg(before, now)) == pytest.approx(float(ndcg(before[::-1], now[::-1])))


def test_a_leading_feature_that_falls_out_lies_with_its_interval_below_the_limit():
    scale = 0.7 ** np.arange(13)
    gone = scale.copy()
    gone[0] = 0.0
    found = attribution_drift([str(i) for i in range(13)], side(scale, 2000, 1), side(gone, 210, 2))
    assert found.ndcg_high < 0.9
    assert found.p == pytest.approx(1 / 501)


def test_windows_without_a_change_never_alarm_though_ranks_of_equal_features_are_chance():
    ndcg_over, rank_over = 0, 0
    for seed in range(40):
        found = attribution_drift(
            list("abcdefghijklm"), side(np.ones(13), 2000, seed), side(np.ones(13), 210, seed + 99)
        )
        ndcg_over += found.ndcg_high < 0.95
        rank_over += found.spearman_high < 0.9
    assert ndcg_over == 0
    assert rank_over > 20


def test_the_same_seed_gives_the_same_interval():
    one, other = (attribution_drift(["a", "b"], side(np.ones(2), 300, 1), side(np.ones(2), 300, 2)) for _ in range(2))
    assert (one.ndcg_low, one.spearman_low) == (other.ndcg_low, other.spearman_low)


def test_a_window_is_the_sum_of_its_units():
    days = (date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3))
    series = ShapSeries(
        features=("a",),
        reference_sums=np.ones((1, 2)),
        reference_n=np.ones(1, np.int64),
        days=days,
        sums=np.arange(6, dtype=float).reshape(3, 1, 2),
        n=np.array([[1], [2], [3]]),
    )
    sums, n = series.window(days[1:])
    assert (sums.tolist(), n.tolist()) == ([[6.0, 8.0]], [5])
