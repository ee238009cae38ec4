"""What the Fleet page shows."""

from dataclasses import dataclass
from datetime import date, datetime

from core.states import SEVERITY, State
from core.windows import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyState:
    """State of one family of checks: ``quality``, ``drift`` or ``performance``.

    `reason` is its first finding in words; `cause` the feature that it is about, or empty.
    """

    family: str
    state: State
    reason: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """One model of the fleet.

    Attributes
    ----------
    why : str
        The worst finding in words, empty when healthy.
    cause : str
        The feature that `why` is about, or empty.
    families : tuple of FamilyState
    volume : tuple of int
        Predictions of the last 30 closed units, oldest first.
    metric : str
        The task's headline metric: ``roc_auc``, ``f1_macro``, ``mae``.
    days : tuple of float or None
        It, in the same units.
    value, low, high : float or None
        It, over the last 30 closed units together.
    n : int
        Labelled predictions behind `value`.
    value_reason : str
        Why there is no value.
    actuals_until : date or None
        Last closed unit in which an actual is known; None: none at all.
    state_before : State
        State one closed unit earlier.
    staged : bool
        A sample whose incidents were put in by us.
    grain : Grain
    """

    model: str
    version: str
    tier: int
    owner: str
    state: State
    state_before: State
    why: str
    cause: str
    families: tuple[FamilyState, ...]
    volume: tuple[int, ...]
    metric: str
    days: tuple[float | None, ...]
    value: float | None
    low: float | None
    high: float | None
    n: int
    value_reason: str
    actuals_until: date | None
    grain: Grain
    staged: bool = False

    @property
    def worst_family(self) -> str:
        """The family whose state is worst; the first of several."""
        return max(self.families, key=lambda found: SEVERITY[found.state]).family if self.families else "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetView:
    """The fleet, worst first.

    Attributes
    ----------
    predictions : int
        Predictions of the models with a log of days in their last closed day; where there is no such model, of all
        models in their last closed unit.
    predictions_week_before : int or None
        The same one week earlier; None when unknown.
    as_of : datetime
    by_day : bool
        At least one model has a log of days.
    """

    rows: tuple[FleetRow, ...]
    predictions: int
    predictions_week_before: int | None
    as_of: datetime
    by_day: bool = True

    def count(self, state: State) -> int:
        """Return how many models are in `state`."""
        return sum(row.state is state for row in self.rows)

    def count_before(self, state: State) -> int:
        """Return how many models were in `state` one closed unit earlier."""
        return sum(row.state_before is state for row in self.rows)
