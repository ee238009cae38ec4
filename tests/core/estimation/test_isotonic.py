import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from core.estimation.isotonic import isotonic


def test_falling_neighbours_are_pooled_to_their_weighted_mean():
    assert isotonic([0.3, 0.1], [1, 3]).tolist() == pytest.approx([0.15, 0.15])


def test_it_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    shares, weights = rng.random(300), rng.integers(1, 50, 300)
    expected = IsotonicRegression().fit_transform(np.arange(300), shares, sample_weight=weights)
    np.testing.assert_allclose(isotonic(shares, weights), expected, atol=1e-9)


def test_a_bin_without_weight_lies_on_the_line_between_its_neighbours_by_number():
    found = isotonic([9.0, 0.2, 9.0, 9.0, 0.8, 9.0], [0, 5, 0, 0, 5, 0])
    assert found.tolist() == pytest.approx([0.2, 0.2, 0.4, 0.6, 0.8, 0.8])


def test_many_rows_at_once_are_each_fitted_alone():
    shares = np.random.default_rng(1).random((7, 20))
    weights = np.arange(20)
    together = isotonic(shares, weights)
    np.testing.assert_array_equal(together, np.stack([isotonic(row, weights) for row in shares]))


def test_without_any_weight_there_is_no_fit():
    assert np.isnan(isotonic([0.1, 0.2], [0, 0])).all()


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9)), min_size=1, max_size=30))
def test_it_never_falls_keeps_the_total_and_stays_inside_the_data(pairs):
    shares, weights = np.array([one for one, _ in pairs]), np.array([w for _, w in pairs])
    found = isotonic(shares, weights)
    if weights.sum():
        assert (np.diff(found) >= -1e-12).all()
        assert (found * weights).sum() == pytest.approx((shares * weights).sum(), abs=1e-9)
        held = shares[weights > 0]
        assert held.min() - 1e-12 <= found.min() <= found.max() <= held.max() + 1e-12
