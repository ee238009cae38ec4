"""Pearson's two-sample chi-square: plain, with rare cells pooled, and Cramér's V beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST_EXPECTED = 5.0
ROWS_OF_A_NEW_CELL = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquare:
    """A chi-square statistic with its degrees of freedom: arrays of one shape.

    `df` is 0 where at most one cell is left to compare: nothing can be tested and p is 1.
    """

    statistic: Floats
    df: Ints

    def p_value(self, *, phi: ArrayLike = 1.0, share: ArrayLike = 1.0, n_days: ArrayLike = np.inf) -> Floats:
        """Return the probability of a statistic at least as large without a change.

        P(chi²_df > statistic/phi), phi the design factor (Rao & Scott 1984). Where the days of the reference wander
        in fewer directions than df, the second-order correction: nu = max(1, share · df) and
        P(F > statistic/(phi · df)), F with nu and nu · (n_days - 1) degrees of freedom, as phi comes from n_days days.

        Parameters
        ----------
        phi : (...) >= 1
        share : (...) in (0, 1], `DayVariation.freedom_share`; 1 leaves the first-order law as it is
        n_days : (...) days that phi was estimated from

        References
        ----------
        Rao & Scott 1984; Satterthwaite 1946; Thomas & Rao 1987 (F).
        """
        df = np.maximum(self.df, 1)
        ratio = self.statistic / np.asarray(phi, np.float64)
        p = special.gammaincc(df / 2, ratio / 2)
        part = np.asarray(share, np.float64)
        if np.any(part < 1):
            nu = np.maximum(part * df, 1.0)
            rest = nu * np.maximum(np.minimum(np.asarray(n_days, np.float64), 1e9) - 1, 1.0)
            p = np.where(nu < df, special.fdtrc(nu, rest, ratio / df), p)
        return np.where(self.df > 0, p, np.where(np.isnan(self.statistic), np.nan, 1.0))


def chi_square(reference: ArrayLike, current: ArrayLike) -> ChiSquare:
    """Return Pearson's chi-square on the 2 × B table, without continuity correction.

    Cells that are empty on both sides do not count.

    Parameters
    ----------
    reference, current : (..., n_cells) counts; shapes broadcast. NaN where a side has no row.

    >>> plain = chi_square([20, 20, 20], [10, 10, 20])
    >>> round(float(plain.statistic), 6), int(plain.df)
    (2.777778, 2)
    """
    r, c = np.broadcast_arrays(np.asarray(reference, np.float64), np.asarray(current, np.float64))
    cells = ((r + c) > 0).sum(-1)
    statistic = _contributions(r, c, r.sum(-1, keepdims=True), c.sum(-1, keepdims=True)).sum(-1)
    return ChiSquare(statistic=np.asarray(statistic), df=np.asarray(np.maximum(cells - 1, 0), np.int64))


def pooled_chi_square(reference: ArrayLike, current: ArrayLike) -> ChiSquare:
    """Return Pearson's chi-square after rare cells were summed into one.

    A cell with (c + r)/(n + m) · min(n, m) < 5 is rare, except one without any reference row that holds
    at least 10 window rows (outside the range, new value, unseen): that one stays. If the rare cell is
    itself still below 5 it joins the smallest of the cells that were large enough. Unpooled, a skew
    categorical at n = 50 is flagged three times too often.

    Parameters
    ----------
    reference, current : (..., n_cells) counts; shapes broadcast.
    """
    r, c = np.broadcast_arrays(np.asarray(reference, np.float64), np.asarray(current, np.float64))
    m, n = r.sum(-1, keepdims=True), c.sum(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        smaller = np.minimum(n, m) / (n + m)
        expected = (r + c) * smaller
    new = (r == 0) & (c >= ROWS_OF_A_NEW_CELL)
    large = expected >= SMALLEST_EXPECTED
    kept = large | new
    parts = np.where(kept, _contributions(r, c, m, n), 0.0).sum(-1)
    rare_r, rare_c = _rest(r, kept, m), _rest(c, kept, n)
    rare_expected = (rare_r + rare_c) * smaller[..., 0]
    joins = (rare_expected > 0) & (rare_expected < SMALLEST_EXPECTED) & kept.any(-1)
    partner = np.where(large, expected, np.where(new, expected + 1e300, np.inf)).argmin(-1)[..., None]
    partner_r = np.where(joins, np.take_along_axis(r, partner, -1)[..., 0], 0.0)
    partner_c = np.where(joins, np.take_along_axis(c, partner, -1)[..., 0], 0.0)
    statistic = (
        parts
        + _contributions(rare_r + partner_r, rare_c + partner_c, m[..., 0], n[..., 0])
        - _contributions(partner_r, partner_c, m[..., 0], n[..., 0])
    )
    df = kept.sum(-1) + ((rare_r + rare_c > 0) & ~joins) - 1
    return ChiSquare(statistic=np.asarray(np.maximum(statistic, 0.0)), df=np.asarray(np.maximum(df, 0), np.int64))


def _rest(counts: Floats, kept: NDArray[np.bool_], total: Floats) -> Floats:
    """Return the rows outside the kept cells."""
    return np.asarray(total[..., 0] - np.where(kept, counts, 0.0).sum(-1))


def _contributions(r: Floats, c: Floats, m: Floats, n: Floats) -> Floats:
    """Return (c - E_c)²/E_c + (r - E_r)²/E_r of each cell; 0 for a cell without rows.

    Both differences have the same size, and 1/E_c + 1/E_r = (n + m)² / ((r + c) n m).
    """
    total = r + c
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = c - total * (n / (n + m))
        part = distance * distance * ((n + m) ** 2 / (n * m)) / np.where(total > 0, total, 1.0)
    return np.asarray(part)


def cramers_v(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return Cramér's V of the 2 × B table: √(X²/(n + m)) in [0, 1].

    It falls when the window is much smaller than the reference: never an effect floor.
    """
    total = np.asarray(reference, np.float64).sum(-1) + np.asarray(current, np.float64).sum(-1)
    return np.asarray(np.sqrt(chi_square(reference, current).statistic / total))


def cramers_v_balanced(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return √(½ Σ (p - q)²/(p + q)) in [0, 1]: Cramér's V as if both sides had equally many rows."""
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = r / r.sum(-1, keepdims=True), c / c.sum(-1, keepdims=True)
        parts = (p - q) ** 2 / np.where(p + q > 0, p + q, 1.0)
    return np.asarray(np.sqrt(parts.sum(-1) / 2))
