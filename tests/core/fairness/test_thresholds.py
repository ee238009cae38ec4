import numpy as np
import pytest

from core.fairness.thresholds import consequence, cuts_of, rates_of_cells
from tests.core.fairness.counted_groups import group_counts_of, made, rows


def test_every_cut_decides_as_its_threshold_does_on_the_rows():
    y, score, group = rows(500)
    cuts = cuts_of(group_counts_of(y, score, group, ("a", "b")))
    for place in (0, 1, 30, 50, 51, 100):
        decided = score >= cuts.thresholds[place]
        for side in (0, 1):
            mine = group == side
            assert cuts.cells[side, place, 1, 1] == (decided & (y == 1) & mine).sum()
            assert cuts.cells[side, place, 0, 0] == (~decided & (y == 0) & mine).sum()
    assert cuts.thresholds[[0, -1]].tolist() == [-np.inf, np.inf]


def test_a_declared_threshold_is_among_the_cuts_exactly():
    cuts = cuts_of(made(n=300))
    assert 0.5 in cuts.thresholds
    assert cuts.thresholds[cuts.nearest(0.5)] == 0.5
    assert (cuts.nearest(-np.inf), cuts.nearest(np.inf)) == (0, cuts.thresholds.size - 1)


def test_no_cut_leaves_a_row_out():
    cuts = cuts_of(made(n=400))
    assert (cuts.cells.sum((-2, -1)) == cuts.n[:, None]).all()
    assert cuts.n.sum() == 400


def test_rates_of_cells_by_hand_and_none_without_rows():
    selected, recall, false_positive = rates_of_cells(np.array([[60.0, 10], [20, 30]]))
    assert (float(selected), float(recall), float(false_positive)) == (50 / 120, 0.75, 0.25)
    assert np.isnan(rates_of_cells(np.zeros((2, 2)))[1])


def test_a_consequence_adds_all_groups_and_prices_them():
    cells = np.array([[[60.0, 10], [20, 30]], [[0, 0], [0, 0]]])
    found = consequence(cells, (0.5, None), gap=0.1, values=np.array([[0.0, -10], [-5, 20]]))
    assert (found.accuracy, found.n, found.value) == (90 / 120, 120, 600 - 100 - 100)
    assert found.accuracy_low < found.accuracy < found.accuracy_high
    assert found.value_low < found.value < found.value_high
    assert found.recalls == (0.75, None)
    assert consequence(cells, (0.5, None), gap=0.1, values=None).value is None
    assert found.false_positive_rates[0] == pytest.approx(0.25)
