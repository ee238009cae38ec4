"""What gaps between groups would show at these sizes if every group had the same rate: seeded draws."""

from collections.abc import Callable, Sequence
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


def null_gaps(tallies: Sequence[Tally], counted: Sequence[Bools], *, seed: int = 0, draws: int = DRAWS) -> NullGaps:
    """Return what max - min and min / max of group rates show when all groups have the pooled rate.

    For each draw every counted group gets Binomial(its rows, pooled rate) successes. Of several rates (equalized
    odds: TPR and FPR) the draws are independent, because they rest on different rows, and the worst one counts: the
    largest difference, the smallest ratio. Every element of the leading axes is drawn from the same seed, so that a
    window's number does not depend on which other windows are asked for.

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
    >>> found = null_gaps([one], [np.array([True, True])], draws=2_000)
    >>> round(float(found.difference.mean), 3), round(float(found.difference.limit), 3)
    (0.039, 0.093)
    """
    shape = tallies[0].n.shape[:-1]
    means = np.full((2, *shape), np.nan)
    limits = np.full((2, *shape), np.nan)
    for place in np.ndindex(shape) if draws else ():
        drawn = _drawn(tallies, counted, place, np.random.default_rng(seed), draws)
        if drawn is not None:
            means[(slice(None), *place)] = drawn.mean(-1)
            limits[(0, *place)], limits[(1, *place)] = np.quantile(drawn[0], LIMIT), np.quantile(drawn[1], 1 - LIMIT)
    return NullGaps(
        difference=Chance(mean=means[0], limit=limits[0], draws=draws),
        ratio=Chance(mean=means[1], limit=limits[1], draws=draws),
    )


def _drawn(
    tallies: Sequence[Tally],
    counted: Sequence[Bools],
    place: tuple[int, ...],
    rng: np.random.Generator,
    draws: int,
) -> Floats | None:
    """Return the drawn differences and ratios of one window, (2, draws); None where a rate has no two groups."""
    found: list[Floats] = []
    for tally, mask in zip(tallies, counted, strict=True):
        chosen = mask[place]
        if int(chosen.sum()) < 2:
            return None
        n = np.rint(tally.n[place][chosen]).astype(np.int64)
        pooled = float(tally.successes[place][chosen].sum() / max(tally.n[place][chosen].sum(), 1.0))
        found.append(rng.binomial(n, min(max(pooled, 0.0), 1.0), size=(draws, n.size)) / n)
    worst: tuple[Callable[..., Floats], Callable[..., Floats]] = (np.maximum, np.minimum)
    highest, lowest = [rates.max(-1) for rates in found], [rates.min(-1) for rates in found]
    differences = [high - low for high, low in zip(highest, lowest, strict=True)]
    # all rates 0: the groups are alike
    ratios = [
        np.where(high > 0, low / np.where(high > 0, high, 1.0), 1.0) for high, low in zip(highest, lowest, strict=True)
    ]
    return np.stack([_reduced(worst[0], differences), _reduced(worst[1], ratios)])


def _reduced(worse: Callable[..., Floats], parts: Sequence[Floats]) -> Floats:
    found = parts[0]
    for part in parts[1:]:
        found = worse(found, part)
    return found
