"""In which order weak segments are shown, and which are only the shadow of another one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segments.filters import mask
from core.segments.search_candidates import FEWEST_ROWS, Candidates
from core.segments.search_losses import LossKind
from core.segments.search_reference import Before, Losses, Standing, worse_p
from core.segments.search_significance import Tested, one_sided_p, sums_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WORSE_THAN_PARENT = 0.01
"""A segment of two columns is shown only where it is worse than each of its parents at this p."""

MOST_SHOWN = 20
NEWS_FIRST = {Standing.NEW: 0, Standing.WORSE: 0, Standing.UNCLEAR: 1, Standing.KNOWN: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """What is shown of the significant segments.

    Attributes
    ----------
    shown : tuple of int
        Places among the candidates, the first one first.
    shadows : mapping of shown place to how many further segments are weak only because of it and those before it
    n_children : int
        Significant segments of two columns that are no worse than one of their parents.
    n_more : int
        Significant segments that are neither: behind the last one shown.
    """

    shown: tuple[int, ...]
    shadows: Mapping[int, int]
    n_children: int
    n_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What segments are arranged on: the candidates, their losses now and in the reference."""

    searched: Candidates
    loss: Floats
    kind: LossKind
    reference: Losses | None
    before: Mapping[int, Before]

    def rows(self, place: int) -> Bools:
        """Return which rows of the window a candidate holds."""
        return self.searched.rows_of(place)

    def there(self, place: int) -> Bools:
        """Return which rows of the reference a candidate holds."""
        assert self.reference is not None
        return mask(self.reference.rows, self.searched.filter_at(place))

    def p(self, inside: Bools, outside: Bools) -> float:
        """Return the one-sided p that some rows are worse than others; 1 where either side is too few to tell."""
        one, other = sums_of(self.loss, inside), sums_of(self.loss, outside)
        if min(float(one.n), float(other.n)) < FEWEST_ROWS:
            return 1.0
        return float(one_sided_p(one, other, self.kind))


def arranged(ground: Ground, found: Tested) -> Arranged:
    """Return the order in which significant segments are shown.

    News first (worse than in the reference), then what was weak there too; within each by harm. A segment of two
    columns that is no worse than one of its parents at p <= .01 is its parent's shadow. A parent that is weak only
    because of a child (of news: because of any denser segment that lies in it for the most part) gives its place to it.
    And whatever is no longer weak (of news: no longer worse than in the reference) once the rows of those above it are
    taken away is their shadow, and only counted.
    """
    own = [int(place) for place in found.significant if _is_own(ground, int(place))]
    queue = sorted(own, key=lambda place: NEWS_FIRST[ground.before[place].standing])  # stable: by harm within
    n_children = len(found.significant) - len(own)
    shown: dict[int, Bools] = {}
    shadows: dict[int, int] = {}
    while queue and len(shown) < MOST_SHOWN:
        place = queue.pop(0)
        if shown and _is_shadow(ground, place, list(shown)):
            caster = max(shown, key=lambda one: int((shown[one] & ground.rows(place)).sum()))
            shadows[caster] = shadows.get(caster, 0) + 1
            continue
        child = _stands_for(ground, place, queue, found)
        if child != place:
            queue.remove(child)
            queue.insert(0, place)  # judged again, now without the child's rows
        shown[child] = ground.rows(child)
    return Arranged(shown=tuple(shown), shadows=shadows, n_children=n_children, n_more=len(queue))


def _is_own(ground: Ground, place: int) -> bool:
    """Say whether a segment is worse than each of its parents; one of a single column has none.

    A third of a number that lies in it as good as whole is no parent: it was not searched alone, and says the same.
    """
    cut = ground.searched.cuts[int(ground.searched.cut[place])]
    if len(cut.levels) == 1:
        return True
    inside = ground.rows(place)
    first, second = divmod(int(ground.searched.part[place]), len(cut.levels[1].conditions))
    codes = cut.codes // len(cut.levels[1].conditions), cut.codes % len(cut.levels[1].conditions)
    for level, mine, code in zip(cut.levels, codes, (first, second), strict=True):
        left = (mine == code) & ~inside
        alike = level.cuts is not None and int(np.count_nonzero(left)) < FEWEST_ROWS
        if not alike and ground.p(inside, left) > WORSE_THAN_PARENT:
            return False
    return True


def _stands_for(ground: Ground, place: int, queue: Sequence[int], found: Tested) -> int:
    """Return the segment that another one is weak because of, of several the one with most harm; else itself.

    Of a single column its children are looked at. Of news also every segment with a larger mean that lies in it for
    the most part: where it explains the other one and is not explained by it, it is the one to show.
    """
    tier, inside = NEWS_FIRST[ground.before[place].standing], ground.rows(place)
    columns, mean = ground.searched.filter_at(place).columns, found.segment.mean
    for other in sorted(queue, key=lambda one: -found.harm[one]):
        child = len(columns) == 1 and columns[0] in ground.searched.filter_at(other).columns
        denser = tier == 0 and mean[other] > mean[place]
        if not (child or denser) or NEWS_FIRST[ground.before[other].standing] != tier:
            continue
        mine = ground.rows(other)
        n_shared, n_own = int(np.count_nonzero(mine & inside)), int(found.segment.n[other])
        child = child and n_shared == n_own
        if (child or (denser and 2 * n_shared >= n_own)) and _explains(ground, other, place, always=child):
            return other
    return place


def _explains(ground: Ground, other: int, place: int, *, always: bool) -> bool:
    """Say whether a segment is the shadow of another one, and (unless `always`) not the other way round."""
    return _is_shadow(ground, place, [other]) and (always or not _is_shadow(ground, other, [place]))


def _is_shadow(ground: Ground, place: int, others: Sequence[int]) -> bool:
    """Say whether a segment is no longer weak, or no longer news, without the rows of others."""
    covered = np.logical_or.reduce([ground.rows(one) for one in others])
    mine = ground.rows(place)
    left, rest = mine & ~covered, ~mine & ~covered
    reference = ground.reference
    if reference is not None and ground.before[place].standing in (Standing.NEW, Standing.WORSE):
        there = ground.there(place)
        free = ~np.logical_or.reduce([ground.there(one) for one in others])
        now = sums_of(ground.loss, left), sums_of(ground.loss, rest)
        then = sums_of(reference.loss, there & free), sums_of(reference.loss, ~there & free)
        p = worse_p(now, then)
        if not np.isnan(p):
            return p > WORSE_THAN_PARENT
    return ground.p(left, rest) > WORSE_THAN_PARENT
