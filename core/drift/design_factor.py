"""The design factor phi: how much more the reference's own days differ than chance allows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.drift.chi_square import pooled_chi_square
from core.drift.psi import harmonic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_DAYS = 14
CHUNK_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVariation:
    """Variance between the days of a reference beyond chance.

    Attributes
    ----------
    tau_squared : (...) float64 >= 0
        0 where it is not known.
    n_days : (...) int64
        Days (or blocks of days) that could be compared with the rest of their reference.
    known : (...) bool
        Enough of them were compared; otherwise "day-to-day variation unknown".
    """

    tau_squared: Floats
    n_days: Ints
    known: NDArray[np.bool_]


def day_variation(days: ArrayLike, *, groups: ArrayLike | None = None, fewest: int = FEWEST_DAYS) -> DayVariation:
    """Return tau² from the cells of each reference day.

    For each day T_d = X²_d/df against the rest of its group (the same weekday when windows are compared
    with their weekday, else the whole reference), h_d = 1/n_d + 1/(m - n_d);
    tau² = max(0, mean(T_d) - 1) · mean(h_d).

    Parameters
    ----------
    days : (n_days, ..., n_cells) counts
    groups : (n_days,) int or None
        Group of each day, e.g. its weekday.
    fewest : int
        Days that must be comparable for the variation to count as known.

    References
    ----------
    Rao & Scott 1984.
    """
    counts = np.asarray(days)
    keys = np.zeros(len(counts), np.int64) if groups is None else np.asarray(groups, np.int64)
    ratio = np.zeros(counts.shape[1:-1])
    scale = np.zeros_like(ratio)
    used = np.zeros(ratio.shape, np.int64)
    for key in np.unique(keys):
        members = counts[keys == key]
        total = members.sum(0)
        for part in _chunks(members):
            rest = total - part
            test = pooled_chi_square(rest, part)
            h = harmonic(part.sum(-1), rest.sum(-1))
            valid = (test.df > 0) & np.isfinite(test.statistic) & np.isfinite(h)
            ratio += np.where(valid, test.statistic / np.maximum(test.df, 1), 0.0).sum(0)
            scale += np.where(valid, h, 0.0).sum(0)
            used += valid.sum(0)
    known = used >= fewest
    counted = np.maximum(used, 1)
    tau_squared = np.where(known, np.maximum(ratio / counted - 1, 0.0) * scale / counted, 0.0)
    return DayVariation(tau_squared=tau_squared, n_days=used, known=known)


def _chunks(days: NDArray[np.generic]) -> list[NDArray[np.generic]]:
    """Split the days so that one piece stays within a few tens of megabytes."""
    size = max(1, CHUNK_CELLS // max(1, days[0].size))
    return [days[start : start + size] for start in range(0, len(days), size)]


def design_factor(tau_squared: ArrayLike, n: ArrayLike, m: ArrayLike) -> Floats:
    """Return phi = 1 + tau²/h of a window of n rows against m reference rows: (...) >= 1.

    >>> float(design_factor(0.0, 200, 10_000))
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 + np.asarray(tau_squared, np.float64) / harmonic(n, m))
