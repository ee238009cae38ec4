"""The difference of two areas under ROC curves on the same rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.stats.intervals import Z95

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedAuc:
    """Two areas under ROC curves of the same rows.

    Attributes
    ----------
    first, second : float in [0, 1]
    of_positives, of_negatives : (2, 2) float64
        Covariances of the placements of the positives and of the negatives: with the class sizes they give the
        variance of the difference without any row.
    """

    first: float
    second: float
    of_positives: Floats
    of_negatives: Floats
    n_positive: int
    n_negative: int

    @property
    def difference(self) -> float:
        """Second less first."""
        return self.second - self.first

    @property
    def error(self) -> float:
        """Standard error of the difference; 0 where both order the rows alike."""
        covariance = self.of_positives / self.n_positive + self.of_negatives / self.n_negative
        variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        return float(np.sqrt(max(variance, 0.0)))

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the difference: ± z · error."""
        return self.difference - Z95 * self.error, self.difference + Z95 * self.error

    @property
    def p_value(self) -> float:
        """Two-sided p of no difference; 1 where both order the rows alike, 0 where they differ without any error."""
        if self.error > 0:
            return float(2 * stats.norm.sf(abs(self.difference) / self.error))
        return float(self.difference == 0)

    def as_json(self) -> dict[str, Any]:
        """Return what the difference and its interval can be worked out from again."""
        return {
            "first": self.first,
            "second": self.second,
            "of_positives": self.of_positives.tolist(),
            "of_negatives": self.of_negatives.tolist(),
            "n_positive": self.n_positive,
            "n_negative": self.n_negative,
        }


def paired_auc(actual: Floats, first: Floats, second: Floats) -> PairedAuc:
    """Return both areas and the covariances of their placements, from rows; ties count ½.

    The placement of a positive is the share of negatives below it: (rank among all - rank among positives)/N with
    mid-ranks; of a negative the share of positives above it. var(A₂ - A₁) = (S₁₁ + S₂₂ - 2S₁₂) of the positives over
    P plus that of the negatives over N, divisors P - 1 and N - 1.

    Parameters
    ----------
    actual : (n,) 0 or 1, at least two of each
    first, second : (n,) finite scores of the same rows

    References
    ----------
    DeLong, DeLong & Clarke-Pearson 1988; Sun & Xu 2014 (mid-ranks).

    >>> y, a, b = np.array([0, 0, 1, 1.0]), np.array([1, 2, 3, 4.0]), np.array([1, 3, 2, 4.0])
    >>> found = paired_auc(y, a, b)
    >>> found.first, found.second
    (1.0, 0.75)
    """
    positive = actual == 1
    placed = [_placements(score, positive) for score in (first, second)]
    of_positives, of_negatives = (np.stack([one[side] for one in placed]) for side in (0, 1))
    areas = of_positives.mean(axis=1)
    return PairedAuc(
        first=float(areas[0]),
        second=float(areas[1]),
        of_positives=np.cov(of_positives),
        of_negatives=np.cov(of_negatives),
        n_positive=int(positive.sum()),
        n_negative=int((~positive).sum()),
    )


def auc_influence(actual: Floats, first: Floats, second: Floats) -> Floats:
    """Return what each row adds to the difference of the areas, second less first, (n,), sum 0.

    Of a positive its difference of placements less the mean over P, of a negative the same over N: the sum of squares
    is the variance of `paired_auc` but for its divisors.
    """
    positive = actual == 1
    apart = [after - before for before, after in zip(*(_placements(s, positive) for s in (first, second)), strict=True)]
    influence = np.empty(len(actual))
    for rows, difference in zip((positive, ~positive), apart, strict=True):
        influence[rows] = (difference - difference.mean()) / len(difference)
    return influence


def _placements(score: Floats, positive: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    ranks = stats.rankdata(score)
    n_positive, n_negative = positive.sum(), (~positive).sum()
    below = (ranks[positive] - stats.rankdata(score[positive])) / n_negative
    above = 1 - (ranks[~positive] - stats.rankdata(score[~positive])) / n_positive
    return below, above
