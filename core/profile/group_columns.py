"""Protected columns as groups of rows: what a reference fixes about them, and which tables of groups are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from core.profile.labels import short_number

OTHER, NOT_STATED = "other", "not stated"

MAX_PAIR_CELLS = 400
"""Two protected columns are counted together when they have at most so many pairs of groups."""

MAX_CONTROL_CELLS = 4_000
"""A protected column is counted by segment when there are at most so many pairs of group and segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupColumn:
    """A protected column and the groups that its rows are counted in.

    Attributes
    ----------
    name : str
        The user's column name.
    source : str
        Internal id of the column; shared with the feature of the same name, where there is one.
    cuts : tuple of float or None
        Numeric column: increasing, right-open: band ``k`` is ``cuts[k-1] <= x < cuts[k]``. None: the values are words.
    levels : tuple of str
        Values with a group of their own, most frequent in the reference first; of a numeric column the bands'
        names in order, ``len(cuts) + 1`` of them.
    """

    name: str
    source: str
    cuts: tuple[float, ...] | None
    levels: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of groups G: the levels, then other, then not stated (null and NaN)."""
        return len(self.levels) + 2

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the groups in order; no two are the same.

        >>> GroupColumn(name="sex", source="c_1", cuts=None, levels=("F", "other")).labels
        ('F', 'other', 'other levels', 'not stated')
        """
        found = list(self.levels)
        for name, more in ((OTHER, " levels"), (NOT_STATED, " values")):
            while name in found:
                name += more
            found.append(name)
        return tuple(found)


def band_names(cuts: Sequence[float], *, whole: bool) -> tuple[str, ...]:
    """Return what the right-open bands between increasing cut points are called.

    Parameters
    ----------
    cuts : sequence of float
    whole : bool
        The column holds whole numbers only, so that a band ends one below the next cut.

    Examples
    --------
    >>> band_names((25.0, 40.0), whole=True)
    ('under 25', '25 to 39', '40 and over')
    >>> band_names((0.5,), whole=False)
    ('under 0.5', '0.5 and over')
    >>> band_names((), whole=True)
    ('any value',)
    """
    if not cuts:
        return ("any value",)
    texts = [short_number(cut, 12) for cut in cuts]
    names = [f"under {texts[0]}"]
    for place, (low, high) in enumerate(pairwise(cuts)):
        if whole and low.is_integer() and high.is_integer():
            names.append(texts[place] if high - low == 1 else f"{texts[place]} to {short_number(high - 1, 12)}")
        else:
            names.append(f"{texts[place]} to under {texts[place + 1]}")
    return (*names, f"{texts[-1]} and over")


def kept_pairs(columns: Sequence[GroupColumn]) -> tuple[tuple[int, int], ...]:
    """Return the places of the pairs of columns that are counted together, in order of declaration."""
    pairs = combinations(range(len(columns)), 2)
    return tuple((a, b) for a, b in pairs if columns[a].n * columns[b].n <= MAX_PAIR_CELLS)


def kept_controls(columns: Sequence[GroupColumn], n_segments: int) -> tuple[int, ...]:
    """Return the places of the columns that are counted by segment."""
    if not n_segments:
        return ()
    return tuple(place for place, one in enumerate(columns) if one.n * n_segments <= MAX_CONTROL_CELLS)


def confusion_block(column: str) -> str:
    """Return the name of the block decision × actual by group."""
    return f"group_confusion:{column}"


def scores_block(column: str) -> str:
    """Return the name of the block actual × score bin by group."""
    return f"group_scores:{column}"


def score_sums_block(column: str) -> str:
    """Return the name of the block of sums of scores by group."""
    return f"group_score_sums:{column}"


def pair_block(first: str, second: str) -> str:
    """Return the name of the block decision × actual by the groups of two columns."""
    return f"pair_confusion:{first}×{second}"


def control_block(column: str) -> str:
    """Return the name of the block decision × actual by group and segment."""
    return f"control_confusion:{column}"
