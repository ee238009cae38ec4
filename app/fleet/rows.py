"""Rows of the Fleet, from what the checks stored."""

from collections.abc import Sequence

from app import words
from app.fleet.views import FamilyState, FleetRow
from core.checks.day_state import Recent, UnitHeadline
from core.inventory.service import ModelDetail
from core.states import State

FAMILIES = ("service", "quality", "drift", "performance", "calibration")


def fleet_row(detail: ModelDetail, units: Sequence[UnitHeadline]) -> FleetRow:
    """Return a model's row.

    Parameters
    ----------
    units : state and figures of its last judged units, oldest first; empty when nothing was judged yet
    """
    last = units[-1] if units else None
    recent = last.headline.recent if last else None
    headline = recent or Recent(value=None, low=None, high=None, n=0, reason=why_nothing(detail))
    return FleetRow(
        model=detail.model.name,
        version=detail.champion.name if detail.champion else "",
        tier=detail.model.risk_tier,
        owner=detail.model.owner,
        state=last.state if last else State.NOT_APPLICABLE,
        state_before=units[-2].state if len(units) > 1 else State.NOT_APPLICABLE,
        why=last.why if last else why_nothing(detail),
        cause=next((one.cause for one in last.families.values() if one.leads), "") if last else "",
        families=tuple(_family(name, units) for name in FAMILIES if last is None or name in last.families),
        volume=tuple(unit.headline.n for unit in units),
        metric=last.headline.metric if last else "",
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


def _family(name: str, units: Sequence[UnitHeadline]) -> FamilyState:
    if not units:
        return FamilyState(family=name, state=State.NOT_APPLICABLE, reason="nothing was judged yet")
    found = units[-1].families[name]
    reason = found.why
    if found.state is State.NOT_APPLICABLE:
        reason = "; ".join(filter(None, (reason, _last_judged(name, units))))
    return FamilyState(family=name, state=found.state, reason=reason, cause=found.cause)


def _last_judged(name: str, units: Sequence[UnitHeadline]) -> str:
    """Return when a family was judged last and with which state; empty when it was not in the given units."""
    for unit in reversed(units):
        known = unit.families.get(name)
        if known is not None and known.state is not State.NOT_APPLICABLE:
            return f"last judged {words.day(unit.day, year=False)}: {words.STATES[known.state]}"
    return ""


def why_nothing(detail: ModelDetail) -> str:
    """Return why there is no state yet of a model that has none."""
    if not detail.versions:
        return "no version yet"
    champion = detail.champion
    if champion is None or champion.binning_id is None:
        return "no reference yet"
    return "no closed day with predictions yet"
