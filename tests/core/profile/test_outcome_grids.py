from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.profile.outcome_grids import error_edges, outcome_grids
from core.profile.plan import Plan

REGRESSION = Plan(kinds={}, sources={}, task="regression", score_kind="prediction")
CLASSES = Plan(kinds={}, sources={}, task="multiclass", classes=("a", "b"), class_sources=("c_1", "c_2"))


def test_a_binary_model_has_score_grids_only(rows):
    grids = outcome_grids(rows(1_000), Plan(kinds={}, sources={}, threshold=0.5))
    assert list(grids.features) == ["score"]
    assert np.nextafter(0.5, 0) in grids.score_edges
    assert (grids.class_edges.size, grids.error_edges.size) == (0, 0)


def test_a_multiclass_model_bins_the_top_score_and_every_class_on_one_grid():
    rng = np.random.default_rng(0)
    score = rng.random(500)
    rows = pa.table({"c_1": score, "c_2": 1 - score, "actual": pa.array([0, 1] * 250, pa.int16())})
    grids = outcome_grids(rows, replace(CLASSES, threshold=0.123))
    assert list(grids.features) == ["score"]
    assert grids.features["score"].centre >= 0.5
    assert grids.class_edges.size == 147
    assert np.nextafter(0.123, 0) not in grids.score_edges


def test_a_ranking_has_class_edges_at_its_own_quantiles():
    rows = pa.table({"c_1": [10.0, 20.0], "c_2": [30.0, 40.0]})
    edges = outcome_grids(rows, replace(CLASSES, score_kind="ranking")).class_edges
    assert set(edges.tolist()) <= {10.0, 20.0, 30.0, 40.0}


def test_a_regression_bins_prediction_actual_and_error():
    rng = np.random.default_rng(0)
    actual = rng.normal(50, 5, 2_000)
    rows = pa.table({"score": actual + rng.normal(0, 1, 2_000), "actual": actual})
    grids = outcome_grids(rows, REGRESSION)
    assert list(grids.features) == ["score", "actual"]
    assert grids.actual_centre == np.sort(actual)[999]
    assert (grids.score_edges.size, grids.segment_score_edges.size) == (0, 0)
    assert grids.error_edges.size > 200


def test_without_actuals_the_centre_and_the_errors_come_from_the_prediction():
    rows = pa.table({"score": np.random.default_rng(0).normal(50, 5, 2_000)})
    grids = outcome_grids(rows, REGRESSION)
    assert list(grids.features) == ["score"]
    assert grids.actual_centre == grids.features["score"].centre
    assert grids.error_edges[0] == pytest.approx(5e-4, rel=0.1)
    assert grids.error_edges[-1] == pytest.approx(50, rel=0.1)


@pytest.mark.parametrize("scores", [[7.0, 7.0], [None, None]])
def test_a_constant_or_missing_prediction_still_gives_a_grid_of_errors(scores):
    edges = outcome_grids(pa.table({"score": pa.array(scores, pa.float64())}), REGRESSION).error_edges
    assert edges.size == 251
    assert edges[-1] >= 10
    assert np.all(np.diff(edges) > 0)


def test_error_edges_are_quantiles_of_the_errors_and_reach_ten_times_the_largest():
    errors = np.random.default_rng(0).normal(0, 1, 10_000)
    edges = error_edges(errors, 1.0)
    sizes = np.sort(np.abs(errors))
    assert sizes[4_999] in edges  # the median
    assert sizes[-(-8191 * 10_000 // 8192) - 1] in edges
    assert edges[-1] == pytest.approx(10 * sizes[-1])
    beyond = edges[edges >= sizes[-1]]
    assert (beyond[1:] / beyond[:-1]).max() < 1.05


def test_a_reference_without_any_error_is_gridded_by_the_scale():
    assert error_edges(np.zeros(10), 2.0)[-1] == pytest.approx(20)
