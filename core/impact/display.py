"""What the pages draw of the value of periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.impact.periods import Period
from core.points import finite
from core.windows import Grain, label


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSeries:
    """An amount of consecutive periods, oldest first; lists of one length.

    Attributes
    ----------
    labels : tuple of str
        First unit of each period as people write it.
    starts : tuple of date
    value, low, high : tuple of float or None
        In `currency`, with the 95 % interval.
    settled : tuple of bool
        False: actuals are still arriving, the amount is what is known so far and enters no total.
    left_out : tuple of int
        Units of the period that its amount leaves out, because their actuals are still arriving.
    n : tuple of int, rows that the amount is summed over
    coverage : tuple of float or None, share of rows whose actual is known
    """

    labels: tuple[str, ...]
    starts: tuple[date, ...]
    dated: bool
    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    settled: tuple[bool, ...]
    left_out: tuple[int, ...]
    n: tuple[int, ...]
    coverage: tuple[float | None, ...]
    currency: str


def value_series(periods: Sequence[Period], metric: str, grain: Grain, currency: str) -> ValueSeries:
    """Return one of the amounts of some periods."""
    found = [one.impact.estimates[metric] for one in periods]
    return ValueSeries(
        labels=tuple(label(one.window.start, grain) for one in periods),
        starts=tuple(one.window.start for one in periods),
        dated=grain is not Grain.BATCH,
        value=tuple(finite(float(one.value)) for one in found),
        low=tuple(finite(float(one.low)) for one in found),
        high=tuple(finite(float(one.high)) for one in found),
        settled=tuple(not one.provisional for one in periods),
        left_out=tuple(0 if one.provisional else one.n_left_out for one in periods),
        n=tuple(int(one.n) for one in found),
        coverage=tuple(finite(float(one.impact.coverage)) for one in periods),
        currency=currency,
    )
