import numpy as np

from core.profile.layout import Layout
from core.profile.scored import UNKNOWN, count_scored, score_bins, score_codes, scored
from core.profile.tally import start_tally


def test_rows_are_put_in_order_of_the_score_with_missing_ones_last():
    found = scored(np.array([0.9, np.nan, 0.1, 0.5]), np.array([1, 1, 0, UNKNOWN]), "probability")
    assert found.order.tolist() == [2, 3, 0, 1]
    assert found.scores.tolist() == [0.1, 0.5, 0.9]
    assert found.truths.tolist() == [0, UNKNOWN, 1, 1]
    assert found.known.tolist() == [0, 2]
    assert found.losses.shape == (2, 4)


def test_equal_scores_are_put_in_order_of_what_is_given_for_ties():
    found = scored(np.array([0.5, 0.5, 0.1]), np.zeros(3, int), "ranking", ties=[np.array([3.0, 1.0, 2.0])])
    assert found.order.tolist() == [2, 1, 0]


def test_bins_are_closed_on_the_right():
    assert score_bins(np.array([0.1, 0.2, 0.3]), np.array([0.2])).tolist() == [0, 0, 1]
    assert score_bins(np.empty(0), np.array([0.2])).tolist() == []


def test_a_code_is_the_truth_and_the_bin():
    found = scored(np.array([0.1, 0.9]), np.array([0, 1]), "probability")
    assert score_codes(found, np.array([0, 4]), 10).tolist() == [0, 14]


def test_counts_of_the_segments_add_up_to_the_whole(binning, rows):
    log = rows(800, 4)
    tally = start_tally(log, Layout(binning))
    count_scored(scored(log["score"].to_numpy(), np.arange(800) % 3, "probability"), tally)
    whole = tally.block("score_counts").sum(axis=-1)
    by_segment = tally.block("segment_score_counts").sum(axis=-1)
    assert by_segment[:5].sum(axis=0).tolist() == by_segment[5:].sum(axis=0).tolist() == whole.tolist()
    losses = tally.float_block("segment_losses")[:5].sum(axis=0)
    np.testing.assert_allclose(losses, tally.float_block("losses"), rtol=1e-12)
