import numpy as np

from core.profile.counts import N_TOTALS, RESIDUAL_SUMS, RegressionCounts
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.profile import performance_counts, segment_performance_counts, stack


def test_the_arrays_of_a_stack_share_their_leading_axes(rows, binning):
    layout = Layout(binning)
    ints, floats = stack([profile(rows(300, seed), binning) for seed in range(4)])
    whole = performance_counts(layout, ints, floats)
    n_bins = whole.edges.size + 1
    assert whole.score_counts.shape == (4, 3, n_bins)
    assert whole.score_sums.shape == whole.score_squares.shape == (4, 2, n_bins)
    assert whole.confusion.shape == (4, 3, 3)
    assert whole.losses.shape == (4, 2, 4)
    np.testing.assert_array_equal(whole.n_eff_share, np.ones(4))


def test_segments_have_counts_on_the_coarse_grid_and_no_score_sums(rows, binning):
    layout = Layout(binning)
    made = profile(rows(300), binning)
    by_segment = segment_performance_counts(layout, made.ints, made.floats)
    n_segments = len(binning.segments)
    assert by_segment.score_counts.shape == (n_segments, 3, binning.segment_score_edges.size + 1)
    assert by_segment.score_sums is by_segment.score_squares is None
    assert by_segment.n_eff_share.shape == (n_segments,)


def test_every_residual_sum_is_found_by_its_name():
    one = RegressionCounts(
        edges=np.empty(0),
        centre=0.0,
        residual_sums=np.arange(2.0 * len(RESIDUAL_SUMS)).reshape(2, -1),
        error_counts=np.zeros((2, 1), int),
        residual_n=np.zeros((2, 2), int),
    )
    assert len(set(RESIDUAL_SUMS)) == 24
    assert [one.total(name)[0] for name in RESIDUAL_SUMS] == list(range(24))
    assert one.total("e").tolist() == [0.0, 24.0]
    assert N_TOTALS == 6
