"""The windows around a search: the next one, in which segments are tested again, and those before it."""

from collections.abc import Sequence
from dataclasses import replace

from core.performance.history import windows_until
from core.segments.filters import Filter
from core.segments.search_later import held, point
from core.segments.search_reference import Losses
from core.segments.search_result import FoundSegment, Point
from core.windows import Grain, Window, following, label

MOST_BEFORE = 7
MOST_ROWS = 2_000_000
"""Rows that may be read to draw how segments came to be; fewer windows where they are large."""


def next_window(window: Window, grain: Grain) -> Window:
    """Return the window after `window`, of as many units.

    >>> from datetime import date
    >>> next_window(Window(date(2013, 12, 2), date(2013, 12, 9)), Grain.DAY).end
    datetime.date(2013, 12, 16)
    """
    end = window.end
    for _ in window.units(grain):
        end = following(end, grain)
    return Window(window.end, end)


def windows_around(window: Window, grain: Grain, *, n_rows: int) -> tuple[Window, ...]:
    """Return up to seven windows before `window`, itself, and the next one, oldest first."""
    most = max(1, min(MOST_BEFORE, MOST_ROWS // max(n_rows, 1)))
    return (*windows_until(window, grain, most=most + 1), next_window(window, grain))


def with_others(
    found: Sequence[FoundSegment],
    around: Sequence[tuple[Window, Losses | None]],
    grain: Grain,
    *,
    reference: Losses | None,
    why_not: str,
) -> tuple[FoundSegment, ...]:
    """Return the segments with their history, and with what the next window (the last one) says of them.

    Parameters
    ----------
    around : windows with their rows that have a loss; None where there are none
    reference : its rows with the loss; None where they are not known
    why_not : why the next window has none
    """
    filters = [one.where for one in found]
    news = [one.is_news for one in found]
    later = held(filters, around[-1][1], news=news, reference=reference, why_not=why_not)
    return tuple(
        replace(one, later=said, history=_history(one.where, around, grain))
        for one, said in zip(found, later, strict=True)
    )


def _history(wanted: Filter, around: Sequence[tuple[Window, Losses | None]], grain: Grain) -> tuple[Point, ...]:
    points = [
        point(wanted, losses, start=label(window.start, grain), end=label(window.end, grain))
        for window, losses in around
    ]
    return tuple(points)
