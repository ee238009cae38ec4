import numpy as np
import pytest

from core.errors import NotEnoughDataError
from core.fairness.reweighing import MEANING, STRENGTHS, reweighing, reweighing_weights
from tests.core.fairness.counted_groups import group_counts_of, made, rows

PARITY = "demographic_parity_difference"


def test_weights_make_group_and_actual_independent():
    actuals = np.array([[60.0, 40.0], [80.0, 20.0], [500.0, 300.0]])
    weighted = actuals * reweighing_weights(actuals)
    share = weighted[:, 1] / weighted.sum(1)
    assert np.allclose(share, actuals[:, 1].sum() / actuals.sum(), rtol=0, atol=1e-12)
    assert np.allclose(weighted.sum(0), actuals.sum(0))


def test_the_path_begins_at_the_present_decisions_and_narrows_the_gap():
    counts = made(n=20_000)
    found = reweighing(counts, PARITY, threshold=0.5)
    assert found.strengths == STRENGTHS
    first = found.points[0]
    cells = counts.confusion[:, :2, :2]
    assert first.accuracy == pytest.approx((cells[:, 0, 0] + cells[:, 1, 1]).sum() / cells.sum())
    assert first.thresholds == (0.5, 0.5)
    assert found.points[-1].gap < first.gap / 2


def test_each_threshold_is_where_the_reweighted_odds_reach_that_in_force():
    counts = made(n=20_000)
    found = reweighing(counts, PARITY, threshold=0.5)
    for place, threshold in enumerate(found.points[-1].thresholds):
        odds = found.weights[place, 0] / found.weights[place, 1]
        assert threshold == pytest.approx(odds / (1 + odds), abs=0.0051)


def test_groups_left_out_have_no_weight_and_keep_their_decisions():
    y, score, group = rows(3_000, lift=(0.0, 0.8, 0.2))
    group = np.where((group == 2) & (np.arange(3_000) > 150), 0, group)
    found = reweighing(group_counts_of(y, score, group, ("a", "b", "small")), PARITY, threshold=0.5)
    assert np.isnan(found.weights[2]).all()
    assert all(point.thresholds[2] is None for point in found.points)


def test_what_cannot_be_reweighted_is_not_applicable_with_the_reason():
    with pytest.raises(NotEnoughDataError, match="changes probabilities"):
        reweighing(made(n=500), PARITY, threshold=0.5, probability=False)
    with pytest.raises(NotEnoughDataError, match="no threshold is declared"):
        reweighing(made(n=500), PARITY, threshold=None)
    with pytest.raises(NotEnoughDataError, match="fewer than two groups"):
        reweighing(made(n=60), PARITY, threshold=0.5)


def test_the_words_say_that_nothing_was_retrained():
    assert "not retrained" in MEANING
