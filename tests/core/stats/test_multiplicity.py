import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.stats.multiplicity import benjamini_hochberg


def test_three_p_values_are_adjusted_as_worked_by_hand():
    # sorted .01 .02 .9: .01·3/1, .02·3/2 = .03 each, .9·3/3
    assert np.allclose(benjamini_hochberg([0.9, 0.01, 0.02]), [0.9, 0.03, 0.03])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjustment_agrees_with_scipy(p_values):
    assert np.allclose(benjamini_hochberg(p_values), stats.false_discovery_control(p_values), atol=1e-12)


def test_an_untested_member_does_not_count():
    assert np.array_equal(benjamini_hochberg([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04], equal_nan=True)


def test_families_stand_side_by_side():
    families = np.array([[0.01, 0.04, np.nan], [0.5, 0.5, 0.5]])
    alone = [benjamini_hochberg(family) for family in families]
    assert np.array_equal(benjamini_hochberg(families), alone, equal_nan=True)


def test_an_empty_family_stays_empty():
    assert benjamini_hochberg([]).shape == (0,)
