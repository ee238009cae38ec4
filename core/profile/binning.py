"""A binning: everything a reference fixes for ever about how a version's rows are counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.profile.bins import Bins, Floats
from core.profile.group_columns import GroupColumn

SCORE = "score"
"""Reserved feature name of the model's score: a probability or rank, a regression's prediction, or the largest
score over the classes."""

ACTUAL = "actual"
"""Reserved feature name of a regression's actual."""

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"

KERNEL_VERSION = 3
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
    name : str
        What a segment without a level is called where one of the column's levels has the usual name; else empty.
    """

    column: str
    level: str | None
    missing: bool = False
    name: str = ""

    @property
    def label(self) -> str:
        """The value as a person reads it; within a column no two segments have the same."""
        return self.level if self.level is not None else self.name or ("missing" if self.missing else "other")


def told_apart(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Return the segments with names of their own for "other" and "missing" where a level is called that.

    >>> found = told_apart((Segment("purpose", "other"), Segment("purpose", None), Segment("purpose", None, True)))
    >>> [one.label for one in found]
    ['other', 'other levels', 'missing']
    """
    taken = {(one.column, one.level) for one in segments}
    found = []
    for one in segments:
        name = one.label
        while one.level is None and (one.column, name) in taken:
            name += " values" if one.missing else " levels"
        found.append(one if name == one.label else replace(one, name=name))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binning:
    """An immutable binning revision; see `make_binning`.

    Attributes
    ----------
    id : str
        sha256 of the content with the kernel version.
    features : mapping of str to Bins
        By the user's feature name in order of declaration, then ``"score"``; of a regression whose reference
        holds actuals also ``"actual"``.
    sources : mapping of str to str
        Internal column id of every feature and segment column, by the user's name.
    score_edges : (B - 1,) float64
        Right-closed edges of score × actual for the whole population; of score × "was right" in a multiclass
        model; empty in a regression.
    segment_score_edges : (Bc - 1,) float64
        The coarser edges used per segment; empty in a regression.
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
    task : str
        ``binary``, ``multiclass`` or ``regression``.
    classes : tuple of str, length K
        Multiclass: the classes in order of declaration; ``decision`` and ``actual`` are places in it.
    class_sources : tuple of str, length K
        Internal ids of the columns that hold the score of each class.
    class_edges : (Bk - 1,) float64
        Right-closed edges of the score of a class × "is the class", one grid for all classes.
    error_edges : (Be - 1,) float64
        Regression: right-closed edges of the absolute error, in the unit of the actual.
    actual_centre : float
        Regression: median of the reference's actuals, else of its predictions. Moments of the actual are of
        (actual - actual_centre), and predicting it for every row is the baseline.
    latency, error : str or None
        Internal ids of the columns of the latency in milliseconds and of the request's error.
    amount : str or None
        Internal id of the column of the money; binary models only.
    group_columns : tuple of GroupColumn
        Protected columns in order of declaration; binary models only.
    shap : tuple of str, length F
        Features whose SHAP values are logged.
    shap_sources : tuple of str, length F
        Internal ids of the columns that hold them.
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
    task: str = BINARY
    classes: tuple[str, ...] = ()
    class_sources: tuple[str, ...] = ()
    class_edges: Floats = field(default_factory=lambda: np.empty(0))
    error_edges: Floats = field(default_factory=lambda: np.empty(0))
    actual_centre: float = 0.0
    latency: str | None = None
    error: str | None = None
    amount: str | None = None
    group_columns: tuple[GroupColumn, ...] = ()
    shap: tuple[str, ...] = ()
    shap_sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Give every segment a label of its own."""
        object.__setattr__(self, "segments", told_apart(self.segments))

    @property
    def declared(self) -> tuple[str, ...]:
        """Names of the model's own features, without the reserved ones."""
        return tuple(name for name in self.features if name not in (SCORE, ACTUAL))

    @property
    def weighted(self) -> bool:
        """Whether sums of weights are kept beside the counts."""
        return self.weight is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """Internal ids of the columns that `kernel.profile` reads beside score, decision, actual and intake_at."""
        return tuple(dict.fromkeys((*self.sources.values(), *self.columns_of(()), *self.shap_sources)))

    def columns_of(self, features: Collection[str]) -> tuple[str, ...]:
        """Return the internal ids of the columns that counting the named features needs; of none: all others."""
        if features:
            columns = [self.sources[name] for name in features if name not in (SCORE, ACTUAL)]
            shap = (source for name, source in zip(self.shap, self.shap_sources, strict=True) if name in features)
            return tuple(dict.fromkeys((*columns, *shap, *(self.class_sources if SCORE in features else ()))))
        segments = dict.fromkeys(self.sources[segment.column] for segment in self.segments)
        single = (self.weight, self.latency, self.error, self.amount)
        groups = (one.source for one in self.group_columns)
        named = (*segments, *groups, *self.class_sources, *(one for one in single if one is not None))
        return tuple(dict.fromkeys(named))
