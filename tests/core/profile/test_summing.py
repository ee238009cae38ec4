from datetime import date, timedelta

import numpy as np

from core.profile.profile import ProfileStack
from core.profile.summing import provenance_of, summed, window_sums
from core.windows import Window

FIRST = date(2024, 3, 4)
STACK = ProfileStack(
    binning_id="b",
    days=tuple(FIRST + timedelta(days=n) for n in range(14) if n != 5),
    ints=np.arange(26).reshape(13, 2),
    floats=np.arange(13.0).reshape(13, 1),
    provenance_ids=tuple(f"p{n}" for n in range(13)),
)


def test_a_week_is_the_sum_of_its_days():
    total = summed(STACK, Window(FIRST, FIRST + timedelta(days=7)))
    assert total.n_days == 6
    assert total.ints.tolist() == STACK.ints[:6].sum(axis=0).tolist()
    assert total.floats.tolist() == [15.0]


def test_weekdays_can_be_chosen():
    mondays = summed(STACK, weekdays={0})
    assert mondays.n_days == 2
    assert mondays.ints.tolist() == (STACK.ints[0] + STACK.ints[6]).tolist()


def test_nothing_sums_to_zero_with_no_provenance():
    nothing = summed(STACK, Window(date(2020, 1, 1), date(2020, 2, 1)))
    assert (nothing.n_days, nothing.provenance_id, nothing.ints.tolist()) == (0, "", [0, 0])


def test_windows_of_single_days_and_of_several_agree():
    days = [Window(day, day + timedelta(days=1)) for day in STACK.days[:3]]
    assert window_sums(STACK, days).ints.tolist() == STACK.ints[:3].tolist()
    assert window_sums(STACK, days).provenance_ids == ("p0", "p1", "p2")
    both = window_sums(STACK, [Window(FIRST, FIRST + timedelta(days=2)), days[2]])
    assert both.ints.tolist() == [STACK.ints[:2].sum(axis=0).tolist(), STACK.ints[2].tolist()]


def test_a_day_without_profile_is_a_window_of_zeros():
    gap = FIRST + timedelta(days=5)
    sums = window_sums(STACK, [Window(gap, gap + timedelta(days=1))])
    assert sums.ints.tolist() == [[0, 0]]


def test_the_provenance_of_a_sum_names_exactly_its_days_in_order():
    assert provenance_of(["a"]) == "a"
    assert provenance_of(["a", "b"]) != provenance_of(["b", "a"])
    assert provenance_of(["a", "b"]) == provenance_of(["a", "b"])
