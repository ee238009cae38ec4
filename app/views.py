"""What the pages show: frozen, made from core results, formatted only when drawn."""

from dataclasses import dataclass
from datetime import date, datetime

from core.states import State
from core.windows import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What the header's five selectors say, as they stand in the URL.

    Attributes
    ----------
    model, version : str
    window : str
        ``1d 7d 28d`` (closed units counted back from the last one; ``1m 3m 12m``, ``1y 3y``,
        ``1b 5b`` for the coarser grains) or ``START..END``.
    reference : str
        ``training``, ``previous`` or ``same_weekday``.
    segment : str
        ``all``, ``COLUMN=VALUE`` or ``@NAME`` of a saved segment.
    """

    model: str
    version: str
    window: str
    reference: str
    segment: str

    def query(self) -> dict[str, str]:
        """Return the parameters of a link that keeps this selection."""
        return {
            "model": self.model,
            "version": self.version,
            "window": self.window,
            "reference": self.reference,
            "segment": self.segment,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model that the header offers.

    Attributes
    ----------
    name : str
    versions : tuple of str
        Champion first; empty when no version was added yet.
    grain : Grain
    last_unit : date or None
        Last closed unit with predictions; None when the log is empty.
    state : State
        Overall state of the last closed unit.
    state_reason : str
    staged : bool
        A sample whose incidents were put in by us.
    """

    name: str
    versions: tuple[str, ...]
    grain: Grain
    last_unit: date | None
    state: State
    state_reason: str = ""
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the header offers, and the clock that the store lives by.

    Attributes
    ----------
    models : tuple of ModelChoice
        Worst state first; the first one is the default.
    as_of : datetime
        Aware: now, or where the store's clock is frozen.
    frozen : bool
    """

    models: tuple[ModelChoice, ...]
    as_of: datetime
    frozen: bool
