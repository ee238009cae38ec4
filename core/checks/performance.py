"""Performance verdicts of the units of a log: prepared once for all of them, then told unit by unit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.checks.evidence import Evidence
from core.checks.limits import Rules
from core.checks.performance_change import (
    CHANGES_OF,
    FINDINGS,
    Judged,
    absolute_verdicts,
    change_verdict,
    performance_verdicts,
    trials_of,
    variance_between,
)
from core.checks.performance_segments import (
    SegmentReference,
    SegmentTests,
    segment_reference,
    segment_tests,
    told,
    untested,
)
from core.checks.verdicts import Verdict
from core.performance.maturity import Maturity
from core.performance.of_task import performance_of
from core.performance.performance import Performance
from core.profile.binning import Segment
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Window

__all__ = ["FINDINGS", "Judged", "Prepared", "performance_verdicts", "prepare", "variance_between", "verdicts"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the performance verdicts of all units of some evidence need.

    Attributes
    ----------
    task : str
    current : Performance with leading axes (W,), the units of the log
    reference : Performance without leading axes
    tau_squared : mapping of metric to variance between units of the reference beyond chance
    segments : SegmentReference or None
        None where no segment is declared.
    """

    evidence: Evidence
    task: str
    current: Performance
    reference: Performance
    tau_squared: Mapping[str, float]
    segments: SegmentReference | None


def prepare(evidence: Evidence) -> Prepared:
    """Return the performance of every unit and of the reference, computed once."""
    layout, reference, log = evidence.layout, evidence.reference, evidence.log
    units = performance_of(layout, reference.ints, reference.floats)
    return Prepared(
        evidence=evidence,
        task=layout.binning.task,
        current=performance_of(layout, log.ints, log.floats),
        reference=performance_of(layout, reference.ints.sum(axis=0), reference.floats.sum(axis=0, dtype=np.float64)),
        tau_squared={name: float(one) for name, one in variance_between(units).items()},
        segments=segment_reference(layout, reference),
    )


def verdicts(
    prepared: Prepared, row: int, window: Window, mature: Maturity, *, followed: Collection[str] = ()
) -> tuple[Verdict, ...]:
    """Return the raw performance verdicts of one unit.

    The whole population is told in full. Each segment with 30 rows is tested for the same changes, and the
    correction is over metrics × (whole and segments); of the segments only those that changed significantly, are
    in breach, or whose series is still followed are told. Absolute limits are for the whole population.

    Parameters
    ----------
    row : place of the unit in ``evidence.log``
    followed : keys of verdicts (`Verdict.key`) whose past is kept: an open breach of a segment must be
        told as healthy once it is, or it would never close
    """
    limits = prepared.evidence.limits
    whole = Judged(
        segment={},
        current=prepared.current.at(row),
        reference=prepared.reference,
        tau_squared=prepared.tau_squared,
        maturity=mature,
        task=prepared.task,
    )
    tested = trials_of([whole], limits)
    current, by_segment = _segment_tests(prepared, row, mature, followed)
    adjusted = benjamini_hochberg(
        np.concatenate([[one.change.p if one.change else np.nan for one in tested], *(one.p for one in by_segment)])
    )
    found = [
        change_verdict(one, adjusted=float(q), window=window, rules=limits.rules)
        for one, q in zip(tested, adjusted[: len(tested)], strict=True)
    ]
    found += absolute_verdicts(whole, window, limits)
    if current is not None and prepared.segments is not None:
        told_of = replace(whole, current=current)
        rest = adjusted[len(tested) :].reshape(len(by_segment), -1)
        for tests, q in zip(by_segment, rest, strict=True):
            found += _told(prepared.segments, told_of, tests, q, window=window, rules=limits.rules, keys=followed)
    return tuple(found)


def _segment_tests(
    prepared: Prepared, row: int, maturity: Maturity, followed: Collection[str]
) -> tuple[Performance | None, tuple[SegmentTests, ...]]:
    """Return the performance of one unit by segment and its tests; none where there is nothing to say."""
    evidence, reference = prepared.evidence, prepared.segments
    if reference is None or not (maturity.mature or _follows(prepared, reference, followed)):
        return None, ()
    current = performance_of(evidence.layout, evidence.log.ints[row], evidence.log.floats[row], by_segment=True)
    tests = segment_tests(current, reference, evidence.limits, task=prepared.task)
    return current, tests if maturity.mature else tuple(untested(one) for one in tests)


def _follows(prepared: Prepared, reference: SegmentReference, followed: Collection[str]) -> bool:
    """Say whether a series of a segment's performance has a past."""
    codes = CHANGES_OF[prepared.task]
    return bool(followed) and any(segment_key(code, one) in followed for code in codes for one in reference.segments)


def _told(
    reference: SegmentReference,
    judged: Judged,
    tests: SegmentTests,
    adjusted: Floats,
    *,
    window: Window,
    rules: Rules,
    keys: Collection[str],
) -> list[Verdict]:
    """Return the verdicts of one change in those segments where there is something to say.

    Parameters
    ----------
    judged : of the window, its `current` with leading axes (S,)
    adjusted : (S,) p-values after the correction, NaN where not tested
    keys : of verdicts that are told even when there is nothing to say, or why there is no test
    """
    kept = np.array([segment_key(tests.limit.code, segment) in keys for segment in reference.segments], np.bool_)
    places = np.flatnonzero((adjusted <= rules.significance) | kept)
    return [
        change_verdict(
            told(tests, place, judged=judged, reference=reference, rules=rules),
            adjusted=float(adjusted[place]),
            window=window,
            rules=rules,
        )
        for place in places.tolist()
    ]


def segment_key(code: str, segment: Segment) -> str:
    """Return the `Verdict.key` of a check of one segment."""
    return f"{code}||{segment.column}={segment.label}"
