import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from core.drift.ks import ks_bound, ks_statistic
from core.profile.build_bins import categorical_bins, numeric_bins, quantiles
from core.profile.features import numeric_counts


def fine(values, bins):
    return numeric_counts(np.asarray(values, float), 0, bins, (None, None))[0][: bins.n_bins]


def test_bins_are_closed_on_the_right_as_in_the_shared_oracle(shared):
    cases = json.loads((shared / "oracles" / "statistics_checks.json").read_text())
    case = next(case for case in cases if case["id"] == "bins_right_closed")
    edges = np.array(case["inputs"]["edges"])
    for values, expected in zip(("reference", "current"), case["expected"], strict=True):
        ordered = np.sort(case["inputs"][values])
        cumulated = np.searchsorted(ordered, edges, side="right")
        assert np.diff(cumulated, prepend=0, append=ordered.size).tolist() == expected


def test_quantiles_of_a_small_sample_by_hand():
    # m = 10, thirds: x[ceil(10/3) - 1] = x[3], x[ceil(20/3) - 1] = x[6]
    assert quantiles(np.arange(10.0), 3).tolist() == [3.0, 6.0]


def test_few_values_have_a_bin_and_a_cell_each_and_one_cell_for_new_values():
    bins = numeric_bins(np.array([3.0, 1.0, 3.0, 7.0]))
    assert bins.edges.tolist() == [np.nextafter(1, 0), 1, np.nextafter(3, 0), 3, np.nextafter(7, 0), 7]
    assert bins.cell.tolist() == [3, 0, 3, 1, 3, 2, 3]
    assert bins.cell_names == ("= 1", "= 3", "= 7", "new value")
    assert bins.is_new_cell.tolist() == [False, False, False, True]
    assert (bins.centre, bins.constant) == (3.0, False)
    assert bins.reference_mean[[1, 3, 5]].tolist() == [-2.0, 0.0, 4.0]


def test_a_continuous_column_has_522_bins_and_deciles_with_two_outside_cells():
    values = np.random.default_rng(0).normal(size=100_000)
    bins = numeric_bins(values)
    counts = fine(values, bins)
    assert bins.n_bins <= 522
    assert counts[0] == counts[-1] == 0
    assert bins.n_cells == 12
    assert np.flatnonzero(bins.is_new_cell).tolist() == [0, 11]
    by_cell = np.bincount(bins.cell, counts)
    assert by_cell[1:-1] == pytest.approx(10_000, abs=210)
    assert len(set(bins.cell_names)) == 12
    assert bins.cell_names[0].startswith("below")
    assert bins.cell_names[1].startswith("≤")
    assert bins.cell_names[-1].startswith("above")


def test_values_beyond_the_reference_fall_in_the_two_end_bins():
    bins = numeric_bins(np.random.default_rng(0).normal(size=10_000))
    counts = fine([-99.0, 99.0, 98.0], bins)
    assert (counts[0], counts[-1]) == (1, 2)
    assert (bins.cell[0], bins.cell[-1]) == (0, bins.n_cells - 1)


def test_the_largest_and_smallest_reference_value_lie_inside():
    values = np.random.default_rng(0).normal(size=10_000)
    counts = fine([values.min(), values.max()], numeric_bins(values))
    assert counts[0] == counts[-1] == 0


def test_a_zero_inflated_column_has_the_zero_alone_in_bin_and_cell():
    rng = np.random.default_rng(0)
    values = np.where(rng.random(50_000) < 0.6, 0.0, rng.gamma(2, 3, 50_000))
    bins = numeric_bins(values)
    zero = int(np.searchsorted(bins.edges, 0.0, side="left"))
    assert bins.is_atom[zero]
    assert fine(values, bins)[zero] == np.count_nonzero(values == 0)
    assert bins.cell_names[bins.cell[zero]] == "= 0"
    assert np.count_nonzero(bins.cell == bins.cell[zero]) == 1


def test_gaps_between_heavy_values_are_one_new_value_cell():
    values = np.round(np.random.default_rng(0).normal(1000, 3, 100_000))
    bins = numeric_bins(values)
    gap = int(np.searchsorted(bins.edges, 1000.5, side="left"))
    assert fine(values, bins)[gap] == 0
    assert bins.cell_names[bins.cell[gap]] == "new value"
    assert bins.is_new_cell[bins.cell[gap]]
    assert bins.cell_names[-2:] == ("new value", "above 1014")


def test_a_constant_column_needs_no_special_case():
    bins = numeric_bins(np.full(1000, 5.0))
    assert bins.constant
    assert bins.cell_names == ("= 5", "new value")
    assert fine([5.0, 4.0, 6.0], bins).tolist() == [1, 1, 1]
    assert bins.scale == pytest.approx(5e-12)


def test_one_sentinel_does_not_move_scale_or_bins():
    values = np.random.default_rng(0).normal(50, 10, 20_000)
    plain, odd = numeric_bins(values), numeric_bins(np.append(values, 1e9))
    assert odd.scale == pytest.approx(plain.scale, rel=2e-3)
    assert odd.n_cells == plain.n_cells
    assert odd.cell_names[3:10] == plain.cell_names[3:10]


