import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from core.drift.divergence import js_distance, js_null_quantile, kl_divergence

cells = st.lists(st.integers(0, 5_000), min_size=3, max_size=3).filter(any)


def test_kl_of_two_cells_is_as_worked_by_hand():
    # shares (1.5/5, 3.5/5) of the window against (2.5/5, 2.5/5) of the reference
    expected = 0.3 * np.log(0.3 / 0.5) + 0.7 * np.log(0.7 / 0.5)
    assert float(kl_divergence([2, 2], [1, 3])) == pytest.approx(expected, abs=1e-12)


def test_kl_agrees_with_scipy_on_the_smoothed_shares():
    r, c = np.array([1_000, 2_000, 7_000]), np.array([300, 200, 500])
    expected = stats.entropy((c + 0.5) / (1_000 + 1.5), (r + 0.5) / (10_000 + 1.5))
    assert float(kl_divergence(r, c)) == pytest.approx(expected, abs=1e-9)


@given(cells, cells)
def test_js_agrees_with_scipy_and_is_symmetric(r, c):
    expected = jensenshannon(r, c, base=2)
    assert float(js_distance(r, c)) == pytest.approx(0.0 if np.isnan(expected) else expected, abs=1e-7)
    assert float(js_distance(r, c)) == pytest.approx(float(js_distance(c, r)), abs=1e-9)


def test_js_of_disjoint_shares_is_one_and_of_equal_shares_zero():
    assert float(js_distance([3, 0], [0, 4])) == 1.0
    assert float(js_distance([3, 6], [1, 2])) == pytest.approx(0.0, abs=1e-8)


def test_js_of_one_half_against_all_in_one_cell_is_as_worked_by_hand():
    # divergence = 1 - ¾·log2(3) + ½·1... = ½[1·log2(1/.75) + .5·log2(.5/.75) + .5·log2(.5/.25)]
    expected = 0.5 * (np.log2(4 / 3) + 0.5 * np.log2(2 / 3) + 0.5)
    assert float(js_distance([1, 1], [1, 0])) == pytest.approx(np.sqrt(expected), abs=1e-12)


def test_without_drift_the_distance_is_rarely_above_its_null_limit():
    rng = np.random.default_rng(8)
    reference, current = rng.multinomial(10_000, [0.1] * 10, 4_000), rng.multinomial(500, [0.1] * 10, 4_000)
    above = js_distance(reference, current) > js_null_quantile(reference, current)
    assert 0.005 <= above.mean() <= 0.018


def test_a_window_without_rows_has_no_value():
    assert np.isnan(js_distance([1, 2], [0, 0]))
    assert np.isnan(kl_divergence([1, 2], [0, 0]))
