import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from core.segments.search_winner import conditional_mle, shrunk, z_of


@pytest.mark.parametrize(("z", "cut"), [(4.0, 3.2), (6.0, 3.2), (3.6, 3.2), (5.0, 4.1)])
def test_it_solves_the_equation_of_zhong_and_prentice(z, cut):
    expected = brentq(lambda mu: mu + norm.pdf(cut - mu) / norm.cdf(mu - cut) - z, -5, 20, xtol=1e-12)
    assert float(conditional_mle(z, cut)) == pytest.approx(max(expected, 0.0), abs=1e-9)


def test_just_over_the_cut_off_nothing_is_left_and_far_over_it_everything():
    assert float(conditional_mle(3.21, 3.2)) == 0.0
    assert float(conditional_mle(12.0, 3.2)) == pytest.approx(12.0, abs=1e-9)
    assert float(conditional_mle(38.0, 3.2)) == 38.0


def test_more_z_leaves_more():
    found = conditional_mle(np.linspace(3.3, 9, 40), 3.2)
    assert (np.diff(found) >= 0).all()


def test_the_interval_covers_a_true_mean_of_what_was_selected():
    rng = np.random.default_rng(0)
    for true in (2.5, 3.5, 5.0):
        z = rng.normal(true, 1, 60_000)
        z = z[z > 3.2][:1_500]
        found = shrunk(z, 3.2)
        assert np.mean((found.low <= true) & (true <= found.high)) == pytest.approx(0.95, abs=0.02)


def test_the_interval_holds_the_value_and_begins_at_nothing_or_above():
    found = shrunk(np.array([3.3, 4.0, 6.0, 40.0]), 3.2)
    assert (found.low >= 0).all()
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


@pytest.mark.parametrize("true", [3.0, 4.0, 5.0])
def test_a_selected_z_is_too_large_and_the_conditional_one_is_not(true):
    z = np.random.default_rng(1).normal(true, 1, 40_000)
    z = z[z > 3.2]
    assert z.mean() > true
    assert conditional_mle(z, 3.2).mean() < true


def test_the_z_of_a_p_is_that_of_the_normal_tail_and_a_p_of_nothing_is_finite():
    assert float(z_of(0.025)) == pytest.approx(norm.isf(0.025), abs=1e-9)
    assert float(z_of(0.0)) == 38.0
