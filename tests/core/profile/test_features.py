import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.profile.bins import FeatureCounts
from core.profile.build_bins import categorical_bins, numeric_bins
from core.profile.columns import coded_chunks
from core.profile.features import categorical_cells, categorical_counts, numeric_cells, numeric_counts
from core.profile.profile import cell_counts

NO_RULE = (None, None)


def counts_of(values, bins, n_null=0, allowed=NO_RULE):
    return numeric_counts(np.asarray(values, float), n_null, bins, allowed)


def as_feature_counts(counts, bins, tails=None):
    extra = counts[bins.n_bins :]
    return FeatureCounts(
        fine=counts[: bins.n_bins],
        null=extra[0],
        nan=extra[1],
        neg_inf=extra[2],
        pos_inf=extra[3],
        violations=extra[4],
        tail_sums=tails,
    )


def test_null_nan_and_infinities_have_counters_of_their_own():
    bins = numeric_bins(np.array([1.0, 2.0]))
    counts, _ = counts_of([1, 2, 2, np.nan, np.nan, np.nan, np.inf, -np.inf, -np.inf], bins, n_null=1)
    assert counts.tolist() == [0, 1, 0, 2, 0, 1, 2, 2, 1, 0]


@pytest.mark.parametrize(
    ("allowed", "violations"),
    [(NO_RULE, 0), ((1.0, 2.0), 4), ((1.0, None), 2), ((None, 2.0), 2), ((1.5, 1.5), 6)],
)
def test_values_outside_the_contract_are_violations_and_missing_ones_are_not(allowed, violations):
    bins = numeric_bins(np.array([1.0, 2.0]))
    counts, _ = counts_of([0.9, 1, 2, 2.1, np.nan, np.inf, -np.inf], bins, allowed=allowed)
    assert counts[-1] == violations


def test_tail_sums_by_hand():
    bins = numeric_bins(np.array([1.0, 2.0, 2.0, 5.0]))
    assert bins.centre == 2.0
    _, tails = counts_of([1, 2, 5, 5, 9, -3, 3], bins)
    # bins: below 1 | 1 | gap | 2 | gap | 5 | above 5
    assert tails.tolist() == [-5.0, -1.0, 0.0, 0.0, 1.0, 6.0, 7.0]


def test_only_the_12_outermost_bins_of_a_side_keep_sums():
    reference = np.random.default_rng(0).normal(10, 2, 20_000)
    current = np.random.default_rng(1).normal(10.5, 3, 5_000)
    bins = numeric_bins(reference)
    _, tails = counts_of(current, bins)
    where = np.searchsorted(bins.edges, current, side="left")
    sums = np.bincount(where, current - bins.centre, bins.n_bins)
    assert tails.size == 24
    np.testing.assert_allclose(tails, np.r_[sums[:12], sums[-12:]], rtol=1e-12, atol=1e-12)


def test_every_value_falls_in_the_cell_of_its_bin():
    rng = np.random.default_rng(0)
    bins = numeric_bins(np.where(rng.random(40_000) < 0.3, 0.0, rng.normal(size=40_000)))
    values = np.r_[rng.normal(0, 3, 70_000), np.inf, -np.inf, np.nan, 0.0, bins.edges]
    expected = bins.cell[np.searchsorted(bins.edges, values, side="left")].astype(int)
    expected[np.isnan(values)] = bins.n_cells
    np.testing.assert_array_equal(numeric_cells(values, bins), expected)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(-5, 5).map(lambda x: round(x, 1)), min_size=1, max_size=200),
    st.lists(st.sampled_from([-9.0, -0.5, 0.0, 0.1, 2.5, 9.0, np.nan, np.inf, -np.inf]), max_size=50),
)
def test_counts_by_cell_agree_with_the_cell_of_each_row(reference, current):
    bins = numeric_bins(np.array(reference))
    values = np.array(current, float)
    counts, tails = counts_of(values, bins)
    by_cell = cell_counts(bins, as_feature_counts(counts, bins, tails))
    assert by_cell.tolist() == np.bincount(numeric_cells(values, bins), minlength=bins.n_cells + 1).tolist()
    assert by_cell.sum() == values.size


def texts(*values):
    return coded_chunks(pa.table({"c": pa.array(values, pa.string())}), "c")


def test_levels_other_unseen_and_null_are_counted_apart():
    bins = categorical_bins({f"l{i:03d}": 300 - i for i in range(210)})
    chunks = texts("l000", "l199", "l200", "l209", "new", None, "l000")
    counts = categorical_counts(chunks, bins, None)
    assert (counts[0], counts[199]) == (2, 1)
    assert counts[200:203].tolist() == [2, 1, 1]
    assert counts.sum() == 7


def test_categorical_cells_are_50_levels_other_unseen_missing():
    bins = categorical_bins({f"l{i:03d}": 300 - i for i in range(210)})
    chunks = texts("l000", "l049", "l050", "l205", "new", None)
    assert categorical_cells(chunks, bins).tolist() == [0, 49, 50, 50, 51, 52]
    counts = as_feature_counts(categorical_counts(chunks, bins, None), bins)
    assert cell_counts(bins, counts)[[0, 49, 50, 51, 52]].tolist() == [1, 1, 2, 1, 1]


def test_a_level_outside_the_contract_is_a_violation_and_null_is_not():
    bins = categorical_bins({"a": 2, "b": 1})
    counts = categorical_counts(texts("a", "b", "z", "b", None), bins, frozenset({"a"}))
    assert counts[-1] == 3


def test_a_column_without_rows_counts_nothing():
    bins = numeric_bins(np.array([1.0, 2.0]))
    counts, tails = counts_of([], bins)
    assert counts.sum() == 0
    assert tails.sum() == 0
