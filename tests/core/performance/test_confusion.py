import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, matthews_corrcoef

from core.performance.confusion import f1, f1_interval, mcc, mcc_interval, share

matrices = st.tuples(*[st.integers(0, 200)] * 4)


def rows(tp, fp, fn, tn):
    y_true = np.repeat([1, 0, 1, 0], [tp, fp, fn, tn])
    return y_true, np.repeat([1, 1, 0, 0], [tp, fp, fn, tn])


def test_f1_of_eight_hits_and_four_misses_is_as_worked_by_hand():
    assert float(f1(8, 2, 2)) == pytest.approx(0.8)


@given(matrices)
def test_f1_and_mcc_agree_with_scikit_learn(matrix):
    tp, fp, fn, tn = matrix
    assume(tp + fn > 0 and fp + tn > 0 and tp + fp > 0 and fn + tn > 0)
    y_true, y_pred = rows(*matrix)
    assert float(f1(tp, fp, fn)) == pytest.approx(f1_score(y_true, y_pred), abs=1e-9)
    assert float(mcc(*matrix)) == pytest.approx(matthews_corrcoef(y_true, y_pred), abs=1e-9)


@given(matrices)
def test_swapping_the_classes_leaves_the_correlation(matrix):
    tp, fp, fn, tn = matrix
    assert np.allclose(mcc(tp, fp, fn, tn), mcc(tn, fn, fp, tp), equal_nan=True)
    one, other = mcc_interval(tp, fp, fn, tn), mcc_interval(tn, fn, fp, tp)
    assert float(one.low) == pytest.approx(float(other.low), abs=1e-9)


def test_the_standard_error_of_mcc_agrees_with_a_numeric_gradient():
    a = np.array([40.5, 10.5, 20.5, 930.5])
    steps = 1e-4 * np.eye(4)
    gradient = np.array([(mcc(*(a + step)) - mcc(*(a - step))) / 2e-4 for step in steps])
    m = float(mcc(*a))
    half = 1.959963984540054 * np.sqrt((a * gradient**2).sum()) / (1 - m * m)
    interval = mcc_interval(40, 10, 20, 930)
    assert float(interval.low) == pytest.approx(np.tanh(np.arctanh(m) - half), abs=1e-8)
    assert float(interval.high) == pytest.approx(np.tanh(np.arctanh(m) + half), abs=1e-8)


@pytest.mark.parametrize(("n", "low", "high"), [(300, 0.935, 0.965), (1_000, 0.935, 0.965)])
def test_the_intervals_of_f1_and_mcc_cover_the_truth(n, low, high):
    shares = np.array([0.035, 0.02, 0.015, 0.93])
    drawn = np.random.default_rng(1).multinomial(n, shares, 6_000).T
    for interval, truth in (
        (f1_interval(*drawn[:3]), float(f1(*shares[:3]))),
        (mcc_interval(*drawn), float(mcc(*shares))),
    ):
        covered = (interval.low <= truth) & (truth <= interval.high)
        assert low - 0.005 <= covered.mean() <= high + 0.01


def test_an_empty_denominator_has_no_value():
    assert np.isnan(share(0, 0))
    assert np.isnan(f1(0, 0, 0))
    assert np.isnan(mcc(0, 0, 5, 5))
