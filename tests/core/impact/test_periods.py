from datetime import date, timedelta

import pytest

from core.impact.periods import compared, full_periods, period_of, settled
from core.selection import Every
from core.windows import Grain, Window
from tests.core.impact.test_decisions import series_of
from tests.value_fleet import NOW

MARCH, APRIL = Window(date(2024, 3, 1), date(2024, 4, 1)), Window(date(2024, 4, 1), date(2024, 4, 3))
LAST_DAY = Window(date(2024, 4, 2), date(2024, 4, 3))


@pytest.fixture
def period(valued):
    series = series_of(valued, "loans")

    def told(window, at=NOW):
        units = settled(series.layout, series.current, series.reference, series.schema, at)
        return period_of(series.layout, series.schema, series.current, units, window)

    return told


def test_a_day_without_its_labels_is_left_out_of_the_value_and_not_of_the_decisions(period):
    april = period(APRIL)
    assert (april.n_units, april.n_left_out, april.provisional) == (2, 1, False)
    assert april.impact.estimates["decision_rate"].n == 120
    assert april.impact.coverage == pytest.approx(0.5)


def test_a_period_of_which_nothing_is_settled_is_provisional_and_compares_with_nothing(period):
    last = period(LAST_DAY)
    assert last.provisional
    assert compared(last, period(MARCH)) is None


def test_sums_are_compared_where_both_are_whole_and_means_of_days_otherwise(period):
    march, week = period(MARCH), period(Window(date(2024, 3, 4), date(2024, 3, 11)))
    whole = compared(march, week)
    assert not whole.per_unit
    assert whole.difference == pytest.approx(whole.now - whole.before)
    assert whole.before == pytest.approx(float(week.impact.estimates["net_value"].value))
    per_day = compared(period(APRIL), march)
    assert per_day.per_unit
    assert per_day.before == pytest.approx(float(march.impact.estimates["net_value"].value) / 31)
    assert per_day.low < per_day.difference < per_day.high


def test_a_period_compared_with_itself_shows_no_clear_difference(period):
    same = compared(period(MARCH), period(MARCH))
    assert (same.difference, same.relative, same.clear) == (0, 0, False)


def test_full_weeks_begin_on_monday_and_end_before_the_newest_day_is_over():
    weeks = full_periods(date(2013, 12, 31), Every.WEEK, Grain.DAY, 2)
    assert [one.start for one in weeks] == [date(2013, 12, 16), date(2013, 12, 23)]
    assert full_periods(date(2013, 12, 29), Every.WEEK, Grain.DAY, 1)[0].end == date(2013, 12, 30)


def test_a_coarser_grain_has_its_own_units_as_periods():
    assert full_periods(date(2013, 12, 1), Every.WEEK, Grain.MONTH, 1)[0] == Window(date(2013, 12, 1), date(2014, 1, 1))
    batches = full_periods(date(1970, 1, 8), Every.MONTH, Grain.BATCH, 3)
    assert [one.days for one in batches] == [1, 1, 1]


def test_later_the_same_day_is_settled_as_far_as_its_labels_came(period):
    later = period(APRIL, NOW + timedelta(days=30))
    assert later.n_left_out == 1
    assert "labels known" in later.why_left_out
