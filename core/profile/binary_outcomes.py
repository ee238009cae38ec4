"""Counting score, decision and actual of a binary model, with weights and money where they are logged."""

import numpy as np
import pyarrow as pa

from core.profile.binning import SCORE, Binning
from core.profile.bins import Floats, Ints
from core.profile.columns import numeric_column, small_ints
from core.profile.flags import Known
from core.profile.groups import count_groups
from core.profile.scored import UNKNOWN, Scored, count_scored, losses_by, score_bins, score_codes, scored
from core.profile.tally import SegmentColumns, Tally


def count_binary(rows: pa.Table, tally: Tally) -> Known:
    """Count decision × actual and score × actual and sum the losses of `rows` into `tally`."""
    binning = tally.binning
    scores, _ = numeric_column(rows, SCORE)
    actuals = small_ints(rows, "actual", UNKNOWN)
    decisions = _decisions(rows, scores, binning)
    judged = decisions * 3 + actuals
    tally.block("confusion")[:] = np.bincount(judged, minlength=9).reshape(3, 3)
    for columns in tally.segments:
        tally.block("segment_confusion")[columns.place] = columns.count(columns.codes, judged, (3, 3))
    if binning.amount is not None:
        _count_amounts(numeric_column(rows, binning.amount)[0], judged, tally)
    weights = None if binning.weight is None else np.nan_to_num(numeric_column(rows, binning.weight)[0], nan=1.0)
    found = scored(scores, actuals, binning.score_kind, ties=() if weights is None else (weights,))
    count_scored(found, tally)
    count_groups(rows, tally, judged, found)
    if weights is not None:
        _weigh(found, weights[found.order], judged[found.order], tally)
    return Known(labelled=actuals != UNKNOWN, decided=decisions != UNKNOWN)


def _decisions(rows: pa.Table, scores: Floats, binning: Binning) -> Ints:
    """Return the logged decision of each row, else ``score >= threshold``, else unknown."""
    logged = small_ints(rows, "decision", UNKNOWN)
    if binning.threshold is None:
        return logged
    derived = np.where(np.isnan(scores), UNKNOWN, scores >= binning.threshold)
    return np.where(logged == UNKNOWN, derived, logged)


def _count_amounts(amounts: Floats, judged: Ints, tally: Tally) -> None:
    order = np.argsort(amounts)
    order = order[np.isfinite(amounts[order])]
    amounts, judged = amounts[order], judged[order]
    tally.block("amount_counts")[:] = np.bincount(judged, minlength=9).reshape(3, 3)
    for place, values in enumerate((amounts, amounts**2)):
        tally.float_block("amounts")[..., place] = np.bincount(judged, values, 9).reshape(3, 3)


def _weigh(found: Scored, weights: Floats, judged: Ints, tally: Tally) -> None:
    """Sum weights where the counts count rows; `weights` and `judged` are in order of the score."""
    _weigh_all(found, weights, judged, tally)
    coarse = score_bins(found.scores, tally.binning.segment_score_edges) if tally.segments else np.empty(0, np.intp)
    for columns in tally.segments:
        _weigh_segments(found, weights, judged, tally, (columns, coarse))


def _weigh_all(found: Scored, weights: Floats, judged: Ints, tally: Tally) -> None:
    for name, values in (("weighted_confusion", weights), ("squared_weights", weights**2)):
        tally.float_block(name)[:] = np.bincount(judged, values, 9).reshape(3, 3)
    counts = tally.float_block("weighted_score_counts")
    n_bins = counts.shape[-1]
    codes = score_codes(found, score_bins(found.scores, tally.binning.score_edges), n_bins)
    counts[:] = np.bincount(codes, weights[: found.scores.size], counts.size).reshape(counts.shape)
    known = found.known
    codes, scores, weighed = codes[known], found.scores[known], weights[known]
    for name, values in (("weighted_score_sums", scores), ("weighted_score_squares", scores**2)):
        tally.float_block(name)[:] = np.bincount(codes, weighed * values, 2 * n_bins).reshape(2, n_bins)
    for kind, losses in enumerate(found.losses.T):
        tally.float_block("weighted_losses")[:, kind] = np.bincount(found.truths[known], losses * weighed, 2)


def _weigh_segments(
    found: Scored, weights: Floats, judged: Ints, tally: Tally, where: tuple[SegmentColumns, Ints]
) -> None:
    columns, coarse = where
    combinations = columns.codes[found.order]
    for name, values in (("segment_weighted_confusion", weights), ("segment_squared_weights", weights**2)):
        tally.float_block(name)[columns.place] = columns.sum(combinations, judged, (3, 3), values)
    counts = tally.float_block("segment_weighted_score_counts")
    codes, scored_weights = score_codes(found, coarse, counts.shape[-1]), weights[: found.scores.size]
    counts[columns.place] = columns.sum(combinations[: codes.size], codes, counts.shape[1:], scored_weights)
    losses = found.losses * weights[found.known][:, None]
    tally.float_block("segment_weighted_losses")[columns.place] = losses_by(combinations, losses, found, columns)
