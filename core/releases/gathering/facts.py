"""Everything that evidence is made of besides rows, read in one transaction, and what the application hands over."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.findings.finding import Finding
from core.inventory.controls import Controls
from core.inventory.records import ModelInfo
from core.log.schema import ModelSchema
from core.releases.gates.fit import CardStanding
from core.releases.gathering.compared import ComparedVersion
from core.releases.gathering.packing import PackedCounts
from core.releases.release import Release
from core.reviews.calendar import Duty, ValidationStanding

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What other domains' services know, composed by the application.

    Attributes
    ----------
    card : CardStanding or None
    protected : mapping of protected column to which of its groups may be shown of both versions
    fairness : mapping of plain values
        Rates by group of both versions as they are released.
    why_no_fairness : str
        Why `protected` is empty.
    """

    card: CardStanding | None = None
    protected: Mapping[str, Sequence[bool]] = field(default_factory=lambda: MappingProxyType({}))
    fairness: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    why_no_fairness: str = "the groups of both versions were not read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Importances:
    """How much each feature moves the score of one version; `why` says why nobody knows."""

    points: tuple[tuple[str, float], ...] = ()
    unit: str = ""
    explainer: str = ""
    n: int = 0
    why: str = ""

    @property
    def shares(self) -> dict[str, float]:
        """Importance of each feature as a share of all."""
        total = sum(value for _, value in self.points)
        return {name: value / total for name, value in self.points} if total > 0 else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The state of the store that a release's evidence is about.

    Attributes
    ----------
    days : mature units in which both have rows, oldest first
    counts : mapping of name to PackedCounts
        ``champion.window``, ``challenger.window``, ``challenger.reference``, ``challenger.now``; what there is.
    now : units of ``challenger.now``
    validation_duty : the periodic validation of the model; None while nothing of it is live
    arriving : schema of the rows that arrive today; None before any
    stored_importance : mapping of ``champion`` or ``challenger`` to what an earlier explanation found
    """

    release: Release
    model: ModelInfo
    champion: ComparedVersion | None
    challenger: ComparedVersion
    log_dir: Path
    days: tuple[date, ...]
    now: tuple[date, ...]
    counts: Mapping[str, PackedCounts]
    controls: Controls
    policy: Mapping[str, Any]
    validity: Mapping[str, Any]
    record: Mapping[str, Any]
    missing_fields: tuple[str, ...]
    findings: tuple[Finding, ...]
    validation: ValidationStanding
    validated_by: str | None
    validation_duty: Duty | None
    developers: Container[str]
    arriving: ModelSchema | None
    protected: tuple[str, ...]
    stored_importance: Mapping[str, Importances]
    at: datetime

    @property
    def hidden(self) -> frozenset[str]:
        """Columns that are protected in the newest schema, or in that of either version."""
        sides = [self.challenger] if self.champion is None else [self.challenger, self.champion]
        return frozenset(self.protected).union(*(side.schema.protected for side in sides))
