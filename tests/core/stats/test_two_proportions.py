import numpy as np
import pytest
from scipy.stats import chi2_contingency, norm

from core.stats.intervals import wilson
from core.stats.two_proportions import katz_ratio, koopman_ratio, newcombe_difference, ratio_interval, square_and_add


def test_newcombe_is_the_published_interval_and_turns_with_the_sides():
    found = newcombe_difference(56, 70, 48, 80)
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (0.0524, 0.3339)
    turned = newcombe_difference(48, 80, 56, 70)
    assert float(turned.low) == pytest.approx(-float(found.high), abs=1e-12)


def test_newcombe_takes_a_level_for_each_element():
    z = np.array([1.0, 2.0, 1.0])
    found = newcombe_difference(5, 50, 8, 40, z=z)
    alone = [float(newcombe_difference(5, 50, 8, 40, z=one).low) for one in z]
    assert found.low.tolist() == alone


def test_square_and_add_of_wilson_intervals_is_newcombe():
    one, two = wilson(7, 30), wilson(12, 30)
    found = square_and_add(np.asarray(7 / 30), one, np.asarray(12 / 30), two)
    assert float(found.low) == pytest.approx(float(newcombe_difference(7, 30, 12, 30).low), abs=1e-12)


def test_a_side_without_rows_has_no_interval():
    assert np.isnan(newcombe_difference(0, 0, 3, 10).low)
    assert np.isnan(katz_ratio(0, 0, 3, 10).high)
    assert np.isnan(koopman_ratio(0, 10, 0, 10).low)


def test_katz_is_the_formula_by_hand():
    found = katz_ratio(30, 100, 50, 100, z=1.0)
    centre = np.log(30.5 / 50.5)
    spread = np.sqrt(1 / 30.5 - 1 / 100.5 + 1 / 50.5 - 1 / 100.5)
    assert float(found.high) == pytest.approx(np.exp(centre + spread), abs=1e-12)


def test_the_score_interval_of_the_ratio_holds_one_exactly_when_the_score_test_does():
    for k1, n1, k2, n2 in ((3, 40, 9, 50), (20, 100, 35, 90), (1, 30, 6, 31)):
        p = chi2_contingency([[k1, n1 - k1], [k2, n2 - k2]], correction=False).pvalue
        z = float(norm.isf(p / 2))
        found = koopman_ratio(k1, n1, k2, n2, z=z)
        nearest = float(found.high) if k1 / n1 < k2 / n2 else float(found.low)
        assert nearest == pytest.approx(1.0, abs=1e-9)


def test_the_score_interval_is_open_where_a_side_has_no_success():
    assert float(koopman_ratio(0, 20, 5, 20).low) == 0.0
    assert float(koopman_ratio(5, 20, 0, 20).high) == np.inf
    turned, found = koopman_ratio(9, 50, 3, 40), koopman_ratio(3, 40, 9, 50)
    assert float(found.low) == pytest.approx(1 / float(turned.high), rel=1e-9)


def test_the_ratio_takes_the_score_interval_exactly_where_a_count_is_below_ten():
    found = ratio_interval([30, 3, 97], [100, 100, 100], [50, 50, 50], [100, 100, 100])
    assert float(found.low[0]) == float(katz_ratio(30, 100, 50, 100).low)
    assert float(found.low[1]) == float(koopman_ratio(3, 100, 50, 100).low)
    assert float(found.high[2]) == float(koopman_ratio(97, 100, 50, 100).high)
