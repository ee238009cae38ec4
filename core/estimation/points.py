"""Points of the family "estimation": estimated metrics and the label coverage of windows."""

from core.performance.estimates import Estimate
from core.performance.of_task import METRICS_OF
from core.points import MetricPoint, finite
from core.profile.binning import Segment
from core.states import State
from core.stats.intervals import wilson
from core.windows import Grain, Window, label

COVERAGE = "label_coverage"


def estimated_metrics(task: str) -> tuple[str, ...]:
    """Return the names of this family for a task: the performance names, estimated, and `label_coverage`.

    >>> estimated_metrics("regression")[-2:]
    ('bias', 'label_coverage')
    """
    return (*METRICS_OF[task], COVERAGE)


def metric_point(
    one: Estimate, window: Window, grain: Grain, *, segment: Segment | None, provenance_id: str
) -> MetricPoint:
    """Return the point of one estimate (a single element) in one window."""
    value = finite(float(one.value))
    return MetricPoint(
        metric=one.metric,
        window_start=label(window.start, grain),
        window_end=label(window.end, grain),
        segment={} if segment is None else {segment.column: segment.label},
        value=value,
        ci_low=finite(float(one.low)),
        ci_high=finite(float(one.high)),
        n=int(one.n),
        status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
        reason=one.note,
        provenance_id=provenance_id,
    )


def coverage_point(
    known: tuple[int, int], window: Window, grain: Grain, *, segment: Segment | None, provenance_id: str
) -> MetricPoint:
    """Return the share of rows whose actual is known, with its Wilson interval.

    Parameters
    ----------
    known : rows, and rows with an actual
    """
    n, labelled = known
    interval = wilson(labelled, n)
    return MetricPoint(
        metric=COVERAGE,
        window_start=label(window.start, grain),
        window_end=label(window.end, grain),
        segment={} if segment is None else {segment.column: segment.label},
        value=labelled / n if n else None,
        ci_low=finite(float(interval.low)),
        ci_high=finite(float(interval.high)),
        n=n,
        status=State.HEALTHY if n else State.NOT_APPLICABLE,
        reason="" if n else "not applicable: no predictions in this window",
        provenance_id=provenance_id,
    )
