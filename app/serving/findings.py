"""Title and sentences of the Service page, made from its numbers."""

from collections.abc import Iterable

from app import choices, words
from app.findings import ALARMING, sentence
from app.serving.views import Figure, ServiceView
from core.checks.serving import FINDINGS
from core.checks.verdicts import Verdict
from core.serving.serving import LATENCIES, milliseconds
from core.states import SEVERITY, State

LATENCY_HEAD = "latency_p95"


def value(figure: Figure) -> str:
    """Return a service metric as people write it."""
    if figure.value is None:
        return words.NONE
    if figure.metric == "error_rate":
        return words.percent(figure.value)
    return milliseconds(figure.value) if figure.metric in LATENCIES else rate(figure.value)


def rate(per_second: float) -> str:
    """Return requests a second in the unit of time that gives a number above 1.

    >>> rate(12.34), rate(0.5), rate(0.0007)
    ('12.3 a second', '30.0 a minute', '2.52 an hour')
    """
    for unit, seconds in (("a second", 1), ("a minute", 60), ("an hour", 3600)):
        if per_second * seconds >= 1:
            return f"{words.significant(per_second * seconds)} {unit}"
    return f"{words.significant(per_second * 86400)} a day"


def worst(view: ServiceView) -> Verdict | None:
    """Return the verdict that comes first; None where nothing was judged."""
    return worst_of(view.verdicts)


def worst_of(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the verdict with the worst state, the first of equals."""
    return max(verdicts, key=lambda one: SEVERITY[one.state], default=None)


def state(view: ServiceView) -> State:
    """Return the worst state of the service checks."""
    found = worst(view)
    return found.state if found else State.NOT_APPLICABLE


def title(view: ServiceView) -> str:
    """Return what was found, in words made from the numbers; escaped for markdown."""
    alarming = [one for one in view.verdicts if one.state in ALARMING]
    if alarming:
        first = worst_of(alarming) or alarming[0]
        return words.plain(f"{sentence(FINDINGS[first.check]).removesuffix('.')}: {first.detail}")
    if not view.n:
        return "No requests in this window"
    told = [part for part in (_errors(view), _latency(view)) if part]
    if len(told) == 1:
        return words.plain(told[0].replace("95 of 100 were", "95 of 100 requests were"))
    if not told:
        return words.plain(f"{words.plural(view.n, 'request')}; errors and latency are not logged")
    return words.plain(" and ".join(told))


def _errors(view: ServiceView) -> str:
    figure = view.figures["error_rate"]
    if figure.value is None:
        return ""
    return "No request failed" if figure.value == 0 else f"{words.percent(figure.value)} of requests failed"


def _latency(view: ServiceView) -> str:
    figure = view.figures[LATENCY_HEAD]
    return "" if figure.value is None else f"95 of 100 were answered within {milliseconds(figure.value)}"


def why_it_matters(view: ServiceView) -> str:
    """Return why it matters and what to do next; escaped for markdown."""
    alarming = [one for one in view.verdicts if one.state in ALARMING]
    if alarming:
        since = min((one.since for one in alarming if one.since), default=None)
        when = f" since {words.unit(since, view.grain)}" if since else ""
        where = _where(view)
        return words.plain(
            f"Over its limit{when}. A request without an answer, or with a late one, is a decision the model did not "
            f"make. {where}"
        )
    missing = [
        name
        for name, figure in (("errors", view.figures["error_rate"]), ("latency", view.figures[LATENCY_HEAD]))
        if "not logged" in figure.note
    ]
    if missing:
        columns = " and ".join({"errors": "error", "latency": "latency_ms"}[name] for name in missing)
        return words.plain(
            f"{' and '.join(missing).capitalize()} cannot be judged: the log has no such column. Name it in model.yaml "
            f"({columns}) to have it watched."
        )
    if any(one.inconclusive for one in view.verdicts):
        return "Too few requests to tell the error rate from its limit; longer windows tell more."
    return "Nothing to do: no service check is over its limit." if view.verdicts else "No check judged this window."


def _where(view: ServiceView) -> str:
    """Return the segment with the clearly highest error rate, if the errors lie there."""
    rate_of_all = view.figures["error_rate"].value
    worst_row = view.segments[0] if view.segments else None
    if worst_row is None or rate_of_all is None or worst_row.low is None or worst_row.low <= rate_of_all:
        return "Look at the plots first: since when, and how fast."
    where = f"{worst_row.column} = {worst_row.label}"
    return f"Look at {where} first: {words.percent(worst_row.error_rate)} of its requests failed."


def requests_finding(view: ServiceView) -> str:
    """Return the finding of the plot of requests."""
    counts = [n for n in view.requests.requests if n]
    if not counts:
        return "No requests"
    usual = sorted(counts)[len(counts) // 2]
    return words.plain(f"{words.short_count(view.n)} requests; the usual window has {words.short_count(usual)}")


def errors_finding(view: ServiceView) -> str:
    """Return the finding of the plot of errors."""
    line = view.errors.lines[0]
    known = [(one, at) for at, one in enumerate(line.value) if one is not None]
    if not known:
        return "No error rate in these windows"
    most, at = max(known)
    if most == 0:
        return "No request failed in any of these windows"
    when = words.unit(view.errors.starts[at], view.grain)
    return words.plain(f"Errors: at most {words.percent(most)} ({when}), {words.percent(known[-1][0])} now")


def latency_finding(view: ServiceView) -> str:
    """Return the finding of the plot of latency."""
    line = next(one for one in view.latency.lines if one.metric == LATENCY_HEAD)
    known = [one for one in line.value if one is not None]
    if not known:
        return "No latency in these windows"
    usual = sorted(known)[len(known) // 2]
    return words.plain(f"p95 {milliseconds(known[-1])} now, {milliseconds(usual)} in the usual window")


def of_segment(view: ServiceView) -> str:
    """Return which rows the page is about when a segment is chosen."""
    if view.segment == choices.ALL_SEGMENTS:
        return ""
    return words.plain(
        f"Requests and errors of {choices.segment_words(view.segment)} alone; latency is counted for all requests only."
    )
