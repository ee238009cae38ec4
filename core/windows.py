"""Windows of time in a model's own calendar: days, months, years, or numbered batches.

Every unit is stored as a date, so that one integer axis serves partitions, profiles and
windows: a day is itself, a month its first day, a year its 1 January, and batch ``k`` the
date ``1970-01-01 + k days`` (a code, never shown). `label` and `parse_unit` translate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.errors import BadInputError

BATCH_ORIGIN = date(1970, 1, 1)
EARLIEST, LATEST = date(1000, 1, 1), date(9000, 1, 1)
"""Between these days a window may be asked for: the windows before and after it can still be laid out."""

LONGEST = timedelta(days=36_525)


class Grain(StrEnum):
    """The finest unit of time that a model's log knows."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    BATCH = "batch"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Half-open range of units ``[start, end)`` in the model's calendar."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise BadInputError(
                f"The window {self.start}..{self.end} is empty: its end is exclusive and must come after its start."
            )

    @property
    def days(self) -> int:
        """Length in days of the axis."""
        return (self.end - self.start).days

    def units(self, grain: Grain) -> Iterator[date]:
        """Yield every unit that starts inside the window."""
        unit = unit_of(self.start, grain)
        while unit < self.end:
            if unit >= self.start:
                yield unit
            unit = following(unit, grain)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def unit_of(day: date, grain: Grain) -> date:
    """Return the unit that holds `day`.

    >>> unit_of(date(2013, 7, 19), Grain.MONTH)
    datetime.date(2013, 7, 1)
    """
    if grain is Grain.MONTH:
        return day.replace(day=1)
    if grain is Grain.YEAR:
        return day.replace(month=1, day=1)
    return day


def following(unit: date, grain: Grain) -> date:
    """Return the unit after `unit`."""
    if grain is Grain.MONTH:
        return (unit.replace(day=1) + timedelta(days=32)).replace(day=1)
    if grain is Grain.YEAR:
        return date(unit.year + 1, 1, 1)
    return unit + timedelta(days=1)


def label(unit: date, grain: Grain) -> str:
    """Return the unit as people write it: ``2013-07-19``, ``2013-07``, ``2013`` or ``7``."""
    match grain:
        case Grain.MONTH:
            return f"{unit:%Y-%m}"
        case Grain.YEAR:
            return f"{unit:%Y}"
        case Grain.BATCH:
            return str((unit - BATCH_ORIGIN).days)
        case _:
            return unit.isoformat()


def unit_words(unit: date, grain: Grain, *, year: bool = True) -> str:
    """Return the unit in a sentence: ``4 Nov 2013`` (``4 Nov``), ``Nov 2013``, ``2013`` or ``slice 7``.

    >>> unit_words(date(2013, 11, 4), Grain.DAY, year=False), unit_words(date(1970, 1, 8), Grain.BATCH)
    ('4 Nov', 'slice 7')
    """
    match grain:
        case Grain.DAY:
            return f"{unit.day} {unit:%b %Y}" if year else f"{unit.day} {unit:%b}"
        case Grain.MONTH:
            return f"{unit:%b %Y}"
        case Grain.BATCH:
            return f"slice {label(unit, grain)}"
        case _:
            return label(unit, grain)


def unit_noun(grain: Grain) -> str:
    """Return what one unit is called: ``day``, ``month``, ``year``, and ``slice`` for a numbered batch.

    >>> unit_noun(Grain.YEAR), unit_noun(Grain.BATCH)
    ('year', 'slice')
    """
    return "slice" if grain is Grain.BATCH else grain.value


def variation_words(grain: Grain) -> str:
    """Return what the units of a log differ by besides chance.

    >>> variation_words(Grain.DAY), variation_words(Grain.BATCH)
    ('day-to-day variation', 'slice-to-slice variation')
    """
    return f"{unit_noun(grain)}-to-{unit_noun(grain)} variation"


def parse_unit(text: str, grain: Grain) -> date:
    """Read a unit label back to its date.

    Raises
    ------
    BadInputError
        When `text` is not a label of this grain.
    """
    try:
        match grain:
            case Grain.MONTH:
                return datetime.strptime(text, "%Y-%m").date()
            case Grain.YEAR:
                return datetime.strptime(text, "%Y").date()
            case Grain.BATCH:
                return BATCH_ORIGIN + timedelta(days=int(text))
            case _:
                return date.fromisoformat(text)
    except (ValueError, OverflowError):
        example = {"day": "2013-07-19", "month": "2013-07", "year": "2013", "batch": "7"}[grain.value]
        raise BadInputError(f"'{text}' is not a {grain.value} of this model; write it like {example}.") from None


def parse_window(text: str, grain: Grain) -> Window:
    """Read ``START..END`` (END exclusive) in unit labels.

    Raises
    ------
    BadInputError
        When a label cannot be read, or the window is empty, longer than 100 years or far outside the calendar.

    >>> parse_window("2013-07-01..2013-07-08", Grain.DAY).days
    7
    """
    start, dots, end = text.partition("..")
    if not dots or not start or not end:
        raise BadInputError(f"The window '{text}' must be written START..END, for example 2013-07-01..2013-07-08.")
    window = Window(parse_unit(start, grain), parse_unit(end, grain))
    if window.start < EARLIEST or window.end > LATEST or window.end - window.start > LONGEST:
        most = "36,525 slices" if grain is Grain.BATCH else "100 years"
        raise BadInputError(f"The window '{text}' is longer than {most}, or nowhere near the data.")
    return window


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar date of an aware `moment` in the model's zone."""
    return moment.astimezone(zone).date()


def day_starts_at(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which `day` begins in the model's zone (days last 23 to 25 hours)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def last_closed(at: datetime, zone: ZoneInfo, grain: Grain) -> date:
    """Return the last unit that had ended at the aware moment `at`; meaningless for batches.

    >>> last_closed(datetime(2014, 1, 1, 5, tzinfo=UTC), ZoneInfo("America/New_York"), Grain.DAY)
    datetime.date(2013, 12, 31)
    """
    current = unit_of(day_of(at, zone), grain)
    return unit_of(current - timedelta(days=1), grain)


def is_over(unit: date, at: datetime, zone: ZoneInfo, grain: Grain) -> bool:
    """Say whether a unit had ended at the aware moment `at`.

    Numbered batches are over when they are there. So is a month or a year that begins after the running one: its rows
    were not waited for, they came with a file that says so (census years under a clock of another year).

    >>> is_over(date(2013, 12, 31), datetime(2013, 12, 31, 12, tzinfo=UTC), ZoneInfo("UTC"), Grain.DAY)
    False
    """
    if grain is Grain.BATCH:
        return True
    last = last_closed(at, zone, grain)
    return unit <= last or (grain in (Grain.MONTH, Grain.YEAR) and unit > following(last, grain))
