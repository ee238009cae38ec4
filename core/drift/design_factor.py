"""The design factor phi, and degrees of freedom: how the reference's own days differ beyond chance."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.drift.chi_square import pooled_chi_square
from core.drift.psi import harmonic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST_DAYS = 14
STANDARD_ERRORS = 2.0
"""By how much the spread of the days' statistics must exceed chance before degrees of freedom are taken away."""

CHUNK_CELLS = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVariation:
    """Variance between the days of a reference beyond chance.

    Attributes
    ----------
    tau_squared : (...) float64 >= 0
        Its mean over the directions in which shares can move; 0 where it is not known.
    second_moment : (...) float64 >= tau_squared²
        Mean square of the same variances: larger where days wander in few directions (all rows of a day move
        together). Equal to tau_squared² where the spread of the days' statistics is what chance gives.
    n_days : (...) int64
        Days (or blocks of days) that could be compared with the rest of their reference. A day on which every row
        holds what all other days hold (no rain) cannot, and tells nothing of how days differ when they do.
    known : (...) bool
        Enough days have rows; otherwise "day-to-day variation unknown".
    """

    tau_squared: Floats
    second_moment: Floats
    n_days: Ints
    known: Bools

    def at(self, places: Ints | Bools) -> "DayVariation":
        """Return the variation of some of the series."""
        return DayVariation(**{one.name: getattr(self, one.name)[places] for one in fields(self)})

    def with_other(self, other: "DayVariation", taken: Bools) -> "DayVariation":
        """Return `other` where `taken`, this one elsewhere."""
        return DayVariation(
            **{one.name: np.where(taken, getattr(other, one.name), getattr(self, one.name)) for one in fields(self)}
        )

    def phi(self, n: ArrayLike, m: ArrayLike) -> Floats:
        """Return the design factor of a window of n rows against m reference rows: (...) >= 1."""
        return design_factor(self.tau_squared, n, m)

    def freedom_share(self, n: ArrayLike, m: ArrayLike) -> Floats:
        """Return which share of its degrees of freedom the statistic of such a window keeps: (...) in (0, 1].

        (1 + tau²/h)² / (1 + 2·tau²/h + second moment/h²): Satterthwaite's degrees of freedom over the nominal ones
        when the statistic is a sum of squares with unequal variances. 1 for rows that are independent.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            h = harmonic(n, m)
            share = (1 + self.tau_squared / h) ** 2 / (1 + 2 * self.tau_squared / h + self.second_moment / h**2)
        return np.where(np.isfinite(share), np.minimum(share, 1.0), 1.0)


def no_variation(shape: tuple[int, ...]) -> DayVariation:
    """Return the variation of a reference without days: unknown."""
    nothing = np.zeros(shape)
    return DayVariation(
        tau_squared=nothing, second_moment=nothing, n_days=nothing.astype(np.int64), known=nothing.astype(bool)
    )


def day_variation(days: ArrayLike, *, groups: ArrayLike | None = None, fewest: int = FEWEST_DAYS) -> DayVariation:
    """Return how much the days of a reference differ beyond chance.

    For each day T_d = X²_d/df against the rest of its group (the same weekday when windows are compared
    with their weekday, else the whole reference), h_d = 1/n_d + 1/(m - n_d);
    tau² = max(0, mean(T_d) - 1) · mean(h_d). The second moment comes from the variance of T_d where that lies more
    than two standard errors above the chi-square law's 2·mean(T_d)²/df: with V = its excess over (2/df)(1 + 2·tau²/h),
    times 1 + √((2 + 12/nu)/days) because few days understate it, h²·V·df/2, at least tau⁴.

    Parameters
    ----------
    days : (n_days, ..., n_cells) counts
    groups : (n_days,) int or None
        Group of each day, e.g. its weekday.
    fewest : int
        Days with rows that are needed for the variation to count as known. Where fewer of them can be compared, the
        days count as moving in one direction only.

    References
    ----------
    Rao & Scott 1984; Satterthwaite 1946.
    """
    counts = np.asarray(days)
    used = np.asarray(counts.any(axis=tuple(range(counts.ndim - 1))))
    used[:1] = True
    counts = counts[..., used].astype(np.int64)  # without the cells that nobody is in
    keys = np.zeros(len(counts), np.int64) if groups is None else np.asarray(groups, np.int64)
    ratio, degrees, scale = (np.full(counts.shape[:-1], np.nan) for _ in range(3))
    for key in np.unique(keys):
        places = np.flatnonzero(keys == key)
        total = counts[places].sum(0, dtype=np.int64)
        for part in _chunks(places, counts[0].size):
            ratio[part], degrees[part], scale[part] = _against_rest(counts[part], total)
    return _variation(ratio, degrees, scale, held=(counts > 0).any(-1).sum(0), fewest=fewest)


def _against_rest(days: Ints, total: Ints) -> tuple[Floats, Floats, Floats]:
    """Return T, its degrees of freedom and h of each day against the other days; NaN where nothing can be tested."""
    rest = total - days
    test = pooled_chi_square(rest, days)
    h = harmonic(days.sum(-1), rest.sum(-1))
    valid = (test.df > 0) & np.isfinite(test.statistic) & np.isfinite(h)
    ratio = np.divide(test.statistic, test.df, out=np.full(h.shape, np.nan), where=valid)
    return ratio, np.where(valid, test.df, np.nan), np.where(valid, h, np.nan)


def _variation(ratio: Floats, degrees: Floats, scale: Floats, *, held: Ints, fewest: int) -> DayVariation:
    valid = np.isfinite(ratio)
    used = valid.sum(0)
    known = held >= fewest
    mean, freedom, h = (_mean(one, valid) for one in (ratio, degrees, scale))
    variance = _mean((ratio - mean) ** 2, valid) * used / np.maximum(used - 1, 1)
    tau_squared = np.where(known, np.maximum(mean - 1, 0.0) * h, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        wander = np.where(h > 0, tau_squared / h, 0.0)
        beyond = np.maximum(variance * freedom / 2 - 1 - 2 * wander, 0.0)
        chance = 2 * np.maximum(mean, 1.0) ** 2 / np.maximum(freedom, 1.0)
        error = np.sqrt((2 + 12 / np.maximum(freedom, 1.0)) / np.maximum(used, 1))
        beyond = np.where(variance > chance * (1 + STANDARD_ERRORS * error), beyond, 0.0)
        nu = np.clip(2 * np.maximum(mean, 1.0) ** 2 / variance, 1.0, np.maximum(freedom, 1.0))
        cautious = beyond * (1 + np.sqrt((2 + 12 / nu) / np.maximum(used, 1))) * h**2
    moment = np.where(known & np.isfinite(cautious), np.maximum(cautious, tau_squared**2), tau_squared**2)
    moment = np.where(used < fewest, np.maximum(moment, freedom * tau_squared**2), moment)  # as if in one direction
    return DayVariation(tau_squared=tau_squared, second_moment=moment, n_days=used, known=known)


def _mean(values: Floats, valid: Bools) -> Floats:
    """Return the mean over the days that count; 0 where there is none."""
    return np.asarray(np.where(valid, values, 0.0).sum(0) / np.maximum(valid.sum(0), 1))


def _chunks(places: Ints, size_a_day: int) -> list[Ints]:
    """Split the days so that one piece stays within a few tens of megabytes."""
    size = max(1, CHUNK_CELLS // max(1, size_a_day))
    return [places[start : start + size] for start in range(0, len(places), size)]


def design_factor(tau_squared: ArrayLike, n: ArrayLike, m: ArrayLike) -> Floats:
    """Return phi = 1 + tau²/h of a window of n rows against m reference rows: (...) >= 1.

    >>> float(design_factor(0.0, 200, 10_000))
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 + np.asarray(tau_squared, np.float64) / harmonic(n, m))
