"""What the Fairness page shows: frozen, made from what is released, formatted only when drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.fairness.answer import ColumnAnswer, TableAnswer
from core.fairness.choice import GroupChoice
from core.fairness.conditional import ConditionalGaps
from core.fairness.display import GapSeries
from core.fairness.frontier import Frontier
from core.fairness.gaps import Gap
from core.fairness.impossibility import Impossibility
from core.fairness.reweighing import Reweighing
from core.performance.estimates import Estimate
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Groups among rows that are alike in one control column.

    Attributes
    ----------
    control : str
    levels : tuple of str
        Segments of the control column.
    whole : Estimate over (G,)
        Group less the one it is compared with, over all rows of the column's own release blocks.
    gaps : ConditionalGaps
    n_levels : tuple of int, length G
        Segments in which the group and the one it is compared with are both shown.
    table : TableAnswer
    """

    control: str
    levels: tuple[str, ...]
    whole: Estimate
    gaps: ConditionalGaps
    n_levels: tuple[int, ...]
    table: TableAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessView:
    """Fairness of one protected column in the release blocks of a window.

    Attributes
    ----------
    columns : tuple of str
        Protected columns; links and widgets know them by their place.
    meanings : tuple of str
        Of each column in words; empty where nobody described it.
    place : int
        Of the column shown.
    asked : Window
        As chosen in the header.
    inside : bool
        Whole blocks lie in the window that was asked for; else the newest block before its end is shown.
    answer : ColumnAnswer
    overall : mapping of rate to float or None
        Of everybody in the same blocks.
    trend : mapping of gap to GapSeries, by release block
    intersections : tuple of TableAnswer
    alike : tuple of Alike, one for each control column
    impossibility : Impossibility or None
    why_possible : str
        Why there is no `impossibility`.
    choice : GroupChoice or None
    unit_count : int, units of a release block
    decided : str
        What the model calls a positive decision.
    """

    model: str
    version: str
    grain: Grain
    decided: str
    columns: tuple[str, ...]
    meanings: tuple[str, ...]
    place: int
    asked: Window
    inside: bool
    answer: ColumnAnswer
    overall: Mapping[str, float | None]
    trend: Mapping[str, GapSeries]
    intersections: tuple[TableAnswer, ...]
    alike: tuple[Alike, ...]
    impossibility: Impossibility | None
    why_possible: str
    choice: GroupChoice | None
    unit_count: int
    provenance_id: str

    @property
    def column(self) -> str:
        """The protected column that is shown."""
        return self.columns[self.place]

    def gap(self, metric: str) -> Gap:
        """Return a gap of the window."""
        return self.answer.gaps[metric]

    def shown(self) -> tuple[int, ...]:
        """Return the places of the groups that have rows and are shown."""
        return tuple(
            place
            for place, reason in enumerate(self.answer.reasons)
            if not reason and self.answer.rates.n_rows[place] > 0
        )

    def withheld(self) -> tuple[tuple[str, str], ...]:
        """Return the withheld groups with the reason."""
        named = zip(self.answer.rates.labels, self.answer.reasons, strict=True)
        return tuple((group, reason) for group, reason in named if reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What a smaller gap would cost; why not, where it cannot be said."""

    frontier: Frontier | None
    why_no_frontier: str
    reweighing: Reweighing | None
    why_no_reweighing: str
    currency: str