def test_the_winsorised_scale_agrees_with_scipy():
    values = np.random.default_rng(0).normal(7, 3, 51_200)
    limits = (1 / 512, 1 / 512)
    expected = np.std(stats.mstats.winsorize(values, limits=limits))
    assert numeric_bins(values).scale == pytest.approx(float(expected), rel=1e-3)


def test_infinite_and_missing_reference_values_do_not_shape_the_bins():
    plain = numeric_bins(np.array([1.0, 2.0]))
    odd = numeric_bins(np.array([1.0, np.nan, np.inf, 2.0, -np.inf]))
    assert odd.edges.tolist() == plain.edges.tolist()


def test_a_column_without_any_number_has_one_bin():
    bins = numeric_bins(np.array([np.nan, np.nan]))
    assert (bins.n_bins, bins.n_cells) == (1, 1)
    assert fine([1.0, 2.0], bins).tolist() == [2]


def test_a_reference_of_infinities_tells_them_from_every_number_and_from_each_other():
    bins = numeric_bins(np.array([np.nan, np.inf]))
    assert bins.cell_names == ("−∞", "new value", "∞")
    assert fine([1.0, -2.0, 1e308], bins).tolist() == [0, 3, 0]


def test_values_near_the_largest_float_have_a_finite_scale_and_no_warning():
    bins = numeric_bins(np.random.default_rng(0).normal(size=5_000) * 1e300)
    assert 0.9e300 < bins.scale < 1.1e300
    largest = np.finfo(np.float64).max
    ends = numeric_bins(np.array([-largest, 0.0, largest]))
    assert fine([-largest, 0.0, largest], ends).tolist().count(1) == 3


def test_zero_below_and_above_zero_are_one_value():
    bins = numeric_bins(np.array([-0.0, 0.0, 1.0]))
    assert bins.cell_names == ("= 0", "= 1", "new value")


def test_many_features_get_coarse_bins():
    values = np.random.default_rng(0).normal(size=10_000)
    assert 64 <= numeric_bins(values, n_bins=64).n_bins <= 64 + 10


@pytest.mark.parametrize("shift", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("kind", ["normal", "lognormal", "zero_inflated", "integers", "sentinel"])
def test_binned_ks_is_within_its_stated_bound_of_scipy(kind, shift):
    rng = np.random.default_rng(3)
    draw = {
        "normal": lambda n: rng.normal(size=n),
        "lognormal": lambda n: rng.lognormal(0, 1.5, n),
        "zero_inflated": lambda n: np.where(rng.random(n) < 0.4, 0, rng.gamma(2, 3, n)),
        "integers": lambda n: rng.integers(0, 40, n) * 1.0,
        "sentinel": lambda n: np.append(rng.normal(size=n - 1), 1e9),
    }[kind]
    reference, current = draw(20_000), draw(5_000) + shift
    bins = numeric_bins(reference)
    r, c = fine(reference, bins), fine(current, bins)
    exact = stats.ks_2samp(reference, current, method="asymp").statistic
    gap = exact - float(ks_statistic(r, c))
    assert -1e-12 <= gap <= float(ks_bound(r, c, bins.is_atom)) + 1e-12


@settings(max_examples=150, deadline=None)
@given(arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 1))))
def test_every_reference_row_is_in_exactly_one_inner_bin(values):
    bins = numeric_bins(values)
    counts = fine(values, bins)
    assert counts.sum() == values.size
    assert counts[0] == counts[-1] == 0
    assert np.all(np.diff(bins.edges) > 0)
    assert bins.cell.size == bins.n_bins == bins.is_atom.size == bins.reference_mean.size
    assert set(bins.cell.tolist()) == set(range(bins.n_cells))
    assert len(bins.cell_names) == len(bins.is_new_cell) == bins.n_cells
    by_cell = np.bincount(bins.cell, counts, bins.n_cells)
    assert ((by_cell == 0) == bins.is_new_cell).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=300), st.randoms())
def test_the_bins_do_not_depend_on_the_order_of_the_rows(values, random):
    shuffled = values[:]
    random.shuffle(shuffled)
    one, other = numeric_bins(np.array(values)), numeric_bins(np.array(shuffled))
    assert one.edges.tobytes() == other.edges.tobytes()
    assert one.reference_mean.tobytes() == other.reference_mean.tobytes()
    assert one.cell_names == other.cell_names


def test_levels_are_ranked_by_count_then_by_name():
    bins = categorical_bins({"b": 2, "a": 2, "c": 9})
    assert bins.levels == ("c", "a", "b")
    assert bins.cell_names == ("c", "a", "b", "other", "unseen")
    assert bins.is_new_cell.tolist() == [False, False, False, True, True]


def test_levels_beyond_200_are_other_and_keep_their_names():
    bins = categorical_bins({f"l{i:04d}": 1000 - i for i in range(260)})
    assert len(bins.levels) == 200
    assert bins.rest == {f"l{i:04d}" for i in range(200, 260)}
    assert bins.n_cells == 52
    assert not bins.is_new_cell[-2]


def test_a_level_that_is_called_other_keeps_its_name():
    assert categorical_bins({"other": 1}).cell_names == ("other", "other levels", "unseen")
