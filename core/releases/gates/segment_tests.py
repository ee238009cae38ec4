"""Which of all searched segments lose, and by more than a limit: from growth and error of each, no row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.segments.search_significance import FALSE_SHARE
from core.segments.search_winner import shrunk, z_of
from core.stats.multiplicity import benjamini_hochberg

Floats = NDArray[np.float64]

FOUND_IN = 0.8
"""Share of segments of the middle size in which a growth of `detectable` is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSegments:
    """Everything searched, judged together; arrays of m segments.

    Attributes
    ----------
    worse, beyond : (m,) adjusted p of "not worse", and of "not worse by more than the limit"
    least : (m,) lower end of the growth that holds over everything searched
    shown : (m,) the growth with the curse of the winner taken out where it is significant
    order : (m,) places, those that lose by more than the limit most surely first
    n_beyond, n_open : int
        Segments that lose by more than the limit; those that lose, and their interval holds the limit.
    detectable : float
        Growth found in four of five segments of the middle size, though it were the only one that grows.
    """

    worse: Floats
    beyond: Floats
    least: Floats
    shown: Floats
    order: NDArray[np.int64]
    n_beyond: int
    n_open: int
    detectable: float


def judge_segments(degrees: Floats, growth: Floats, error: Floats, limit: float) -> JudgedSegments:
    """Return what all searched segments say together.

    One-sided t of each growth, against 0 and against the limit; Benjamini–Hochberg at q = .02 over all of them, each.
    `least` = growth - t(1 - qR/m) · error with R segments beyond the limit (1 where there is none): it lies above the
    limit just where the segment is among them (Benjamini & Yekutieli 2005). `detectable` is the median of
    (z(1 - q/m) + z(.8)) · error.

    Parameters
    ----------
    degrees : (m,) degrees of freedom: rows less 1, or units less 1
    growth, error : (m,) mean difference of the losses, its standard error above 0

    References
    ----------
    Benjamini & Hochberg 1995; Benjamini & Yekutieli 2005; Zhong & Prentice 2008.
    """
    p_worse, p_beyond = (special.stdtr(degrees, -(growth - edge) / error) for edge in (0.0, limit))
    worse, beyond = benjamini_hochberg(p_worse), benjamini_hochberg(p_beyond)
    loses, over = worse <= FALSE_SHARE, beyond <= FALSE_SHARE
    alone, together = FALSE_SHARE / len(growth), FALSE_SHARE * max(int(over.sum()), 1) / len(growth)
    high = growth + special.stdtrit(degrees, 0.975) * error
    return JudgedSegments(
        worse=worse,
        beyond=beyond,
        least=growth + special.stdtrit(degrees, together) * error,
        shown=_without_curse(growth, error, loses),
        order=np.lexsort((p_worse, p_beyond)),
        n_beyond=int(over.sum()),
        n_open=int((loses & ~over & (high > limit)).sum()),
        detectable=float(np.median((special.ndtri(FOUND_IN) - special.ndtri(alone)) * error)),
    )


def _without_curse(growth: Floats, error: Floats, loses: NDArray[np.bool_]) -> Floats:
    if not loses.any():
        return growth
    z = growth / error
    cut = float(z_of(FALSE_SHARE * int(loses.sum()) / len(growth)))
    return np.where(loses, shrunk(z, np.full(z.shape, cut)).value * error, growth)
