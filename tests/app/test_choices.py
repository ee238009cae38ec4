"""Windows, references and segments that the header offers."""

from datetime import date

import pytest

from app import choices
from core.errors import BadInputError
from core.windows import Grain, Window


def test_offered_windows_can_all_be_turned_into_windows():
    for grain in Grain:
        for choice in choices.windows(grain):
            window = choices.to_window(choice, date(2013, 12, 1), grain)
            assert window.end > date(2013, 12, 1) or grain is Grain.YEAR
            assert choices.window_words(choice).startswith("last ")


def test_windows_count_back_from_the_last_closed_unit():
    assert choices.to_window("1d", date(2013, 12, 30), Grain.DAY) == Window(date(2013, 12, 30), date(2013, 12, 31))
    assert choices.to_window("3m", date(2013, 2, 1), Grain.MONTH) == Window(date(2012, 12, 1), date(2013, 3, 1))
    assert choices.to_window("3y", date(2013, 1, 1), Grain.YEAR) == Window(date(2011, 1, 1), date(2014, 1, 1))


def test_a_window_counts_back_no_further_than_the_calendar():
    assert choices.to_window("9999y", date(2013, 1, 1), Grain.YEAR) == Window(date(1000, 1, 1), date(2014, 1, 1))


def test_a_window_of_the_url_is_offered_when_it_can_be_read():
    assert choices.windows(Grain.DAY, "30d")[-1] == "30d"
    assert choices.windows(Grain.DAY, "2013-07-01..2013-07-08")[-1] == "2013-07-01..2013-07-08"
    for nonsense in ("7m", "x", "2013-07-08..2013-07-01", "0d", "99999d", "2013..2014"):
        assert choices.windows(Grain.DAY, nonsense) == choices.windows(Grain.DAY)


def test_a_window_that_cannot_be_read_is_refused():
    with pytest.raises(BadInputError, match="START"):
        choices.to_window("soon", date(2013, 1, 1), Grain.DAY)


def test_weekdays_are_offered_to_daily_logs_only():
    assert "same_weekday" in choices.references(Grain.DAY)
    assert "same_weekday" not in choices.references(Grain.MONTH)


def test_window_names_are_those_of_the_command_line():
    assert choices.window_name(Window(date(2013, 7, 1), date(2013, 7, 8)), Grain.DAY) == "2013-07-01..2013-07-08"
    assert choices.window_name(Window(date(1970, 1, 8), date(1970, 1, 10)), Grain.BATCH) == "7..9"


def test_saved_segments_stand_before_the_declared_ones():
    offered = choices.segments(("carrier=EV", "@b", "@a=x", "@a"))
    assert offered == ["all", "@b", "@a", "carrier=EV", "@a=x"]
    assert choices.segment_words("@b") == "@b"


def test_segments_begin_with_the_whole_population():
    assert choices.segments(("carrier=EV",)) == ["all", "carrier=EV"]
    assert choices.segment_words("a=b=c") == "a = b=c"


def test_a_range_of_the_url_is_offered_as_a_reference_and_shown_in_words():
    assert choices.reference_words("2013-01-01..2013-02-01") == "vs 1 to 31 Jan 2013"
    assert choices.references(Grain.DAY, "2013-01-01..2013-02-01")[-1] == "2013-01-01..2013-02-01"
    assert choices.references(Grain.DAY, "2013-02-01..2013-01-01") == choices.references(Grain.DAY)
    assert choices.references(Grain.DAY, "previous") == choices.references(Grain.DAY)
    assert choices.references(Grain.BATCH, "3..5")[-1] == "3..5"
