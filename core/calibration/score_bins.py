"""Labelled rows by score bin: everything that calibration is computed from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.profile.counts import PerformanceCounts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLIP = 1e-6
"""Mean scores are kept this far from 0 and 1 before their logit is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBins:
    """Labelled rows by score bin; leading axes (windows, segments, classes) are allowed and shared.

    In a weighted model every sum is scaled to the effective number of rows, (Σw)²/Σw².

    Attributes
    ----------
    upper : (B,) float64
        Right-closed ends of the bins, ascending; the last may be +inf.
    n : (..., B) float64
        Labelled rows.
    events : (..., B) float64
        Rows of them whose actual is 1.
    sum_p, sum_pp, sum_py : (..., B) float64
        Σ score, Σ score², Σ score · actual.
    error : (..., B) float64
        The mean score of the rows lies within this of ``sum_p / n``; 0 where it is exact.
    """

    upper: Floats
    n: Floats
    events: Floats
    sum_p: Floats
    sum_pp: Floats
    sum_py: Floats
    error: Floats

    @property
    def mean_score(self) -> Floats:
        """Mean score of each bin, (..., B); one half in an empty bin, which never counts."""
        mean: Floats = np.divide(self.sum_p, self.n, out=np.full(self.n.shape, 0.5), where=self.n > 0)
        return mean

    @property
    def lower(self) -> Floats:
        """Open left ends of the bins, (B,); the first is -inf."""
        return np.concatenate([[-np.inf], self.upper[:-1]])

    @property
    def exact(self) -> bool:
        """Whether the sums of the scores are those of the rows."""
        return not bool(np.any(self.error))

    def at(self, index: int | tuple[int, ...] | Ints) -> "ScoreBins":
        """Return the bins of one element, or of several along the first, of the leading axes."""
        return ScoreBins(
            upper=self.upper,
            n=self.n[index],
            events=self.events[index],
            sum_p=self.sum_p[index],
            sum_pp=self.sum_pp[index],
            sum_py=self.sum_py[index],
            error=self.error[index],
        )


def score_bins(counts: PerformanceCounts) -> ScoreBins:
    """Return the labelled rows of a window by score bin, with the exact sums of their scores.

    Parameters
    ----------
    counts : PerformanceCounts
        Of the whole population (binary), or of the top label (multiclass).

    Raises
    ------
    ValueError
        For the counts of segments, which hold no sums of scores: `segment_bins` reads those.
    """
    if counts.score_sums is None or counts.score_squares is None:
        raise ValueError("Counts of segments hold no sums of scores; use segment_bins.")
    share = np.asarray(counts.n_eff_share, np.float64)[..., None]
    known = np.asarray(counts.score_counts[..., :2, :], np.float64)
    n = known.sum(-2) * share
    return ScoreBins(
        upper=_upper(counts.edges),
        n=n,
        events=known[..., 1, :] * share,
        sum_p=counts.score_sums.sum(-2) * share,
        sum_pp=counts.score_squares.sum(-2) * share,
        sum_py=counts.score_sums[..., 1, :] * share,
        error=np.zeros(n.shape),
    )


def class_bins(edges: Floats, score_counts: NDArray[np.int64], score_sums: Floats) -> ScoreBins:
    """Return the labelled rows by bin of the score of each class: "is it this class" against "how probable".

    The squares of the scores are not kept by class; the mean of each bin stands for its rows there, which only
    the chi-square's variance sees (the grid has hundredths: at most 2.5e-5 a row).

    Parameters
    ----------
    edges : (Bk - 1,) float64
    score_counts : (..., K, 3, Bk) is not the class, is the class, not known yet
    score_sums : (..., K, 2, Bk) Σ score of the first two
    """
    known = np.asarray(score_counts[..., :2, :], np.float64)
    n, sum_p = known.sum(-2), np.asarray(score_sums, np.float64).sum(-2)
    mean = np.divide(sum_p, n, out=np.zeros(n.shape), where=n > 0)
    return ScoreBins(
        upper=_upper(edges),
        n=n,
        events=known[..., 1, :],
        sum_p=sum_p,
        sum_pp=sum_p * mean,
        sum_py=np.asarray(score_sums[..., 1, :], np.float64),
        error=np.zeros(n.shape),
    )


def segment_bins(counts: PerformanceCounts, whole: PerformanceCounts) -> ScoreBins:
    """Return the labelled rows of segments by coarse score bin (hundredths and thresholds).

    Segments keep no sums of scores. The mean score that all labelled rows of the same window have in a bin
    stands for the segment's own: both lie in the bin, so that no mean is off by more than the farther end of
    the bin (`error`), at most .01.

    Parameters
    ----------
    counts : PerformanceCounts of segments, leading axes (..., S)
    whole : PerformanceCounts of the same windows, leading axes (...), on edges that include those of `counts`
    """
    share = np.asarray(counts.n_eff_share, np.float64)[..., None]
    known = np.asarray(counts.score_counts[..., :2, :], np.float64) * share[..., None]
    n, events = known.sum(-2), known[..., 1, :]
    upper = _upper(counts.edges)
    mean = np.broadcast_to(_coarse_means(score_bins(whole), upper)[..., None, :], n.shape)
    low, high = np.concatenate([[0.0], upper[:-1]]), np.minimum(upper, 1.0)
    farther = np.maximum(mean - low, high - mean)
    return ScoreBins(
        upper=upper,
        n=n,
        events=events,
        sum_p=n * mean,
        sum_pp=n * mean**2,
        sum_py=events * mean,
        error=np.where(n > 0, np.maximum(farther, 0.0), 0.0),
    )


def _upper(edges: Floats) -> Floats:
    return np.concatenate([np.asarray(edges, np.float64), [np.inf]])


def _coarse_means(fine: ScoreBins, upper: Floats) -> Floats:
    """Return the mean score of each coarse bin, (..., Bc); its middle where the whole has no row."""
    place = np.searchsorted(upper, fine.upper, side="left")
    starts = np.searchsorted(place, np.arange(upper.size))
    middle = (np.concatenate([[0.0], upper[:-1]]) + np.minimum(upper, 1.0)) / 2
    n, total = (_summed(values, starts) for values in (fine.n, fine.sum_p))
    return np.divide(total, n, out=np.broadcast_to(middle, n.shape).copy(), where=n > 0)


def _summed(values: Floats, starts: NDArray[np.int64]) -> Floats:
    """Return the sums between `starts` along the last axis, 0 for an empty stretch."""
    running = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, -1)], axis=-1)
    ends = np.append(starts[1:], values.shape[-1])
    found: Floats = running[..., ends] - running[..., starts]
    return found
