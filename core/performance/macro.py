"""F1 of several classes: macro and weighted means, with intervals from the confusion matrix or from its margins."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.performance.confusion import share
from core.stats.intervals import Interval, logit_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DRAWS = 1_000
SMALLEST_CLASS = 5
CLOSEST = 1e-6
"""Draws nearer than this to 0 or 1 are held there, so that their logits are finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Of each class: rows called it rightly, rows called it, rows that are it; arrays ``(..., K)``."""

    right: Floats
    called: Floats
    were: Floats

    @property
    def counted(self) -> Bools:
        """Classes with at least 5 rows, which enter the macro mean."""
        return np.asarray(self.were >= SMALLEST_CLASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanF1:
    """Macro and weighted F1 of windows, arrays ``(...)``; macro is NaN without a class of 5 rows."""

    macro: Floats
    weighted: Floats


def margins(matrix: Floats | Ints) -> Margins:
    """Return the margins of confusion matrices ``(..., K, K)``, called × actual."""
    m = np.asarray(matrix, np.float64)
    return Margins(right=np.diagonal(m, axis1=-2, axis2=-1), called=m.sum(-1), were=m.sum(-2))


def class_f1(one: Margins) -> Floats:
    """Return F1 of each class, 2 right/(called + were); 0 where the class is neither called nor there."""
    total = one.called + one.were
    return np.asarray(2 * one.right / np.where(total > 0, total, 1.0))


def mean_f1(one: Margins, counted: Bools | None = None) -> MeanF1:
    """Return the mean of F1 over the classes with at least 5 rows, and the mean weighted by the rows of each class.

    Parameters
    ----------
    counted : (..., K) classes of the macro mean; None: those with at least 5 rows
    """
    f1 = class_f1(one)
    held = one.counted if counted is None else counted
    return MeanF1(
        macro=share(np.where(held, f1, 0.0).sum(-1), held.sum(-1)),
        weighted=share((f1 * one.were).sum(-1), one.were.sum(-1)),
    )


def drawn_intervals(matrix: Ints) -> tuple[Interval, Interval]:
    """Return the 95 % intervals of macro and weighted F1 from 1,000 multinomial draws of each confusion matrix.

    Percentiles on the logit scale; the classes of the macro mean are those of the matrix itself. The draws are
    seeded from the counts, so the same counts give the same interval on every machine.

    Parameters
    ----------
    matrix : (..., K, K) int64, called × actual

    Returns
    -------
    Two intervals ``(...)``, NaN without rows and, as everywhere on the logit scale, at 0 and 1.
    """
    leading, n_classes = matrix.shape[:-2], matrix.shape[-1]
    found = np.full((matrix[..., 0, 0].size, 2, 2), np.nan)
    for place, one in enumerate(matrix.reshape(-1, n_classes, n_classes)):
        if one.sum():
            found[place] = _drawn(np.ascontiguousarray(one, np.int64))
    ends = found.reshape(*leading, 2, 2)
    macro, weighted = (Interval(low=ends[..., which, 0], high=ends[..., which, 1]) for which in (0, 1))
    return macro, weighted


def _drawn(matrix: Ints) -> Floats:
    """Return both ends of macro and of weighted F1, ``(2, 2)``."""
    n_classes = len(matrix)
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(matrix.tobytes()).digest()[:8], "big"))
    total = int(matrix.sum())
    held = np.flatnonzero(matrix)
    drawn = rng.multinomial(total, matrix.reshape(-1)[held] / total, size=DRAWS)
    one = _margins_of(drawn, held, n_classes)
    means = mean_f1(one, margins(matrix).counted)
    logits = special.logit(np.clip([means.macro, means.weighted], CLOSEST, 1 - CLOSEST))
    ends = special.expit(np.quantile(logits, [0.025, 0.975], axis=-1).T)
    now = mean_f1(margins(matrix))
    inside = [0 < value < 1 for value in (now.macro, now.weighted)]
    return np.where(np.asarray(inside)[:, None], ends, np.nan)


def _margins_of(drawn: Ints, held: Ints, n_classes: int) -> Margins:
    """Return the margins of draws that hold the cells `held` of the flattened matrix only, ``(n_draws, K)``."""
    called, were = held // n_classes, held % n_classes
    classes = np.arange(n_classes)
    rows = np.asarray(drawn, np.float64)
    return Margins(
        right=rows @ ((called == were)[:, None] & (called[:, None] == classes)).astype(np.float64),
        called=rows @ (called[:, None] == classes).astype(np.float64),
        were=rows @ (were[:, None] == classes).astype(np.float64),
    )


def margin_intervals(one: Margins) -> tuple[Interval, Interval]:
    """Return the 95 % intervals of macro and weighted F1 where only the margins of the confusion matrix are kept.

    Delta method on the logit scale. The variance is Σ n_ij g_ij²/… over the cells; of the wrong cells only their
    sums by called and by actual class are known, and what remains (which wrong class meets which) is taken as
    independent.
    """
    f1 = class_f1(one)
    total = np.where(one.called + one.were > 0, one.called + one.were, 1.0)
    slope_right, slope_wrong = 2 * (total - 2 * one.right) / total**2, -2 * one.right / total**2
    held = one.counted
    n_held, n = np.maximum(held.sum(-1, keepdims=True), 1), np.maximum(one.were.sum(-1, keepdims=True), 1.0)
    weights = np.where(held, 1.0 / n_held, 0.0)
    means = mean_f1(one)
    macro = _spread(one, weights * slope_right, weights * slope_wrong, weights * slope_wrong)
    rest = (f1 - means.weighted[..., None]) / n
    scaled = one.were / n
    weighted = _spread(one, scaled * slope_right + rest, scaled * slope_wrong, scaled * slope_wrong + rest)
    return logit_interval(means.macro, macro), logit_interval(means.weighted, weighted)


def _spread(one: Margins, right: Floats, called: Floats, were: Floats) -> Floats:
    """Return the standard error from the slope of each right cell, and of a wrong cell by its called and actual class.

    Σ_k n_kk right_k² + Σ_{i≠j} n_ij (called_i + were_j)², the wrong cells n_ij taken as proportional to
    their margins in the cross term.
    """
    wrong_called, wrong_were = one.called - one.right, one.were - one.right
    wrong = wrong_called.sum(-1)
    possible = wrong * wrong - (wrong_called * wrong_were).sum(-1)
    pairs = (wrong_called * called).sum(-1) * (wrong_were * were).sum(-1)
    pairs = pairs - (wrong_called * called * wrong_were * were).sum(-1)
    crossed = np.where(possible > 0, wrong * pairs / np.where(possible > 0, possible, 1.0), 0.0)
    variance = (one.right * right**2).sum(-1) + (wrong_called * called**2).sum(-1) + (wrong_were * were**2).sum(-1)
    return np.asarray(np.sqrt(np.maximum(variance + 2 * crossed, 0.0)))
