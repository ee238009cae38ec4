import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import brier_score_loss, confusion_matrix, log_loss

from core.profile import profile as read
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.plan import Plan
from core.profile.scored import row_losses

BARE = Plan(kinds={}, sources={"region": "c_0001"}, segments=("region",), threshold=0.5)


def table(scores, actuals, decisions=None, regions=None):
    columns = {"score": pa.array(scores, pa.float64()), "actual": pa.array(actuals, pa.int8())}
    if decisions is not None:
        columns["decision"] = pa.array(decisions, pa.int8())
    if regions is not None:
        columns["c_0001"] = pa.array(regions, pa.string())
    return pa.table(columns)


def counted(rows, plan=BARE):
    binning = make_binning(rows, plan)
    return Layout(binning), profile(rows, binning)


def test_confusion_by_hand():
    rows = table([0.2, 0.5, 0.7, 0.9, None, 0.1], [0, 1, 0, None, 1, 1], [None, None, 0, None, None, 1])
    layout, made = counted(rows)
    # decisions: 0, 1 (0.5 >= 0.5), logged 0, 1, none (no score), logged 1
    expected = [[2, 0, 0], [0, 2, 1], [0, 1, 0]]
    assert read.confusion(layout, made.ints).tolist() == expected
    assert int(read.rows(layout, made.ints)) == 6
    assert read.score_counts(layout, made.ints).sum(axis=-1).tolist() == [2, 2, 1]


def test_without_threshold_and_decision_there_is_no_decision():
    plan = Plan(kinds={}, sources={})
    layout, made = counted(table([0.2, 0.9], [0, 1]), plan)
    assert read.confusion(layout, made.ints)[2].tolist() == [1, 1, 0]


def test_score_bins_count_and_sum_by_actual():
    rng = np.random.default_rng(0)
    scores = np.round(rng.random(5_000), 2)
    actuals = (rng.random(5_000) < scores).astype(int)
    layout, made = counted(table(scores, actuals))
    edges = layout.binning.score_edges
    where = np.searchsorted(edges, scores, side="left")
    for actual in (0, 1):
        mine = actuals == actual
        counts = np.bincount(where[mine], minlength=edges.size + 1)
        assert read.score_counts(layout, made.ints)[actual].tolist() == counts.tolist()
        for values, got in ((scores, read.score_sums), (scores**2, read.score_squares)):
            expected = np.bincount(where[mine], values[mine], edges.size + 1)
            np.testing.assert_allclose(got(layout, made.floats)[actual], expected, rtol=1e-12, atol=1e-14)


def test_confusion_and_losses_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    scores = rng.beta(1, 3, 20_000)
    scores[:4] = [0.0, 1.0, 0.0, 1.0]
    actuals = (rng.random(20_000) < scores).astype(int)
    actuals[:4] = [0, 1, 1, 0]
    layout, made = counted(table(scores, actuals))
    losses = read.losses(layout, made.floats).sum(axis=0)
    expected = confusion_matrix(actuals, scores >= 0.5).T
    assert read.confusion(layout, made.ints)[:2, :2].tolist() == expected.tolist()
    assert losses[0] / 20_000 == pytest.approx(brier_score_loss(actuals, scores), rel=1e-12)
    assert losses[2] / 20_000 == pytest.approx(log_loss(actuals, scores), rel=1e-12)
    single = row_losses(scores, actuals, "probability")
    np.testing.assert_allclose(losses, single.sum(axis=0), rtol=1e-12)


def test_a_ranking_score_has_no_losses():
    plan = Plan(kinds={}, sources={}, score_kind="ranking", threshold=10.0)
    layout, made = counted(table([9.0, 11.0, 300.0], [0, 1, 1]), plan)
    assert read.losses(layout, made.floats).any() == False  # noqa: E712
    assert read.confusion(layout, made.ints)[:2, :2].tolist() == [[1, 0], [0, 2]]


def test_each_segment_counts_its_own_rows():
    rng = np.random.default_rng(0)
    n = 4_000
    scores, actuals = rng.random(n), rng.integers(0, 2, n)
    regions = np.array(["north", "south", None], object)[rng.choice(3, n, p=[0.6, 0.3, 0.1])]
    layout, made = counted(table(scores, actuals, regions=regions))
    labels = [segment.label for segment in layout.binning.segments]
    assert labels == ["north", "south", "other", "missing"]
    for place, level in ((0, "north"), (1, "south"), (3, None)):
        mine = np.array([region == level for region in regions])
        expected = confusion_matrix(actuals[mine], scores[mine] >= 0.5, labels=[0, 1]).T
        assert read.segment_confusion(layout, made.ints)[place, :2, :2].tolist() == expected.tolist()
        sums = row_losses(scores[mine], actuals[mine], "probability").sum(axis=0)
        np.testing.assert_allclose(read.segment_losses(layout, made.floats)[place].sum(axis=0), sums, rtol=1e-12)
        coarse = np.searchsorted(layout.binning.segment_score_edges, scores[mine], side="left")
        counts = read.segment_score_counts(layout, made.ints)[place, :2].sum(axis=0)
        assert counts.tolist() == np.bincount(coarse, minlength=counts.size).tolist()


def test_a_weighted_model_sums_weights_and_knows_its_effective_number():
    rng = np.random.default_rng(0)
    n = 3_000
    scores, actuals, weights = rng.random(n), rng.integers(0, 2, n), rng.gamma(2, 1, n)
    rows = table(scores, actuals, regions=["r"] * n).append_column("c_0009", pa.array(weights))
    plan = Plan(kinds={}, sources={"region": "c_0001"}, segments=("region",), threshold=0.5, weight="c_0009")
    layout, made = counted(rows, plan)
    got = read.performance_counts(layout, made.ints, made.floats)
    expected = confusion_matrix(actuals, scores >= 0.5, sample_weight=weights).T
    np.testing.assert_allclose(got.confusion[:2, :2], expected, rtol=1e-12)
    brier = got.losses[:, 0].sum() / got.confusion.sum()
    assert brier == pytest.approx(brier_score_loss(actuals, scores, sample_weight=weights), rel=1e-12)
    n_eff = got.confusion.sum() * got.n_eff_share
    assert n_eff == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-12)
    segments = read.segment_performance_counts(layout, made.ints, made.floats)
    np.testing.assert_allclose(segments.confusion[0], got.confusion, rtol=1e-12)
    np.testing.assert_allclose(segments.losses[0], got.losses, rtol=1e-12)
    assert segments.score_counts[0].sum() == pytest.approx(weights.sum())
    assert read.confusion(layout, made.ints).sum() == n


def test_a_null_weight_counts_as_one():
    rows = table([0.9, 0.1], [1, 0]).append_column("c_0009", pa.array([3.0, None]))
    plan = Plan(kinds={}, sources={}, threshold=0.5, weight="c_0009")
    layout, made = counted(rows, plan)
    got = read.performance_counts(layout, made.ints, made.floats)
    assert got.confusion[:2, :2].tolist() == [[1.0, 0.0], [0.0, 3.0]]


def test_an_unweighted_model_has_an_effective_share_of_one():
    layout, made = counted(table([0.9, 0.1], [1, None]))
    got = read.performance_counts(layout, made.ints, made.floats)
    assert float(got.n_eff_share) == 1.0
    assert got.score_counts.shape[-1] == got.edges.size + 1
