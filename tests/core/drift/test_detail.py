import numpy as np
import pytest

from core.drift.detail import where

NAMES = (("origin", "JFK"), ("origin", "LGA"), ("carrier", "EV"), ("carrier", "UA"))
CALM = [500, 500, 0]


def found(current, usable=(True,) * 4):
    reference = np.array([[5_000, 5_000, 0]] * 4)
    return where(NAMES, reference, np.array(current), phi=np.ones(4), usable=np.array(usable))


def test_the_shares_of_a_column_are_of_its_rows_times_excess_and_sum_to_one():
    shown = found([[100, 900, 0], [300, 700, 0], [100, 900, 0], [500, 500, 0]])
    by_name = {(one.column, one.value): one for one in shown.segments}
    assert by_name["carrier", "EV"].share == pytest.approx(1.0)
    first, second = by_name["origin", "JFK"], by_name["origin", "LGA"]
    assert first.share + second.share == pytest.approx(1.0)
    assert first.share / second.share == pytest.approx(first.n * first.excess / (second.n * second.excess))
    assert shown.segments[0].value == "EV"


def test_small_segments_are_counted_not_told():
    shown = found([CALM, CALM, CALM, [5, 30, 0]], usable=(True, True, True, False))
    assert [one.value for one in shown.segments] == ["EV", "JFK", "LGA"]
    assert shown.n_suppressed == 1


def test_without_any_movement_no_segment_carries_anything():
    assert {one.share for one in found([CALM] * 4).segments} == {0.0}
