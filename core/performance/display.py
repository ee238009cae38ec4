"""What the performance figures draw: a metric over windows, segments, versions, and what was taken for what."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.drift.display import Distribution, Event, LimitLine
from core.profile.labels import short_numbers
from core.windows import Grain

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ERROR_CELLS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedLine:
    """What a metric was expected to be before the actuals came, window by window.

    Attributes
    ----------
    value, low, high : tuple of float or None
        With the band in which the realised value should fall; None where it cannot be estimated.
    trusted : tuple of bool
        False where realised values have shown that the relation changed.
    """

    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    trusted: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSeries:
    """One metric over consecutive windows, oldest first.

    Attributes
    ----------
    name : str
        The metric as people call it.
    share : bool
        A number in [0, 1] that is shown as percent.
    starts : tuple of date
    labels : tuple of str
        Each window as people write it.
    value, low, high : tuple of float or None
        The metric with its 95 % interval; None where not applicable.
    n, labelled : tuple of int
        Rows of each window, and those whose actual is known.
    mature : tuple of bool
        The actuals of the window are complete enough to be judged.
    reference : float or None
        Value in the reference.
    limits : tuple of LimitLine
    events : tuple of Event
    grain : Grain
        Of the calendar in which the axis is labelled.
    estimated : EstimatedLine or None
    """

    name: str
    share: bool
    starts: tuple[date, ...]
    labels: tuple[str, ...]
    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    n: tuple[int, ...]
    labelled: tuple[int, ...]
    mature: tuple[bool, ...]
    reference: float | None
    limits: tuple[LimitLine, ...]
    events: tuple[Event, ...] = ()
    grain: Grain = Grain.DAY
    estimated: EstimatedLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One population of a dot plot: its value with interval, and what it is compared with.

    Attributes
    ----------
    judged : bool
        Enough rows for a verdict; drawn hollow otherwise.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    n: int
    reference: float | None
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """A metric of several populations, the one to look at first on top.

    Attributes
    ----------
    overall : float or None
        Value of the whole population; 0 for differences.
    """

    name: str
    share: bool
    dots: tuple[Dot, ...]
    overall: float | None
    overall_name: str = "all rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Rows by what the model said and what happened; both in the model's own words.

    Attributes
    ----------
    called, actual : tuple of str, lengths C and A
    counts : (C, A) tuple of tuples of int
    """

    called: tuple[str, ...]
    actual: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        """Labelled rows with a decision."""
        return sum(map(sum, self.counts))


def error_distribution(current: Ints, reference: Ints, edges: Floats, *, unit: str = "") -> Distribution | None:
    """Return the shares of rows by absolute error, on ten cells that hold about equally many rows of the reference.

    None where neither side has a row. Without reference rows the cells are those of the window.

    Parameters
    ----------
    current, reference : (B,) rows by absolute error
    edges : (B - 1,) ascending, right-closed
    """
    base = reference if reference.sum() else current
    if not base.sum():
        return None
    reached = np.cumsum(base)[:-1] / base.sum()
    wanted = np.arange(1, ERROR_CELLS) / ERROR_CELLS
    cuts = np.unique(np.minimum(np.searchsorted(reached, wanted), len(edges) - 1))
    starts = np.concatenate([[0], cuts + 1])
    cells = [np.add.reduceat(side, starts) for side in (reference, current)]
    texts = short_numbers(edges[cuts])
    names = [
        f"up to {texts[0]}",
        *(f"{a} to {b}" for a, b in pairwise(texts)),
        f"over {texts[-1]}",
    ]
    before, now = (side / side.sum() if side.sum() else np.zeros(len(side)) for side in cells)
    return Distribution(
        names=tuple(names),
        reference_share=tuple(before.tolist()),
        current_share=tuple(now.tolist()),
        boundaries=tuple(edges[cuts].tolist()),
        n_missing_cells=0,
        n_reference=int(reference.sum()),
        n_current=int(current.sum()),
        unit=unit,
    )
