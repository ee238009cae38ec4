import numpy as np
import pytest

from core.estimation.multiclass import multiclass_estimated, top_label_accuracy, whole_only
from core.performance.multiclass import METRICS, multiclass_estimates
from core.profile.counts import PerformanceCounts
from tests.core.performance.counted import multiclass_counts

K = 4


def rows(rng, n, *, hard=0.0):
    """Return actual class and calibrated scores of n rows; `hard` makes the classes more alike."""
    logits = rng.normal(0, 2.0 - hard, (n, K))
    scores = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return (rng.random((n, 1)) > scores.cumsum(1)).sum(1).clip(max=K - 1), scores


def stacked(parts):
    names = ("confusion", "score_counts", "score_sums", "score_squares", "class_score_counts", "class_score_sums")
    fields = {name: np.stack([getattr(one, name) for one in parts]) for name in (*names, "class_losses")}
    return type(parts[0])(classes=parts[0].classes, edges=parts[0].edges, class_edges=parts[0].class_edges, **fields)


def top(counts):
    shape = counts.score_counts.shape[:-2]
    return PerformanceCounts(
        edges=counts.edges,
        score_counts=counts.score_counts,
        score_sums=counts.score_sums,
        score_squares=counts.score_squares,
        confusion=np.zeros((*shape, 3, 3), np.int64),
        losses=np.zeros((*shape, 2, 4)),
        n_eff_share=np.ones(shape),
    )


@pytest.fixture(scope="module")
def reference():
    return multiclass_counts(*rows(np.random.default_rng(0), 20_000))


def told_and_real(reference, *, hard, n=2_000, windows=20):
    rng = np.random.default_rng(3)
    current = stacked([multiclass_counts(*rows(rng, n, hard=hard)) for _ in range(windows)])
    return multiclass_estimated(reference, current, (top(reference), top(current))), multiclass_estimates(current)


@pytest.mark.parametrize("hard", [0.0, 0.8])
def test_what_counts_can_estimate_comes_true_also_when_the_inputs_are_harder(reference, hard):
    told, real = told_and_real(reference, hard=hard)
    bounds = {"accuracy": 0.012, "roc_auc_ovr_macro": 0.012, "log_loss": 0.03, "brier_score": 0.015}
    for metric, bound in bounds.items():
        error = told[metric].value - real[metric].value
        assert abs(float(error.mean())) < bound, metric
        inside = (told[metric].low <= real[metric].value) & (real[metric].value <= told[metric].high)
        assert inside.mean() >= 0.8, metric


def test_macro_f1_is_not_guessed(reference):
    told, _ = told_and_real(reference, hard=0.0, windows=2)
    for metric in ("f1_macro", "f1_weighted"):
        assert np.isnan(told[metric].value).all()
        assert "not kept beside the class that was predicted" in str(told[metric].reason[0])
    assert tuple(told) == METRICS


def test_no_actual_of_the_window_is_used(reference):
    actual, scores = rows(np.random.default_rng(6), 1_000)
    one = stacked([multiclass_counts(actual, scores)])
    other = stacked([multiclass_counts((actual + 1) % K, scores)])
    told, again = (multiclass_estimated(reference, now, (top(reference), top(now))) for now in (one, other))
    for metric in ("accuracy", "roc_auc_ovr_macro", "log_loss", "brier_score"):
        assert told[metric].value[0] == pytest.approx(again[metric].value[0], abs=1e-12)


def test_a_small_reference_and_a_ranking_score_say_why(reference):
    now = stacked([multiclass_counts(*rows(np.random.default_rng(6), 300))])
    small = multiclass_counts(*rows(np.random.default_rng(7), 900))
    told = multiclass_estimated(small, now, (top(small), top(now)))
    assert all("1,000 are needed" in str(told[name].reason[0]) for name in ("accuracy", "log_loss"))
    ranking = multiclass_estimated(reference, now, (top(reference), top(now)), probability=False)
    assert all("not declared a probability" in str(one.reason[0]) for one in ranking.values())


def test_a_rare_class_is_left_out_of_the_mean_by_name():
    rng = np.random.default_rng(1)
    actual, scores = rows(rng, 5_000)
    actual = np.where(actual == 3, np.where(rng.random(5_000) < 0.02, 3, 0), actual)
    reference = multiclass_counts(actual, scores)
    now = stacked([multiclass_counts(*rows(rng, 300))])
    told = multiclass_estimated(reference, now, (top(reference), top(now)))["roc_auc_ovr_macro"]
    assert "left out with fewer than 50 rows: class 3" in told.at(0).note


def test_accuracy_of_known_rows_has_no_error_of_its_own(reference):
    now = stacked([multiclass_counts(*rows(np.random.default_rng(6), 300), unknown=50)])
    told = top_label_accuracy(top(reference), top(now), known_only=True)
    assert np.isfinite(told.value[0])
    assert np.isnan(told.error[0])


def test_by_segment_the_scores_of_classes_are_not_kept():
    assert "not kept by segment" in str(whole_only("log_loss", np.array([5.0])).reason[0])
