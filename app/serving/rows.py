"""From the core's service to the view of the page."""

from collections.abc import Sequence

from app import choices, words
from app.serving.views import Figure, SegmentRow, ServiceView
from app.views import Selection
from core.checks.day_state import DayState
from core.checks.limits import Limit, Limits
from core.checks.verdicts import Verdict
from core.points import finite
from core.serving.display import ServiceLimit, service_series
from core.serving.service import ServiceDetail
from core.serving.serving import LATENCIES, METRICS, Serving, milliseconds
from core.states import State
from core.windows import Window, following

SERVICE = "service"


def service_view(detail: ServiceDetail, selection: Selection, states: Sequence[DayState]) -> ServiceView:
    """Return the view.

    Parameters
    ----------
    states : of the last unit in the window; empty when it was not judged
    """
    last = detail.history.at(-1)
    seconds = finite(float(detail.seconds[-1]))
    verdicts, judged = _judged(detail, selection, states)
    grain, limits = detail.schema.grain, detail.limits
    return ServiceView(
        model=selection.model,
        version=selection.version,
        grain=grain,
        window=detail.window,
        segment=selection.segment,
        n=int(last.n_requests),
        hours=None if seconds is None else seconds / 3600,
        figures={name: _figure(last, name) for name in METRICS},
        verdicts=verdicts,
        judged=judged,
        rules=tuple(_rules(limits)),
        limits_source=limits["error_rate"].source,
        requests=service_series(detail.history, detail.windows, grain, ("requests_per_second",)),
        errors=service_series(
            detail.history, detail.windows, grain, ("error_rate",), limits=_lines([limits["error_rate"]])
        ),
        latency=service_series(
            detail.history,
            detail.windows,
            grain,
            tuple(LATENCIES),
            limits=_lines([limits[name] for name in LATENCIES]),
        ),
        segments=_segments(detail),
        source=detail.schema.source,
        removed=detail.removed,
        provenance_id=detail.provenance_id,
        staged=detail.schema.staged,
    )


def _judged(
    detail: ServiceDetail, selection: Selection, states: Sequence[DayState]
) -> tuple[tuple[Verdict, ...], Window | None]:
    """Return the service verdicts of the last unit of the window; none for a segment, which has no verdict."""
    if not states or selection.segment != choices.ALL_SEGMENTS or states[-1].day not in detail.window:
        return (), None
    day = states[-1].day
    found = tuple(one for one in states[-1].verdicts if one.family == SERVICE)
    return found, Window(day, following(day, detail.schema.grain))


def _figure(found: Serving, name: str) -> Figure:
    one = found.estimates[name]
    return Figure(
        metric=name,
        value=finite(float(one.value)),
        low=finite(float(one.low)),
        high=finite(float(one.high)),
        n=int(one.n),
        note=one.note,
    )


def _lines(limits: Sequence[Limit]) -> list[ServiceLimit]:
    found = []
    for limit in limits:
        for value, state in ((limit.warning, State.WARNING), (limit.critical, State.CRITICAL)):
            if value is not None:
                prefix = f"{limit.metric.removeprefix('latency_')} " if limit.metric in LATENCIES else ""
                found.append(ServiceLimit(name=f"{prefix}{state.value}", value=value, state=state))
    return found


def _rules(limits: Limits) -> list[str]:
    errors, change = limits["error_rate"], limits["latency_p95_change"]
    rules = []
    if errors.declared:
        rules.append(
            f"Errors: warning above {_share(errors.warning)}, critical above {_share(errors.critical)}, with the whole "
            f"95 % interval, in {errors.persistence.needed} of {errors.persistence.of} windows"
            f"{'; critical at once' if errors.persistence.critical_at_once else ''}."
        )
    if change.declared:
        rules.append(
            f"Latency: p95 longer by {_share(change.warning)} (warning) or {_share(change.critical)} (critical) than "
            "in the reference, or than in the 28 units before where the reference has no latency; p at most 0.01, with "
            f"the noise from unit to unit; in {change.persistence.needed} of {change.persistence.of} windows."
        )
    for name in LATENCIES:
        if limits[name].declared:
            bounds = [milliseconds(one) for one in (limits[name].warning, limits[name].critical) if one is not None]
            rules.append(f"{limits[name].title}: declared limit {' and '.join(bounds)}.")
    return rules


def _share(share: float | None) -> str:
    return "no limit" if share is None else words.percent(share)


def _segments(detail: ServiceDetail) -> tuple[SegmentRow, ...]:
    found = detail.by_segment
    automatic = (detail.schema.source, detail.schema.feature_set)
    per_column: dict[str, int] = {}
    for place, segment in enumerate(detail.segments):
        per_column[segment.column] = per_column.get(segment.column, 0) + int(found.n_requests[place])
    rows = []
    for place, segment in enumerate(detail.segments):
        n, rate = int(found.n_requests[place]), found.estimates["error_rate"].at(place)
        if n:
            value = finite(float(rate.value))
            rows.append(
                SegmentRow(
                    column=segment.column,
                    label=segment.label,
                    requests=n,
                    share=n / max(per_column[segment.column], 1),
                    errors=None if value is None else int(found.n_errors[place]),
                    error_rate=value,
                    low=finite(float(rate.low)),
                    high=finite(float(rate.high)),
                )
            )
    rows.sort(key=lambda row: (-(row.error_rate or 0.0), row.column not in automatic, -row.requests))
    return tuple(rows)
