from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from core.fairness.release_calendar import LENGTHS, block_length, block_of, blocks_between, inside
from core.windows import BATCH_ORIGIN, Grain, Window

HALVES = np.full((2, 3), 0.5)


def test_blocks_are_as_short_as_the_smallest_group_allows():
    assert block_length(np.array([1000.0, 500, 500]), HALVES, Grain.DAY) == 1
    assert block_length(np.array([1000.0, 10, 990]), HALVES, Grain.DAY) == 7
    assert block_length(np.array([1000.0, 1, 999]), HALVES, Grain.DAY) == 84


def test_a_group_that_no_block_shows_is_not_waited_for():
    shares = np.array([[0.5, 0.5, 0.5], [0.4999, 0.4999, 0.4999], [0.0002, 0.0002, 0.0002]])
    assert block_length(np.array([1000.0, 500, 500]), shares, Grain.DAY) == 1


def test_without_a_group_that_can_be_shown_blocks_are_the_longest():
    assert block_length(np.array([1.0, 0, 1]), HALVES, Grain.MONTH) == 3
    assert block_length(np.array([1.0, 0, 1]), np.zeros((0, 3)), Grain.YEAR) == 1


def test_tables_are_never_finer_than_their_margins():
    assert block_length(np.array([1000.0, 500, 500]), HALVES, Grain.DAY, shortest=28) == 28


@pytest.mark.parametrize("grain", list(Grain))
def test_longer_blocks_hold_shorter_ones_whole(grain):
    days = {
        Grain.DAY: [date(2024, 1, 1) + timedelta(days=k) for k in range(400)],
        Grain.MONTH: [date(2023 + k // 12, k % 12 + 1, 1) for k in range(36)],
        Grain.YEAR: [date(year, 1, 1) for year in range(2000, 2020)],
        Grain.BATCH: [BATCH_ORIGIN + timedelta(days=k) for k in range(1, 60)],
    }[grain]
    for short, long in pairwise(LENGTHS[grain]):
        for day in days:
            inner, outer = block_of(day, short, grain), block_of(day, long, grain)
            assert outer.start <= inner.start <= day < inner.end <= outer.end


def test_batches_are_grouped_from_number_one_on():
    block = block_of(BATCH_ORIGIN + timedelta(days=10), 10, Grain.BATCH)
    assert [(day - BATCH_ORIGIN).days for day in (block.start, block.end)] == [1, 11]


def test_blocks_between_two_units_follow_each_other_and_hold_both():
    found = blocks_between(date(2025, 1, 8), date(2025, 3, 1), 28, Grain.DAY)
    assert date(2025, 1, 8) in found[0]
    assert date(2025, 3, 1) in found[-1]
    assert all(one.end == two.start for one, two in pairwise(found))


def test_a_window_is_answered_by_the_blocks_that_lie_wholly_in_it():
    blocks = blocks_between(date(2025, 1, 8), date(2025, 3, 30), 7, Grain.DAY)
    chosen = inside(blocks, Window(date(2025, 1, 15), date(2025, 1, 29)), first_day=date(2025, 1, 8))
    assert [blocks[place].start for place in chosen] == [date(2025, 1, 20)]


def test_the_first_block_counts_from_the_first_day_of_the_log():
    blocks = blocks_between(date(2025, 1, 8), date(2025, 3, 30), 7, Grain.DAY)
    assert inside(blocks, Window(date(2025, 1, 8), date(2025, 1, 13)), first_day=date(2025, 1, 8)) == (0,)
