"""Counting a score against a truth of two values: the actual, or whether the predicted class was right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.profile.bins import Floats, Ints
from core.profile.layout import N_LOSSES
from core.profile.tally import SegmentColumns, Tally

UNKNOWN = 2
"""Code of "no decision" and of "not known yet"."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Score and truth of every row, in order of the score.

    Attributes
    ----------
    order : (n_rows,) intp
        Place of each row in the log.
    scores : (n_scored,) float64, ascending
        Rows without a score stand behind these and are left out here.
    truths : (n_rows,) intp
        0, 1, unknown.
    known : (n_known,) intp
        Places in `scores` of the rows whose truth is known.
    losses : (n_known, 4) float64
        (s-y)², (s-y)⁴, log loss, log loss².
    """

    order: Ints
    scores: Floats
    truths: Ints
    known: Ints
    losses: Floats


def scored(scores: Floats, truths: Ints, score_kind: str, *, ties: Sequence[Floats] = ()) -> Scored:
    """Return rows in order of the score.

    Parameters
    ----------
    scores : (n_rows,) float64
        NaN where there is none.
    truths : (n_rows,) intp
    score_kind : str
        ``probability`` or ``ranking``.
    ties : sequence of (n_rows,) float64
        Rows of equal score are put in order of these.
    """
    order = np.lexsort((*ties, scores)) if ties else np.argsort(scores)
    ordered, truths = scores[order], truths[order]
    ordered = ordered[: np.searchsorted(ordered, np.nan, side="left")]
    known = np.flatnonzero(truths[: ordered.size] != UNKNOWN)
    return Scored(
        order=order,
        scores=ordered,
        truths=truths,
        known=known,
        losses=row_losses(ordered[known], truths[known], score_kind),
    )


def row_losses(scores: Floats, actuals: Ints, score_kind: str) -> Floats:
    """Return (s-y)², (s-y)⁴, log loss and log loss² of each row, ``(n, 4)``; zeros for a ranking score.

    Log loss is in nats, with the score kept 2.2e-16 away from 0 and 1 as in scikit-learn.

    >>> row_losses(np.array([0.5]), np.array([1]), "probability").round(4)
    array([[0.25  , 0.0625, 0.6931, 0.4805]])
    """
    losses = np.zeros((scores.size, N_LOSSES))
    if score_kind != "probability":
        return losses
    tiny = float(np.finfo(np.float64).eps)
    kept = np.clip(scores, tiny, 1 - tiny)
    losses[:, 0] = (scores - actuals) ** 2
    losses[:, 1] = losses[:, 0] ** 2
    losses[:, 2] = -np.where(actuals == 1, np.log(kept), np.log1p(-kept))
    losses[:, 3] = losses[:, 2] ** 2
    return losses


def score_bins(scores: Floats, edges: Floats) -> Ints:
    """Return the right-closed bin of each of the sorted scores.

    >>> score_bins(np.array([0.1, 0.5, 0.6]), np.array([0.5])).tolist()
    [0, 0, 1]
    """
    bounds = np.searchsorted(scores, edges, side="right")
    return np.repeat(np.arange(edges.size + 1), np.diff(bounds, prepend=0, append=scores.size))


def count_scored(found: Scored, tally: Tally) -> None:
    """Count score × truth and sum the losses into `tally`, for all rows and by segment."""
    _count_all(found, score_bins(found.scores, tally.binning.score_edges), tally)
    if not tally.segments:
        return
    coarse = score_bins(found.scores, tally.binning.segment_score_edges)
    for columns in tally.segments:
        _count_segments(found, coarse, columns, tally)


def _count_all(found: Scored, fine: Ints, tally: Tally) -> None:
    counts = tally.block("score_counts")
    n_bins = counts.shape[-1]
    codes = score_codes(found, fine, n_bins)
    counts[:] = np.bincount(codes, minlength=counts.size).reshape(counts.shape)
    codes, scores = codes[found.known], found.scores[found.known]
    for name, values in (("score_sums", scores), ("score_squares", scores**2)):
        tally.float_block(name)[:] = np.bincount(codes, values, 2 * n_bins).reshape(2, n_bins)
    truths = found.truths[found.known]
    for truth in (0, 1):
        # column by column: each is contiguous and summed pairwise, which a long running sum is not
        of_truth = np.ascontiguousarray(found.losses[truths == truth].T)
        tally.float_block("losses")[truth] = of_truth.sum(axis=1)


def _count_segments(found: Scored, coarse: Ints, columns: SegmentColumns, tally: Tally) -> None:
    combinations = columns.codes[found.order]
    counts = tally.block("segment_score_counts")
    codes = score_codes(found, coarse, counts.shape[-1])
    counts[columns.place] = columns.count(combinations[: codes.size], codes, counts.shape[1:])
    tally.float_block("segment_losses")[columns.place] = losses_by(combinations, found.losses, found, columns)


def score_codes(found: Scored, bins: Ints, n_bins: int) -> Ints:
    """Return truth and score bin of each scored row as one number."""
    return found.truths[: found.scores.size] * n_bins + bins


def losses_by(combinations: Ints, losses: Floats, found: Scored, columns: SegmentColumns) -> Floats:
    """Return the sums of `losses` by segment and truth, ``(n_segments, 2, 4)``."""
    known, truths = combinations[found.known], found.truths[found.known]
    return np.stack([columns.sum(known, truths, (2,), of_kind) for of_kind in losses.T], axis=-1)
