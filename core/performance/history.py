"""The windows before a window, as long as it is, and whether the actuals of each are complete enough."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.log.schema import ModelSchema
from core.performance.maturity import Maturity, maturity
from core.windows import EARLIEST, Grain, Window, day_starts_at, unit_of

MOST_WINDOWS = {1: 60, 7: 26}
"""Windows that are drawn, by their length in units; of longer ones 13."""

FEWEST_WINDOWS = 13


def windows_until(last: Window, grain: Grain, *, most: int | None = None) -> tuple[Window, ...]:
    """Return windows of the length of `last` that follow each other and end with it, oldest first.

    Fewer where the calendar ends.

    >>> from datetime import date
    >>> [one.start.day for one in windows_until(Window(date(2013, 7, 15), date(2013, 7, 22)), Grain.DAY, most=3)]
    [1, 8, 15]
    """
    n_units = len(list(last.units(grain)))
    count = MOST_WINDOWS.get(n_units, FEWEST_WINDOWS) if most is None else most
    found = [last]
    while len(found) < count and found[-1].start > EARLIEST:
        start = found[-1].start
        for _ in range(n_units):
            start = unit_of(start - timedelta(days=1), grain)
        found.append(Window(start, found[-1].start))
    return tuple(reversed(found))


def maturities(
    windows: Sequence[Window], coverage: Sequence[float], schema: ModelSchema, *, expected: float, at: datetime
) -> tuple[Maturity, ...]:
    """Return for each window whether its actuals are complete enough to be judged at the moment `at`.

    Parameters
    ----------
    coverage : share of rows with an actual of each window, NaN without rows
    expected : share in [0, 1] that windows reach in the end
    """
    return tuple(
        maturity(
            coverage=known,
            window_end_at=_end_at(window, schema, at),
            at=at,
            actual_delay=schema.actual_delay,
            expected_coverage=expected,
        )
        for window, known in zip(windows, coverage, strict=True)
    )


def _end_at(window: Window, schema: ModelSchema, at: datetime) -> datetime:
    """Return when a window ended; numbered batches have no date and count as past their delay."""
    if schema.grain is Grain.BATCH:
        return at - schema.actual_delay - timedelta(days=1)
    return day_starts_at(window.end, schema.zone)
