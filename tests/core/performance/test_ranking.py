import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from sklearn.metrics import average_precision_score, roc_auc_score

from core.performance.ranking import average_precision, newcombe_auc_interval, roc_auc

bins = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=12).filter(
    lambda pairs: sum(a for a, _ in pairs) > 1 and sum(b for _, b in pairs) > 1
)


def rows(positives, negatives):
    scores = np.concatenate(
        [np.repeat(np.arange(len(positives)), positives), np.repeat(np.arange(len(negatives)), negatives)]
    )
    return np.repeat([1, 0], [sum(positives), sum(negatives)]), scores


def delong_by_rows(y, s):
    x, z = s[y == 1], s[y == 0]
    wins = (x[:, None] > z[None]) + 0.5 * (x[:, None] == z[None])
    return np.sqrt(wins.mean(1).var(ddof=1) / len(x) + wins.mean(0).var(ddof=1) / len(z))


def test_two_bins_give_the_area_worked_by_hand():
    # positives 1, 3; negatives 3, 1: (1·3/2 + 3·(3 + ½))/(4·4)
    found = roc_auc([1, 3], [3, 1])
    assert float(found.value) == pytest.approx((1 * 1.5 + 3 * 3.5) / 16)
    assert float(found.above) == pytest.approx((1 * 3 + 3 * 1) / 32)


@settings(max_examples=60, deadline=None)
@given(bins)
def test_area_error_and_precision_agree_with_the_rows(pairs):
    positives, negatives = np.array(pairs).T
    y, s = rows(positives, negatives)
    found = roc_auc(positives, negatives)
    assert float(found.value) == pytest.approx(roc_auc_score(y, s), abs=1e-9)
    assert float(found.error) == pytest.approx(delong_by_rows(y, s), abs=1e-9)
    assert float(average_precision(positives, negatives).value) == pytest.approx(
        average_precision_score(y, s), abs=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(bins)
def test_turning_the_score_round_turns_the_area_round(pairs):
    positives, negatives = np.array(pairs).T
    turned = roc_auc(positives[::-1], negatives[::-1])
    assert float(turned.value) == pytest.approx(1 - float(roc_auc(positives, negatives).value), abs=1e-12)


@pytest.mark.parametrize("n_edges", [3, 10, 100])
@pytest.mark.parametrize("prevalence", [0.5, 0.05])
def test_the_rows_lie_within_the_stated_bounds(n_edges, prevalence):
    rng = np.random.default_rng(n_edges)
    y = rng.random(3_000) < prevalence
    s = np.round(rng.normal(y * 1.0), 2)
    edges = np.linspace(-2, 3, n_edges)
    place = np.searchsorted(edges, s, side="left")
    positives, negatives = (np.bincount(place[y == actual], minlength=n_edges + 1) for actual in (True, False))
    area, precision = roc_auc(positives, negatives), average_precision(positives, negatives)
    assert abs(roc_auc_score(y, s) - area.value) <= area.above + 1e-12
    exact = average_precision_score(y, s)
    assert precision.value - precision.below - 1e-12 <= exact <= precision.value + precision.above + 1e-12


def test_newcombes_ends_solve_his_equation():
    A, P, N = 0.83, 12, 40
    m = (P + N) / 2 - 1

    def spread(t):
        return 1.959963984540054 * np.sqrt(t * (1 - t) * (1 + m * (1 - t) / (2 - t) + m * t / (1 + t)) / (P * N))

    interval = newcombe_auc_interval(A, P, N)
    assert float(interval.low) == pytest.approx(optimize.brentq(lambda t: A - t - spread(t), 1e-9, A), abs=1e-9)
    assert float(interval.high) == pytest.approx(optimize.brentq(lambda t: t - A - spread(t), A, 1 - 1e-9), abs=1e-9)


def test_newcombes_interval_of_a_perfect_area_ends_at_one():
    interval = newcombe_auc_interval(1.0, 20, 20)
    assert float(interval.high) == pytest.approx(1.0)
    assert 0.8 < float(interval.low) < 1.0


@pytest.mark.parametrize(
    ("P", "N", "low", "high"), [(15, 15, 0.94, 0.985), (50, 50, 0.935, 0.97), (100, 900, 0.935, 0.97)]
)
def test_the_interval_of_the_area_covers_the_truth(P, N, low, high):
    rng = np.random.default_rng(P)
    grid = np.linspace(-3, 4, 400)
    covered = []
    for _ in range(1_500):
        positives = np.bincount(np.searchsorted(grid, rng.normal(1.5, 1, P)), minlength=401)
        negatives = np.bincount(np.searchsorted(grid, rng.normal(0, 1, N)), minlength=401)
        interval = roc_auc(positives, negatives).interval
        covered.append(interval.low <= 0.8556 <= interval.high)
    assert low <= np.mean(covered) <= high


def test_many_windows_equal_each_window_alone():
    rng = np.random.default_rng(7)
    positives, negatives = rng.poisson(5, (4, 30)), rng.poisson(9, (4, 30))
    together = roc_auc(positives, negatives)
    for place in range(4):
        alone = roc_auc(positives[place], negatives[place])
        assert float(together.interval.low[place]) == pytest.approx(float(alone.interval.low), abs=1e-12)


def test_a_missing_class_has_no_value():
    assert np.isnan(roc_auc([1, 2], [0, 0]).value)
    assert np.isnan(roc_auc([1, 2], [0, 0]).interval.low)
    assert np.isnan(average_precision([0, 0], [1, 2]).value)
