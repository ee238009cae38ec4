import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from core.fairness.rates import (
    METRICS,
    RATES,
    confusion_rates,
    group_rates,
    intersection_labels,
    intersection_rates,
    tallies,
)
from core.stats.intervals import wilson
from tests.core.fairness.counted_groups import confusion_of, group_counts_of, made, rows


def test_every_figure_of_a_group_is_that_of_its_rows():
    y, score, group = rows(800)
    found = group_rates(made(n=800))
    assert tuple(found.estimates) == METRICS
    for place in (0, 1):
        mine = group == place
        tn, fp, fn, tp = confusion_matrix(y[mine], score[mine] >= 0.5).ravel()
        expected = {
            "selection_rate": (score[mine] >= 0.5).mean(), "recall": tp / (tp + fn),
            "false_positive_rate": fp / (fp + tn), "false_negative_rate": fn / (tp + fn),
            "precision": tp / (tp + fp), "negative_predictive_value": tn / (tn + fn),
            "accuracy": (tp + tn) / mine.sum(), "base_rate": y[mine].mean(),
        }  # fmt: skip
        assert {name: float(found.estimates[name].value[place]) for name in RATES} == pytest.approx(expected, abs=1e-12)
        assert float(found.estimates["mean_score"].value[place]) == pytest.approx(score[mine].mean(), abs=1e-12)
        auc = found.estimates["roc_auc"]
        exact = roc_auc_score(y[mine], score[mine])
        assert abs(float(auc.value[place]) - exact) <= float(auc.bound[place]) + 1e-12


def test_the_interval_of_a_rate_is_wilsons_with_its_own_denominator():
    cells = np.array([[[40, 10, 3], [20, 30, 4], [1, 2, 5]]])
    found = confusion_rates(("a",), cells)
    recall, selected = found.estimates["recall"], found.estimates["selection_rate"]
    assert (float(recall.n[0]), float(selected.n[0])) == (40, 107)
    assert float(recall.low[0]) == float(wilson(30, 40).low)
    assert (float(found.n_rows[0]), float(found.n_labelled[0]), float(found.n_positive[0])) == (115, 103, 42)


def test_undecided_and_unlabelled_rows_count_where_they_are_known():
    counted = tallies(np.array([[[1, 0, 0], [0, 1, 2], [3, 4, 5]]]))
    assert (float(counted["selection_rate"].successes[0]), float(counted["selection_rate"].n[0])) == (3, 4)
    assert (float(counted["base_rate"].successes[0]), float(counted["base_rate"].n[0])) == (5, 9)
    assert float(counted["accuracy"].n[0]) == 2


def test_a_share_without_a_denominator_says_why_and_has_no_number():
    cells = np.zeros((4, 3, 3), int)
    cells[1, 1, 1], cells[2, 0, 2], cells[3, 2, 0] = 4, 3, 2
    found = confusion_rates(("none", "positives", "unlabelled", "undecided"), cells).estimates
    assert "no row of the group was decided" in found["selection_rate"].reason[0]
    assert "no decided row of the group was negative" in found["false_positive_rate"].reason[1]
    assert "no actuals yet" in found["recall"].reason[2]
    assert "both a decision and an actual" in found["accuracy"].reason[3]
    assert np.isnan(found["false_positive_rate"].value[1])


def test_few_rows_of_a_class_withhold_ranking_and_calibration():
    found = group_rates(group_counts_of([1, 1, 1, 1, 0, 0, 0, 0, 0], np.linspace(0.1, 0.9, 9), [0] * 9, ("a",)))
    for name in ("roc_auc", "ece_debiased", "calibration_slope"):
        assert "fewer than 5 rows of a class" in found.estimates[name].reason[0]


def test_a_ranking_score_has_no_calibration_and_no_mean():
    y, score, group = rows(600)
    found = group_rates(group_counts_of(y, score, group, ("a", "b")), probability=False)
    assert "not declared a probability" in found.estimates["mean_score"].reason[0]
    assert "not declared a probability" in found.estimates["calibration_slope"].reason[1]
    assert found.estimates["roc_auc"].reason[0] == ""


def test_scores_too_low_for_one_group_only_are_seen_in_that_group():
    y, score, group = rows(20_000)
    tilted = np.where(group == 1, score * 0.6, score)
    found = group_rates(group_counts_of(y, tilted, group, ("a", "b"))).estimates
    assert float(found["ece_debiased"].value[0]) < 0.02 < 0.1 < float(found["ece_debiased"].value[1])
    assert (
        abs(float(found["calibration_in_the_large"].value[0])) < 0.1 < float(found["calibration_in_the_large"].value[1])
    )


def test_leading_axes_give_the_same_as_window_after_window():
    one, two = made(n=500), made(n=500, seed=9)
    both = group_counts_of(*rows(500), ("a", "b"))
    stacked = type(both)(
        labels=one.labels,
        edges=one.edges,
        confusion=np.stack([one.confusion, two.confusion]),
        score_counts=np.stack([one.score_counts, two.score_counts]),
        score_sums=np.stack([one.score_sums, two.score_sums]),
    )
    found, alone = group_rates(stacked).estimates, group_rates(two).estimates
    for name in METRICS:
        assert np.allclose(found[name].value[1], alone[name].value, rtol=0, atol=1e-9)


def test_intersections_are_the_rates_of_the_pairs_in_order():
    rng = np.random.default_rng(0)
    a, b, y, d = (rng.integers(0, size, 500) for size in (2, 3, 2, 2))
    pairs = np.zeros((2, 3, 3, 3), int)
    np.add.at(pairs, (a, b, d, y), 1)
    found = intersection_rates(("F", "M"), ("x", "y", "z"), pairs)
    assert found.labels == intersection_labels(("F", "M"), ("x", "y", "z"))
    flat = confusion_rates(found.labels, confusion_of(y, d, 3 * a + b, 6))
    assert found.estimates["precision"].value.tolist() == flat.estimates["precision"].value.tolist()
    assert "roc_auc" not in found.estimates
