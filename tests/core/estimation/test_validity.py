import numpy as np

from core.estimation.validity import beyond_share, decisions_off, unusable_reference, why_not_here


def test_a_reference_needs_a_thousand_rows_and_fifty_of_each_outcome():
    assert unusable_reference(500, 500) == ""
    assert "999 rows with an actual, 1,000 are needed" in unusable_reference(500, 499)
    assert "49 rows of the rarer outcome" in unusable_reference(49, 5000)
    assert "49 rows of the rarer outcome" in unusable_reference(5000, 49)


def test_scores_beyond_both_ends_of_the_reference_count():
    labelled = [4, 5, 100, 3, 0]  # below: 4, 9, 109; above: 0, 3, 103
    assert float(beyond_share([10, 10, 60, 10, 10], labelled)) == 0.4
    assert str(why_not_here([10, 10, 60, 10, 10], labelled)).startswith("not applicable: 40 % of the scores")
    assert str(why_not_here([0, 5, 95, 0, 0], labelled)) == ""


def test_a_window_without_scores_says_so():
    found = why_not_here(np.zeros((2, 3)), [10, 10, 10])
    assert set(found.tolist()) == {"not applicable: no prediction with a score in this window"}


def test_decisions_may_differ_from_the_threshold_in_one_row_of_a_hundred():
    assert str(decisions_off(50, 51, 100)) == ""
    assert "2 % of the rows" in str(decisions_off(50, 52, 100))
