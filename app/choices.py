"""What the header offers for windows, references and segments, and what each choice means."""

import re
from datetime import date, timedelta

from app import words
from core.errors import BadInputError
from core.selection import ReferenceKind, saved_name
from core.windows import EARLIEST, Grain, Window, following, label, parse_window, unit_of

ALL_SEGMENTS = "all"
COUNTS = {Grain.DAY: (1, 7, 28), Grain.MONTH: (1, 3, 12), Grain.YEAR: (1, 3), Grain.BATCH: (1, 5)}
REFERENCES = {
    ReferenceKind.TRAINING.value: "vs training",
    ReferenceKind.PREVIOUS.value: "vs previous",
    ReferenceKind.SAME_WEEKDAY.value: "vs same weekday",
}
_COUNTED = re.compile(r"([1-9][0-9]{0,3})([dmyb])")


def windows(grain: Grain, asked: str | None = None) -> list[str]:
    """Return the offered windows, and the one of the URL when it can be read.

    >>> windows(Grain.DAY, "2013-07-01..2013-07-08")
    ['1d', '7d', '28d', '2013-07-01..2013-07-08']
    """
    offered = [f"{count}{grain.value[0]}" for count in COUNTS[grain]]
    if asked and asked not in offered and _readable(asked, grain):
        offered.append(asked)
    return offered


def _readable(text: str, grain: Grain) -> bool:
    counted = _COUNTED.fullmatch(text)
    if counted:
        return counted[2] == grain.value[0]
    try:
        parse_window(text, grain)
    except BadInputError:
        return False
    return True


def references(grain: Grain, asked: str | None = None) -> list[str]:
    """Return the offered references, and the range of the URL when it can be read.

    A weekday means nothing to a coarser grain.
    """
    names = list(REFERENCES)
    offered = names if grain is Grain.DAY else names[:2]
    ranged = asked is not None and ".." in asked and _readable(asked, grain)
    return [*offered, asked] if asked and ranged else offered


def segments(known: tuple[str, ...]) -> list[str]:
    """Return the offered segments, the whole population first, then those that people saved (``@name``)."""
    return [ALL_SEGMENTS, *sorted(known, key=lambda one: saved_name(one) is None)]


def window_words(choice: str) -> str:
    """Return a window choice as the selector shows it.

    >>> window_words("1d"), window_words("7d"), window_words("2013-07-01..2013-07-08")
    ('last day', 'last 7 days', '1 to 7 Jul 2013')
    >>> window_words("1b"), window_words("5b")
    ('last slice', 'last 5 slices')
    """
    counted = _COUNTED.fullmatch(choice)
    if counted is None:
        days = _readable(choice, Grain.DAY)
        return words.window(parse_window(choice, Grain.DAY), Grain.DAY) if days else choice.replace("..", " .. ")
    unit = {"d": "day", "m": "month", "y": "year", "b": "slice"}[counted[2]]
    return f"last {unit}" if counted[1] == "1" else f"last {counted[1]} {unit}s"


def reference_words(choice: str) -> str:
    """Return a reference choice as the selector shows it."""
    return REFERENCES.get(choice) or f"vs {window_words(choice)}"


def segment_words(choice: str) -> str:
    """Return a segment choice as the selector shows it.

    >>> segment_words("all"), segment_words("carrier=EV"), segment_words("@young brokers")
    ('all segments', 'carrier = EV', '@young brokers')
    """
    return "all segments" if choice == ALL_SEGMENTS else choice.replace("=", " = ", 1)


def to_window(choice: str, last_unit: date, grain: Grain) -> Window:
    """Return the window that a choice means when `last_unit` is the last closed unit.

    >>> to_window("7d", date(2013, 12, 30), Grain.DAY)
    Window(start=datetime.date(2013, 12, 24), end=datetime.date(2013, 12, 31))

    Raises
    ------
    BadInputError
        When the choice cannot be read.
    """
    counted = _COUNTED.fullmatch(choice)
    if counted is None:
        return parse_window(choice, grain)
    end = following(last_unit, grain)
    start = last_unit
    for _ in range(int(counted[1]) - 1):
        start = unit_of(start - timedelta(days=1), grain)
        if start <= EARLIEST:
            break
    return Window(start, end)


def window_name(window: Window, grain: Grain) -> str:
    """Return ``START..END`` in unit labels, as the command line takes it."""
    return f"{label(window.start, grain)}..{label(window.end, grain)}"
