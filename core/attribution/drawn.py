"""A metric by segment as something that can be drawn again: the sampling error of its parts.

The sizes of the segments are taken as they were seen; what is drawn is what happened inside each.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.attribution.decomposition import Ratio

Floats = NDArray[np.float64]

DRAWS = 500
"""Draws behind an interval of a part."""


class Drawable(Protocol):
    """A metric by segment in one window."""

    def ratio(self) -> Ratio:
        """Return the metric as it was, ``(G,)``."""
        ...

    def drawn(self, rng: np.random.Generator, n_draws: int) -> Ratio:
        """Return the metric of so many windows like this one, ``(n_draws, G)``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRatio:
    """A metric of counts: each row is in one cell, and each cell says what it adds above and below the line.

    Attributes
    ----------
    counts : (G, C) rows, or sums of weights, by segment and cell
    numerator, denominator : (C,) what a row of each cell adds
    n_eff_share : (G,) effective rows per unit of weight; 1 for counts
    """

    counts: Floats
    numerator: Floats
    denominator: Floats
    n_eff_share: Floats

    def ratio(self) -> Ratio:
        """Return the metric as it was, ``(G,)``."""
        return Ratio(numerator=self.counts @ self.numerator, denominator=self.counts @ self.denominator)

    def drawn(self, rng: np.random.Generator, n_draws: int) -> Ratio:
        """Return multinomial draws of the cells of each segment, ``(n_draws, G)``."""
        again = multinomial_draws(self.counts, self.n_eff_share, rng, n_draws)
        return Ratio(numerator=again @ self.numerator, denominator=again @ self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanRatio:
    """A mean of values: rows, sum and sum of squares by segment; draws are normal with the variance of the sum.

    Attributes
    ----------
    n, total, squares : (G,) float64
        Rows (or sums of weights), Σ value and Σ value².
    n_eff_share : (G,) effective rows per unit of weight; 1 for counts
    """

    n: Floats
    total: Floats
    squares: Floats
    n_eff_share: Floats

    def ratio(self) -> Ratio:
        """Return the metric as it was, ``(G,)``."""
        return Ratio(numerator=self.total, denominator=self.n)

    def drawn(self, rng: np.random.Generator, n_draws: int) -> Ratio:
        """Return draws of the mean of each segment, ``(n_draws, G)``."""
        rows = np.maximum(self.n, 1e-300)
        mean = self.total / rows
        effective = np.maximum(self.n * self.n_eff_share, 1.0)
        variance = np.maximum(self.squares / rows - mean * mean, 0.0)
        error = np.sqrt(variance / np.maximum(effective - 1, 1))
        means = mean + error * rng.standard_normal((n_draws, len(self.n)))
        below = np.broadcast_to(self.n, means.shape)
        return Ratio(numerator=means * below, denominator=below)


def multinomial_draws(counts: Floats, n_eff_share: Floats, rng: np.random.Generator, n_draws: int) -> Floats:
    """Return each segment's rows drawn again over its cells, ``(n_draws, G, C)``; a segment keeps its total.

    Sums of weights are drawn as their effective number of rows and scaled back.

    Parameters
    ----------
    counts : (G, C)
    n_eff_share : (G,)
    """
    found = np.zeros((n_draws, *counts.shape))
    totals = counts.sum(-1)
    for segment in np.flatnonzero(totals > 0):
        used = np.flatnonzero(counts[segment])
        n = max(round(totals[segment] * float(n_eff_share[segment])), 1)
        again = rng.multinomial(n, counts[segment, used] / totals[segment], size=n_draws)
        found[:, segment, used] = again * (totals[segment] / n)
    return found
