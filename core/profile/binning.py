"""A binning: everything a reference fixes for ever about how a version's rows are counted."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.profile.bins import Bins, Floats

SCORE = "score"
"""Reserved feature name of the model's score."""

KERNEL_VERSION = 1
"""Raised whenever the same rows would be counted differently; part of every binning's id."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One value of a segment column.

    Attributes
    ----------
    column : str
        The user's column name.
    level : str or None
        None: every value without a segment of its own (``missing`` False), or null and NaN (``missing`` True).
    missing : bool
    """

    column: str
    level: str | None
    missing: bool = False

    @property
    def label(self) -> str:
        """The value as a person reads it."""
        return self.level if self.level is not None else "missing" if self.missing else "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binning:
    """An immutable binning revision; see `make_binning`.

    Attributes
    ----------
    id : str
        sha256 of the content with the kernel version.
    features : mapping of str to Bins
        By the user's feature name in order of declaration, then ``"score"``.
    sources : mapping of str to str
        Internal column id of every feature and segment column, by the user's name.
    score_edges : (B - 1,) float64
        Right-closed edges of score × actual for the whole population.
    segment_score_edges : (Bc - 1,) float64
        The coarser edges used per segment.
    segments : tuple of Segment, at most 200
        Columns one after the other; each ends with other and missing.
    segment_features : tuple of str
        Features whose display cells are also counted per segment (and always the score).
    score_kind : str
        ``probability`` or ``ranking``; losses are summed for probabilities only.
    threshold : float or None
        A row without a logged decision is decided by ``score >= threshold``.
    weight : str or None
        Internal id of the weight column.
    provisional : bool
        Made from the first rows of the log because the version has no reference.
    ranges : mapping of str to (low, high)
        Contract: numeric values outside ``[low, high]`` are violations; None is open.
    categories : mapping of str to frozenset of str
        Contract: other values are violations.
    left_out : tuple of str
        One sentence for each thing that the limits dropped.
    """

    id: str
    features: Mapping[str, Bins]
    sources: Mapping[str, str]
    score_edges: Floats
    segment_score_edges: Floats
    segments: tuple[Segment, ...]
    segment_features: tuple[str, ...]
    score_kind: str
    threshold: float | None
    weight: str | None
    provisional: bool
    ranges: Mapping[str, tuple[float | None, float | None]]
    categories: Mapping[str, frozenset[str]]
    left_out: tuple[str, ...]

    @property
    def weighted(self) -> bool:
        """Whether sums of weights are kept beside the counts."""
        return self.weight is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """Internal ids of the columns that `kernel.profile` reads beside score, decision and actual."""
        named = dict.fromkeys(self.sources.values())
        if self.weight is not None:
            named[self.weight] = None
        return tuple(named)
