"""What gaps between groups would show at these sizes if every group had the same rate: seeded draws."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fairness.rates import Tally

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DRAWS = 2_000
LIMIT = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The law of a gap when there is no difference; arrays (...), NaN where no gap is told or none was drawn.

    Attributes
    ----------
    mean : (...) what the gap is on average
    limit : (...)
        What it exceeds in one case of twenty (a difference), or falls below (a ratio).
    draws : int
    """

    mean: Floats
    limit: Floats
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NullGaps:
    """Both forms of a gap without a difference."""

    difference: Chance
    ratio: Chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What was drawn for several rates at once.

    Attributes
    ----------
    alone : tuple of NullGaps, each rate by itself
    together : NullGaps
        The worst rate of each draw: the largest difference, the smallest ratio.
    """

    alone: tuple[NullGaps, ...]
    together: NullGaps


def null_gaps(tallies: Sequence[Tally], counted: Sequence[Bools], *, seed: int = 0, draws: int = DRAWS) -> Drawn:
    """Return what max - min and min / max of group rates show when all groups have the pooled rate.

    For each draw every counted group gets Binomial(its rows, pooled rate) successes. The draws of several rates
    (equalized odds: TPR and FPR) are independent, because they rest on different rows. Every element of the leading
    axes is drawn from the same seed, so that a window's number does not depend on which other windows are asked for.

    Parameters
    ----------
    tallies : Tally of each rate, arrays (..., G)
    counted : (..., G) bool for each rate, the groups that enter the gap
    draws : int
        0 draws nothing.

    References
    ----------
    statistics.md §6: with equal rates .3 and ten groups, seven of them under 51 rows, the largest gap is .30.

    >>> import numpy as np
    >>> one = Tally(successes=np.array([300.0, 30.0]), n=np.array([1000.0, 100.0]))
    >>> found = null_gaps([one], [np.array([True, True])]).together
    >>> round(float(found.difference.mean), 3), round(float(found.difference.limit), 3)
    (0.039, 0.092)
    """
    shape = tallies[0].n.shape[:-1]
    found = np.full((len(tallies) + 1, 2, 2, *shape), np.nan)  # rate, then together; difference or ratio; mean or limit
    for place in np.ndindex(shape) if draws else ():
        rng = np.random.default_rng(seed)
        parts = [_drawn(one, mask, place, rng, draws) for one, mask in zip(tallies, counted, strict=True)]
        for at, part in enumerate((*parts, _worst(parts))):
            if part is not None:
                found[(at, slice(None), slice(None), *place)] = _summary(part)
    named = [
        NullGaps(
            difference=Chance(mean=one[0, 0], limit=one[0, 1], draws=draws),
            ratio=Chance(mean=one[1, 0], limit=one[1, 1], draws=draws),
        )
        for one in found
    ]
    return Drawn(alone=tuple(named[:-1]), together=named[-1])


def _drawn(tally: Tally, counted: Bools, place: tuple[int, ...], rng: np.random.Generator, draws: int) -> Floats | None:
    """Return the drawn differences and ratios of one rate in one window, (2, draws); None without two groups."""
    chosen = counted[place]
    if int(chosen.sum()) < 2:
        return None
    n = np.rint(tally.n[place][chosen]).astype(np.int64)
    pooled = float(tally.successes[place][chosen].sum() / max(n.sum(), 1))
    # group after group: the generator is far faster while the number of rows stays the same
    rates = rng.binomial(n[:, None], min(max(pooled, 0.0), 1.0), size=(n.size, draws)) / n[:, None]
    high, low = rates.max(0), rates.min(0)
    # all rates 0: the groups are alike
    return np.stack([high - low, np.where(high > 0, low / np.where(high > 0, high, 1.0), 1.0)])


def _worst(parts: Sequence[Floats | None]) -> Floats | None:
    """Return the worst rate of each draw; None where one of them has no two groups."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    every = np.stack(known)
    return np.stack([every[:, 0].max(0), every[:, 1].min(0)])


def _summary(part: Floats) -> Floats:
    """Return mean and limit of the differences, and of the ratios: (2, 2)."""
    limits = [np.quantile(part[0], LIMIT), np.quantile(part[1], 1 - LIMIT)]
    return np.stack([part.mean(-1), np.asarray(limits)], axis=-1)
