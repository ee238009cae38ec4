import numpy as np
import pytest

from core.errors import BadInputError, NotEnoughDataError
from core.profile import outcome_counts as read
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.profile import rows, segment_totals, stack


def stacked(case):
    ints, floats = stack([profile(case.make(150, seed), case.binning) for seed in range(6)])
    return Layout(case.binning), ints.reshape(2, 3, -1), floats.reshape(2, 3, -1)


def test_amounts_agree_with_the_rows(with_amount):
    log = with_amount.make(2_000, 5)
    layout, made = Layout(with_amount.binning), profile(log, with_amount.binning)
    got = read.amount_counts(layout, made.ints, made.floats)
    score, amount = log["score"].to_numpy(), log["c_0010"].to_numpy()
    logged, actual = (np.array([2 if v is None else v for v in log[n].to_pylist()]) for n in ("decision", "actual"))
    decision = np.where(logged == 2, score >= 0.4, logged)
    for one in range(3):
        for other in range(3):
            mine = amount[(decision == one) & (actual == other) & np.isfinite(amount)]
            assert got.amount_counts[one, other] == mine.size
            np.testing.assert_allclose(got.amounts[one, other], [mine.sum(), (mine**2).sum()], rtol=1e-12)


def test_money_that_is_not_logged_is_said_to_be_missing(rows_of, binning, multiclass):
    made = profile(rows_of(5, 1), binning)
    with pytest.raises(NotEnoughDataError, match="no amount is logged"):
        read.amount_counts(Layout(binning), made.ints, made.floats)
    with pytest.raises(NotEnoughDataError, match="several classes"):
        read.amount_counts(*stacked(multiclass))


def test_multiclass_counts_have_the_shapes_that_they_state(multiclass):
    layout, ints, floats = stacked(multiclass)
    whole, segments = read.multiclass_counts(layout, ints, floats), read.segment_multiclass_counts(layout, ints, floats)
    k, s, b, bk = 4, len(layout.binning.segments), whole.edges.size + 1, whole.class_edges.size + 1
    assert len(whole.classes) == k
    assert whole.confusion.shape == (2, 3, k + 1, k + 1)
    assert whole.score_counts.shape == (2, 3, 3, b)
    assert whole.score_sums.shape == whole.score_squares.shape == (2, 3, 2, b)
    assert whole.class_score_counts.shape == (2, 3, k, 3, bk)
    assert whole.class_score_sums.shape == (2, 3, k, 2, bk)
    assert whole.class_losses.shape == (2, 3, 4)
    assert segments.segment_classes.shape == (2, 3, s, k, 4)
    assert segments.segment_score_counts.shape == (2, 3, s, 3, segments.edges.size + 1)
    assert segments.segment_class_losses.shape == (2, 3, s, 4)


def test_regression_counts_have_the_shapes_that_they_state(regression):
    layout, ints, floats = stacked(regression)
    whole, segments = read.regression_counts(layout, ints, floats), read.segment_regression_counts(layout, ints, floats)
    s, b = len(layout.binning.segments), whole.edges.size + 1
    assert whole.residual_sums.shape == (2, 3, 24)
    assert whole.error_counts.shape == (2, 3, b)
    assert whole.residual_n.shape == (2, 3, 2)
    assert segments.residual_sums.shape == (2, 3, s, 24)
    assert segments.error_counts.shape == (2, 3, s, b)
    assert segments.residual_n.shape == (2, 3, s, 2)
    assert whole.centre == segments.centre == layout.binning.actual_centre
    assert segments.total("e2").shape == (2, 3, s)


def test_performance_counts_of_a_multiclass_model_are_those_of_the_top_label(multiclass):
    layout, ints, floats = stacked(multiclass)
    top = read.performance_counts(layout, ints, floats)
    whole = read.multiclass_counts(layout, ints, floats)
    right = np.trace(whole.confusion[..., :4, :4], axis1=-2, axis2=-1)
    assert top.confusion.sum(axis=(-2, -1)).tolist() == rows(layout, ints).tolist()
    assert top.confusion[..., 1, 1].tolist() == right.tolist()
    assert top.confusion[..., 1, 0].tolist() == (whole.confusion[..., :4, :4].sum(axis=(-2, -1)) - right).tolist()
    assert top.confusion[..., 2, 2].tolist() == whole.confusion[..., 4, :].sum(axis=-1).tolist()
    brier = top.losses[..., 0].sum(axis=-1)
    wrong, correct = top.score_squares[..., 0, :].sum(axis=-1), top.score_squares[..., 1, :].sum(axis=-1)
    n = top.score_counts[..., 1, :].sum(axis=-1)
    np.testing.assert_allclose(brier, wrong + n - 2 * top.score_sums[..., 1, :].sum(axis=-1) + correct, rtol=1e-11)
    segments = read.segment_performance_counts(layout, ints, floats)
    assert segments.confusion.sum(axis=(-2, -1)).tolist() == segment_totals(layout, ints)[..., 0].tolist()
    assert segments.confusion[:, :, :-4].sum(axis=2).tolist() == top.confusion.tolist()
    np.testing.assert_allclose(segments.losses[:, :, :-4].sum(axis=2), top.losses, rtol=1e-11)


FOR_CLASSES = ("performance_counts", "segment_performance_counts")


@pytest.mark.parametrize("name", ["multiclass_counts", "segment_multiclass_counts", *FOR_CLASSES])
def test_a_regression_has_no_classes(regression, name):
    with pytest.raises(NotEnoughDataError, match="this model predicts numbers"):
        getattr(read, name)(*stacked(regression))


@pytest.mark.parametrize("name", ["confusion", "segment_confusion", "score_counts", "segment_score_counts"])
def test_a_regression_has_neither_decisions_nor_score_counts(regression, name):
    layout, ints, _ = stacked(regression)
    with pytest.raises(NotEnoughDataError, match="this model predicts numbers"):
        getattr(read, name)(layout, ints)


@pytest.mark.parametrize("name", ["regression_counts", "segment_regression_counts"])
def test_a_model_of_classes_has_no_residuals(multiclass, name):
    with pytest.raises(NotEnoughDataError, match="several classes, the number is for numbers"):
        getattr(read, name)(*stacked(multiclass))


def test_a_block_that_a_profile_does_not_hold_is_refused(regression):
    layout, _, floats = stacked(regression)
    with pytest.raises(BadInputError, match="losses"):
        read.sums(layout, floats, "losses")
