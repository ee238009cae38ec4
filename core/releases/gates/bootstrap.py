"""A seeded paired bootstrap of anything that sums over rows give, at the cost of two thousand rows."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCKS, DRAWS, SEED = 2_000, 1_000, 0


def block_sums(columns: Floats) -> Floats:
    """Return the sums of rows by block, (B, k): every row lands in one of at most 2,000 blocks, by a seeded shuffle.

    Rows are drawn as if independent, so that resampling blocks of them gives the variance that resampling rows gives;
    up to 2,000 rows every block is one row and the bootstrap is the plain one. That rows of a unit err together comes
    in afterwards (`core.releases.gates.units`).

    Parameters
    ----------
    columns : (n, k) float64
    """
    shuffled = columns[_shuffle(len(columns))]
    n_blocks = min(len(columns), BLOCKS)
    starts = np.linspace(0, len(columns), n_blocks, endpoint=False).astype(np.int64)
    return np.asarray(np.add.reduceat(shuffled, starts, axis=0), np.float64)


def bootstrap_interval(columns: Floats, statistic: Callable[[Floats], Floats]) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic of sums over rows.

    Parameters
    ----------
    columns : (n, k) float64, at least one row; what is summed. A column of ones gives the number of rows.
    statistic : callable
        From sums (draws, k) to values (draws,); NaN where a draw has none.

    References
    ----------
    Efron & Tibshirani 1993, ch. 13 (percentile interval).

    >>> ones = np.column_stack([np.ones(1000), np.arange(1000.0)])
    >>> low, high = bootstrap_interval(ones, lambda sums: sums[:, 1] / sums[:, 0])
    >>> bool(low < 499.5 < high), round((high - low) / 2)
    (True, 18)
    """
    blocks = block_sums(columns)
    values = statistic(_times_drawn(len(blocks)) @ blocks)
    low, high = np.nanpercentile(values, [2.5, 97.5]) if np.isfinite(values).any() else (np.nan, np.nan)
    return float(low), float(high)


@lru_cache(maxsize=2)
def _shuffle(n: int) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).permutation(n)


@lru_cache(maxsize=2)
def _times_drawn(n_blocks: int) -> Floats:
    """Return how often each block is drawn, (draws, n_blocks): each draw as many blocks as there are."""
    drawn = np.random.default_rng(SEED + 1).integers(0, n_blocks, (DRAWS, n_blocks))
    places = (drawn + np.arange(DRAWS)[:, None] * n_blocks).ravel()
    return np.bincount(places, minlength=DRAWS * n_blocks).reshape(DRAWS, n_blocks).astype(np.float64)
