import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import confusion_matrix, log_loss

from core.profile import profile as read
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.multiclass_outcomes import class_losses
from core.profile.plan import Plan

K = 4


@pytest.fixture
def log(multiclass):
    return multiclass.make(4_000, 7)


@pytest.fixture
def counted(multiclass, log):
    return Layout(multiclass.binning), profile(log, multiclass.binning)


@pytest.fixture
def plain(log):
    """Return scores (n, K), actual and predicted class with -1 for unknown, straight from the rows."""
    scores = np.column_stack([log[f"c_1{k:03d}"].to_numpy() for k in range(K)]).astype(float)
    actual = np.array([-1 if one is None else one for one in log["actual"].to_pylist()])
    logged = np.array([-1 if one is None else one for one in log["decision"].to_pylist()])
    largest = np.where(np.isnan(scores[:, 0]), -1, np.nan_to_num(scores).argmax(axis=1))
    return scores, actual, np.where(logged < 0, largest, logged)


def segments_of(log, binning):
    """Yield the place of each segment with the rows in it."""
    sources = {"carrier": "f_0003", "region": "c_0001"}
    for place, segment in enumerate(binning.segments):
        texts = log[sources[segment.column]].cast("string").to_pylist()
        named = {one.level for one in binning.segments if one.column == segment.column}
        other = [text is not None and text not in named for text in texts]
        mine = [text is None for text in texts] if segment.missing else [text == segment.level for text in texts]
        yield place, np.array(other if segment.level is None and not segment.missing else mine)


def test_predicted_and_actual_classes_agree_with_scikit_learn(counted, plain):
    _, actual, predicted = plain
    got = read.multiclass_counts(*(counted[0], counted[1].ints, counted[1].floats)).confusion
    known = (actual >= 0) & (predicted >= 0)
    assert got[:K, :K].tolist() == confusion_matrix(actual[known], predicted[known], labels=range(K)).T.tolist()
    assert got[K].sum() == (predicted < 0).sum() > 0
    assert got[:, K].sum() == (actual < 0).sum() > 0
    assert got[:K, K - 1].sum() == 0  # the last class never came
    assert got.sum() == 4_000


def test_the_top_label_score_is_counted_by_whether_the_prediction_was_right(counted, plain):
    scores, actual, predicted = plain
    got = read.multiclass_counts(counted[0], counted[1].ints, counted[1].floats)
    top, scored = scores.max(axis=1), ~np.isnan(scores[:, 0])
    where = np.searchsorted(got.edges, top, side="left")
    known = scored & (actual >= 0)
    for truth, mine in ((0, known & (actual != predicted)), (1, known & (actual == predicted)), (2, scored & ~known)):
        expected = np.bincount(where[mine], minlength=got.edges.size + 1)
        assert got.score_counts[truth].tolist() == expected.tolist()
        if truth < 2:
            for sums, values in ((got.score_sums, top), (got.score_squares, top**2)):
                expected = np.bincount(where[mine], values[mine], got.edges.size + 1)
                np.testing.assert_allclose(sums[truth], expected, rtol=1e-12, atol=1e-13)


def test_each_class_score_is_counted_by_whether_the_row_is_of_the_class(counted, plain):
    scores, actual, _ = plain
    got = read.multiclass_counts(counted[0], counted[1].ints, counted[1].floats)
    scored, size = ~np.isnan(scores[:, 0]), got.class_edges.size + 1
    for k in range(K):
        where = np.searchsorted(got.class_edges, scores[:, k], side="left")
        is_class = scored & (actual == k)
        masks = (scored & (actual >= 0) & ~is_class, is_class, scored & (actual < 0))
        for truth, mine in enumerate(masks):
            assert got.class_score_counts[k, truth].tolist() == np.bincount(where[mine], minlength=size).tolist()
        for truth, mine in enumerate(masks[:2]):
            expected = np.bincount(where[mine], scores[mine, k], size)
            np.testing.assert_allclose(got.class_score_sums[k, truth], expected, rtol=1e-12, atol=1e-13)


def test_losses_agree_with_scikit_learn_and_with_the_rows(counted, plain):
    scores, actual, _ = plain
    got = read.multiclass_counts(counted[0], counted[1].ints, counted[1].floats)
    known = ~np.isnan(scores[:, 0]) & (actual >= 0)
    n = got.score_counts[:2].sum()
    assert n == known.sum()
    assert got.class_losses[2] / n == pytest.approx(log_loss(actual[known], scores[known], labels=range(K)), rel=1e-9)
    brier = ((scores[known] - np.eye(K)[actual[known]]) ** 2).sum(axis=1)
    loss = -np.log(scores[known, actual[known]])
    expected = [brier.sum(), (brier**2).sum(), loss.sum(), (loss**2).sum()]
    np.testing.assert_allclose(got.class_losses, expected, rtol=1e-12)


def test_each_segment_counts_its_own_rows(counted, plain, log, multiclass):
    scores, actual, predicted = plain
    layout, made = counted
    got = read.segment_multiclass_counts(layout, made.ints, made.floats)
    known = (actual >= 0) & (predicted >= 0)
    losses = np.zeros((4_000, 4))
    scored = ~np.isnan(scores[:, 0]) & (actual >= 0)
    brier, loss = class_losses(np.ascontiguousarray(scores[scored].T), actual[scored])
    losses[scored] = np.column_stack([brier, brier**2, loss, loss**2])
    for place, mine in segments_of(log, multiclass.binning):
        for k in range(K):
            expected = [
                (mine & known & (predicted == k) & (actual == k)).sum(),
                (mine & known & (predicted == k)).sum(),
                (mine & known & (actual == k)).sum(),
                (mine & (predicted == k)).sum(),
            ]
            assert got.segment_classes[place, k].tolist() == expected
        np.testing.assert_allclose(got.segment_class_losses[place], losses[mine].sum(axis=0), rtol=1e-11, atol=1e-11)
        assert got.segment_score_counts[place, :2].sum() == (mine & scored).sum()


def test_a_ranking_score_has_no_class_losses(multiclass, log):
    plan = Plan(
        kinds={},
        sources={},
        task="multiclass",
        classes=("a", "b"),
        class_sources=("c_1000", "c_1001"),
        score_kind="ranking",
    )
    rows = log.select(["c_1000", "c_1001"]).append_column("actual", pa.array([0, 1] * 2_000, pa.int16()))
    binning = make_binning(rows, plan)
    got = read.multiclass_counts(Layout(binning), *vectors(profile(rows, binning)))
    assert got.class_losses.tolist() == [0, 0, 0, 0]
    assert got.confusion.sum() == 4_000


def vectors(made):
    return made.ints, made.floats


def test_a_score_of_zero_for_the_actual_class_has_a_finite_loss():
    brier, loss = class_losses(np.array([[0.0], [1.0]]), np.array([0]))
    assert brier.tolist() == [2.0]
    assert loss[0] == pytest.approx(-np.log(np.finfo(float).eps))
