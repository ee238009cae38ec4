import numpy as np
import pytest

from core.errors import BadInputError
from core.fairness.reference_group import (
    Finding,
    against_reference,
    detectable_ratio,
    four_fifths,
)
from core.stats.two_proportions import koopman_ratio, newcombe_difference, ratio_interval

LABELS = ("a", "b", "c", "tiny", "empty")


def cells():
    found = np.zeros((5, 3, 3), int)
    found[0, :2, :2] = [[600, 100], [100, 200]]
    found[1, :2, :2] = [[400, 50], [50, 50]]
    found[2, :2, :2] = [[300, 60], [40, 100]]
    found[3, :2, :2] = [[20, 5], [3, 2]]
    return found


def test_the_rule_by_hand_and_its_three_findings():
    found = four_fifths([30, 36, 48], [100, 100, 100], [500, 500, 500], [1000, 1000, 1000])
    assert found.finding.tolist() == [Finding.BREACH, Finding.NOT_CONCLUSIVE, Finding.NOT_BELOW]
    assert found.ratio.tolist() == pytest.approx([0.6, 0.72, 0.96])
    assert float(found.upper[0]) == pytest.approx(0.7820468910586625, abs=1e-9)


def test_with_few_selected_the_bound_is_the_score_bound():
    found = four_fifths(3, 60, 500, 1000)
    assert float(found.upper) == pytest.approx(float(koopman_ratio(3, 60, 500, 1000, z=1.6448536269514722).high))


def test_the_rule_says_nothing_without_rows_or_without_a_selected_reference():
    found = four_fifths([0, 5], [0, 50], [50, 0], [100, 100])
    assert set(found.finding.tolist()) == {Finding.NOT_APPLICABLE}
    assert np.isnan(found.ratio).all()


def test_a_true_ratio_of_four_fifths_is_rarely_accused_and_the_point_alone_would_accuse_half():
    rng = np.random.default_rng(3)
    k1, k2 = rng.binomial(500, 0.24, 20_000), rng.binomial(2_000, 0.3, 20_000)
    found = four_fifths(k1, 500, k2, 2_000)
    assert (found.finding == Finding.BREACH).mean() < 0.055
    assert (found.ratio < 0.8).mean() > 0.45


def test_what_is_detectable_is_found_in_four_cases_of_five():
    rng = np.random.default_rng(4)
    ratio = float(detectable_ratio(400, 600, 2_000))
    k1, k2 = rng.binomial(400, 0.3 * ratio, 20_000), rng.binomial(2_000, 0.3, 20_000)
    assert (four_fifths(k1, 400, k2, 2_000).finding == Finding.BREACH).mean() == pytest.approx(0.8, abs=0.03)
    assert np.isnan(detectable_ratio(3, 2, 20))
    assert float(detectable_ratio(10**7, 10**6, 10**7)) == pytest.approx(0.8, abs=0.005)


def test_each_group_stands_beside_the_reference_with_interval_and_ratio():
    found = against_reference(cells(), LABELS, "a")
    selected = found.differences["selection_rate"]
    pair = newcombe_difference(100, 550, 300, 1000)
    assert float(selected.value[1]) == pytest.approx(100 / 550 - 0.3)
    assert (float(selected.low[1]), float(selected.high[1])) == pytest.approx((float(pair.low), float(pair.high)))
    recall = found.ratios["recall"]
    assert float(recall.value[2]) == pytest.approx((100 / 160) / (200 / 300))
    assert float(recall.low[2]) == pytest.approx(float(ratio_interval(100, 160, 200, 300).low))
    assert "the reference group itself" in selected.reason[0]
    assert "the group has no such row" in selected.reason[4]


def test_the_impact_ratio_is_the_smallest_of_the_compared_groups():
    found = against_reference(cells(), LABELS, "a")
    assert float(found.impact.value) == pytest.approx((100 / 550) / 0.3)
    assert int(found.lowest) == 1
    assert found.counted.tolist() == [True, True, True, False, False]
    assert str(found.four_fifths.finding[1]) == Finding.BREACH


def test_hidden_groups_say_so_and_a_hidden_reference_leaves_nothing():
    hidden = np.array([False, True, False, False, False])
    found = against_reference(cells(), LABELS, "a", hidden=hidden)
    assert "hidden" in found.ratios["selection_rate"].reason[1]
    assert np.isnan(found.four_fifths.upper[1])
    assert int(found.lowest) == 2
    none = against_reference(cells(), LABELS, "b", hidden=hidden)
    assert "hidden" in str(none.impact.reason)
    assert set(none.four_fifths.finding.tolist()) == {Finding.NOT_APPLICABLE}


def test_a_reference_group_that_is_too_small_has_no_impact_ratio():
    found = against_reference(cells(), LABELS, "tiny")
    assert "too few decided rows" in str(found.impact.reason)
    assert int(found.lowest) == -1 or np.isnan(found.impact.value)


def test_a_group_that_does_not_exist_is_refused():
    with pytest.raises(BadInputError, match="no group 'z'"):
        against_reference(cells(), LABELS, "z")
