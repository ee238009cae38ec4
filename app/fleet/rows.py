"""Rows of the Fleet, from what the checks stored."""

from app import words
from app.fleet.views import FamilyState, FleetRow
from core.checks.day_state import Recent, Standing
from core.checks.rollup import FamilyState as Judged
from core.inventory.service import ModelDetail
from core.states import State
from core.windows import Grain, unit_noun

FAMILIES = ("service", "quality", "drift", "attribution", "performance", "calibration", "fairness")


def fleet_row(detail: ModelDetail, standing: Standing | None) -> FleetRow:
    """Return a model's row.

    Parameters
    ----------
    standing : how its champion stands; None when nothing was judged yet
    """
    units = standing.units if standing else ()
    recent = standing.last.headline.recent if standing else None
    headline = recent or Recent(value=None, low=None, high=None, n=0, reason=why_nothing(detail))
    return FleetRow(
        model=detail.model.name,
        version=detail.champion.name if detail.champion else "",
        tier=detail.model.risk_tier,
        owner=detail.model.owner,
        state=standing.state if standing else State.NOT_APPLICABLE,
        state_before=units[-2].state if len(units) > 1 else State.NOT_APPLICABLE,
        why=standing.why if standing else why_nothing(detail),
        cause=next((one.cause for one in standing.families.values() if one.leads), "") if standing else "",
        families=_families(standing, detail.schema.grain),
        volume=tuple(unit.headline.n for unit in units),
        metric=standing.last.headline.metric if standing else "",
        days=tuple(unit.headline.value if unit.headline.mature else None for unit in units),
        value=headline.value,
        low=headline.low,
        high=headline.high,
        n=headline.n,
        value_reason=headline.reason,
        actuals_until=next((unit.day for unit in reversed(units) if unit.headline.n_labelled), None),
        grain=detail.schema.grain,
        staged=detail.schema.staged,
    )


def _families(standing: Standing | None, grain: Grain) -> tuple[FamilyState, ...]:
    if standing is None:
        return tuple(
            FamilyState(family=name, state=State.NOT_APPLICABLE, reason="nothing was judged yet") for name in FAMILIES
        )
    return tuple(
        FamilyState(family=name, state=found.state, reason=_reason(found, grain), cause=found.cause)
        for name in FAMILIES
        if (found := standing.families.get(name)) is not None
    )


def _reason(found: Judged, grain: Grain) -> str:
    """Return why a family stands as it does; where it could not be judged, when it was last, and how it stood then."""
    if found.state is not State.NOT_APPLICABLE or found.judged_on is None or found.judged_as is None:
        return found.why
    judged = f"last judged {words.unit(found.judged_on, grain, year=False)}: {words.STATES[found.judged_as]}"
    return f"{found.why}; {judged}" if found.why else judged


def why_nothing(detail: ModelDetail) -> str:
    """Return why there is no state yet of a model that has none."""
    if not detail.versions:
        return "no version yet"
    champion = detail.champion
    if champion is None or champion.binning_id is None:
        return "no reference yet"
    if len(detail.versions) > 1:
        return f"no predictions since {champion.name} went live"
    return f"no closed {unit_noun(detail.schema.grain)} with predictions yet"
