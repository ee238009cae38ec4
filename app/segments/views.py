"""What the Segments page shows: frozen values, no arrays and no store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.segments.filters import to_text, words
from core.segments.search_losses import LossKind
from core.segments.search_result import FoundSegment, WorstSegments
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsView:
    """The page of one selection.

    Attributes
    ----------
    rows : str
        What the model's rows are called: ``reviews``.
    losses : tuple of LossKind
        To choose from, the one that the breach asks for first.
    n_rows : int
        Rows of the window.
    worst : WorstSegments or None
        None: not worked out yet; `job` then holds the parameters of the work.
    columns : tuple of str
        Columns whose heat map can be drawn, most important first.
    """

    model: str
    version: str
    rows: str
    grain: Grain
    window: Window
    segment: str
    losses: tuple[LossKind, ...]
    loss: LossKind
    n_rows: int
    worst: WorstSegments | None
    columns: tuple[str, ...]
    job: Mapping[str, str]
    provisional: bool

    @property
    def segments(self) -> tuple[FoundSegment, ...]:
        """What was found, in the order in which it is shown."""
        return () if self.worst is None else self.worst.segments

    @property
    def news(self) -> tuple[FoundSegment, ...]:
        """What is worse than in the reference; where that says nothing, all that was found."""
        if self.worst is None or self.worst.n_reference:
            return tuple(one for one in self.segments if one.is_news)
        return self.segments


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRow:
    """A saved segment as it is listed.

    Attributes
    ----------
    label : str
        ``@name``.
    filter : str
        Its filter in words.
    done, total : int
        Units of the version in which its rows are counted, and all units.
    """

    id: int
    name: str
    label: str
    filter: str
    by: str
    at: date
    done: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether no unit is missing."""
        return self.done >= self.total


def name_of(one: FoundSegment) -> str:
    """Return a segment as a person would say it."""
    return words(one.where)


def text_of(one: FoundSegment) -> str:
    """Return a segment's filter as it stands in URLs."""
    return to_text(one.where)
