"""Calendar months and working days, for what is due."""

from calendar import monthrange
from datetime import date, timedelta

SATURDAY = 5


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a month that is too short.

    >>> months_later(date(2025, 11, 30), 3), months_later(date(2024, 1, 31), 1)
    (datetime.date(2026, 2, 28), datetime.date(2024, 2, 29))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def working_days_later(day: date, days: int) -> date:
    """Return the day so many working days later; Saturdays and Sundays do not count, public holidays do.

    >>> working_days_later(date(2026, 11, 20), 2)
    datetime.date(2026, 11, 24)
    """
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day
