"""The last window with complete labels, and the way there."""

from datetime import date

from app.earlier import Earlier
from core.windows import Grain, Window


def test_the_window_is_told_with_its_last_day_included():
    shown = Earlier(
        window=Window(date(2013, 12, 18), date(2013, 12, 25)), grain=Grain.DAY, value=0.7, low=None, high=None
    )
    assert shown.when() == "18 to 24 Dec 2013"
