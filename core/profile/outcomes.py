"""Counting score, decision and actual: the basis of every performance figure, for all rows and by segment."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.profile.binning import SCORE, Binning
from core.profile.bins import Floats, Ints
from core.profile.columns import numeric_column, small_ints
from core.profile.tally import SegmentColumn, Tally

UNKNOWN = 2
"""Code of "no decision" and of "actual not known yet"."""

N_LOSSES = 4


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Score, decision and actual of every row, in order of the score.

    Attributes
    ----------
    order : (n_rows,) intp
        Place of each row in the log; ties of the score are in order of the weight.
    scores : (n_scored,) float64, ascending
        Rows without a score stand behind these and are left out here.
    actuals : (n_rows,) intp
        0, 1, unknown.
    judged : (n_rows,) intp
        Decision (0, 1, none) * 3 + actual.
    known : (n_known,) intp
        Places in `scores` of the rows with an actual.
    losses : (n_known, 4) float64
        (s-y)², (s-y)⁴, log loss, log loss².
    weights : (n_rows,) float64 or None
    """

    order: Ints
    scores: Floats
    actuals: Ints
    judged: Ints
    known: Ints
    losses: Floats
    weights: Floats | None


def count_outcomes(rows: pa.Table, tally: Tally) -> None:
    """Count decision × actual and score × actual and sum the losses of `rows` into `tally`."""
    found = _outcomes(rows, tally.binning)
    fine = _score_bins(found.scores, tally.binning.score_edges)
    coarse = _score_bins(found.scores, tally.binning.segment_score_edges) if tally.segments else fine
    _count_all(found, fine, tally)
    for column in tally.segments:
        _count_segments(found, coarse, column, tally)
    if found.weights is None:
        return
    _weigh_all(found, found.weights, fine, tally)
    for column in tally.segments:
        _weigh_segments(found, found.weights, column, tally, coarse)


