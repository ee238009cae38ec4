"""Performance of every segment against its own reference: tested all at once, told one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Limit, Limits, Rules
from core.checks.performance_change import (
    CHANGES_OF,
    OVER_CLASSES,
    Change,
    Judged,
    Trial,
    other_classes,
    variance_of,
    why_not,
)
from core.performance.estimates import Estimate
from core.performance.of_task import performance_of
from core.performance.performance import Performance
from core.profile.binning import Segment
from core.profile.layout import Layout
from core.profile.profile import ProfileStack
from core.stats.intervals import two_sided_p

Floats = NDArray[np.float64]

MOST_NUMBERS = 4_000_000
"""Counts that are opened at a time when the reference's days are gone through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReference:
    """What every segment is compared with, made once for all windows.

    Attributes
    ----------
    segments : tuple of Segment, length S
    performance : Performance with leading axes (S,)
    tau_squared : mapping of metric to (S,) variance between units of the reference beyond chance
    """

    segments: tuple[Segment, ...]
    performance: Performance
    tau_squared: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTests:
    """One change in all segments of one window; arrays ``(S,)``, NaN where it cannot be tested.

    Attributes
    ----------
    difference, error, p, before : window less reference, its standard error, two-sided p, the reference's value
    """

    limit: Limit
    difference: Floats
    error: Floats
    p: Floats
    before: Floats


def segment_reference(layout: Layout, reference: ProfileStack) -> SegmentReference | None:
    """Return what segments are compared with; None where no segment is declared."""
    segments = layout.binning.segments
    if not segments:
        return None
    total = performance_of(
        layout, reference.ints.sum(axis=0), reference.floats.sum(axis=0, dtype=np.float64), by_segment=True
    )
    return SegmentReference(segments=segments, performance=total, tau_squared=_variance_of_units(layout, reference))


def _variance_of_units(layout: Layout, reference: ProfileStack) -> Mapping[str, Floats]:
    """Return the variance between the reference's units, going through them a block of segments' counts at a time."""
    n_segments, wanted = len(layout.binning.segments), _metrics(layout.binning.task)
    block = max(1, MOST_NUMBERS // (n_segments * 400))
    parts = [
        performance_of(
            layout, reference.ints[start : start + block], reference.floats[start : start + block], by_segment=True
        )
        for start in range(0, len(reference.days), block)
    ]
    return {name: variance_of(_joined([part.estimates[name] for part in parts])) for name in wanted}


def _joined(parts: list[Estimate]) -> Estimate:
    """Return the estimates of several blocks of units below each other."""
    arrays = [one.name for one in fields(Estimate) if one.name not in ("metric", "caution")]
    stacked: dict[str, Any] = {name: np.concatenate([getattr(one, name) for one in parts]) for name in arrays}
    return replace(parts[0], **stacked)


def _metrics(task: str) -> tuple[str, ...]:
    return tuple(code.removesuffix("_change") for code in CHANGES_OF[task])


def segment_tests(
    current: Performance, reference: SegmentReference, limits: Limits, *, task: str
) -> tuple[SegmentTests, ...]:
    """Return the test of each change in all segments of one mature window, as for the whole population.

    Not tested: a segment with fewer than 30 rows (the metric's own) in the window or in the reference, a value
    that is withheld on either side, a difference without a variance, a mean over other classes than the reference's.

    Parameters
    ----------
    current : Performance with leading axes (S,)
    """
    return tuple(
        _tests(limits[code], current, reference, limits.rules) for code in CHANGES_OF[task] if limits[code].declared
    )


def _tests(limit: Limit, current: Performance, reference: SegmentReference, rules: Rules) -> SegmentTests:
    now, before = current.estimates[limit.metric], reference.performance.estimates[limit.metric]
    fewest = max(limit.minimum_n, rules.never_below_n)
    error = np.sqrt(now.error**2 + before.error**2 + reference.tau_squared[limit.metric])
    difference = now.value - before.value
    tested = (now.n >= fewest) & (before.n >= fewest) & np.isfinite(difference) & np.isfinite(error) & (error > 0)
    if limit.metric in OVER_CLASSES:
        tested &= now.remark == before.remark
    p = np.full(difference.shape, np.nan)
    p[tested] = two_sided_p(difference[tested] / error[tested])
    return SegmentTests(limit=limit, difference=difference, error=error, p=p, before=before.value)


def untested(tests: SegmentTests) -> SegmentTests:
    """Return the same without any test, for a window that is not mature."""
    return replace(tests, p=np.full(tests.p.shape, np.nan))


def told(tests: SegmentTests, place: int, *, judged: Judged, reference: SegmentReference, rules: Rules) -> Trial:
    """Return one segment's test as the whole population's is told, or why it was not tested.

    Parameters
    ----------
    judged : of the window, its `current` with leading axes (S,)
    """
    segment = reference.segments[place]
    one = replace(
        judged,
        segment={segment.column: segment.label},
        current=judged.current.at(place),
        reference=reference.performance.at(place),
        tau_squared={name: float(tau[place]) for name, tau in reference.tau_squared.items()},
    )
    if np.isnan(tests.p[place]):
        both = (judged.current.at(place), reference.performance.at(place))
        now, before = (of.estimates[tests.limit.metric] for of in both)
        why = why_not(tests.limit, one, rules) or other_classes(tests.limit, now, before)
        why = why or "the reference has too few rows of this segment"
        return Trial(limit=tests.limit, judged=one, change=None, why=why)
    change = Change(
        difference=float(tests.difference[place]),
        error=float(tests.error[place]),
        p=float(tests.p[place]),
        before=float(tests.before[place]),
    )
    return Trial(limit=tests.limit, judged=one, change=change, why="")
