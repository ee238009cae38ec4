from dataclasses import replace

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from core.estimation.binary import band, binary_estimates, called_bins, reference_map
from core.performance.binary import METRICS, binary_performance
from tests.core.estimation.simulated import counts_of, edges_of, rows, single

WINDOWS = 40


@pytest.fixture(scope="module")
def trained():
    """Return the reference's rows, the edges and its counts."""
    score, outcome = rows(np.random.default_rng(1), 20_000)
    edges = edges_of(score, outcome)
    return score, outcome, edges, single(counts_of([(score, outcome)], edges))


def missed(trained, n, seed=5, **changes):
    """Return estimated - realised by metric, and the share of windows whose realised value is inside the band."""
    _, _, edges, reference = trained
    rng = np.random.default_rng(seed)
    current = counts_of([rows(rng, n, **changes) for _ in range(WINDOWS)], edges)
    told, real = binary_estimates(reference, current, threshold=0.5), binary_performance(current).estimates
    inside = {
        name: float(np.mean((told[name].low <= real[name].value) & (real[name].value <= told[name].high)))
        for name in METRICS
    }
    return {name: float(np.mean(told[name].value - real[name].value)) for name in METRICS}, inside


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_estimates_follow_a_change_of_the_inputs(trained, shift):
    error, inside = missed(trained, 1_000, shift=shift)
    assert max(abs(error[name]) for name in ("accuracy", "f1", "roc_auc", "brier_score")) < 0.012
    assert min(inside[name] for name in ("accuracy", "f1", "roc_auc", "average_precision", "log_loss")) >= 0.85


def test_estimates_do_not_see_that_the_relation_changed(trained):
    error, inside = missed(trained, 1_000, changed=True)
    assert error["roc_auc"] > 0.05
    assert error["f1"] > 0.05
    assert max(inside["roc_auc"], inside["f1"]) <= 0.1


def test_scores_that_are_no_good_probabilities_are_calibrated_first():
    rng = np.random.default_rng(2)
    score, outcome = rows(rng, 20_000, slope=2.0)
    edges = edges_of(score, outcome)
    reference = single(counts_of([(score, outcome)], edges))
    current = counts_of([rows(rng, 10_000, slope=2.0) for _ in range(20)], edges)
    told, real = binary_estimates(reference, current, threshold=0.5), binary_performance(current).estimates
    for name in ("accuracy", "roc_auc", "f1", "brier_score"):
        assert abs(float(np.mean(told[name].value - real[name].value))) < 0.008, name


def test_it_agrees_with_the_rows_and_scikit_learns_isotonic_regression(trained):
    score, outcome, edges, reference = trained
    now = rows(np.random.default_rng(9), 5_000, shift=0.3)
    told = binary_estimates(reference, counts_of([now], edges), threshold=0.5)
    chance = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(score, outcome).predict(now[0])
    both = np.r_[np.ones(5_000), np.zeros(5_000)]
    exact = roc_auc_score(both, np.r_[now[0], now[0]], sample_weight=np.r_[chance, 1 - chance])
    assert float(told["roc_auc"].value[0]) == pytest.approx(exact, abs=1e-3)
    right = np.where(now[0] >= 0.5, chance, 1 - chance).mean()
    assert float(told["accuracy"].value[0]) == pytest.approx(right, abs=1e-3)


def test_no_actual_of_the_window_is_used(trained):
    _, _, edges, reference = trained
    score, outcome = rows(np.random.default_rng(4), 3_000)
    unknown = np.full(3_000, 2)
    with_actuals = binary_estimates(reference, counts_of([(score, outcome)], edges), threshold=0.5)
    without = binary_estimates(reference, counts_of([(score, unknown)], edges), threshold=0.5)
    for name in METRICS:
        assert with_actuals[name].value.tolist() == without[name].value.tolist(), name
        assert with_actuals[name].low.tolist() == without[name].low.tolist(), name


def test_only_known_rows_can_be_estimated_to_be_held_against_what_was_realised(trained):
    _, _, edges, reference = trained
    score, outcome = rows(np.random.default_rng(4), 3_000)
    half = np.where(np.arange(3_000) % 2, outcome, 2)
    told = binary_estimates(reference, counts_of([(score, half)], edges), threshold=0.5, known_only=True)
    alone = binary_estimates(reference, counts_of([(score[1::2], outcome[1::2])], edges), threshold=0.5)
    assert told["roc_auc"].value.tolist() == alone["roc_auc"].value.tolist()
    assert np.isnan(told["roc_auc"].error).all()


def test_what_cannot_be_estimated_says_why(trained):
    _, _, edges, reference = trained
    current = counts_of([rows(np.random.default_rng(4), 500)], edges)
    ranking = binary_estimates(reference, current, threshold=0.5, probability=False)
    assert "not declared a probability" in str(ranking["roc_auc"].reason[0])
    small = single(counts_of([rows(np.random.default_rng(1), 900)], edges))
    assert "1,000 are needed" in str(binary_estimates(small, current, threshold=0.5)["f1"].reason[0])
    free = binary_estimates(reference, current, threshold=None)
    assert "no threshold is declared" in str(free["recall"].reason[0])
    assert np.isfinite(free["roc_auc"].value[0])
    other = replace(current, confusion=current.confusion[:, [1, 0, 2]])
    off = binary_estimates(reference, other, threshold=0.5)
    assert "do not follow the threshold" in str(off["accuracy"].reason[0])
    assert np.isfinite(off["log_loss"].value[0])


def test_scores_beyond_the_reference_are_not_judged_by_it(trained):
    score, outcome, _, _ = trained
    low = score < 0.4
    edges = edges_of(score[low], outcome[low])
    reference = single(counts_of([(score[low], outcome[low])], edges))
    told = binary_estimates(reference, counts_of([(score[:2000], outcome[:2000])], edges), threshold=0.5)
    assert "lie beyond what the reference has seen" in str(told["roc_auc"].reason[0])
    assert np.isnan(told["roc_auc"].value[0])


def test_a_bin_without_a_labelled_row_has_the_middle_of_its_edges_as_score():
    edges = np.array([0.2, 0.6])
    reference = single(counts_of([(np.array([0.1, 0.15]), np.array([0, 1]))], edges))
    assert reference_map(reference).mean_score.tolist() == pytest.approx([0.125, 0.4, 0.8])


def test_a_threshold_that_is_no_edge_marks_no_bins():
    assert called_bins(np.array([0.2, 0.7]), 0.5) is None
    assert called_bins(np.array([0.2, 0.7]), None) is None


def test_a_band_stays_inside_the_range_of_its_metric():
    found = band("roc_auc", np.array([0.99]), np.array([0.1]))
    assert float(found.high[0]) == 1.0
    assert float(band("mcc", np.array([-0.9]), np.array([0.5])).low[0]) == -1.0
    assert float(band("log_loss", np.array([0.1]), np.array([0.5])).low[0]) == 0.0
    assert float(band("log_loss", np.array([0.1]), np.array([0.5])).high[0]) > 1.0
