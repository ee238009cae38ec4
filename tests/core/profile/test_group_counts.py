import numpy as np
import pytest

from core.errors import BadInputError, NotEnoughDataError
from core.profile import profile as read
from core.profile.kernel import profile
from core.profile.layout import Layout


def test_any_leading_axes_give_views_with_the_same_ones(grouped):
    layout, made = Layout(grouped.binning), profile(grouped.make(300, 1), grouped.binning)
    ints, floats = np.stack([made.ints, made.ints]), np.stack([made.floats, made.floats])
    counted = read.group_counts(layout, ints, floats, "region of birth")
    n, n_bins = len(counted.labels), len(counted.edges) + 1
    assert counted.confusion.shape == (2, n, 3, 3)
    assert counted.score_counts.shape == (2, n, 3, n_bins)
    assert counted.score_sums.shape == (2, n, 2, n_bins)
    assert counted.labels[-2:] == ("other levels", "not stated")
    assert read.lag_counts(layout, ints).shape == (2, 41)


def test_a_pair_can_be_asked_for_in_either_order(grouped):
    layout, made = Layout(grouped.binning), profile(grouped.make(300, 1), grouped.binning)
    one = read.pair_confusion(layout, made.ints, "amount", "region of birth")
    other = read.pair_confusion(layout, made.ints, "region of birth", "amount")
    np.testing.assert_array_equal(one, np.swapaxes(other, 0, 1))


def test_a_column_that_is_not_protected_is_refused(grouped):
    layout, made = Layout(grouped.binning), profile(grouped.make(50, 1), grouped.binning)
    with pytest.raises(BadInputError, match="'carrier' is not a protected column"):
        read.group_counts(layout, made.ints, made.floats, "carrier")
    with pytest.raises(BadInputError, match="cannot be crossed with itself"):
        read.pair_confusion(layout, made.ints, "amount", "amount")


def test_a_model_of_several_classes_or_of_numbers_has_no_groups(multiclass, regression):
    for case in (multiclass, regression):
        layout, made = Layout(case.binning), profile(case.make(50, 1), case.binning)
        with pytest.raises(NotEnoughDataError, match="the number is for two classes"):
            read.group_counts(layout, made.ints, made.floats, "amount")


def test_what_was_not_counted_is_not_enough_data(wide_groups):
    layout, made = Layout(wide_groups.binning), profile(wide_groups.make(50, 1), wide_groups.binning)
    with pytest.raises(NotEnoughDataError, match="too many pairs of groups"):
        read.pair_confusion(layout, made.ints, "g1", "g2")
    with pytest.raises(NotEnoughDataError, match="'g1' has no segment beside it"):
        read.control_confusion(layout, made.ints, "g1")


def test_a_column_with_too_many_groups_is_not_counted_by_segment(wide_groups):
    layout = Layout(wide_groups.segmented)
    made = profile(wide_groups.make(50, 1), wide_groups.segmented)
    with pytest.raises(NotEnoughDataError, match="'g1' has too many groups to be counted by segment"):
        read.control_confusion(layout, made.ints, "g1")


def test_shap_values_that_are_not_logged_are_not_enough_data(binning, rows):
    made = profile(rows(50, 1), binning)
    with pytest.raises(NotEnoughDataError, match="no SHAP values are logged"):
        read.shap_sums(Layout(binning), made.ints, made.floats)


def test_the_mean_of_no_shap_value_is_unknown_not_zero(grouped):
    layout = Layout(grouped.binning)
    found = read.shap_sums(layout, np.zeros(layout.n_ints, int), np.zeros(layout.n_floats))
    assert np.isnan(found.mean_absolute).all()
