"""What the fairness figures draw: rates of groups side by side, and a gap over windows."""

from dataclasses import dataclass
from datetime import date

from core.drift.display import Event, LimitLine
from core.windows import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDots:
    """One metric of several groups, in the order in which they are drawn from top to bottom.

    Attributes
    ----------
    metric : str
        Name as people read it: "selected", "false positive rate".
    groups : tuple of str
        Names as people read them; hidden groups are absent.
    values, low, high : tuple of float or None
        Value and 95 % interval; None where it is not applicable.
    n : tuple of int
    listed_only : tuple of bool
        Groups too small to enter a gap: drawn hollow.
    overall : float or None
        The same metric of all rows together.
    share : bool
        Drawn as percent.
    """

    metric: str
    groups: tuple[str, ...]
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    n: tuple[int, ...]
    listed_only: tuple[bool, ...]
    overall: float | None = None
    share: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GapSeries:
    """A gap over consecutive windows, oldest first; None where it does not apply.

    Attributes
    ----------
    metric : str
        Name as people read it.
    starts : tuple of date
    labels : tuple of str
        Each window as people write it.
    values, low, high : tuple of float or None
        The gap with its interval over all pairs at once.
    chance : tuple of float or None
        What no difference would show on average at each window's sizes.
    n : tuple of int, rows of the compared groups
    mature : tuple of bool
        Labels are complete enough to judge the window.
    limits : tuple of LimitLine
    events : tuple of Event
    grain : Grain
        Of the calendar in which the axis is labelled.
    share : bool
        Drawn as percentage points; false for a ratio.
    """

    metric: str
    starts: tuple[date, ...]
    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    chance: tuple[float | None, ...]
    n: tuple[int, ...]
    mature: tuple[bool, ...]
    limits: tuple[LimitLine, ...] = ()
    events: tuple[Event, ...] = ()
    grain: Grain = Grain.DAY
    share: bool = True
