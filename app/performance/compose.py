"""The Performance page's view of a selection, from the core's detail, the stored states and other versions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter

import numpy as np

from app.earlier import Earlier
from app.performance.estimation import estimated_line, estimation_view
from app.performance.metrics import METRICS
from app.performance.segments import segment_dots
from app.performance.views import MetricFact, ModelWords, PerformanceView, SegmentAlarm, VersionFact, WorstWindow
from app.views import Selection
from core.checks.day_state import DayState
from core.checks.limits import Limit
from core.checks.performance_change import CHANGES_OF
from core.checks.verdicts import Verdict
from core.drift.display import Distribution, Event, LimitLine
from core.estimation.detail import EstimationDetail
from core.performance.display import Confusion, MetricSeries, error_distribution
from core.performance.of_task import HEADLINE_OF, METRICS_OF
from core.performance.service import PerformanceDetail, VersionComparison, VersionPerformance, withheld_words
from core.points import finite
from core.profile.binning import MULTICLASS, REGRESSION
from core.profile.counts import RegressionCounts
from core.profile.profile import confusion, regression_counts, segment_confusion, segment_regression_counts
from core.profile.summing import Summed
from core.selection import ReferenceKind
from core.states import SEVERITY, State
from core.windows import Grain, label

FAMILY = "performance"


def performance_view(
    detail: PerformanceDetail,
    selection: Selection,
    states: Sequence[DayState],
    versions: VersionComparison | None,
    events: Sequence[Event],
    *,
    estimation: EstimationDetail | None = None,
    worst: Sequence[WorstWindow] = (),
) -> PerformanceView:
    """Return the page's view.

    Parameters
    ----------
    states : stored states of the last unit of the window; empty when they are not of exactly this selection
    versions : the champion beside others; None when there is no other
    events : of the model
    estimation : of the same windows; None where nothing can be estimated
    worst : windows of earlier breaches
    """
    task, last = detail.layout.binning.task, detail.windows[-1]
    verdicts = [one for state in states for one in state.verdicts if one.family == FAMILY and not one.segment]
    whole = detail.performance.at(-1)
    mature = detail.maturities[-1]
    return PerformanceView(
        model=selection.model,
        version=selection.version,
        task=task,
        grain=detail.schema.grain,
        window=last,
        reference=selection.reference,
        segment=selection.segment,
        words=ModelWords(**detail.schema.words.model_dump()),
        headline=HEADLINE_OF[task],
        facts={name: _fact(detail, name, verdicts) for name in METRICS_OF[task]},
        series={
            name: replace(_series(detail, name, selection, events), estimated=estimated_line(estimation, name))
            for name in METRICS_OF[task]
        },
        segments={name: segment_dots(detail, name) for name in METRICS_OF[task]} if detail.segments else {},
        n=int(whole.n_rows),
        n_labelled=int(whole.n_labelled),
        mature=mature.mature,
        maturity_reason=mature.reason,
        confusion=_confusion(detail),
        errors=_errors(detail),
        over=_mean(detail, "over"),
        under=_mean(detail, "under"),
        versions={} if versions is None else _versions(versions, METRICS_OF[task]),
        stored=bool(states),
        false_alarms_month=_false_alarms(verdicts),
        provenance_id=detail.current.provenance_id,
        removed=detail.removed,
        provisional=detail.version.provisional,
        alarms=_alarms(states, HEADLINE_OF[task]),
        earlier=None if mature.mature else _earlier(detail, HEADLINE_OF[task]),
        estimation=None if estimation is None else estimation_view(estimation),
        worst=tuple(worst),
    )


def _alarms(states: Sequence[DayState], headline: str) -> tuple[SegmentAlarm, ...]:
    """Return what is over a limit in segments: critical first, then the headline metric, then the oldest."""
    found = [
        SegmentAlarm(
            segment=", ".join(f"{column} = {level}" for column, level in sorted(one.segment.items())),
            metric=one.check.removesuffix("_change"),
            state=one.state,
            detail=one.detail,
            since=one.since,
        )
        for state in states
        for one in state.verdicts
        if one.family == FAMILY and one.segment and one.state in (State.WARNING, State.CRITICAL)
    ]
    return tuple(
        sorted(
            found, key=lambda one: (-SEVERITY[one.state], one.metric != headline, one.since or date.max, one.segment)
        )
    )


def _earlier(detail: PerformanceDetail, metric: str) -> Earlier | None:
    """Return the last window with complete labels and a value."""
    one = detail.performance.estimates[metric]
    for place in reversed(range(len(detail.windows))):
        value = finite(float(one.value[place]))
        if detail.maturities[place].mature and value is not None:
            return Earlier(
                window=detail.windows[place],
                grain=detail.schema.grain,
                value=value,
                low=finite(float(one.low[place])),
                high=finite(float(one.high[place])),
            )
    return None


def _fact(detail: PerformanceDetail, metric: str, verdicts: Sequence[Verdict]) -> MetricFact:
    whole = detail.performance.at(-1)
    now, before = whole.estimates[metric], detail.reference.estimates[metric]
    mine = [one for one in verdicts if one.check in (metric, f"{metric}_change")]
    worst = max(mine, key=lambda one: SEVERITY[one.state], default=None)
    known = np.array([int(whole.n_rows), int(whole.n_labelled)])
    fact = MetricFact(
        metric=metric,
        value=finite(float(now.value)),
        low=finite(float(now.low)),
        high=finite(float(now.high)),
        n=int(np.nan_to_num(now.n)),
        note=withheld_words(now.note, finite(float(now.value)), known),
        reference=finite(float(before.value)),
        reference_note=before.note if finite(float(before.value)) is None else "",
    )
    return fact if worst is None else _judged(fact, worst, detail.limits.checks[worst.check])


def _judged(fact: MetricFact, verdict: Verdict, limit: Limit) -> MetricFact:
    return replace(
        fact,
        state=verdict.state,
        raw_state=verdict.raw_state,
        why=verdict.reason,
        limit=limit,
        since=verdict.since,
        adjusted_p=verdict.adjusted_p,
        false_alarms_month=verdict.false_alarms_month,
    )


def _false_alarms(verdicts: Sequence[Verdict]) -> float | None:
    known = [one.false_alarms_month for one in verdicts if one.false_alarms_month is not None]
    return sum(known) if known else None


def _series(detail: PerformanceDetail, metric: str, selection: Selection, events: Sequence[Event]) -> MetricSeries:
    one, grain = detail.performance.estimates[metric], detail.schema.grain
    reference = finite(float(detail.reference.estimates[metric].value))
    dated = grain is not Grain.BATCH
    first, end = detail.windows[0].start, detail.windows[-1].end
    return MetricSeries(
        name=METRICS[metric].name,
        share=METRICS[metric].scale == "percent",
        starts=tuple(window.start for window in detail.windows),
        labels=tuple(label(window.start, grain) for window in detail.windows),
        value=_known(one.value),
        low=_known(one.low),
        high=_known(one.high),
        n=tuple(int(n) for n in detail.performance.n_rows),
        labelled=tuple(int(n) for n in detail.performance.n_labelled),
        mature=tuple(each.mature for each in detail.maturities),
        reference=reference,
        limits=limit_lines(detail, metric, reference if selection.reference == ReferenceKind.TRAINING else None),
        events=tuple(each for each in events if dated and first <= each.day < end),
        grain=grain,
    )


def _known(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(finite(float(value)) for value in values)


def limit_lines(detail: PerformanceDetail, metric: str, reference: float | None) -> tuple[LimitLine, ...]:
    """Return the limits of a metric on its own axis: declared levels, and changes counted from the training value."""
    checks, task = detail.limits.checks, detail.layout.binning.task
    lines = _levels(checks[metric], 0.0, 1.0)
    change = checks.get(f"{metric}_change")
    if change is not None and change.code in CHANGES_OF[task] and reference is not None:
        scale = reference if change.scale == "relative" else 1.0
        lines += _levels(change, reference, scale if change.side == "above" else -scale)
    return lines


def _levels(limit: Limit, start: float, scale: float) -> tuple[LimitLine, ...]:
    named = (("warning", limit.warning, State.WARNING), ("critical", limit.critical, State.CRITICAL))
    return tuple(
        LimitLine(name=name, value=start + scale * value, state=state)
        for name, value, state in named
        if value is not None
    )


def _confusion(detail: PerformanceDetail) -> Confusion | None:
    task, said_of = detail.layout.binning.task, detail.schema.words
    if task == REGRESSION or (task == MULTICLASS and detail.place is not None):
        return None
    if detail.place is None:
        matrix = confusion(detail.layout, detail.current.ints)[:-1, :-1]
    else:
        matrix = segment_confusion(detail.layout, detail.current.ints)[detail.place, :-1, :-1]
    if not matrix.sum():
        return None
    if task == MULTICLASS:
        names = detail.layout.binning.classes
        return Confusion(called=names, actual=names, counts=_rows(matrix))
    said, was = said_of.positive_decision, said_of.positive_actual
    return Confusion(called=(said, f"not {said}"), actual=(was, f"not {was}"), counts=_rows(matrix[::-1, ::-1]))


def _rows(matrix: np.ndarray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(count) for count in row) for row in matrix)


def _residuals(detail: PerformanceDetail, side: Summed) -> RegressionCounts:
    if detail.place is None:
        return regression_counts(detail.layout, side.ints, side.floats)
    found = segment_regression_counts(detail.layout, side.ints, side.floats)
    return replace(
        found,
        residual_sums=found.residual_sums[detail.place],
        error_counts=found.error_counts[detail.place],
        residual_n=found.residual_n[detail.place],
    )


def _errors(detail: PerformanceDetail) -> Distribution | None:
    if detail.layout.binning.task != REGRESSION:
        return None
    now, before = (_residuals(detail, side) for side in (detail.current, detail.compared))
    return error_distribution(now.error_counts, before.error_counts, now.edges)


def _mean(detail: PerformanceDetail, name: str) -> float | None:
    if detail.layout.binning.task != REGRESSION:
        return None
    counts = _residuals(detail, detail.current)
    n = int(counts.residual_n[0])
    return finite(float(counts.total(name)) / n) if n else None


def _versions(compared: VersionComparison, metrics: Sequence[str]) -> Mapping[str, tuple[VersionFact, ...]]:
    if not compared.others:
        return {}
    others = sorted(compared.others, key=attrgetter("version", "role"))
    return {
        metric: (
            _version(compared.champion, metric, champion=True),
            *(_version(one, metric, champion=False) for one in others),
        )
        for metric in metrics
    }


def _version(one: VersionPerformance, metric: str, *, champion: bool) -> VersionFact:
    found = one.performance.estimates[metric].at(-1)
    gap = one.differences.get(metric)
    return VersionFact(
        version=one.version,
        role=one.role,
        champion=champion,
        value=finite(float(found.value)),
        low=finite(float(found.low)),
        high=finite(float(found.high)),
        n=int(np.nan_to_num(found.n)),
        note=found.note,
        difference=None if gap is None else finite(float(gap.value[-1])),
        difference_low=None if gap is None else finite(float(gap.low[-1])),
        difference_high=None if gap is None else finite(float(gap.high[-1])),
        difference_note="" if gap is None else str(gap.reason[-1]),
    )


def last_day(detail: PerformanceDetail) -> date:
    """Return the day by which the states of a window's last unit are stored."""
    return list(detail.windows[-1].units(detail.schema.grain))[-1]
