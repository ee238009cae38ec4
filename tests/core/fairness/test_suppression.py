import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fairness.suppression import (
    COMPLEMENTARY,
    MINIMUM,
    SHOWN,
    SMALL,
    Events,
    group_mask,
    sensitive_counts,
    too_small,
)


def _groups(*rows):
    return np.array([[n, positives, n - positives] for n, positives in rows])


def test_rows_positives_and_negatives_are_counted_by_actual_and_else_by_decision():
    confusion = np.array([[5, 1, 7], [2, 3, 0], [0, 0, 4]])
    assert sensitive_counts(confusion, Events.ACTUALS).tolist() == [22, 4, 7]
    assert sensitive_counts(confusion, Events.DECISIONS).tolist() == [22, 5, 13]


def test_a_group_is_too_small_by_its_rows_its_positives_or_its_negatives_but_an_empty_one_is_not():
    assert too_small(_groups((9, 4), (500, 9), (500, 495), (20, 10), (0, 0))).tolist() == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_one_small_group_takes_the_smallest_other_with_it():
    assert group_mask(_groups((500, 50), (300, 40), (7, 1))).tolist() == [SHOWN, COMPLEMENTARY, SMALL]


def test_two_small_groups_that_are_large_enough_together_take_nobody_with_them():
    assert group_mask(_groups((500, 50), (300, 40), (40, 5), (60, 6))).tolist() == [SHOWN, SHOWN, SMALL, SMALL]


def test_two_small_groups_that_are_small_together_take_a_third_with_them():
    assert group_mask(_groups((500, 50), (300, 40), (4, 1), (3, 1))).tolist() == [SHOWN, COMPLEMENTARY, SMALL, SMALL]


def test_of_two_groups_with_one_small_nothing_is_shown():
    assert group_mask(_groups((500, 50), (7, 1))).tolist() == [COMPLEMENTARY, SMALL]


def test_an_empty_group_is_shown_as_empty_and_protects_nobody():
    assert group_mask(_groups((500, 50), (300, 40), (7, 1), (0, 0))).tolist() == [SHOWN, COMPLEMENTARY, SMALL, SHOWN]


def test_large_groups_are_all_shown():
    assert group_mask(_groups((500, 50), (300, 40))).tolist() == [SHOWN, SHOWN]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=8))
def test_what_is_withheld_together_is_as_large_as_a_group_that_may_be_shown_or_is_everything(pairs):
    counts = np.array([[positives + negatives, positives, negatives] for positives, negatives in pairs])
    mask = group_mask(counts)
    hidden, filled = mask != SHOWN, counts[:, 0] > 0
    assert not too_small(counts[~hidden]).any()
    if hidden.any() and (filled & ~hidden).any():
        assert hidden.sum() >= 2
        assert (counts[hidden].sum(0) >= MINIMUM).all()
    assert (mask == SMALL).tolist() == too_small(counts).tolist()
