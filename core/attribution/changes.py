"""The change of a metric in each segment alone, where the change of the whole cannot be split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.attribution.attribution import column_rows
from core.attribution.measures import NOT_SPLIT
from core.attribution.pooling import FEWEST_ROWS
from core.calibration.windows import window_calibration
from core.performance.estimates import Estimate, estimate, first_reason, said
from core.performance.of_task import performance_of
from core.points import finite
from core.profile.layout import Layout
from core.profile.profile import segment_performance_counts
from core.profile.summing import Summed
from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]
FEWEST_OF_A_CLASS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentChange:
    """A metric of one segment in both windows.

    Attributes
    ----------
    before, now, change : float or None
        None with a `note` where a window withholds it.
    low, high : float or None
        95 % interval of the change: both windows are independent.
    """

    name: str
    n_reference: int
    n_current: int
    before: float | None
    now: float | None
    change: float | None
    low: float | None
    high: float | None
    note: str


def segment_changes(
    layout: Layout, reference: Summed, current: Summed, *, column: str, metric: str
) -> tuple[SegmentChange, ...]:
    """Return the change of a metric in each segment of a column, the largest first.

    Segments with fewer than 10 rows in a window, but some, are left out: their numbers tell of persons.

    Parameters
    ----------
    metric : one of `core.attribution.measures.NOT_SPLIT` that the task has

    Raises
    ------
    BadInputError
        When `column` is no segment column.
    """
    segments, places, rows = column_rows(layout, reference, current, column)
    before, now = (_by_segment(layout, side, metric) for side in (reference, current))
    found = [
        _changed(segment.label, (int(rows[0][at]), int(rows[1][at])), before.at(int(place)), now.at(int(place)))
        for at, (segment, place) in enumerate(zip(segments, places, strict=True))
        if all(n == 0 or n >= FEWEST_ROWS for n in (rows[0][at], rows[1][at])) and rows[1][at] + rows[0][at] > 0
    ]
    return tuple(sorted(found, key=lambda one: (one.change is None, -abs(one.change or 0.0), one.name)))


def why_not_split(metric: str) -> str:
    """Return why the change of a metric is not split; empty when it is.

    >>> why_not_split("r2").split(";")[0]
    'its baseline is the mean of everybody together'
    """
    return NOT_SPLIT.get(metric, "")


def _by_segment(layout: Layout, side: Summed, metric: str) -> Estimate:
    if metric == "ece":
        return window_calibration(layout, side.ints, side.floats, by_segment=True).estimates["ece"]
    if metric == "ks":
        return _ks(layout, side)
    return performance_of(layout, side.ints, side.floats, by_segment=True).estimates[metric]


def _ks(layout: Layout, side: Summed) -> Estimate:
    """Return the largest distance between the score distributions of positives and of negatives; no interval."""
    counts = np.asarray(segment_performance_counts(layout, side.ints, side.floats).score_counts[:, :2], np.float64)
    n = counts.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = np.cumsum(counts, -1) / n[..., None]
    value = np.abs(reached[:, 1] - reached[:, 0]).max(-1)
    nothing = np.full(value.shape, np.nan)
    few = said(n.min(-1) < FEWEST_OF_A_CLASS, f"fewer than {FEWEST_OF_A_CLASS} rows of a class")
    return estimate(
        "ks", value, Interval(low=nothing, high=nothing), n=n.sum(-1), reason=first_reason(few), error=nothing
    )


def _changed(name: str, rows: tuple[int, int], before: Estimate, now: Estimate) -> SegmentChange:
    then, later = finite(float(before.value)), finite(float(now.value))
    change = None if then is None or later is None else later - then
    half = finite(Z95 * float(np.hypot(before.error, now.error)))
    why = before.note if then is None else now.note if later is None else ""
    return SegmentChange(
        name=name,
        n_reference=rows[0],
        n_current=rows[1],
        before=then,
        now=later,
        change=change,
        low=None if change is None or half is None else change - half,
        high=None if change is None or half is None else change + half,
        note=why.removeprefix("not applicable: "),
    )
