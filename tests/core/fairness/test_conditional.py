import fairlearn.metrics as fairlearn
import numpy as np
import pytest

from core.fairness.conditional import conditional_gaps, mantel_haenszel_difference
from core.fairness.rates import SELECTION_RATE, TPR


def simpson():
    """Return two groups by two departments: within each equal, over all far apart."""
    found = np.zeros((2, 2, 3, 3), int)
    for group, (easy, hard) in enumerate(((900, 200), (300, 900))):
        for segment, (n, rate) in enumerate(((easy, 0.6), (hard, 0.2))):
            selected = round(n * rate)
            found[group, segment, 1, 0], found[group, segment, 1, 1] = selected // 2, selected - selected // 2
            found[group, segment, 0, 0] = n - selected
    return found


def test_a_gap_that_the_control_column_explains_vanishes_in_the_pooled_difference():
    found = conditional_gaps(simpson(), SELECTION_RATE, against=0)
    assert float(found.crude.value[1]) == pytest.approx((180 + 180) / 1200 - (540 + 40) / 1100)
    assert float(found.crude.high[1]) < -0.1
    assert float(found.pooled.value[1]) == pytest.approx(0, abs=1e-12)
    assert float(found.pooled.low[1]) < 0 < float(found.pooled.high[1])
    assert found.by_segment.value.tolist() == pytest.approx([0, 0], abs=1e-12)


def test_the_pooled_difference_is_the_mantel_haenszel_formula_and_covers_the_truth():
    found = mantel_haenszel_difference([30, 10], [100, 20], [40, 80], [100, 200])
    top = (30 * 100 - 40 * 100) / 200 + (10 * 200 - 80 * 20) / 220
    assert float(found.value) == pytest.approx(top / (100 * 100 / 200 + 20 * 200 / 220))
    rng = np.random.default_rng(1)
    n1, n2 = np.array([40, 200, 15, 600]), np.array([300, 100, 50, 500])
    p = np.array([0.1, 0.3, 0.6, 0.2])
    many = mantel_haenszel_difference(rng.binomial(n1, p + 0.05, (5_000, 4)), n1, rng.binomial(n2, p, (5_000, 4)), n2)
    covered = (many.interval.low <= 0.05) & (many.interval.high >= 0.05)
    assert covered.mean() == pytest.approx(0.95, abs=0.012)


def test_one_segment_is_the_plain_difference_and_a_side_without_rows_says_nothing():
    alone = mantel_haenszel_difference([30], [100], [40], [80])
    assert float(alone.value) == pytest.approx(0.3 - 0.5)
    with_empty = mantel_haenszel_difference([30, 9], [100, 10], [40, 0], [80, 0])
    assert float(with_empty.value) == pytest.approx(-0.2)
    assert float(with_empty.n_segments) == 1
    assert np.isnan(mantel_haenszel_difference([3], [10], [0], [0]).value)


def test_gaps_inside_each_segment_are_fairlearns_with_a_control_feature():
    rng = np.random.default_rng(0)
    y, d, group, control = (rng.integers(0, size, 3_000) for size in (2, 2, 3, 2))
    cells = np.zeros((3, 2, 3, 3), int)
    np.add.at(cells, (group, control, d, y), 1)
    frame = fairlearn.MetricFrame(
        metrics={"recall": fairlearn.true_positive_rate, "selection_rate": fairlearn.selection_rate},
        y_true=y,
        y_pred=d,
        sensitive_features=group,
        control_features=control,
    )
    for rate in (TPR, SELECTION_RATE):
        found = conditional_gaps(cells, rate, against=0).by_segment.value
        assert found.tolist() == pytest.approx(frame.difference(method="between_groups")[rate].tolist(), abs=1e-9)


def test_thin_segments_are_not_judged_and_hidden_cells_are_left_out():
    cells = simpson()
    cells[1, 0] //= 10
    found = conditional_gaps(cells, SELECTION_RATE, against=0)
    assert "fewer than two groups with 100 rows" in found.by_segment.reason[0]
    assert found.by_segment.reason[1] == ""
    hidden = np.zeros((2, 2), bool)
    hidden[1, 1] = True
    without = conditional_gaps(simpson(), SELECTION_RATE, against=0, hidden=hidden)
    assert float(without.crude.value[1]) == pytest.approx(0.6 - 580 / 1100)
    assert "the group that the others are compared with" in without.pooled.reason[0]


def test_groups_that_never_meet_in_a_segment_cannot_be_compared():
    cells = simpson()
    cells[0, 1], cells[1, 0] = 0, 0
    assert "no segment holds rows of both" in conditional_gaps(cells, SELECTION_RATE, against=0).pooled.reason[1]
