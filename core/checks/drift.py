"""Drift verdicts of a unit: features in all their segments, the score, the decisions, the actuals, and slow drift."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.checks.daily import DECISION, daily_cells, outcome_series, segment_series, series_of
from core.checks.drift_judgement import BREACH, DriftJudgement, judge_families, verdict_of
from core.checks.drift_seasonal import with_seasonal
from core.checks.drift_slow import SLOW_FINDINGS, SlowDrift, slow_drift, slow_verdicts
from core.checks.evidence import Evidence
from core.checks.limits import Limits
from core.checks.series import (
    Comparison,
    DailyCells,
    DriftReference,
    Series,
    compare,
    drift_reference,
    without_absent,
)
from core.checks.verdicts import Verdict, not_applicable
from core.performance.maturity import Maturity
from core.profile.binning import ACTUAL, SCORE
from core.windows import Grain, Window

Bools = NDArray[np.bool_]
Words = NDArray[np.str_]

CHECKS = {SCORE: "prediction_drift", DECISION: "decision_drift", ACTUAL: "label_drift"}
"""The check of each reserved feature; every other feature is judged by ``feature_drift``."""

FINDINGS: Mapping[str, str] = {
    "decision_drift": "the decisions drifted",
    "label_drift": "the actuals drifted",
    **SLOW_FINDINGS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDrift:
    """What is computed once for all units of a version.

    Attributes
    ----------
    series : tuple of Series, length n_series
        Of the whole population, then of the segments.
    n_whole : int
        Series of the whole population.
    cells : DailyCells of the log, (n_days, n_series, K)
    reference : DriftReference over (n_series,)
    slow : SlowDrift
    first_day : date
        First day of the version in the log.
    """

    series: tuple[Series, ...]
    n_whole: int
    cells: DailyCells
    reference: DriftReference
    slow: SlowDrift
    limits: Limits
    grain: Grain
    first_day: date

    @property
    def n_segment_series(self) -> int:
        """Series of segments in the family."""
        return len(self.series) - self.n_whole


def prepare(evidence: Evidence) -> PreparedDrift:
    """Return what the drift verdicts of every unit of the log need."""
    layout, schema, limits = evidence.layout, evidence.schema, evidence.limits
    seasonal = tuple(name for name, feature in schema.features.items() if feature.seasonal)
    whole = (*series_of(layout.binning, seasonal=seasonal), *outcome_series(layout.binning))
    by_segment = segment_series(layout, evidence.reference, seasonal=seasonal, minimum_n=limits.rules.minimum_reference)
    series = (*whole, *(one for one, _ in by_segment))
    places = [*([None] * len(whole)), *(place for _, place in by_segment)]
    training, log = (
        daily_cells(layout, stack, evidence.reference, series, places) for stack in (evidence.reference, evidence.log)
    )
    return PreparedDrift(
        series=series,
        n_whole=len(whole),
        cells=log,
        reference=drift_reference(training, limits.rules, dated=evidence.dated, grain=schema.grain),
        slow=slow_drift(evidence, seasonal),
        limits=limits,
        grain=schema.grain,
        first_day=evidence.outline.log[0].day,
    )


def verdicts(
    prepared: PreparedDrift, row: int, window: Window, mature: Maturity, *, followed: Collection[str] = ()
) -> tuple[Verdict, ...]:
    """Return the raw drift verdicts of one unit.

    The features in all their segments are one Benjamini–Hochberg family under ``feature_drift``, the score in all
    its segments another; decisions and actuals one each. Actuals are judged in mature windows only. A segment below
    50 rows in the unit itself is suppressed; of the others only those are returned that changed significantly, are
    beyond a limit, or are `followed`.

    Parameters
    ----------
    row : place of the unit in the log
    mature : of the unit's actuals
    followed : keys of verdicts (`Verdict.key`) that are wanted even if nothing changed: those of open breaches
    """
    widening = np.arange(len(prepared.series)) < prepared.n_whole
    comparison, judged = judged_unit(
        prepared.reference,
        prepared.cells,
        prepared.series,
        window,
        prepared.limits,
        first_day=prepared.first_day,
        grain=prepared.grain,
        widening=widening,
    )
    notable = np.flatnonzero(widening | judged.significant | (judged.level >= BREACH)).tolist()
    wanted = sorted({*notable, *_followed(prepared, followed)})
    found = [
        verdict_of(one, comparison, judged, place, prepared.limits[check_of(one)], grain=prepared.grain)
        for place, one in ((place, prepared.series[place]) for place in wanted)
    ]
    told = (_mature_only(one, mature, prepared.limits) for one in found)
    return (*told, *slow_verdicts(prepared.slow, row, window, prepared.limits))


def _followed(prepared: PreparedDrift, keys: Collection[str]) -> Iterator[int]:
    """Yield the places of the segments' series whose verdicts are wanted anyway."""
    wanted = {key for key in keys if key.partition("|")[0] in ("feature_drift", "prediction_drift")}
    if not wanted:
        return
    for place in range(prepared.n_whole, len(prepared.series)):
        one = prepared.series[place]
        segment = "&".join(f"{column}={value}" for column, value in sorted(one.segment.items()))
        if f"{check_of(one)}|{one.feature}|{segment}" in wanted:
            yield place


