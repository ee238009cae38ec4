"""Which numbers are asked for: the model, its version, the windows, what they are compared with, the slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.errors import BadInputError
from core.points import MetricPoint
from core.windows import Grain, Window, following, parse_window, unit_of

SAVED_MARK = "@"
"""Marks the name of a saved segment where ``COLUMN=VALUE`` may stand too."""


class ReferenceKind(StrEnum):
    """What a window is compared with.

    ``same_weekday`` is the training sample restricted to the weekdays that the window holds.
    """

    TRAINING = "training"
    PREVIOUS = "previous"
    SAME_WEEKDAY = "same_weekday"
    RANGE = "range"


class Every(StrEnum):
    """Length of consecutive windows; a year or a batch only where it is the model's grain (`cut_into`)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    BATCH = "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference by kind; `window` only for `ReferenceKind.RANGE`."""

    kind: ReferenceKind = ReferenceKind.TRAINING
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One value of a segment column; `level` None with `column` set means every value of it (``--by``)."""

    column: str
    level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """A question to the stored profiles.

    Attributes
    ----------
    model : str
    version : str or None
        None: the champion.
    role : str or None
        None: what was live, ``served`` and ``canary`` together.
    window : Window or None
        None: the last closed unit.
    every : Every or None
        Consecutive windows over the whole history instead of one.
    reference : Reference
    slice : Slice or None
        None: the whole population.
    saved : str or None
        Name of a saved segment: its rows alone are the whole population.
    """

    model: str
    version: str | None = None
    role: str | None = None
    window: Window | None = None
    every: Every | None = None
    reference: Reference = Reference()
    slice: Slice | None = None
    saved: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAnswer:
    """The points that answer a `MetricQuery`, and the version they are of."""

    version: str
    points: tuple[MetricPoint, ...]


def parse_reference(text: str, grain: Grain) -> Reference:
    """Read ``training``, ``previous``, ``same_weekday`` or ``START..END``."""
    if ".." in text:
        return Reference(kind=ReferenceKind.RANGE, window=parse_window(text, grain))
    try:
        return Reference(kind=ReferenceKind(text))
    except ValueError:
        raise BadInputError(
            f"The reference '{text}' is not known; use training, previous, same_weekday or START..END."
        ) from None


def parse_slice(text: str) -> Slice:
    """Read ``COL=VALUE``.

    >>> parse_slice("carrier=UA").level
    'UA'
    """
    column, equals, level = text.partition("=")
    if not equals or not column:
        raise BadInputError(f"The segment '{text}' must be written COLUMN=VALUE, for example carrier=UA.")
    return Slice(column=column, level=level)


def saved_name(text: str) -> str | None:
    """Return the name of the saved segment that a segment means; None: it is a ``COLUMN=VALUE``.

    >>> saved_name("@young brokers"), saved_name("carrier=UA"), saved_name("@column=UA")
    ('young brokers', None, None)
    """
    return text.removeprefix(SAVED_MARK) if text.startswith(SAVED_MARK) and "=" not in text else None


def cut_into(grain: Grain) -> tuple[Every, ...]:
    """Return the lengths of window that a log of this grain is cut into; a day of numbered batches is one batch.

    >>> [str(one) for one in cut_into(Grain.DAY)], [str(one) for one in cut_into(Grain.YEAR)]
    (['day', 'week', 'month'], ['year'])
    """
    match grain:
        case Grain.DAY:
            return (Every.DAY, Every.WEEK, Every.MONTH)
        case Grain.BATCH:
            return (Every.DAY, Every.BATCH)
        case _:
            return (Every(grain.value),)


def consecutive(days: Sequence[date], every: Every, grain: Grain) -> tuple[Window, ...]:
    """Return the calendar windows that hold the given units, oldest first; weeks begin on Monday (ISO).

    Raises
    ------
    BadInputError
        When the windows would be finer than the model's grain, or have no calendar meaning for it.
    """
    if every not in cut_into(grain):
        raise BadInputError(f"This model's log has the grain {grain.value}; windows of a {every.value} cannot be cut.")
    found: dict[date, Window] = {}
    for day in sorted(days):
        window = _window_of(day, every, grain)
        found[window.start] = window
    return tuple(found.values())


def _window_of(day: date, every: Every, grain: Grain) -> Window:
    if every is Every.WEEK:
        start = day - timedelta(days=day.weekday())
        return Window(start, start + timedelta(days=7))
    if every is Every.MONTH:
        start = unit_of(day, Grain.MONTH)
        return Window(start, following(start, Grain.MONTH))
    return Window(day, following(day, grain))


def check_grain(window: Window, grain: Grain) -> None:
    """Refuse a window that cuts a unit of the model's grain.

    Raises
    ------
    BadInputError
        When an end of the window is not the start of a unit.
    """
    for end in (window.start, window.end):
        if unit_of(end, grain) != end:
            raise BadInputError(
                f"The window {window.start}..{window.end} is finer than this model's log, whose grain is "
                f"{grain.value}; write the ends as {grain.value} labels."
            )
