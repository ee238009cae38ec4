"""What the checks said of one closed unit of a version, as it is stored and shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.checks.history import VerdictMemory
from core.checks.rollup import FamilyState
from core.checks.verdicts import Verdict
from core.states import State

RECENT_UNITS = 30
"""Units that the headline figure of a model covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The headline metric of the last 30 units together with its 95 % interval, or the reason why there is none."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The figures of a unit that the Fleet draws.

    Attributes
    ----------
    n, n_labelled : int
        Rows, and those whose actual is known.
    metric : str
        The task's headline: ``roc_auc``, ``f1_macro``, ``mae``.
    value : float or None
    mature : bool
        The actuals were complete enough to be judged.
    recent : Recent or None
        Of the 30 units up to this one; kept where a run of the checks ended, so always at the last unit.
    """

    n: int
    n_labelled: int
    metric: str
    value: float | None
    mature: bool
    recent: Recent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHeadline:
    """State and figures of one unit without its verdicts."""

    day: date
    state: State
    headline: Headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a version stands: its last judged units, and what is said of the newest.

    Attributes
    ----------
    units : tuple of UnitHeadline, oldest first, at least one
    state : State
        Of the newest unit; a silence since then may have made it worse.
    why : str
    families : mapping of family to FamilyState
    """

    units: tuple[UnitHeadline, ...]
    state: State
    why: str
    families: Mapping[str, FamilyState]

    @property
    def last(self) -> UnitHeadline:
        """The newest judged unit."""
        return self.units[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayState:
    """One closed unit as the checks saw it.

    Attributes
    ----------
    basis : str
        Hash of everything that went in: profile, limits, maturity. Another basis means: judge again.
    memories : mapping of `Verdict.key` to what is remembered of its past windows.
    """

    day: date
    state: State
    why: str
    families: Mapping[str, FamilyState]
    headline: Headline
    verdicts: tuple[Verdict, ...]
    memories: Mapping[str, VerdictMemory]
    basis: str
    evaluated_at: datetime
