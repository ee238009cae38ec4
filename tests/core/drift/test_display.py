"""Shares as they are drawn."""

import numpy as np
import pytest

from core.drift.display import MAX_LEVELS_SHOWN, distribution, shares
from core.profile.build_bins import categorical_bins, numeric_bins

RNG = np.random.default_rng(7)


def counts(values, bins):
    fine = np.bincount(np.searchsorted(bins.edges, values, side="left"), minlength=bins.n_bins)
    cells = np.zeros(bins.n_cells + 1, np.int64)
    np.add.at(cells, bins.cell, fine)
    return cells


def test_deciles_of_a_continuous_feature_have_boundaries_between_all_cells():
    reference = RNG.normal(size=5_000)
    bins = numeric_bins(reference)
    shown = distribution(bins, counts(reference, bins), counts(reference + 9, bins), unit="kn")
    assert shown.boundaries is not None
    assert len(shown.boundaries) == len(shown.names) - 1
    assert list(shown.boundaries) == sorted(shown.boundaries)
    assert shown.n_missing_cells == 0
    assert sum(shown.reference_share) == pytest.approx(1)
    assert sum(shown.current_share) == pytest.approx(1)
    assert shown.unit == "kn"


def test_empty_cells_are_left_out_and_the_missing_cell_is_last():
    reference = RNG.normal(size=5_000)
    bins = numeric_bins(reference)
    cells = counts(reference, bins)
    with_missing = cells.copy()
    with_missing[-1] = 50
    assert distribution(bins, cells, cells).names[0].startswith("≤")
    shown = distribution(bins, cells, with_missing)
    assert shown.names[-1] == "missing"
    assert shown.n_missing_cells == 1
    assert shown.boundaries is not None
    assert len(shown.boundaries) == len(shown.names) - 2


def test_single_values_have_names_instead_of_boundaries():
    reference = RNG.integers(0, 5, 1_000).astype(float)
    bins = numeric_bins(reference)
    shown = distribution(bins, counts(reference, bins), counts(reference, bins))
    assert shown.boundaries is None
    assert shown.names[0] == "0"


def test_many_levels_are_drawn_as_the_largest_and_the_rest():
    bins = categorical_bins({f"level {number:02d}": 100 - number for number in range(40)})
    reference = np.array([*range(100, 60, -1), 0, 0, 7], np.int64)
    current = reference.copy()
    current[39] = 5_000
    shown = distribution(bins, reference, current)
    assert len(shown.names) == MAX_LEVELS_SHOWN + 1
    assert "level 39" in shown.names
    assert shown.names[-2:] == ("rest", "missing")
    assert sum(shown.current_share) == pytest.approx(1)


def test_levels_beyond_the_counted_ones_join_the_rest_and_unseen_ones_stay_apart():
    bins = categorical_bins({f"level {number:02d}": 1_000 - number for number in range(60)})
    reference = np.array([*range(100, 50, -1), 300, 0, 0], np.int64)
    current = np.array([*range(100, 50, -1), 200, 40, 0], np.int64)
    shown = distribution(bins, reference, current)
    assert shown.names[-2:] == ("rest", "unseen")
    assert "other" not in shown.names
    assert sum(shown.reference_share) == pytest.approx(1)
    assert sum(shown.current_share) == pytest.approx(1)


def test_a_window_without_rows_has_shares_of_zero():
    assert shares(np.zeros(3, np.int64)).tolist() == [0, 0, 0]
    bins = numeric_bins(np.arange(100.0))
    cells = counts(np.arange(100.0), bins)
    shown = distribution(bins, cells, np.zeros_like(cells))
    assert shown.n_current == 0
    assert set(shown.current_share) == {0.0}
