"""What the Inventory shows: one line a model, as a model-risk function lists them."""

from dataclasses import dataclass
from datetime import date, datetime

from core.states import State
from core.windows import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRow:
    """One model of the inventory.

    Attributes
    ----------
    task, owner : str
    tier : int, 1 is the highest
    champion : str
        Live version; empty when none was added yet.
    champion_since : datetime or None
    n_versions, revision : int
        Versions, and number of the schema's newest revision.
    contract : str
        Revision of the live version's contract and who accepted it, or why there is none.
    last_unit : date or None
        Last judged unit of the log.
    last_intake : datetime or None
        When its newest batch was taken in.
    staged : bool
        A sample whose incidents were put in by us.
    retired : bool
    """

    model: str
    task: str
    owner: str
    tier: int
    state: State
    champion: str
    champion_since: datetime | None
    n_versions: int
    revision: int
    contract: str
    last_unit: date | None
    last_intake: datetime | None
    staged: bool
    retired: bool
    grain: Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryView:
    """All models, highest risk first."""

    rows: tuple[InventoryRow, ...]
    as_of: datetime
