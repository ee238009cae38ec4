"""One-sided tests of a segment against the rest of the rows: exact for losses of 0 and 1, Welch's t for means."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

BLOCK = 128
"""Terms of a tail that are summed at once."""

NEGLIGIBLE = 1e-17
"""Terms of a tail smaller than this share of its sum no longer count."""


def hypergeometric_p(hits: ArrayLike, n: ArrayLike, all_hits: float, all_n: float) -> Floats:
    """Return P(X >= hits), X hypergeometric: the exact one-sided p of a segment with so many losses of 1.

    With the margins fixed, the number of hits in `n` rows drawn without return from `all_n` rows of which `all_hits`
    are hits; Fisher's exact test, one side. Above the mean the upper tail is summed by the ratio of its terms, below
    it the lower one is taken from 1.

    Parameters
    ----------
    hits, n : (...) counts, 0 <= hits <= n
    all_hits, all_n : counts of all rows, the segment among them

    References
    ----------
    Fisher 1935.

    >>> round(float(hypergeometric_p(240, 900, 2000, 10000)) * 1e7, 4)
    2.3586
    """
    k, draws = np.broadcast_arrays(np.asarray(hits, np.float64), np.asarray(n, np.float64))
    above = k * all_n > draws * all_hits
    start = np.where(above, k, k - 1)
    first = np.exp(_log_probability(start, draws, all_hits, all_n))
    tail = first * _relative_tail(start, draws, all_hits, all_n, above)
    return np.clip(np.where(above, tail, 1.0 - tail), 0.0, 1.0)


def _log_probability(k: Floats, n: Floats, all_hits: float, all_n: float) -> Floats:
    """Return ln P(X = k); -inf where that cannot be."""
    misses = all_n - all_hits
    possible = (k >= 0) & (k <= all_hits) & (n - k <= misses) & (k <= n)
    kept = np.where(possible, k, np.maximum(n - misses, 0))
    found = _log_choose(all_hits, kept) + _log_choose(misses, n - kept) - _log_choose(all_n, n)
    return np.where(possible, found, -np.inf)


def _log_choose(n: ArrayLike, k: Floats) -> Floats:
    total = np.asarray(n, np.float64)
    return np.asarray(special.gammaln(total + 1) - special.gammaln(k + 1) - special.gammaln(total - k + 1))


def _relative_tail(start: Floats, n: Floats, all_hits: float, all_n: float, upward: NDArray[np.bool_]) -> Floats:
    """Return the sum of the tail's terms from `start` on, as a multiple of the first; upward or downward."""
    shape, misses = start.shape, all_n - all_hits
    k, draws, up = start.reshape(-1, 1), n.reshape(-1, 1), upward.reshape(-1, 1)
    steps = np.arange(BLOCK, dtype=np.float64)
    last, total = np.ones(k.shape), np.ones(k.shape)
    open_ = np.ones(len(k), np.bool_)
    while open_.any():
        at, m = k[open_] + np.where(up[open_], steps, -steps), draws[open_]
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = (all_hits - at) * (m - at) / ((at + 1) * (misses - m + at + 1))
            falling = at * (misses - m + at) / ((all_hits - at + 1) * (m - at + 1))
        ratio = np.nan_to_num(np.where(up[open_], rising, falling), nan=0.0, posinf=0.0, neginf=0.0)
        terms = last[open_] * np.cumprod(np.maximum(ratio, 0.0), axis=1)
        total[open_] += terms.sum(axis=1, keepdims=True)
        last[open_], k = terms[:, -1:], k + np.where(up, BLOCK, -BLOCK)
        open_ = (last > NEGLIGIBLE * total).ravel()
    return total.reshape(shape)


def welch_p(
    total: ArrayLike, squares: ArrayLike, n: ArrayLike, *, rest: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Floats:
    """Return the one-sided p that a segment's mean is larger than the rest's by chance (Welch's t).

    Parameters
    ----------
    total, squares, n : (...) sum, sum of squares and rows of the segment
    rest : the same three of the rows it is compared with

    Returns
    -------
    (...) in [0, 1]; NaN where a side has fewer than two rows; 1 where nothing varies and the segment is not above,
    0 where nothing varies and it is.

    References
    ----------
    Welch 1947.
    """
    one, other = _moments(total, squares, n), _moments(*rest)
    gap, squared = one[0] - other[0], one[1] + other[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = squared**2 / (one[1] ** 2 / (one[2] - 1) + other[1] ** 2 / (other[2] - 1))
        p = special.stdtr(np.where(squared > 0, freedom, 1.0), -gap / np.sqrt(squared))
    p = np.where(squared > 0, p, np.where(gap > 0, 0.0, 1.0))
    return np.asarray(np.where((one[2] >= 2) & (other[2] >= 2), p, np.nan), np.float64)


def _moments(total: ArrayLike, squares: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return mean, squared standard error and rows; what rounding leaves of a variance of nothing is nothing."""
    rows, added, squared = (np.asarray(one, np.float64) for one in (n, total, squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = added / rows
        variance = (squared - added * mean) / (rows - 1)
    tiny = 1e-12 * np.maximum(squared, 1e-300)
    return mean, np.where(variance * (rows - 1) > tiny, variance / rows, 0.0), rows


def difference_error(
    total: ArrayLike, squares: ArrayLike, n: ArrayLike, *, rest: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Floats:
    """Return the standard error of the difference of two means, unequal variances; arguments as of `welch_p`."""
    return np.asarray(np.sqrt(_moments(total, squares, n)[1] + _moments(*rest)[1]), np.float64)
