"""What the Inventory shows: one line a model, as a model-risk function lists them, now or on a past day."""

from dataclasses import dataclass
from datetime import date, datetime

from core.findings.finding import Finding
from core.inventory.tiers import TierStanding
from core.reviews.calendar import Duty
from core.states import State
from core.windows import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRow:
    """One model of the inventory.

    Attributes
    ----------
    status : str
        What its people declared, or how it is live.
    tier : TierStanding
        The tier in force beside the computed, overridden and declared one.
    n_missing : int
        Fields of the record that its tier requires and that say nothing.
    state : State
        How its last judged window stands.
    champion : str
        Live version; empty when none was added yet.
    champion_since : datetime or None
    contract : str
        Revision of the live version's contract and who accepted it, or why there is none.
    validation : Duty or None
        None while nothing is live.
    glass : Duty or None
        The review owed for a broken glass.
    overdue : tuple of Duty
        What is overdue.
    findings : tuple of Finding
        The open ones.
    card_written, card_required : int
        Parts of the live version's card that its tier requires: those that are there, and all.
    release : str
        Where its newest release stands; empty when there never was one.
    last_drill : date or None
    last_unit : date or None
        Last judged unit of the log.
    staged : bool
        A sample whose incidents were put in by us.
    """

    model: str
    owner: str
    status: str
    tier: TierStanding
    n_missing: int
    state: State
    champion: str
    champion_since: datetime | None
    contract: str
    validation: Duty | None
    glass: Duty | None
    overdue: tuple[Duty, ...]
    findings: tuple[Finding, ...]
    card_written: int
    card_required: int
    release: str
    last_drill: date | None
    last_unit: date | None
    staged: bool
    retired: bool
    grain: Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryView:
    """All models, highest risk first."""

    rows: tuple[InventoryRow, ...]
    as_of: datetime

    @property
    def used(self) -> tuple[InventoryRow, ...]:
        """The models that are not retired."""
        return tuple(row for row in self.rows if not row.retired)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """A model as it stood at the end of a past day, as the audit trail tells it."""

    model: str
    owner: str
    status: str
    tier: TierStanding
    champion: str
    champion_since: datetime | None
    n_missing: int
    retired: bool
