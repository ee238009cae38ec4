import numpy as np
import pytest

from core.profile.score_grid import class_edges, score_edges, segment_score_edges


def test_the_probability_grid_has_about_794_edges():
    rng = np.random.default_rng(0)
    scores = rng.beta(1, 60, 100_000)
    positives = scores[rng.random(100_000) < scores]
    edges = score_edges(scores, positives, kind="probability", thresholds=[0.5])
    assert 780 <= edges.size <= 797
    assert np.all(np.diff(edges) > 0)


def test_a_score_at_the_threshold_falls_right_of_its_edge():
    edges = score_edges(np.empty(0), np.empty(0), kind="probability", thresholds=[0.35])
    below = np.nextafter(0.35, 0)
    assert below in edges
    assert np.searchsorted(edges, 0.35, side="left") > np.searchsorted(edges, below, side="left")


def test_a_grid_without_positives_has_no_quantiles_of_positives():
    scores = np.random.default_rng(0).random(10_000)
    assert score_edges(scores, np.empty(0), kind="probability").size <= 99 + 97 + 399


def test_a_ranking_score_has_quantiles_only():
    scores = np.random.default_rng(0).normal(100, 5, 50_000)
    edges = score_edges(scores, scores[:500], kind="ranking")
    assert 790 <= edges.size <= 798
    assert edges.min() >= scores.min()


@pytest.mark.parametrize(("kind", "expected"), [("probability", 100), ("ranking", 1)])
def test_the_segment_grid_is_hundredths_and_thresholds(kind, expected):
    assert segment_score_edges(np.empty(0), kind=kind, thresholds=[0.5]).size == expected


def test_the_segment_grid_of_a_ranking_score_cuts_hundredths_of_the_mass():
    scores = np.arange(10_000.0)
    edges = segment_score_edges(scores, kind="ranking")
    counts = np.histogram(scores, [-1, *edges, 10_000])[0]
    assert edges.size == 99
    assert counts.max() <= 101


def test_the_grid_of_a_class_is_fine_near_zero_and_one():
    edges = class_edges(np.empty(0), kind="probability")
    assert edges.size == 147
    assert edges[0] < 1e-5
    assert 1 - edges[-1] < 1e-5


def test_a_ranking_score_of_a_class_has_hundredths_of_its_mass():
    edges = class_edges(np.arange(1000.0), kind="ranking")
    assert edges.size == 99
