"""The Calibration page's view of a selection, from the core's detail, its history and the stored states."""

from collections.abc import Sequence

from app import words
from app.calibration.views import CalibrationView, ClassRow, Measured, SegmentRow
from app.earlier import Earlier
from app.views import Selection
from core.calibration.calibration import Calibration
from core.calibration.display import ErrorSeries, reliability, worst_stretch
from core.calibration.service import CalibrationDetail, CalibrationHistory, SegmentCalibration
from core.checks.calibration_rules import DRIFT, MISCALIBRATION
from core.checks.day_state import DayState
from core.checks.limits import Limits
from core.checks.verdicts import Verdict
from core.drift.display import Event, LimitLine
from core.performance.estimates import Estimate
from core.points import finite
from core.selection import saved_name
from core.states import SEVERITY, State
from core.windows import Grain, label

FEWEST = 30
FIGURES = (
    "ece",
    "ece_debiased",
    "ece_perfect",
    "ece_equal_width",
    "mce",
    "calibration_slope",
    "calibration_intercept",
    "calibration_in_the_large",
    "brier_score",
    "brier_reliability",
    "brier_resolution",
    "brier_uncertainty",
)
ALARMING = (State.WARNING, State.CRITICAL)


def calibration_view(
    detail: CalibrationDetail,
    selection: Selection,
    history: CalibrationHistory | None,
    stored: Sequence[Verdict],
    events: Sequence[Event],
) -> CalibrationView:
    """Return the page's view.

    Parameters
    ----------
    stored : verdicts of exactly this selection with persistence, where the checks stored them; else empty
    events : of the model; those of the drawn units are shown
    """
    found, schema = detail.calibration, detail.schema
    if found is None:
        return _inapplicable(detail, selection)
    verdict, drift = (_verdict(detail, stored, selection, check) for check in (MISCALIBRATION, DRIFT))
    curve = reliability(found.groups, detail.histogram) if float(found.n) > 0 else None
    rows = _segment_rows(detail)
    return CalibrationView(
        model=selection.model,
        version=selection.version,
        grain=schema.grain,
        task=schema.task,
        window=detail.window,
        segment=selection.segment,
        reason="" if curve else str(found.estimates["ece"].reason),
        n=int(found.n),
        n_rows=detail.n_rows,
        said=_share(float(found.groups.sum_p.sum()), float(found.n)),
        happened=_share(float(found.events), float(found.n)),
        state=verdict.state if verdict else _without_verdict(detail),
        waits=verdict is not None and SEVERITY[verdict.raw_state] > SEVERITY[verdict.state],
        verdict=verdict.reason if verdict else "",
        drift=drift.reason if drift else "",
        drift_state=drift.state if drift else State.NOT_APPLICABLE,
        significant=verdict.significant if verdict else None,
        immature=_mature(detail)[1],
        judged=_judged(detail, verdict),
        rules=_rules(detail.limits),
        figures={name: measured(found.estimates[name]) for name in FIGURES},
        tests=_tests(found),
        curve=curve,
        stretch=worst_stretch(curve) if curve else None,
        series=_series(history, detail.limits, events) if history else None,
        since=words.unit(verdict.since, schema.grain, year=False) if verdict and verdict.since else "",
        segments=tuple(row for row in rows if row.n >= FEWEST),
        n_small=sum(row.n < FEWEST for row in rows),
        classes=_class_rows(detail),
        limit=detail.limits[MISCALIBRATION].warning,
        earlier=None if _mature(detail)[0] or history is None else _earlier(history),
        removed=detail.removed,
        provisional=detail.version.provisional,
        provenance_id=detail.provenance_id,
    )


def _earlier(history: CalibrationHistory) -> Earlier | None:
    """Return the last unit with complete labels, and its error without chance."""
    for row in reversed(range(len(history.windows))):
        error = history.unit(row).estimates["ece_debiased"]
        value = finite(float(error.value))
        if history.mature[row] and value is not None:
            return Earlier(
                window=history.windows[row],
                grain=history.schema.grain,
                value=value,
                low=finite(float(error.low)),
                high=finite(float(error.high)),
            )
    return None


def _inapplicable(detail: CalibrationDetail, selection: Selection) -> CalibrationView:
    """Return the view of a model that has no calibration at all."""
    return CalibrationView(
        model=selection.model,
        version=selection.version,
        grain=detail.schema.grain,
        task=detail.schema.task,
        window=detail.window,
        segment=selection.segment,
        why_not=detail.why_not,
        judged={},
        figures={},
        tests={},
    )


def measured(one: Estimate) -> Measured:
    """Return a figure without leading axes."""
    value = finite(float(one.value))
    return Measured(
        value=value,
        low=finite(float(one.low)),
        high=finite(float(one.high)),
        n=int(one.n),
        note=one.note.removeprefix("not applicable: "),
    )


def _share(part: float, n: float) -> float | None:
    return part / n if n > 0 else None


def _verdict(detail: CalibrationDetail, stored: Sequence[Verdict], selection: Selection, check: str) -> Verdict | None:
    """Return what the checks say of this selection: stored with persistence, else of this window alone."""
    saved = saved_name(selection.segment) is not None
    segment = {} if saved or selection.segment == "all" else dict([selection.segment.split("=", 1)])
    for verdicts in ((() if saved else stored), detail.verdicts):
        for one in verdicts:
            if one.check == check and dict(one.segment) == segment:
                return one
    return None


def _without_verdict(detail: CalibrationDetail) -> State:
    """Return the state of a segment of which no verdict is told: healthy when it could be judged."""
    found = detail.calibration
    judged = found is not None and float(found.n) >= FEWEST and not str(found.estimates["calibration_slope"].reason)
    return State.HEALTHY if judged and _mature(detail)[0] else State.NOT_APPLICABLE


