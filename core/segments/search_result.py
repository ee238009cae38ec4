"""What a search for the worst segments found: frozen, stored as plain JSON, read back the same."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from core.segments.filters import Condition, Filter, to_document
from core.segments.search_losses import LossKind
from core.segments.search_reference import Before, Standing


class Later(StrEnum):
    """What the window after the search says of a segment that it reported."""

    HELD = "held"
    DID_NOT_HOLD = "did not hold"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWindow:
    """A reported segment, tested again alone in the next window.

    Attributes
    ----------
    n : int
        Its rows with a loss there.
    mean, rest : float or None
        Mean loss of it and of all other rows there.
    reason : str
        Why it could not be tested; else empty.
    """

    outcome: Later
    n: int
    mean: float | None = None
    rest: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The segment and the rest of the rows in one of the windows around the search.

    Attributes
    ----------
    start, end : str
        Unit labels, half-open.
    mean, low, high, rest : float or None
        None below 30 rows.
    """

    start: str
    end: str
    n: int
    mean: float | None
    low: float | None
    high: float | None
    rest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSegment:
    """A segment that is worse than chance would show.

    Attributes
    ----------
    where : Filter
    n : int
        Its rows with a loss.
    mean, low, high : float
        Mean loss with its 95 % interval.
    rest : float
        Mean loss of all other rows.
    harm : float
        (mean - rest) × n: the loss that would be gone if it were as the rest.
    p, adjusted_p : float
        One-sided, exact where the loss is a share; Benjamini–Hochberg over everything searched.
    shrunk, shrunk_low, shrunk_high : float
        Deficit without the winner's curse, with its 95 % interval; at least 0.
    before : Before
        Whether the reference knew it.
    later : NextWindow
    n_shadows : int
        Further significant segments that are weak only because of it.
    history : tuple of Point, oldest first
    """

    where: Filter
    n: int
    mean: float
    low: float
    high: float
    rest: float
    harm: float
    p: float
    adjusted_p: float
    shrunk: float
    shrunk_low: float
    shrunk_high: float
    before: Before
    later: NextWindow
    n_shadows: int
    history: tuple[Point, ...] = ()

    @property
    def deficit(self) -> float:
        """Mean of the segment less the mean of the rest, as seen."""
        return self.mean - self.rest

    @property
    def is_news(self) -> bool:
        """Whether it is worse than in the reference."""
        return self.before.standing in (Standing.NEW, Standing.WORSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstSegments:
    """The worst segments of one window, news first, then by harm.

    Attributes
    ----------
    window_start, window_end : str
        Unit labels, half-open.
    loss : LossKind
    n_rows, n_labelled, n : int
        Rows of the window, those with an actual, and those that have the loss.
    mean : float or None
        Mean loss of the window; None where nothing could be searched.
    n_searched, n_significant : int
        Segments tested, and those worse than chance would show.
    n_columns, n_paired : int
        Columns searched alone, and in pairs.
    n_children, n_more : int
        Significant ones that are no worse than a parent; and those behind the last one shown.
    n_reference : int
        Rows of the reference with the same loss; 0: nothing could be compared with it.
    sampled_from : int
        Rows of which the searched ones are a sample; 0: all were searched.
    next_start, next_end : str
        Of the next window, in which reported segments are tested again.
    reason : str
        Why nothing could be searched; else empty.
    """

    window_start: str
    window_end: str
    loss: LossKind
    n_rows: int
    n_labelled: int
    n: int
    mean: float | None
    n_searched: int
    n_significant: int
    n_columns: int
    n_paired: int
    n_children: int
    n_more: int
    n_reference: int
    sampled_from: int
    next_start: str
    next_end: str
    segments: tuple[FoundSegment, ...]
    reason: str = ""

    @property
    def coverage(self) -> float:
        """Share of the rows whose actual is known."""
        return self.n_labelled / self.n_rows if self.n_rows else 0.0

    def document(self) -> dict[str, Any]:
        """Return the result as plain JSON."""
        return _plain(self) | {"loss": self.loss.value, "segments": [_segment_document(one) for one in self.segments]}


def _plain(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _segment_document(one: FoundSegment) -> dict[str, Any]:
    return _plain(one) | {
        "where": to_document(one.where),
        "before": _plain(one.before) | {"standing": one.before.standing.value},
        "later": _plain(one.later) | {"outcome": one.later.outcome.value},
        "history": [_plain(point) for point in one.history],
    }


def from_document(document: Mapping[str, Any]) -> WorstSegments:
    """Return the result of a stored document."""
    segments = tuple(_segment(one) for one in document["segments"])
    return WorstSegments(**{**document, "loss": LossKind(document["loss"]), "segments": segments})


def _segment(document: Mapping[str, Any]) -> FoundSegment:
    before, later = document["before"], document["later"]
    return FoundSegment(
        **{
            **document,
            "where": Filter(conditions=tuple(_condition(one) for one in document["where"])),
            "before": Before(**{**before, "standing": Standing(before["standing"])}),
            "later": NextWindow(**{**later, "outcome": Later(later["outcome"])}),
            "history": tuple(Point(**point) for point in document["history"]),
        }
    )


def _condition(document: Mapping[str, Any]) -> Condition:
    levels = document.get("in")
    return Condition(
        column=document["column"],
        levels=None if levels is None else tuple(levels),
        low=document.get("above"),
        high=document.get("to"),
        missing=bool(document.get("missing", False)),
    )


def not_searched(
    window: tuple[str, str], loss: LossKind, *, n_rows: int, n_labelled: int, reason: str
) -> WorstSegments:
    """Return the result of a window that cannot be searched, with the reason."""
    return WorstSegments(
        window_start=window[0],
        window_end=window[1],
        loss=loss,
        n_rows=n_rows,
        n_labelled=n_labelled,
        n=0,
        mean=None,
        n_searched=0,
        n_significant=0,
        n_columns=0,
        n_paired=0,
        n_children=0,
        n_more=0,
        n_reference=0,
        sampled_from=0,
        next_start="",
        next_end="",
        segments=(),
        reason=reason,
    )