def _outcomes(rows: pa.Table, binning: Binning) -> Outcomes:
    logged, _ = numeric_column(rows, SCORE)
    weights = None
    if binning.weight is not None:
        weights = np.nan_to_num(numeric_column(rows, binning.weight)[0], nan=1.0)
    order = np.argsort(logged) if weights is None else np.lexsort((weights, logged))
    scores = logged[order]
    decisions = small_ints(rows, "decision", UNKNOWN)[order]
    if binning.threshold is not None:
        derived = np.where(np.isnan(scores), UNKNOWN, scores >= binning.threshold)
        decisions = np.where(decisions == UNKNOWN, derived, decisions)
    actuals = small_ints(rows, "actual", UNKNOWN)[order]
    scored = scores[: np.searchsorted(scores, np.nan, side="left")]
    known = np.flatnonzero(actuals[: scored.size] != UNKNOWN)
    return Outcomes(
        order=order,
        scores=scored,
        actuals=actuals,
        judged=decisions * 3 + actuals,
        known=known,
        losses=row_losses(scored[known], actuals[known], binning.score_kind),
        weights=None if weights is None else weights[order],
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


def _score_bins(scores: Floats, edges: Floats) -> Ints:
    """Return the right-closed bin of each of the sorted scores."""
    bounds = np.searchsorted(scores, edges, side="right")
    return np.repeat(np.arange(edges.size + 1), np.diff(bounds, prepend=0, append=scores.size))


def _count_all(found: Outcomes, fine: Ints, tally: Tally) -> None:
    tally.block("confusion")[:] = np.bincount(found.judged, minlength=9).reshape(3, 3)
    counts = tally.block("score_counts")
    n_bins = counts.shape[-1]
    codes = found.actuals[: found.scores.size] * n_bins + fine
    counts[:] = np.bincount(codes, minlength=counts.size).reshape(counts.shape)
    codes, scores = codes[found.known], found.scores[found.known]
    for name, values in (("score_sums", scores), ("score_squares", scores**2)):
        tally.float_block(name)[:] = np.bincount(codes, values, 2 * n_bins).reshape(2, n_bins)
    actuals = found.actuals[found.known]
    for actual in (0, 1):
        # column by column: each is contiguous and summed pairwise, which a long running sum is not
        of_actual = np.ascontiguousarray(found.losses[actuals == actual].T)
        tally.float_block("losses")[actual] = of_actual.sum(axis=1)


def _count_segments(found: Outcomes, coarse: Ints, column: SegmentColumn, tally: Tally) -> None:
    codes = column.codes[found.order]
    confusion, counts = tally.block("segment_confusion"), tally.block("segment_score_counts")
    confusion[column.place] = np.bincount(codes * 9 + found.judged, minlength=column.n * 9).reshape(column.n, 3, 3)
    cell = _score_cells(found, coarse, codes, counts.shape[-1])
    counted = np.bincount(cell, minlength=column.n * 3 * counts.shape[-1])
    counts[column.place] = counted.reshape(column.n, 3, -1)
    losses = tally.float_block("segment_losses")
    losses[column.place] = _losses_by(codes[found.known], found.losses, found, column.n)


def _score_cells(found: Outcomes, bins: Ints, segments: Ints, n_bins: int) -> Ints:
    """Return segment, actual and score bin of each scored row as one number."""
    n = found.scores.size
    return (segments[:n] * 3 + found.actuals[:n]) * n_bins + bins


def _losses_by(segments: Ints, losses: Floats, found: Outcomes, n_segments: int) -> Floats:
    """Return the sums of `losses` by segment and actual, ``(n_segments, 2, 4)``."""
    codes = segments * 2 + found.actuals[found.known]
    summed = np.empty((n_segments * 2, N_LOSSES))
    for kind in range(N_LOSSES):
        summed[:, kind] = np.bincount(codes, losses[:, kind], n_segments * 2)
    return summed.reshape(n_segments, 2, N_LOSSES)


def _weigh_all(found: Outcomes, weights: Floats, fine: Ints, tally: Tally) -> None:
    for name, values in (("weighted_confusion", weights), ("squared_weights", weights**2)):
        tally.float_block(name)[:] = np.bincount(found.judged, values, 9).reshape(3, 3)
    counts = tally.float_block("weighted_score_counts")
    n_bins = counts.shape[-1]
    codes = found.actuals[: found.scores.size] * n_bins + fine
    counts[:] = np.bincount(codes, weights[: found.scores.size], counts.size).reshape(counts.shape)
    known = found.known
    codes, scores, weighed = codes[known], found.scores[known], weights[known]
    for name, values in (("weighted_score_sums", scores), ("weighted_score_squares", scores**2)):
        tally.float_block(name)[:] = np.bincount(codes, weighed * values, 2 * n_bins).reshape(2, n_bins)
    nowhere = np.zeros(known.size, np.intp)
    tally.float_block("weighted_losses")[:] = _losses_by(nowhere, found.losses * weighed[:, None], found, 1)[0]


def _weigh_segments(found: Outcomes, weights: Floats, column: SegmentColumn, tally: Tally, coarse: Ints) -> None:
    codes = column.codes[found.order]
    judged = codes * 9 + found.judged
    for name, values in (("segment_weighted_confusion", weights), ("segment_squared_weights", weights**2)):
        tally.float_block(name)[column.place] = np.bincount(judged, values, column.n * 9).reshape(column.n, 3, 3)
    counts = tally.float_block("segment_weighted_score_counts")
    cell = _score_cells(found, coarse, codes, counts.shape[-1])
    counted = np.bincount(cell, weights[: found.scores.size], column.n * 3 * counts.shape[-1])
    counts[column.place] = counted.reshape(column.n, 3, -1)
    losses = found.losses * weights[found.known][:, None]
    tally.float_block("segment_weighted_losses")[column.place] = _losses_by(codes[found.known], losses, found, column.n)
