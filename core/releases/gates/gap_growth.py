"""By how much a gap between groups grows from one version to the other, from counts of pairs alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.fairness.gaps import difference
from core.stats.intervals import CONFIDENCE

Floats = NDArray[np.float64]

EACH_CELL = 0.5
"""What is added to each of the four counts of a group before a variance is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapGrowth:
    """A gap of both versions on the same pairs, and the 95 % interval of how much it grows."""

    first: float
    second: float
    low: float
    high: float


def gap_growth(rates: Sequence[Floats], *, widened: float = 1.0) -> GapGrowth:
    """Return a gap of both versions, and the interval of its growth.

    The gap is the largest rate less the smallest, of several rates the worst: the largest of all Δ(a, b) = r_a - r_b
    over ordered pairs of groups. Its growth max Δ₂ - max Δ₁ is no smooth function of the rates, and where groups are
    nearly equal both maxima are too large by chance: the percentile bootstrap of the growth let a true growth of
    .05 pass a limit of .05 in up to 33 of 100 runs. Here every Δ₂(a, b) - Δ₁(c, d) has its own interval: the high end
    is the max over (a, b) of the min over (c, d) of the upper ends, the low end the other way round. A max needs no
    correction (all must hold), the min is one of K ordered pairs that may hold by chance: each end at .025 / K. Half
    a pair is added to each count, so that a group in which nothing differs is not taken for certain.

    Parameters
    ----------
    rates : for each rate (G, 4) pairs of each group in the rate's own denominator: called by neither version, by the
        second alone, by the first alone, by both; G >= 2
    widened : factor of the intervals of independent rows, see `core.releases.gates.units`

    References
    ----------
    Agresti & Min 2005 (matched proportions); Berger 1982 (intersection-union); Bonferroni 1936.

    >>> found = gap_growth([np.array([[50.0, 0, 10, 40], [60.0, 0, 0, 40]])])
    >>> round(found.first, 3), round(found.second, 3)
    (0.1, 0.0)
    """
    gaps = [_gaps(counts) for counts in rates]
    first, second = (float(np.round(max(one[side] for one in gaps), 12)) for side in (0, 1))
    low, high = _interval(rates, widened)
    return GapGrowth(first=first, second=second, low=low, high=high)


def _gaps(counts: Floats) -> tuple[float, float]:
    n = counts.sum(axis=1)
    called = counts[:, 3] + counts[:, 2], counts[:, 3] + counts[:, 1]
    return float(difference(called[0] / n)), float(difference(called[1] / n))


def _interval(rates: Sequence[Floats], widened: float) -> tuple[float, float]:
    counts = np.concatenate(rates) + EACH_CELL
    shares = counts / counts.sum(axis=1, keepdims=True)
    n, both = counts.sum(axis=1), shares[:, 3]
    first, second = both + shares[:, 2], both + shares[:, 1]
    contrasts = _contrasts([len(one) for one in rates])
    apart = (contrasts @ second)[:, None] - (contrasts @ first)[None, :]
    squares = contrasts**2
    variance = (squares @ (second * (1 - second) / n))[:, None] + (squares @ (first * (1 - first) / n))[None, :]
    variance -= 2 * (contrasts * ((both - first * second) / n)) @ contrasts.T
    z = special.ndtri(1 - (1 - CONFIDENCE) / 2 / len(contrasts))
    half = widened * z * np.sqrt(np.maximum(variance, 0.0))
    return float((apart - half).max(axis=0).min()), float((apart + half).min(axis=1).max())


def _contrasts(sizes: Sequence[int]) -> Floats:
    """Return one row an ordered pair of groups of the same rate, (K, Σ G): 1 for the first, -1 for the second."""
    found, start = [], 0
    for size in sizes:
        for a, b in permutations(range(start, start + size), 2):
            row = np.zeros(sum(sizes))
            row[a], row[b] = 1.0, -1.0
            found.append(row)
        start += size
    return np.array(found)
