import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from core.drift.chi_square import ChiSquare, chi_square, cramers_v, cramers_v_balanced, pooled_chi_square

tables = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=9)


def test_a_table_of_two_by_two_is_as_worked_by_hand():
    # expected 15 everywhere: 4 · 5²/15
    assert float(chi_square([10, 20], [20, 10]).statistic) == pytest.approx(100 / 15)
    assert int(chi_square([10, 20], [20, 10]).df) == 1


@given(tables)
def test_it_agrees_with_scipy(pairs):
    r, c = np.array(pairs).T
    assume(r.sum() > 0 and c.sum() > 0)
    filled = (r + c) > 0
    found = chi_square(r, c)
    if filled.sum() == 1:
        assert int(found.df) == 0
        assert float(found.p_value()) == 1.0
        return
    expected = stats.chi2_contingency(np.stack([r, c])[:, filled], correction=False)
    assert float(found.statistic) == pytest.approx(expected.statistic, abs=1e-8)
    assert float(found.p_value()) == pytest.approx(expected.pvalue, abs=1e-9)


@given(tables)
def test_swapping_the_sides_changes_nothing(pairs):
    r, c = np.array(pairs).T
    assume(r.sum() > 0 and c.sum() > 0)
    assert float(chi_square(r, c).statistic) == pytest.approx(float(chi_square(c, r).statistic), abs=1e-8)


def test_rare_cells_are_pooled_into_one():
    r, c = [500, 310, 130, 25, 20, 15], [50, 30, 15, 3, 1, 1]
    expected = stats.chi2_contingency([[500, 310, 130, 60], [50, 30, 15, 5]], correction=False)
    found = pooled_chi_square(r, c)
    assert float(found.statistic) == pytest.approx(expected.statistic, abs=1e-9)
    assert int(found.df) == 3


def test_a_rare_cell_that_stays_rare_joins_the_smallest_of_the_others():
    r, c = [500, 300, 200, 10], [50, 30, 20, 1]
    expected = stats.chi2_contingency([[500, 300, 210], [50, 30, 21]], correction=False)
    found = pooled_chi_square(r, c)
    assert float(found.statistic) == pytest.approx(expected.statistic, abs=1e-9)
    assert int(found.df) == 2


def test_a_new_cell_with_ten_rows_stays_although_it_is_rare():
    r, c = [25_000, 25_000, 0], [480, 480, 40]
    expected = stats.chi2_contingency([r, c], correction=False)
    found = pooled_chi_square(r, c)
    assert float(found.statistic) == pytest.approx(expected.statistic, abs=1e-6)
    assert int(found.df) == 2


def test_a_new_cell_with_nine_rows_is_pooled():
    assert int(pooled_chi_square([25_000, 25_000, 0], [496, 495, 9]).df) == 1


def test_when_every_cell_is_rare_nothing_can_be_tested():
    found = pooled_chi_square([3, 3], [2, 2])
    assert int(found.df) == 0
    assert float(found.p_value()) == 1.0


def test_pooling_holds_the_level_of_a_skew_categorical_with_few_rows():
    rng = np.random.default_rng(11)
    shares = [0.6, 0.2, 0.1, 0.05, 0.03, 0.012, 0.006, 0.002]
    reference, current = rng.multinomial(10_000, shares, 6_000), rng.multinomial(50, shares, 6_000)
    rate = (pooled_chi_square(reference, current).p_value() <= 0.01).mean()
    assert 0.005 <= rate <= 0.016


def test_the_design_factor_divides_the_statistic():
    found = chi_square([100, 100], [130, 70])
    assert float(found.p_value(phi=2.0)) == pytest.approx(stats.chi2.sf(float(found.statistic) / 2, 1), abs=1e-12)


def test_cramers_v_agrees_with_scipy_and_the_balanced_one_ignores_the_sizes():
    r, c = np.array([400, 300, 300]), np.array([100, 120, 180])
    assert float(cramers_v(r, c)) == pytest.approx(stats.contingency.association(np.stack([r, c])), abs=1e-9)
    assert float(cramers_v_balanced(r, c)) == pytest.approx(float(cramers_v_balanced(r * 50, c)), abs=1e-12)
    assert float(cramers_v_balanced([1, 0], [0, 1])) == 1.0


def test_a_window_without_rows_has_no_value():
    assert np.isnan(chi_square([1, 2], [0, 0]).statistic)
    assert np.isnan(pooled_chi_square([1, 2], [0, 0]).p_value())


def test_the_second_order_law_is_that_of_f_and_leaves_the_first_order_alone_at_a_share_of_one():
    found = ChiSquare(statistic=np.array(40.0), df=np.array(8))
    assert float(found.p_value(phi=2.0)) == pytest.approx(stats.chi2.sf(20, 8), abs=1e-12)
    assert float(found.p_value(phi=2.0, share=1.0, n_days=30)) == float(found.p_value(phi=2.0))
    expected = stats.f.sf(20 / 8, 4, 4 * 29)
    assert float(found.p_value(phi=2.0, share=0.5, n_days=30)) == pytest.approx(expected, abs=1e-12)
    assert float(found.p_value(phi=2.0, share=0.01, n_days=1e9)) == pytest.approx(stats.chi2.sf(20 / 8, 1), rel=1e-6)
