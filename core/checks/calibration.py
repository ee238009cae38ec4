"""Verdicts on calibration: whether scores are probabilities, and whether they still mean what they meant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.calibration.calibration import RANKING_SCORE, REGRESSION, SMALLEST_CLASS, essentials
from core.calibration.drift import calibration_change, less
from core.calibration.recalibration import Line, fitted_line
from core.calibration.score_bins import ScoreBins, score_bins, segment_bins
from core.checks.calibration_rules import DRIFT, MISCALIBRATION, JudgedCalibration, calibration_verdicts
from core.checks.evidence import Evidence
from core.checks.limits import Limits
from core.checks.verdicts import Verdict, not_applicable
from core.performance.maturity import Maturity
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, performance_counts, segment_performance_counts
from core.states import State
from core.windows import Window

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FINDINGS: Mapping[str, str] = {
    MISCALIBRATION: "the scores are not the probabilities they claim to be",
    DRIFT: "the scores no longer mean what they meant in the reference",
}
ALARMING = (State.WARNING, State.CRITICAL)
FEWEST_UNITS = 14
"""Units of the reference from which on their variation is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationEvidence:
    """What the calibration of any unit of a version is judged with.

    Attributes
    ----------
    why_not : str
        Why calibration has no meaning for the model; empty when it has.
    layout : Layout
    limits : Limits
    log : ProfileStack
    whole : ScoreBins of the reference, (B,)
    segments : ScoreBins of the reference's segments, (S, Bc)
    whole_line, segment_lines : Line of both, () and (S,): every unit is compared with them
    variation : float >= 0
        Excess of the test statistic over chance for each row of a unit; 0 where it is not known.
    """

    why_not: str
    layout: Layout
    limits: Limits
    log: ProfileStack
    whole: ScoreBins | None
    segments: ScoreBins | None
    whole_line: Line | None
    segment_lines: Line | None
    variation: float


def why_no_calibration(task: str, score_kind: str) -> str:
    """Return why a model has no calibration: its task or its score; empty when it has one.

    >>> why_no_calibration("regression", "probability"), why_no_calibration("binary", "probability")
    ('a regression has no probability', '')
    """
    if task == "regression":
        return REGRESSION
    return "" if score_kind == "probability" else RANKING_SCORE


def prepare(evidence: Evidence) -> CalibrationEvidence:
    """Return what is computed once: the reference's bins and lines, and how much its own units vary."""
    schema, layout = evidence.schema, evidence.layout
    return calibration_evidence(
        layout,
        evidence.reference,
        evidence.log,
        evidence.limits,
        why_not=why_no_calibration(schema.task, schema.score_kind),
        dated=evidence.dated,
    )


def calibration_evidence(
    layout: Layout, reference: ProfileStack, log: ProfileStack, limits: Limits, *, why_not: str, dated: bool
) -> CalibrationEvidence:
    """Return the evidence of a version from its profiles; see `prepare`."""
    if why_not:
        return CalibrationEvidence(
            why_not=why_not,
            layout=layout,
            limits=limits,
            log=log,
            whole=None,
            segments=None,
            whole_line=None,
            segment_lines=None,
            variation=0.0,
        )
    ints, floats = reference.ints.sum(0, dtype=np.int64), reference.floats.sum(0)
    counts = performance_counts(layout, ints, floats)
    whole = score_bins(counts)
    segments = segment_bins(segment_performance_counts(layout, ints, floats), counts)
    units = score_bins(performance_counts(layout, reference.ints, reference.floats))
    return CalibrationEvidence(
        why_not="",
        layout=layout,
        limits=limits,
        log=log,
        whole=whole,
        segments=segments,
        whole_line=fitted_line(whole),
        segment_lines=fitted_line(segments),
        variation=variation_between(whole, units) if dated else 0.0,
    )


def variation_between(whole: ScoreBins, units: ScoreBins) -> float:
    """Return how much more units differ from the rest than chance gives, for each of their rows.

    Σ max(0, LR_u - 2)/2 signed, over Σ n_u, LR_u the statistic (df 2) of a unit's line against all others; 0
    with fewer than 14 units that have a line.

    Parameters
    ----------
    whole : (B,)
    units : (n_units, B)
    """
    statistic = calibration_change(less(whole, units), units).test.statistic
    known = np.isfinite(statistic)
    if int(known.sum()) < FEWEST_UNITS:
        return 0.0
    excess = float((statistic[known] - 2).sum() / 2)
    return max(excess, 0.0) / float(units.n.sum(-1)[known].sum())


