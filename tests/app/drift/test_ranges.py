from datetime import date

from app.drift.ranges import range_name
from core.selection import ReferenceKind, parse_reference
from core.windows import Grain


def test_two_dates_become_a_reference_that_the_command_line_reads():
    read = parse_reference(range_name(date(2013, 7, 1), date(2013, 7, 7)), Grain.DAY)
    assert read.kind is ReferenceKind.RANGE
    assert (read.window.start, read.window.days) == (date(2013, 7, 1), 7)
