import numpy as np

from core.profile.build_bins import categorical_bins, numeric_bins


def test_the_number_of_numeric_bins_counts_both_open_ends():
    bins = numeric_bins(np.array([1.0, 2.0, 5.0]))
    assert bins.n_bins == len(bins.edges) + 1 == bins.cell.size


def test_the_number_of_categorical_counts_has_other_and_unseen():
    assert categorical_bins({"a": 3, "b": 1}).n_bins == 4
