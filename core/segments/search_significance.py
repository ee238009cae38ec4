"""Which of the searched segments are worse than chance would show, and by how much."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segments.search_candidates import Candidates
from core.segments.search_losses import IS_SHARE, LossKind
from core.segments.search_tests import difference_error, hypergeometric_p, welch_p
from core.segments.search_winner import z_of
from core.stats.multiplicity import benjamini_hochberg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FALSE_SHARE = 0.02
"""The q of Benjamini–Hochberg: on shuffled labels nothing is reported in at least 95 of 100 searches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Rows, sum and sum of squares of a loss, (...)."""

    n: Floats
    total: Floats
    squares: Floats

    @property
    def mean(self) -> Floats:
        """Mean loss; NaN without rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.total / self.n, np.float64)

    def less(self, other: "Sums") -> "Sums":
        """Return the sums without those of a part."""
        return Sums(n=self.n - other.n, total=self.total - other.total, squares=self.squares - other.squares)


def sums_of(loss: Floats, rows: Bools | None = None) -> Sums:
    """Return the sums of a loss over all rows, or over those of a mask."""
    kept = loss if rows is None else loss[rows]
    squares = np.einsum("i,i->", kept, kept)  # not @: the threads of BLAS wait for each other on a busy machine
    return Sums(n=np.asarray(float(kept.size)), total=np.asarray(kept.sum()), squares=np.asarray(squares))


def one_sided_p(segment: Sums, rest: Sums, kind: LossKind) -> Floats:
    """Return the p that a segment is worse than other rows by chance: exact for shares, else Welch's t.

    Parameters
    ----------
    segment, rest : disjoint; the rest is one set of rows, or one a segment
    """
    if kind not in IS_SHARE:
        return welch_p(segment.total, segment.squares, segment.n, rest=(rest.total, rest.squares, rest.n))
    hits, n = np.broadcast_arrays(segment.total, segment.n)
    all_hits, all_n = np.broadcast_arrays(segment.total + rest.total, segment.n + rest.n)
    if all_n.size and (all_n == all_n.flat[0]).all() and (all_hits == all_hits.flat[0]).all():
        return hypergeometric_p(np.rint(hits), n, float(all_hits.flat[0]), float(all_n.flat[0]))
    each = [
        float(hypergeometric_p(round(k), m, float(total), float(rows)))
        for k, m, total, rows in zip(hits.flat, n.flat, all_hits.flat, all_n.flat, strict=True)
    ]
    return np.array(each, np.float64).reshape(np.shape(hits))


def gap_error(segment: Sums, rest: Sums) -> Floats:
    """Return the standard error of the difference of two means."""
    return difference_error(segment.total, segment.squares, segment.n, rest=(rest.total, rest.squares, rest.n))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Everything searched, with what is significant among it.

    Attributes
    ----------
    segment, rest : Sums, (n_candidates,)
    p, adjusted_p : (n_candidates,)
        One-sided; Benjamini–Hochberg over everything searched.
    significant : (k,) int64
        Places of what is worse than chance would show, largest harm first.
    cut_off : float
        The z that a segment had to be over; NaN when nothing is significant.
    """

    segment: Sums
    rest: Sums
    p: Floats
    adjusted_p: Floats
    significant: Ints
    cut_off: float

    @property
    def deficit(self) -> Floats:
        """Mean of each segment less the mean of the rest."""
        return self.segment.mean - self.rest.mean

    @property
    def harm(self) -> Floats:
        """Deficit × rows: the loss that would be gone if the segment were as the rest."""
        return np.asarray(self.deficit * self.segment.n, np.float64)


def significance(searched: Candidates, loss: Floats, kind: LossKind, *, q: float = FALSE_SHARE) -> Tested:
    """Return the test of every candidate against all other rows.

    Parameters
    ----------
    loss : (n_rows,) of the rows that the candidates part; only 0 and 1 where the loss is a share
    q : largest expected share of false findings among what is reported, in (0, 1)

    References
    ----------
    Benjamini & Hochberg 1995.
    """
    n = searched.n.astype(np.float64)
    if kind in IS_SHARE:
        total = squares = searched.hits(np.flatnonzero(loss)).astype(np.float64)
    else:
        total, squares = searched.sums(loss)
    segment = Sums(n=n, total=total, squares=squares)
    rest = sums_of(loss).less(segment)
    p = one_sided_p(segment, rest, kind)
    adjusted = benjamini_hochberg(p)
    found = np.flatnonzero(adjusted <= q)
    harm = (segment.mean - rest.mean) * n
    level = q * len(found) / len(p) if len(found) else np.nan
    return Tested(
        segment=segment,
        rest=rest,
        p=p,
        adjusted_p=adjusted,
        significant=found[np.lexsort((found, -harm[found]))],
        cut_off=float(z_of(level)),
    )