def verdicts(
    prepared: CalibrationEvidence, row: int, window: Window, mature: Maturity, *, followed: Collection[str] = ()
) -> tuple[Verdict, ...]:
    """Return the raw verdicts of the unit ``log.days[row]``: the whole, and segments that have something to say.

    Both checks adjust their p-values over the whole and every segment with enough labelled rows.
    """
    ints, floats = prepared.log.ints[row], prepared.log.floats[row]
    found = window_verdicts(prepared, ints, floats, window, mature, n_units=1)
    return tuple(one for one in found if tells(one) or one.key in followed)


def window_verdicts(
    prepared: CalibrationEvidence, ints: Ints, floats: Floats, window: Window, mature: Maturity, *, n_units: int
) -> tuple[Verdict, ...]:
    """Return the raw verdicts of any window: the whole, and every segment with enough labelled rows.

    Parameters
    ----------
    ints, floats : the summed profile of the window
    n_units : days (or other units) that the window holds
    """
    if prepared.why_not:
        return tuple(_without(prepared, code, prepared.why_not, window) for code in (MISCALIBRATION, DRIFT))
    whole = judged_whole(prepared, ints, floats, mature, n_units=n_units)
    parts = judged_segments(prepared, ints, floats, mature, n_units=n_units)
    return calibration_verdicts((whole, *parts), window, prepared.limits)


def tells(verdict: Verdict) -> bool:
    """Whether a verdict is of the whole population, or of a segment that has something to say."""
    return not verdict.segment or verdict.raw_state in ALARMING or verdict.significant is True


def _without(prepared: CalibrationEvidence, code: str, why: str, window: Window) -> Verdict:
    return not_applicable(prepared.limits[code], why, n=0, window_start=window.start, window_end=window.end)


def judged_whole(
    prepared: CalibrationEvidence, ints: Ints, floats: Floats, mature: Maturity, *, n_units: int
) -> JudgedCalibration:
    """Return the calibration of the whole population in a window beside that of the reference."""
    bins = score_bins(performance_counts(prepared.layout, ints, floats))
    found, reference = essentials(bins), prepared.whole
    held = reference is not None and float(reference.n.sum()) > 0
    change = (
        calibration_change(reference, bins, line=found.line, before=prepared.whole_line) if held and reference else None
    )
    return JudgedCalibration(
        segment={},
        calibration=found,
        change=change,
        phi=1 + prepared.variation * float(found.n) / n_units,
        maturity=mature,
    )


def judged_segments(
    prepared: CalibrationEvidence, ints: Ints, floats: Floats, mature: Maturity, *, n_units: int
) -> tuple[JudgedCalibration, ...]:
    """Return the calibration of each segment with enough labelled rows of both classes to be judged."""
    layout = prepared.layout
    if prepared.segments is None or prepared.segment_lines is None or not layout.binning.segments:
        return ()
    counts = segment_performance_counts(layout, ints, floats)
    bins = segment_bins(counts, performance_counts(layout, ints, floats))
    n, events = bins.n.sum(-1), bins.events.sum(-1)
    fewest = max(prepared.limits[MISCALIBRATION].minimum_n, prepared.limits.rules.never_below_n)
    places = np.flatnonzero((n >= fewest) & (np.minimum(events, n - events) >= SMALLEST_CLASS))
    if not places.size:
        return ()
    found = essentials(bins.at(places))
    change = calibration_change(
        prepared.segments.at(places), bins.at(places), line=found.line, before=prepared.segment_lines.at(places)
    )
    return tuple(
        JudgedCalibration(
            segment={layout.binning.segments[place].column: layout.binning.segments[place].label},
            calibration=found.at(at),
            change=change.at(at),
            phi=1 + prepared.variation * float(found.n[at]) / n_units,
            maturity=mature,
        )
        for at, place in enumerate(places.tolist())
    )
