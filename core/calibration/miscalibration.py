"""Three tests of "the scores are probabilities": likelihood ratio (the verdict), chi-square, Spiegelhalter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.calibration.groups import LEAST_EXPECTED, Groups
from core.calibration.recalibration import Line, likelihood_of_scores
from core.calibration.score_bins import ScoreBins
from core.stats.intervals import two_sided_p

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignificanceTest:
    """A test over windows; arrays (...), NaN where it cannot be made.

    Attributes
    ----------
    statistic : (...)
        Chi-square, or z for Spiegelhalter's.
    df : (...) degrees of freedom; 0 for a z
    p : (...) in [0, 1]
    """

    statistic: Floats
    df: Floats
    p: Floats

    def at(self, index: int | tuple[int, ...]) -> "SignificanceTest":
        """Return the test of one element of the leading axes."""
        return SignificanceTest(statistic=self.statistic[index], df=self.df[index], p=self.p[index])


def likelihood_ratio(bins: ScoreBins, line: Line) -> SignificanceTest:
    """Return the likelihood-ratio test of intercept 0 and slope 1, df 2: the default, because it names the direction.

    References
    ----------
    Cox 1958; Miller, Hui & Tierney 1991.
    """
    statistic = np.maximum(2 * (line.log_likelihood - likelihood_of_scores(bins)), 0.0)
    return SignificanceTest(
        statistic=statistic, df=np.full(statistic.shape, 2.0), p=np.asarray(special.chdtrc(2, statistic))
    )


def calibration_chi_square(groups: Groups) -> SignificanceTest:
    """Return X² = Σ (Y_g - S_g)²/Σ p(1 - p) over merged groups, df = number of groups: nothing was fitted.

    Parameters
    ----------
    groups : Groups after `merged`
        NaN where even one group expects fewer than 5 events or 5 non-events.
    """
    held = groups.n > 0
    expected, others = groups.sum_p.sum(-1), (groups.n - groups.sum_p).sum(-1)
    variance = np.where(held, groups.sum_p - groups.sum_pp, 1.0)
    enough = np.minimum(expected, others) >= LEAST_EXPECTED
    parts = np.divide(
        (groups.events - groups.sum_p) ** 2, variance, out=np.zeros(variance.shape), where=held & (variance > 0)
    )
    statistic = np.where(enough, parts.sum(-1), np.nan)
    df = held.sum(-1).astype(np.float64)
    return SignificanceTest(statistic=statistic, df=df, p=np.asarray(special.chdtrc(np.maximum(df, 1.0), statistic)))


def spiegelhalter(bins: ScoreBins) -> SignificanceTest:
    """Return z = Σ(y - p)(1 - 2p) / √Σ(1 - 2p)² p(1 - p) with its two-sided p.

    The numerator is that of the rows, from sums; in the denominator the mean of a bin stands for its rows. It has
    no power against some shapes: never alone.

    References
    ----------
    Spiegelhalter 1986.
    """
    numerator = (bins.events - bins.sum_p - 2 * bins.sum_py + 2 * bins.sum_pp).sum(-1)
    p = np.clip(bins.mean_score, 0.0, 1.0)
    variance = (bins.n * (1 - 2 * p) ** 2 * p * (1 - p)).sum(-1)
    z = np.divide(numerator, np.sqrt(variance), out=np.full(numerator.shape, np.nan), where=variance > 0)
    return SignificanceTest(statistic=z, df=np.zeros(z.shape), p=two_sided_p(z))