def _mature_only(verdict: Verdict, mature: Maturity, limits: Limits) -> Verdict:
    """Return a verdict on actuals as not applicable while labels of the window are still arriving."""
    if verdict.check != "label_drift" or mature.mature:
        return verdict
    return not_applicable(
        limits["label_drift"],
        mature.reason,
        n=verdict.n,
        window_start=verdict.window_start,
        window_end=verdict.window_end,
        feature=verdict.feature,
    )


def check_of(series: Series) -> str:
    """Return the code of the check that judges a series."""
    return CHECKS.get(series.feature, "feature_drift")


def check_codes(series: Sequence[Series]) -> Words:
    """Return the check of each series: (n_series,) str."""
    return np.array([check_of(one) for one in series], "U32")


def drift_verdicts(
    reference: DriftReference | None,
    log: DailyCells,
    series: Sequence[Series],
    window: Window,
    limits: Limits,
    *,
    first_day: date | None,
    grain: Grain = Grain.DAY,
) -> tuple[Verdict, ...]:
    """Return the raw verdicts of one unit in the order of `series`, all of them.

    Parameters
    ----------
    reference : from `drift_reference`, or None
    log : the version's own log, at least back to 56 days before the window
    series : length n_series, as in the cells
    window : the unit that is judged
    first_day : first day of the version in the log
    """
    comparison, judged = judged_unit(reference, log, series, window, limits, first_day=first_day, grain=grain)
    return tuple(
        verdict_of(one, comparison, judged, row, limits[check_of(one)], grain=grain) for row, one in enumerate(series)
    )


def judged_unit(
    reference: DriftReference | None,
    log: DailyCells,
    series: Sequence[Series],
    window: Window,
    limits: Limits,
    *,
    first_day: date | None,
    grain: Grain = Grain.DAY,
    widening: Bools | None = None,
) -> tuple[Comparison, DriftJudgement]:
    """Return every series of one unit beside its own reference, and what the drift rule says of it.

    Parameters
    ----------
    reference, log, series, window, first_day : as for `drift_verdicts`
    widening : (n_series,) bool or None
        Series whose window may be widened; None: all.
    """
    rules, minimum_n = limits.rules, limits["feature_drift"].minimum_n
    comparison = compare(
        reference, log, window.start, window.end, rules, minimum_n=minimum_n, grain=grain, widening=widening
    )
    seasonal = np.array([one.seasonal for one in series], bool)
    comparison = with_seasonal(
        comparison, log, seasonal, first_day=first_day, rules=rules, minimum_n=minimum_n, grain=grain
    )
    codes = check_codes(series)
    comparison = _without_outcomes(without_absent(comparison), codes)
    return comparison, judge_families(comparison, codes, limits)


def _without_outcomes(comparison: Comparison, codes: Words) -> Comparison:
    """Return the comparison with the words for decisions and actuals that are not there."""
    reason = comparison.reason.copy()
    for code, name in (("label_drift", "actuals"), ("decision_drift", "decisions")):
        mine = codes == code
        reason[mine & (comparison.current.sum(-1) == 0)] = f"no {name} in the window"
        reason[mine & (comparison.reference.sum(-1) == 0)] = f"the reference holds no {name}"
    return replace(comparison, reason=reason)
