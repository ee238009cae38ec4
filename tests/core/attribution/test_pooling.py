"""Small segments go into "other", and "other" is never small itself where it can be helped."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.attribution.pooling import FEWEST_ROWS, pool_small
from core.profile.binning import Segment

KINDS = (Segment("c", "a"), Segment("c", "b"), Segment("c", "d"), Segment("c", None), Segment("c", None, missing=True))
ROWS = st.lists(st.integers(0, 60), min_size=5, max_size=5).map(np.array)


@given(ROWS, ROWS)
def test_no_segment_that_stands_alone_is_small_and_no_row_is_lost(before, now):
    pooling = pool_small(KINDS, before, now)
    for rows in (before, now):
        shown = pooling.apply(rows)
        assert shown.sum() == rows.sum()
        assert len(shown) == len(pooling.names)
        if len(shown) > 1:
            assert not ((shown > 0) & (shown < FEWEST_ROWS)).any()


def test_a_small_segment_takes_the_next_smallest_along_when_other_would_show_it():
    pooling = pool_small(KINDS, np.array([500, 3, 40, 0, 0]), np.array([400, 4, 50, 0, 0]))
    assert pooling.names == ("a", "other")
    assert pooling.pooled == ("b", "d")


def test_an_empty_segment_is_not_small():
    pooling = pool_small(KINDS, np.array([500, 0, 40, 0, 0]), np.array([400, 90, 50, 0, 0]))
    assert pooling.names == ("a", "b", "d")
    assert pooling.pooled == ()


def test_other_has_no_segment_that_a_filter_could_name():
    pooling = pool_small(KINDS, np.array([500, 0, 40, 20, 30]), np.array([400, 90, 50, 20, 30]))
    assert dict(zip(pooling.names, pooling.alone, strict=True)) == {
        "a": KINDS[0], "b": KINDS[1], "d": KINDS[2], "other": None, "missing": KINDS[4],
    }  # fmt: skip
