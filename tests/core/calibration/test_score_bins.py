import numpy as np
import pytest

from core.calibration.score_bins import class_bins, score_bins, segment_bins
from tests.core.calibration.made_up import EDGES, counted, rows, stacked


def test_the_sums_are_those_of_the_labelled_rows():
    y, p = rows()
    y[::10] = 2
    bins = score_bins(counted(y, p))
    known = y < 2
    assert bins.n.sum() == known.sum()
    assert bins.events.sum() == (y == 1).sum()
    assert bins.sum_p.sum() == pytest.approx(p[known].sum(), abs=1e-9)
    assert bins.sum_pp.sum() == pytest.approx((p[known] ** 2).sum(), abs=1e-9)
    assert bins.sum_py.sum() == pytest.approx(p[y == 1].sum(), abs=1e-9)
    assert bins.exact


def test_weighted_sums_are_scaled_to_the_effective_number_of_rows():
    y, p = rows()
    weight = np.random.default_rng(1).uniform(0.2, 3, len(y))
    bins = score_bins(counted(y, p, weight=weight))
    assert bins.n.sum() == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    assert bins.sum_p.sum() / bins.n.sum() == pytest.approx(np.average(p, weights=weight))


def test_segments_take_the_mean_of_the_whole_in_each_hundredth_and_state_how_far_it_may_be_off():
    y, p = rows()
    half = np.arange(len(y)) % 2 == 0
    whole = counted(y, p)
    bins = segment_bins(
        stacked([counted(y[half], p[half], edges=EDGES), counted(y[~half], p[~half], edges=EDGES)]), whole
    )
    assert not bins.exact
    assert bins.error.max() <= 0.01 + 1e-12
    for segment, chosen in enumerate((half, ~half)):
        place = np.searchsorted(EDGES, p[chosen], side="left")
        truth = np.bincount(place, p[chosen], 100) / np.maximum(np.bincount(place, minlength=100), 1)
        held = bins.n[segment] > 0
        assert (np.abs(truth - bins.mean_score[segment])[held] <= bins.error[segment][held] + 1e-12).all()
    assert bins.sum_p.sum() == pytest.approx(p.sum(), abs=1e-9)


def test_the_bins_of_a_class_ask_whether_the_actual_is_that_class():
    edges = np.array([0.5])
    bins = class_bins(edges, np.array([[[3, 1], [1, 2], [9, 9]]]), np.array([[[0.6, 0.9], [0.4, 1.5]]]))
    assert bins.n.tolist() == [[4.0, 3.0]]
    assert bins.events.tolist() == [[1.0, 2.0]]
    assert bins.mean_score[0].tolist() == pytest.approx([0.25, 0.8])


def test_counts_without_sums_of_scores_are_refused_for_the_whole():
    y, p = rows(100)
    with pytest.raises(ValueError, match="segment_bins"):
        score_bins(counted(y, p, sums=False))
