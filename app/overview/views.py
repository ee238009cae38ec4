"""What the business overview shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.impact.display import ValueSeries
from core.impact.periods import Comparison
from core.selection import Every
from core.states import State
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount or a count with its 95 % interval; `why` says why there is none."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The value model, as far as it must be said beside every amount."""

    currency: str
    source: str
    baseline: str
    kind: str
    target_month: float | None
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What the checks said of the last closed unit.

    Attributes
    ----------
    check, family, feature : str
        Of the finding that leads; empty when there is none.
    reason : str
        Why nothing could be judged; empty otherwise.
    """

    state: State
    check: str = ""
    family: str = ""
    feature: str = ""
    since: str = ""
    others: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One model in one period.

    Attributes
    ----------
    words : mapping of row, rows, positive_decision, positive_actual to the model's own words
    window, before : Window or None
        The period that is told, and the one before; None when there is none.
    n_units, n_left_out : int
        Units with predictions, and those left out of the value.
    provisional : bool
        Outcomes of the whole period are still arriving.
    segment : str
        ``@name`` of the saved segment that is told; empty for all rows. The state is of all rows.
    former : bool
        `version` was live before: the live one has no live rows yet. The state is the live one's.
    net, versus, decisions, rate, decisions_before : Amount
    change : Comparison or None
        Of the difference to the baseline, against the period before.
    coverage : float or None
    worth : Worth or None
        None: no value model is declared.
    series : ValueSeries or None
    """

    model: str
    version: str
    owner: str
    task: str
    staged: bool
    grain: Grain
    words: Mapping[str, str]
    every: Every
    window: Window | None
    before: Window | None
    n_units: int
    n_left_out: int
    why_left_out: str
    provisional: bool
    net: Amount
    versus: Amount
    decisions: Amount
    rate: Amount
    decisions_before: Amount
    change: Comparison | None
    coverage: float | None
    worth: Worth | None
    attention: Attention
    series: ValueSeries | None
    names: tuple[str, ...]
    removed: str
    reason: str
    provenance_id: str
    segment: str = ""
    former: bool = False

    @property
    def told_of(self) -> str:
        """The model's name, of a former version with its own, with the saved segment whose rows alone are told."""
        named = f"{self.model} {self.version}" if self.former else self.model
        return f"{named} in {self.segment}" if self.segment else named


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewView:
    """All models in one period; those that need attention first.

    Attributes
    ----------
    others : tuple of str
        Models that are not told on this page, because there are too many.
    """

    stories: tuple[Story, ...]
    others: tuple[str, ...]
    every: Every
    as_of: datetime
    frozen: bool
