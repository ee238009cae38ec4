"""From the core's impact report and states to the story of a model."""

from collections.abc import Sequence

from app import words
from app.findings import ALARMING
from app.fleet.rows import why_nothing
from app.overview.views import Amount, Attention, Story, Worth
from core.checks.day_state import DayState, Standing
from core.checks.rollup import first_finding, other_findings
from core.impact.display import ValueSeries, value_series
from core.impact.impact import METRICS
from core.impact.periods import Period
from core.impact.service import ImpactReport
from core.impact.worth import VERSUS_BASELINE
from core.inventory.service import ModelDetail
from core.log.document import ValueDocument
from core.log.schema import ModelSchema
from core.points import finite
from core.selection import Every
from core.states import State
from core.windows import Grain, Window

SILENCE, SILENCE_FAMILY = "silence", "quality"
NONE = Amount(value=None, low=None, high=None, n=0, why="nothing to tell")


def story(
    report: ImpactReport,
    detail: ModelDetail,
    every: Every,
    states: Sequence[DayState],
    *,
    standing: Standing | None = None,
    segment: str = "",
) -> Story:
    """Return the story of a model.

    Parameters
    ----------
    states : of its last closed unit; empty when nothing was judged
    standing : how the model stands now, which knows when no rows have come in since that unit
    segment : ``@name`` of the saved segment that the report is of; empty for all rows
    """
    schema, periods = report.schema, report.periods
    last = periods[-1] if periods else None
    before = report.before
    amounts = _amounts(last)
    return Story(
        model=report.model,
        segment=segment,
        version=report.version,
        owner=detail.model.owner,
        task=schema.task,
        staged=schema.staged,
        grain=schema.grain,
        words=schema.words.model_dump(),
        every=every,
        window=last.window if last else None,
        before=before.window if before else None,
        n_units=last.n_units if last else 0,
        n_left_out=last.n_left_out if last else 0,
        why_left_out=last.why_left_out if last else "",
        provisional=last.provisional if last else False,
        net=amounts["net_value"],
        versus=amounts["net_value_vs_baseline"],
        decisions=amounts["decisions"],
        rate=amounts["decision_rate"],
        decisions_before=_amounts(before)["decisions"],
        change=report.against_baseline,
        coverage=finite(float(last.impact.coverage)) if last else None,
        worth=_worth(schema.value),
        former=detail.champion is not None and report.version not in ("", detail.champion.name),
        attention=_silent(standing) or _attention(states, why_nothing(detail)),
        series=_series(report, schema),
        names=tuple(period_name(one.window, every, schema.grain, short=True) for one in periods),
        removed=report.removed,
        reason=report.reason,
        provenance_id=last.provenance_id if last else "",
    )


def _amounts(period: Period | None) -> dict[str, Amount]:
    if period is None:
        return dict.fromkeys(METRICS, NONE)
    found = {}
    for name in METRICS:
        one = period.impact.estimates[name]
        found[name] = Amount(
            value=finite(float(one.value)),
            low=finite(float(one.low)),
            high=finite(float(one.high)),
            n=int(one.n),
            why=one.note.removeprefix("not applicable: "),
        )
    return found


def _worth(value: ValueDocument | None) -> Worth | None:
    if value is None:
        return None
    names = ("cost_over", "cost_under") if value.kind == "error" else ("tp", "fp", "fn", "tn")
    return Worth(
        currency=value.currency,
        source=value.source,
        baseline=value.baseline,
        kind=value.kind,
        target_month=None if value.target_month is None else float(value.target_month),
        values={name: float(getattr(value, name)) for name in names},
    )


def _series(report: ImpactReport, schema: ModelSchema) -> ValueSeries | None:
    if schema.value is None or not report.periods:
        return None
    return value_series(report.periods, VERSUS_BASELINE, schema.grain, schema.value.currency)


def _silent(standing: Standing | None) -> Attention | None:
    """Return that no rows come in, when that is what the model needs attention for first; else None."""
    judged = None if standing is None else standing.families.get(SILENCE_FAMILY)
    state = None if judged is None else judged.checks.get(SILENCE)
    if standing is None or state not in ALARMING or state is not standing.state:
        return None
    others = sum(one.state in ALARMING for name, one in standing.families.items() if name != SILENCE_FAMILY)
    return Attention(state=standing.state, check=SILENCE, family=SILENCE_FAMILY, others=others)


def _attention(states: Sequence[DayState], nothing: str) -> Attention:
    if not states:
        return Attention(state=State.NOT_APPLICABLE, reason=nothing)
    last = states[-1]
    found = first_finding(last.verdicts)
    if not found:
        return Attention(state=last.state, reason=last.why if last.state is State.NOT_APPLICABLE else "")
    first = found[0]
    named = [one.feature for one in found if one.feature]
    since = min((one.since for one in found if one.since), default=None)
    return Attention(
        state=last.state,
        check=first.check,
        family=first.family,
        feature=words.enumerate_names(named) if named else "",
        since=words.unit(since, found[0].grain) if since else "",
        others=other_findings(last.verdicts, found),
    )


def period_name(window: Window, every: Every, grain: Grain, *, short: bool = False) -> str:
    """Return a period as people name it.

    >>> from datetime import date
    >>> period_name(Window(date(2013, 12, 1), date(2014, 1, 1)), Every.MONTH, Grain.DAY)
    'December 2013'
    >>> period_name(Window(date(2013, 12, 23), date(2013, 12, 30)), Every.WEEK, Grain.DAY)
    'the week of 23 to 29 Dec 2013'
    """
    if grain is Grain.BATCH:
        return words.unit(window.start, grain)
    if grain is not Grain.DAY:
        return words.window(window, grain)
    if every is Every.MONTH:
        return f"{window.start:%b %Y}" if short else f"{window.start:%B %Y}"
    if every is Every.WEEK:
        return words.day(window.start, year=False) if short else f"the week of {words.window(window, grain)}"
    return words.day(window.start, year=not short)
