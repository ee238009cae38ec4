"""What the clock adds to the stored states: for how long no prediction has come in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from core.checks.day_state import Standing
from core.checks.limits import Limits
from core.checks.quality_days import silence_verdict
from core.checks.rollup import BREACHES, FamilyState, sentence
from core.checks.verdicts import Verdict
from core.log.schema import ModelSchema
from core.quality.freshness import silence, usual_gap
from core.states import SEVERITY, worst
from core.windows import Grain, following, last_closed


def silence_now(days: Sequence[date], schema: ModelSchema, limits: Limits, at: datetime) -> Verdict:
    """Return the verdict of ``silence`` at a moment.

    Parameters
    ----------
    days : units with predictions, oldest first; the more of them, the better known is which gaps are usual
    at : aware datetime, the store's clock
    """
    last = days[-1] if days else None
    until = following(last, schema.grain) if last else last_closed(at, schema.zone, Grain.DAY)
    if schema.grain is not Grain.BATCH:
        running = following(last_closed(at, schema.zone, schema.grain), schema.grain)
        until = max(running, until)
    silent = silence(last, at, schema.zone, schema.grain)
    return silence_verdict(silent, usual_gap(days, schema.grain), limits, last_unit=last, until=until)


def told_now(standing: Standing, silent: Verdict) -> Standing:
    """Return how a version stands with a silence that followed its last unit: one that fell silent is never green."""
    if silent.state not in BREACHES:
        return standing
    words = sentence(silent)
    family = standing.families.get(silent.family)
    if family is None:
        family = FamilyState(state=silent.state, checks={}, n_judged=0, n_not_applicable=0, why="")
    worse = SEVERITY[silent.state] >= SEVERITY[family.state]
    leads = SEVERITY[silent.state] >= SEVERITY[standing.state]
    told = replace(
        family,
        state=worst((family.state, silent.state)),
        checks={**family.checks, silent.check: silent.state},
        n_judged=family.n_judged + 1,
        why=words if worse else family.why,
        cause="" if worse else family.cause,
        leads=leads or family.leads,
    )
    others = {name: replace(one, leads=one.leads and not leads) for name, one in standing.families.items()}
    return replace(
        standing,
        state=worst((standing.state, silent.state)),
        why=words if leads else standing.why,
        families={**others, silent.family: told},
    )
