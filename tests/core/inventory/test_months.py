from datetime import date

import pytest

from core.inventory.months import months_later, working_days_later


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 12, 5), 36, date(2029, 12, 5)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_keep_the_day_where_the_month_has_it(day, months, later):
    assert months_later(day, months) == later


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 11, 19), date(2026, 11, 23)),  # Thursday to Monday
        (date(2026, 11, 20), date(2026, 11, 24)),  # Friday to Tuesday
        (date(2026, 11, 21), date(2026, 11, 24)),  # Saturday
        (date(2026, 11, 23), date(2026, 11, 25)),
    ],
)
def test_two_working_days_pass_over_the_weekend(day, later):
    assert working_days_later(day, 2) == later
