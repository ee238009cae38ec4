"""What the Attribution page shows: frozen, made from core results, formatted only when drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.attribution.attribution import Change, SegmentPart
from core.attribution.changes import SegmentChange
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionView:
    """The change of a metric, as the page shows it.

    Attributes
    ----------
    reference : str
        What the window is compared with, in words: ``training``, ``the 7 days before``.
    columns, metrics : tuple of str
        What can be chosen.
    change : Change or None
        None with `why_not`.
    changes : tuple of SegmentChange
        Each segment alone, where the whole cannot be split.
    no_cause : str
        Why inputs and relation cannot be told apart, as far as is known before any work; else empty.
    of_all : bool
        The header names a segment, which this page does not look at.
    waits : str
        Why the labels are not complete; empty when they are.
    where : str
        Filter of the leading segment's rows, for the links; empty when there is none.
    job : mapping
        Parameters of the long work of this selection, without a metric.
    """

    model: str
    version: str
    rows: str
    window: Window
    grain: Grain
    reference: str
    columns: tuple[str, ...]
    metrics: tuple[str, ...]
    column: str
    metric: str
    change: Change | None
    changes: tuple[SegmentChange, ...]
    why_not: str
    no_cause: str
    n_reference: int
    n_current: int
    of_all: bool
    waits: str
    removed: str
    provisional: bool
    provenance_id: str
    where: str
    job: Mapping[str, str]

    @property
    def leading(self) -> SegmentPart | None:
        """The segment whose part is largest in the direction of the change; None without a split change."""
        return None if self.change is None else leading_part(self.change)


def leading_part(change: Change) -> SegmentPart | None:
    """Return the segment that adds most in the direction of the change, by the kind of part that dominates."""
    total = change.change.value
    by_mix = abs(change.mix.value) > abs(total - change.mix.value)
    sign = 1.0 if total >= 0 else -1.0

    def adds(part: SegmentPart) -> float:
        return sign * (part.mix.value if by_mix else part.total - part.mix.value)

    best = max(change.parts, key=adds, default=None)
    return best if best is not None and adds(best) > 0 else None
