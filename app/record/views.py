"""What the Model page shows: the record of one model, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.tables import Cell
from core.states import State
from core.windows import Grain

Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The contract in force: its revision, who accepted it when, and its text as a data contract (ODCS YAML)."""

    revision: int
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """The record of one model.

    Attributes
    ----------
    tier, tier_source : int, str
        The tier in force, and whether it is ``computed``, ``overridden`` or ``declared``.
    status : str
        What its people declared, or how it is live.
    n_missing : int
        Fields that its tier requires and that say nothing.
    state_reason : str
        What decided the state, in words; empty where nothing did.
    champion : str
        Live version, or empty.
    rows_word : str
        What the model's rows are called.
    n_undescribed, n_features : int
        Features without a meaning in words, and all.
    contract : Accepted or None
        Of the version chosen in the header.
    facts : mapping of part to named facts
        ``schema`` and ``lineage``; what is not known says so.
    tables : mapping of part to rows
        ``versions``, ``schema``, ``contract``, ``batches`` and ``audit``.
    n_files : int
        Files that count; reverted ones do not.
    """

    model: str
    version: str
    owner: str
    tier: int
    tier_source: str
    status: str
    n_missing: int
    state: State
    state_reason: str
    champion: str
    champion_since: datetime | None
    n_versions: int
    revision: int
    rows_word: str
    n_features: int
    n_undescribed: int
    contract: Accepted | None
    facts: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, tuple[Row, ...]]
    n_files: int
    n_predictions: int
    last_unit: date | None
    grain: Grain
