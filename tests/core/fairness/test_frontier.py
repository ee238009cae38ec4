from itertools import product

import numpy as np
import pytest

from core.errors import NotEnoughDataError
from core.fairness.frontier import (
    ALLOWED,
    CONSTRAINTS,
    LIMITS,
    UNLAWFUL,
    Objective,
    frontier,
    gap_of,
    threshold_groups,
)
from core.fairness.gaps import group_gaps
from core.fairness.thresholds import cuts_of, rates_of_cells
from tests.core.fairness.counted_groups import group_counts_of, made, rows

VALUES = np.array([[0.0, -150.0], [-40.0, 120.0]])
PLACES = {CONSTRAINTS[0]: [0], CONSTRAINTS[1]: [1], CONSTRAINTS[2]: [1, 2]}


def coarse(**options):
    """Return counts with few cuts, so that all pairs of thresholds can be tried."""
    y, score, group = rows(**options)
    return group_counts_of(y, score, group, ("a", "b"), edges=np.arange(1, 20) / 20)


def best_by_trying(counts, constraint, worth):
    """Return for each allowed gap the largest objective of all pairs of thresholds."""
    cuts = cuts_of(counts)
    gains, rates = (cuts.cells * worth).sum((-2, -1)), np.stack(rates_of_cells(cuts.cells))[PLACES[constraint]]
    tried = [
        (np.abs(rates[:, 0, a] - rates[:, 1, b]).max(), gains[0, a] + gains[1, b])
        for a, b in product(range(gains.shape[1]), repeat=2)
    ]
    return [max((gain for gap, gain in tried if gap <= allowed + 1e-9), default=-np.inf) for allowed in ALLOWED]


@pytest.mark.parametrize("constraint", CONSTRAINTS[:2])
@pytest.mark.parametrize("objective", list(Objective))
def test_for_one_rate_no_pair_of_thresholds_beats_the_frontier(constraint, objective):
    counts = coarse(n=2_000)
    found = frontier(counts, constraint, objective=objective, values=VALUES)
    worth = VALUES if objective is Objective.VALUE else np.eye(2)
    gain = [one.value if objective is Objective.VALUE else one.accuracy * one.n for one in found.points]
    for allowed, best in zip(ALLOWED, best_by_trying(counts, constraint, worth), strict=True):
        reached = max(
            (g for g, one in zip(gain, found.points, strict=True) if one.gap <= allowed + 1e-9), default=-np.inf
        )
        assert reached == pytest.approx(best, abs=1e-6)


def test_for_equalized_odds_no_point_is_better_than_trying_all_and_none_breaks_its_gap():
    counts = coarse(n=2_000)
    found = frontier(counts, CONSTRAINTS[2])
    best = best_by_trying(counts, CONSTRAINTS[2], np.eye(2))
    for point in found.points:
        allowed = next(place for place, one in enumerate(ALLOWED) if point.gap <= one + 1e-9)
        assert point.accuracy * point.n <= best[allowed] + 1e-6
    assert max(one.accuracy for one in found.points) * found.points[0].n == pytest.approx(best[-1])


def test_the_points_rise_in_gap_and_in_objective_and_the_present_one_is_as_decided():
    counts = made(n=4_000)
    found = frontier(counts, CONSTRAINTS[0], values=VALUES)
    gaps, accuracies = [one.gap for one in found.points], [one.accuracy for one in found.points]
    assert gaps == sorted(gaps)
    assert accuracies == sorted(accuracies)
    now = group_gaps(counts.confusion, draws=0)[CONSTRAINTS[0]]
    assert found.present.gap == pytest.approx(float(now.estimate.value))
    assert found.present.thresholds == (None, None)
    assert found.present.value == pytest.approx(float((counts.confusion[:, :2, :2] * VALUES).sum()))


def test_the_rows_decided_at_a_points_thresholds_have_its_gap_and_accuracy():
    y, score, group = rows(4_000)
    found = frontier(group_counts_of(y, score, group, ("a", "b")), CONSTRAINTS[1])
    point = found.points[len(found.points) // 2]
    decided = score >= np.asarray(point.thresholds)[group]
    recalls = [decided[(group == side) & (y == 1)].mean() for side in (0, 1)]
    assert point.gap == pytest.approx(abs(recalls[1] - recalls[0]))
    assert point.accuracy == pytest.approx((decided == y).mean())


def test_small_and_hidden_groups_keep_their_decisions():
    y, score, group = rows(4_000, lift=(0.0, 0.8, 0.3))
    group = np.where((group == 2) & (np.arange(4_000) > 200), 0, group)
    counts = group_counts_of(y, score, group, ("a", "b", "small"))
    found = frontier(counts, CONSTRAINTS[0])
    assert found.counted.tolist() == [True, True, False]
    assert all(point.thresholds[2] is None for point in found.points)
    kept = counts.confusion[2, 1, :2].sum() / counts.confusion[2, :2, :2].sum()
    assert all(point.selection_rates[2] == pytest.approx(kept) for point in found.points)
    with pytest.raises(NotEnoughDataError, match="fewer than two groups"):
        threshold_groups(counts, hidden=np.array([True, False, False]))


def test_money_without_a_value_model_is_not_applicable():
    with pytest.raises(NotEnoughDataError, match="no value model"):
        frontier(made(n=1_000), CONSTRAINTS[0], objective=Objective.VALUE)


def test_the_gap_of_decisions_is_that_of_the_gaps():
    counts = made(n=2_000)
    expected = group_gaps(counts.confusion, draws=0)
    for constraint in CONSTRAINTS:
        found = gap_of(counts.confusion[:, :2, :2].astype(float), constraint)
        assert found == pytest.approx(float(expected[constraint].estimate.value))


def test_what_stands_beside_the_frontier_says_what_it_cannot_see():
    assert "ask counsel" in UNLAWFUL
    assert any("same rows" in one for one in LIMITS)
