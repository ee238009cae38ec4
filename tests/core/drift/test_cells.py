import numpy as np

from core.drift.cells import stacked, unseen_in_other
from core.profile.bins import CategoricalBins
from core.profile.build_bins import numeric_bins

BINS = CategoricalBins(
    levels=("a", "b"),
    rest=frozenset({"c"}),
    n_cells=4,
    cell_names=("a", "b", "other", "unseen"),
    is_new_cell=np.array([False, False, False, True]),
)


def test_unseen_joins_other_where_the_reference_has_rows_in_other():
    reference, current = np.array([50, 40, 10, 0, 0]), np.array([[5, 4, 1, 3, 2]])
    assert unseen_in_other(BINS, reference, current).tolist() == [[5, 4, 4, 0, 2]]
    assert current.tolist() == [[5, 4, 1, 3, 2]]


def test_unseen_stays_alone_where_the_reference_has_no_other():
    reference, current = np.array([50, 50, 0, 0, 0]), np.array([5, 4, 0, 3, 2])
    assert unseen_in_other(BINS, reference, current).tolist() == [5, 4, 0, 3, 2]


def test_numeric_cells_are_left_alone():
    cells = np.array([1, 2, 3])
    assert unseen_in_other(numeric_bins(np.array([1.0, 2.0])), cells, cells) is cells


def test_stacked_cells_keep_the_missing_cell_last():
    both = stacked([np.array([[1, 2, 9]]), np.array([[3, 4, 5, 6, 8]])])
    assert both.tolist() == [[[1, 2, 0, 0, 9], [3, 4, 5, 6, 8]]]
