from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInputError, NotEnoughDataError
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.profile import (
    ProfileStack,
    add_stacks,
    cell_counts,
    confusion,
    decision_cells,
    feature_counts,
    label_cells,
    merge,
    performance_counts,
    segment_cells,
    segment_label_cells,
    stack,
    sums,
)


@settings(max_examples=15, deadline=None)
@given(seeds=st.lists(st.integers(0, 99), min_size=3, max_size=3))
def test_merging_is_associative_and_commutative(rows_of, binning, seeds):
    a, b, c = (profile(rows_of(50 + seed, seed), binning) for seed in seeds)
    left, right = merge(merge(a, b), c), merge(a, merge(c, b))
    assert left.ints.tolist() == right.ints.tolist()
    np.testing.assert_allclose(left.floats, right.floats, rtol=1e-12, atol=1e-12)


def test_profiles_of_two_binnings_are_not_merged(rows, binning):
    one = profile(rows(10), binning)
    with pytest.raises(BadInputError, match="different binnings"):
        merge(one, replace(one, binning_id="another"))
    with pytest.raises(BadInputError, match="same binning"):
        stack([one, replace(one, binning_id="another")])


def test_nothing_cannot_be_merged():
    with pytest.raises(BadInputError, match="no profile"):
        merge()


def test_accessors_take_any_leading_axes(rows, binning):
    layout = Layout(binning)
    made = [profile(rows(200, seed), binning) for seed in range(6)]
    ints, floats = stack(made)
    single = feature_counts(layout, made[4].ints, made[4].floats, "amount")
    for lead in ((6,), (2, 3)):
        many = feature_counts(layout, ints.reshape(*lead, -1), floats.reshape(*lead, -1), "amount")
        assert many.fine.shape[:-1] == lead
        assert many.null.shape == lead
        assert many.fine.reshape(6, -1)[4].tolist() == single.fine.tolist()
        assert many.tail_sums.reshape(6, -1)[4].tolist() == single.tail_sums.tolist()
        cells = cell_counts(binning.features["amount"], many)
        assert cells.shape == (*lead, binning.features["amount"].n_cells + 1)
        assert cells.sum(axis=-1).ravel().tolist() == [200] * 6
        assert segment_cells(layout, ints.reshape(*lead, -1), "hour").shape[: len(lead)] == lead
        got = performance_counts(layout, ints.reshape(*lead, -1), floats.reshape(*lead, -1))
        assert got.n_eff_share.shape == lead
        assert got.losses.shape == (*lead, 2, 4)


def test_infinities_stand_in_the_cells_of_the_end_bins(binning, rows):
    layout = Layout(binning)
    made = profile(rows(2_000, 3), binning)
    counts = feature_counts(layout, made.ints, made.floats, "amount")
    assert counts.neg_inf > 0
    cells = cell_counts(binning.features["amount"], counts)
    assert cells[0] == counts.fine[0] + counts.neg_inf
    assert cells[-2] == counts.fine[-1] + counts.pos_inf
    assert cells[-1] == counts.null + counts.nan


def test_an_unknown_feature_is_refused(binning, rows):
    layout, made = Layout(binning), profile(rows(5), binning)
    with pytest.raises(BadInputError, match="'nope' is not part"):
        feature_counts(layout, made.ints, made.floats, "nope")
    with pytest.raises(BadInputError, match="segment_features"):
        segment_cells(layout, made.ints, "nope")
    with pytest.raises(BadInputError, match="weight"):
        sums(layout, made.floats, "weighted_confusion")


def stacked(binning, made, days):
    ints, floats = stack(made)
    ids = tuple(f"p{day.day}" for day in days)
    return ProfileStack(binning_id=binning.id, days=tuple(days), ints=ints, floats=floats, provenance_ids=ids)


def test_served_and_canary_rows_of_a_day_are_added(rows, binning):
    layout = Layout(binning)
    days = [date(2013, 4, day) for day in (1, 2, 3)]
    made = [profile(rows(100 * (seed + 1), seed), binning) for seed in range(3)]
    served, canary = stacked(binning, made, days), stacked(binning, made[:1], days[1:2])
    both = add_stacks(served, canary)
    assert both.days == tuple(days)
    assert confusion(layout, both.ints).sum(axis=(1, 2)).tolist() == [100, 300, 300]
    assert both.provenance_ids == ("p1", "p2+p2", "p3")
    assert add_stacks(served) is served


def test_stacks_of_two_binnings_are_not_added(rows, binning):
    one = stacked(binning, [profile(rows(5), binning)], [date(2013, 4, 1)])
    with pytest.raises(BadInputError, match="same binning"):
        add_stacks(one, replace(one, binning_id="another"))


def test_labels_and_decisions_of_a_binary_model_are_zero_and_one(binning, rows):
    layout, log = Layout(binning), rows(500, 4)
    made = profile(log, binning)
    actual = log["actual"].to_pylist()
    assert label_cells(layout, made.ints).tolist() == [actual.count(0), actual.count(1)]
    by_segment = segment_label_cells(layout, made.ints)
    assert by_segment[:-4].sum(axis=0).tolist() == label_cells(layout, made.ints).tolist()
    assert decision_cells(layout, made.ints).sum() == 500


def test_labels_and_decisions_of_a_multiclass_model_are_its_classes(multiclass):
    layout, log = Layout(multiclass.binning), multiclass.make(500, 4)
    made = profile(log, multiclass.binning)
    actual = log["actual"].to_pylist()
    assert label_cells(layout, made.ints).tolist() == [actual.count(k) for k in range(4)]
    assert decision_cells(layout, made.ints).sum() == confusion(layout, made.ints)[:4].sum()
    by_segment = segment_label_cells(layout, made.ints)
    assert by_segment.shape == (10, 4)
    assert by_segment[:-4].sum(axis=0).tolist() == confusion(layout, made.ints)[:4, :4].sum(axis=0).tolist()


def test_labels_of_a_regression_are_the_display_cells_of_the_actual(regression):
    layout, log = Layout(regression.binning), regression.make(500, 4)
    made = stack([profile(log, regression.binning)] * 2)[0]
    cells = label_cells(layout, made)
    assert cells.shape == (2, regression.binning.features["actual"].n_cells)
    assert cells.sum(axis=-1).tolist() == [500 - log["actual"].null_count] * 2


def test_a_regression_says_what_it_has_no_cells_for(regression):
    layout, made = Layout(regression.binning), profile(regression.make(5, 4), regression.binning)
    with pytest.raises(NotEnoughDataError, match="predicts numbers"):
        segment_label_cells(layout, made.ints)
    with pytest.raises(NotEnoughDataError, match="predicts numbers"):
        decision_cells(layout, made.ints)


def test_without_reference_actuals_there_are_no_label_cells(regression):
    features = {name: bins for name, bins in regression.binning.features.items() if name != "actual"}
    layout = Layout(replace(regression.binning, features=features))
    with pytest.raises(NotEnoughDataError, match="holds no actuals"):
        label_cells(layout, np.zeros(layout.n_ints, np.int64))
