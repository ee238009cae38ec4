"""Rows of the Fleet, from what the checks stored."""

from collections.abc import Sequence

from app.fleet.views import FamilyState, FleetRow
from core.checks.day_state import DayState, Recent, UnitHeadline
from core.checks.rollup import first_finding, without_values
from core.checks.verdicts import Verdict
from core.inventory.service import ModelDetail
from core.states import State

FAMILIES = ("quality", "drift", "performance")


def fleet_row(detail: ModelDetail, units: Sequence[UnitHeadline], last: DayState | None) -> FleetRow:
    """Return a model's row.

    Parameters
    ----------
    units : state and figures of its last judged units, oldest first
    last : the newest of them in full; None when nothing was judged yet
    """
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
        cause=_cause(detail, last.verdicts) if last else "",
        families=tuple(_family(detail, name, last) for name in FAMILIES),
        volume=tuple(unit.headline.n for unit in units),
        metric=units[-1].headline.metric if units else "",
        days=tuple(unit.headline.value if unit.headline.mature else None for unit in units),
        value=headline.value,
        low=headline.low,
        high=headline.high,
        n=headline.n,
        value_reason=headline.reason,
        actuals_until=next((unit.day for unit in reversed(units) if unit.headline.n_labelled), None),
        grain=detail.schema.grain,
    )


def _family(detail: ModelDetail, name: str, last: DayState | None) -> FamilyState:
    found = last.families.get(name) if last else None
    if last is None or found is None:
        return FamilyState(family=name, state=State.NOT_APPLICABLE, reason="nothing was judged yet")
    verdicts = [one for one in last.verdicts if one.family == name]
    cause = _cause(detail, verdicts, absent=without_values(last.verdicts))
    return FamilyState(family=name, state=found.state, reason=found.why, cause=cause)


def _cause(detail: ModelDetail, verdicts: Sequence[Verdict], *, absent: Sequence[str] = ()) -> str:
    """Return the feature of the first finding that matters most to the model, or empty."""
    features = detail.schema.features
    concerned = [one.feature for one in first_finding(verdicts, absent=absent) if one.feature in features]
    return max((name for name in concerned if name), key=lambda name: features[name].importance or 0.0, default="")


def why_nothing(detail: ModelDetail) -> str:
    """Return why there is no state yet of a model that has none."""
    if not detail.versions:
        return "no version yet"
    champion = detail.champion
    if champion is None or champion.binning_id is None:
        return "no reference yet"
    return "no closed day with predictions yet"
