import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from core.drift.slow import ewma, ewma_variance_factor, shift_auc

counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8).filter(
    lambda pairs: sum(r for r, _ in pairs) > 0 and sum(c for _, c in pairs) > 0
)


def test_two_bins_are_as_worked_by_hand():
    # ¼ of the window at ½·½ below, ¾ at ½ + ½·½
    assert float(shift_auc([2, 2], [1, 3])) == pytest.approx(0.25 * 0.25 + 0.75 * 0.75)


@given(counts)
def test_it_is_the_area_of_a_classifier_that_tells_window_from_reference(pairs):
    r, c = np.array(pairs).T
    place = np.arange(len(r))
    scores = np.concatenate([np.repeat(place, r), np.repeat(place, c)])
    labels = np.repeat([0, 1], [r.sum(), c.sum()])
    assert float(shift_auc(r, c)) == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)


@given(counts)
def test_swapping_the_sides_turns_it_round(pairs):
    r, c = np.array(pairs).T
    assert float(shift_auc(r, c)) == pytest.approx(1 - float(shift_auc(c, r)), abs=1e-12)


def test_the_average_of_many_series_is_that_of_each():
    x = np.random.default_rng(1).normal(size=(3, 20))
    assert np.allclose(ewma(x), [ewma(one) for one in x])


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_the_variance_factor_agrees_with_a_simulation(rho):
    rng = np.random.default_rng(2)
    x = np.empty((400, 600))
    x[:, 0] = rng.normal(size=400)
    for t in range(1, 600):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho**2) * rng.normal(size=400)
    assert ewma(x)[:, 100:].var() == pytest.approx(float(ewma_variance_factor(rho)), rel=0.05)


def test_a_window_without_rows_has_no_value():
    assert np.isnan(shift_auc([1, 2], [0, 0]))
