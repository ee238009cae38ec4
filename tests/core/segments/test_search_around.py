from dataclasses import replace
from datetime import date
from itertools import pairwise

from core.segments.search_around import next_window, windows_around, with_others
from core.segments.search_later import held
from core.segments.search_result import Later
from core.windows import Grain, Window
from tests.core.segments.test_search_later import BAD, CELL, FINE
from tests.core.segments.test_search_result import FOUND

WEEK = Window(date(2024, 3, 11), date(2024, 3, 18))


def test_the_next_window_has_as_many_units():
    assert next_window(Window(date(2024, 1, 1), date(2024, 3, 1)), Grain.MONTH) == Window(
        date(2024, 3, 1), date(2024, 5, 1)
    )


def test_seven_windows_lead_up_to_the_searched_one_and_one_follows():
    found = windows_around(WEEK, Grain.DAY, n_rows=1_000)
    assert len(found) == 9
    assert found[-2] == WEEK
    assert all(one.end == other.start for one, other in pairwise(found))


def test_fewer_windows_are_read_where_they_are_large():
    assert len(windows_around(WEEK, Grain.DAY, n_rows=1_000_000)) == 4


def test_segments_get_their_history_and_what_the_next_window_says():
    segment = replace(FOUND, where=CELL)
    around = list(zip(windows_around(WEEK, Grain.DAY, n_rows=1_000_000), (None, FINE, BAD, FINE), strict=True))
    (found,) = with_others([segment], around, Grain.DAY, reference=FINE, why_not="")
    assert [point.start for point in found.history] == ["2024-02-26", "2024-03-04", "2024-03-11", "2024-03-18"]
    assert found.history[0].mean is None
    assert found.history[2].mean > found.history[1].mean
    assert found.later == held([CELL], FINE, news=[True], reference=FINE)[0]
    assert found.later.outcome is Later.DID_NOT_HOLD