def _judged(detail: CalibrationDetail, verdict: Verdict | None) -> dict[str, str]:
    limit = detail.limits[MISCALIBRATION]
    source = "declared in model.yaml" if limit.overridden else f"default, version {detail.limits.version}"
    shown = {"limits": source, "their reason": limit.source}
    if verdict is None:
        return shown
    return {
        "this window alone": words.state(verdict.raw_state),
        "calibration error": words.three(verdict.value),
        "95 % interval": words.interval(verdict.ci_low, verdict.ci_high, 3),
        "rows with an actual": f"{verdict.n:,}",
        "corrected p-value": words.p_value(verdict.adjusted_p),
        "false alarms a month": f"at most {words.rate(verdict.false_alarms_month)}",
        **shown,
    }


def _rules(limits: Limits) -> tuple[str, ...]:
    limit, level = limits[MISCALIBRATION], limits.rules.significance
    return (
        f"warning: calibration error without chance at least {words.two(limit.warning)}, and the line off: intercept "
        f"beyond ±0.1 or slope outside 0.9 to 1.1, in {limit.persistence.needed} of the last {limit.persistence.of}",
        f"critical: error at least {words.two(limit.critical)}, and intercept beyond ±0.3 or slope outside 0.8 to 1.25",
        f"both only when the likelihood-ratio test refuses intercept 0 and slope 1 at {level:g} (corrected), "
        "measured against how much the reference's own days vary",
    )


def _tests(found: Calibration) -> dict[str, float | None]:
    return {
        "likelihood ratio (the verdict's)": finite(float(found.likelihood_ratio.p)),
        "chi-square of merged groups": finite(float(found.chi_square.p)),
        "Spiegelhalter": finite(float(found.spiegelhalter.p)),
    }


def _segment_rows(detail: CalibrationDetail) -> list[SegmentRow]:
    """Return the segments, worst first: alarming, then by the certain part of their error."""
    rows = [_segment_row(one, detail) for one in detail.segments]
    return sorted(rows, key=lambda row: (-SEVERITY[row.state], -(row.error.low or 0.0), -(row.error.value or 0.0)))


def _segment_row(one: SegmentCalibration, detail: CalibrationDetail) -> SegmentRow:
    found = one.calibration
    curve = reliability(found.groups, one.histogram)
    ((column, level),) = one.segment.items()
    slope = measured(found.estimates["calibration_slope"])
    mature, early = _mature(detail)
    judged = mature and slope.value is not None and float(found.n) >= FEWEST
    state = State.HEALTHY if judged else State.NOT_APPLICABLE
    reason = "" if judged else early or slope.note
    return SegmentRow(
        name=f"{column} = {level}",
        state=one.verdict.state if one.verdict else state,
        reason=one.verdict.reason if one.verdict else reason,
        n=int(found.n),
        said=float(found.groups.sum_p.sum() / found.n),
        happened=float(found.events / found.n),
        error=measured(found.estimates["ece_debiased"]),
        slope=slope,
        curve=curve,
        stretch=worst_stretch(curve),
    )


def _mature(detail: CalibrationDetail) -> tuple[bool, str]:
    """Return whether labels are complete enough to judge the window, and why not."""
    return (False, "") if detail.maturity is None else (detail.maturity.mature, detail.maturity.reason)


def _class_rows(detail: CalibrationDetail) -> tuple[ClassRow, ...]:
    """Return the classes of a multiclass model, largest error first."""
    if detail.by_class is None:
        return ()
    rows = []
    for place, name in enumerate(detail.classes):
        one = detail.by_class.at(place)
        n = float(one.n)
        rows.append(
            ClassRow(
                name=name,
                n=int(n),
                said=float(one.groups.sum_p.sum()) / max(n, 1.0),
                happened=float(one.events) / max(n, 1.0),
                error=measured(one.estimates["ece_debiased"]),
                perfect=finite(float(one.error.perfect)),
                slope=measured(one.estimates["calibration_slope"]),
            )
        )
    return tuple(sorted(rows, key=lambda row: -(row.error.value or 0.0)))


def _series(history: CalibrationHistory, limits: Limits, events: Sequence[Event]) -> ErrorSeries:
    limit, grain = limits[MISCALIBRATION], history.schema.grain
    named = (("warning", limit.warning, State.WARNING), ("critical", limit.critical, State.CRITICAL))
    units = [history.unit(row) for row in range(len(history.windows))]
    errors = [one.estimates["ece_debiased"] for one in units]
    first, last = history.windows[0].start, history.windows[-1].end
    dated = grain is not Grain.BATCH
    return ErrorSeries(
        starts=tuple(window.start for window in history.windows),
        labels=tuple(label(window.start, grain) for window in history.windows),
        raw=tuple(finite(float(one.estimates["ece"].value)) for one in units),
        debiased=tuple(finite(float(one.value)) for one in errors),
        low=tuple(finite(float(one.low)) for one in errors),
        high=tuple(finite(float(one.high)) for one in errors),
        perfect=tuple(finite(float(one.error.perfect)) for one in units),
        n=tuple(int(one.n) for one in units),
        mature=history.mature,
        limits=tuple(LimitLine(name=name, value=value, state=state) for name, value, state in named if value),
        events=tuple(one for one in events if dated and first <= one.day < last),
        grain=grain,
    )


def stored_verdicts(detail: CalibrationDetail, states: Sequence[DayState]) -> tuple[Verdict, ...]:
    """Return the stored verdicts when the last state is of exactly this window; else none."""
    one_unit = len(list(detail.window.units(detail.schema.grain))) == 1
    if not states or not one_unit or states[-1].day != detail.window.start:
        return ()
    return tuple(one for one in states[-1].verdicts if one.family == "calibration")
