from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from core.log.schema import load_schema
from core.performance.history import maturities, windows_until
from core.windows import BATCH_ORIGIN, Grain, Window
from tests.small_fleet import MODEL_YAML

DAY = Window(date(2024, 3, 20), date(2024, 3, 21))


def test_windows_follow_each_other_and_end_with_the_one_asked_for():
    found = windows_until(DAY, Grain.DAY)
    assert (len(found), found[-1]) == (60, DAY)
    assert all(one.end == after.start for one, after in pairwise(found))


def test_weeks_stay_weeks_and_long_windows_are_fewer():
    week = windows_until(Window(date(2024, 3, 14), date(2024, 3, 21)), Grain.DAY)
    assert {one.days for one in week} == {7}
    assert len(week) == 26
    assert len(windows_until(Window(date(2024, 2, 22), date(2024, 3, 21)), Grain.DAY)) == 13


def test_months_and_numbered_batches_step_by_their_own_units():
    months = windows_until(Window(date(2024, 3, 1), date(2024, 4, 1)), Grain.MONTH, most=3)
    assert [one.start.month for one in months] == [1, 2, 3]
    batch = Window(BATCH_ORIGIN + timedelta(days=7), BATCH_ORIGIN + timedelta(days=8))
    assert windows_until(batch, Grain.BATCH, most=2)[0].end == batch.start


def test_a_young_window_is_not_mature_and_an_old_one_is():
    schema = load_schema(MODEL_YAML)
    found = maturities(
        [DAY, Window(DAY.end, DAY.end + timedelta(days=1))], [0.95, 0.4], schema, expected=1.0,
        at=datetime(2024, 3, 22, 6, tzinfo=UTC),
    )  # fmt: skip
    assert [one.mature for one in found] == [True, False]
    assert "labels still arriving" in found[1].reason


def test_windows_end_where_the_calendar_does():
    century = Window(date(1050, 1, 1), date(1150, 1, 1))
    assert windows_until(century, Grain.DAY)[0].start < date(1000, 1, 1)
    assert len(windows_until(century, Grain.DAY)) == 2
